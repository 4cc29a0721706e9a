"""A real Prometheus on loopback with a history of known answers.

    series = [gauge("container_memory_rss", {"pod": "weaviate-0", …}, times, values), …]
    with Prometheus.filled(folder, series) as server:
        with_prometheus(snapshot, server.url)

`promtool tsdb create-blocks-from openmetrics` writes the blocks. Its flag --max-block-duration is hidden from its
help; without it every two hours become a block, which takes forty times as long.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

BLOCK = "336h"
RETENTION = "90d"


class Series(NamedTuple):
    """Samples of one series; NaN values are left out (a gap)."""

    name: str
    labels: Mapping[str, str]
    times: np.ndarray
    values: np.ndarray


def times(end: int, days: float, step: int) -> np.ndarray:
    """Unix seconds, `step` apart, the last at `end`."""
    count = int(days * 86_400) // step
    return end - step * np.arange(count)[::-1]


def openmetrics(series: Iterable[Series]) -> str:
    """All gauges: the type matters to nobody who only stores."""
    names: dict[str, list[Series]] = {}
    for one in series:
        names.setdefault(one.name, []).append(one)
    lines: list[str] = []
    for name, members in names.items():
        lines.append(f"# TYPE {name} gauge")
        for one in members:
            labels = ",".join(f'{key}="{value}"' for key, value in one.labels.items())
            head = f"{name}{{{labels}}} "
            pairs = zip(one.values.tolist(), one.times.tolist(), strict=True)
            lines += [f"{head}{value!r} {when}" for value, when in pairs if value == value]
    return "\n".join([*lines, "# EOF", ""])


def fill(folder: Path, series: Sequence[Series]) -> Path:
    """A data directory with these series in it."""
    data, text = folder / "data", folder / "series.txt"
    text.write_text(openmetrics(series), "utf-8")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", f"--max-block-duration={BLOCK}"]
    done = subprocess.run([*command, str(text), str(data)], capture_output=True, text=True, timeout=240)
    if done.returncode:
        raise RuntimeError(f"promtool: {done.stderr[-2000:]}")
    text.unlink()
    return data


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Prometheus:
    """The server as a process; `url` once it is entered. It scrapes nothing; `rules` is a rules file's text."""

    def __init__(self, folder: Path, data: Path, rules: str = "") -> None:
        self._folder = folder
        self._data = data
        self._rules = rules
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{free_port()}"

    @classmethod
    def filled(cls, folder: Path, series: Sequence[Series], rules: str = "") -> Self:
        return cls(folder, fill(folder, series), rules)

    @property
    def cpu_seconds(self) -> float:
        """Processor time that the process has used so far (Linux)."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def __enter__(self) -> Self:
        config = "global: {scrape_interval: 1m}\n"
        if self._rules:
            (self._folder / "rules.yml").write_text(self._rules, "utf-8")
            config += f"rule_files: ['{self._folder / 'rules.yml'}']\n"
        (self._folder / "prometheus.yml").write_text(config, "utf-8")
        command = [
            "prometheus",
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._data}",
            f"--storage.tsdb.retention.time={RETENTION}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            "--log.level=error",
        ]
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()
        return self

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                pass
            time.sleep(0.1)
        said = (self._folder / "prometheus.log").read_text("utf-8", "replace")
        self._stop()
        raise RuntimeError(f"Prometheus did not become ready: {said[-2000:]}")

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(20)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
