"""The `readiness` command in processes that are forked from one in which everything is imported already.

A command then starts within milliseconds, so that a soak spends its time on what the command does. Run as a program,
this module is that process: it takes one JSON object a line, forks, and answers with the process id and later with the
exit status and the seconds of processor time.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
IMPORTED = ("readiness_kit", "kubernetes.client", "kubernetes.config", "pandas", "nbformat", "nbclient", "nbconvert")


class Ended(NamedTuple):
    """How a command ended: its exit code, negative for a signal, its output, and its seconds of processor time."""

    code: int
    output: str
    processor_seconds: float
    killed: bool


class Zygote:
    """Runs one command line at a time. `environment` replaces variables of this process."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = {}) -> None:
        self._output = folder / "output.txt"
        call = [sys.executable, "-m", "tests.support.zygote", str(self._output)]
        self._process = subprocess.Popen(
            call,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._read()  # waits until everything is imported

    def run(self, *words: str | Path, seconds: float | None = None) -> Ended:
        """The end of a command line; after `seconds` its process group is killed as by `kill -9`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(word) for word in words]).encode() + b"\n")
        self._process.stdin.flush()
        pid = int(self._read()[0])
        assert self._process.stdout is not None
        killed = seconds is not None and not select.select([self._process.stdout], [], [], seconds)[0]
        if killed:
            with contextlib.suppress(ProcessLookupError):  # it has ended at this moment
                os.killpg(pid, signal.SIGKILL)
        code, processor_seconds = self._read()
        output = self._output.read_text("utf-8", "replace")
        return Ended(int(code), output, processor_seconds, killed and code == -signal.SIGKILL)

    def _read(self) -> list[float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that runs the commands has ended"
        return [float(value) for value in json.loads(line)]

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _serve(output: Path) -> None:
    for name in IMPORTED:
        module = importlib.import_module(name)
        if name == "readiness_kit":
            for found in pkgutil.walk_packages(module.__path__, "readiness_kit."):
                if not found.name.endswith("__main__"):
                    importlib.import_module(found.name)
    _load_data()
    gc.collect()
    gc.freeze()  # a collection in a child would copy all pages
    _answer([])
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _command(json.loads(line), output)
        with contextlib.suppress(PermissionError):  # the child has done it
            os.setpgid(pid, pid)
        _answer([pid])
        _, status, usage = os.wait4(pid, 0)
        _answer([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime])


def _load_data() -> None:
    """Fills the caches of the tables that come with the kit, which no command changes."""
    from readiness_kit.checklist import load_checklist
    from readiness_kit.fixes.loading import catalogue

    load_checklist()
    catalogue()


def _answer(values: list[float]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _command(words: list[str], output: Path) -> None:
    """Never returns: the process becomes the command."""
    from readiness_kit.cli import main

    os.setpgid(0, 0)
    stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(stream, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["readiness", *words]
    code = 1
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001  # as the interpreter does at its end: the traceback is what a test looks for
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
