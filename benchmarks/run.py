"""Measures what the project promises about speed and size; `make bench` runs it.

Each measurement runs in processes of its own, so that none warms another's caches. Prints measured value, bar and
verdict, and exits 1 when a bar is missed or a measurement fails. Times are the best of a few runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ROOT, scale

FORM = """
import json, sys, time
from ipywidgets import Widget
from readiness_kit import open_assessment
from readiness_kit.checklist import load_checklist
models = lambda: len(__import__("ipywidgets").widgets.widget._instances)
kit = open_assessment(sys.argv[1])
ids = [one.id for one in load_checklist() if one.section == "high_availability" and one.profile == "core"]
# As the notebook does before its first card: the evidence is judged by then.
kit.progress("high_availability")
before, began = models(), time.perf_counter()
for one in ids:
    kit.ask(one)._repr_html_()
seconds, first = time.perf_counter() - began, models() - before
for one in ids:
    kit.ask(one)._repr_html_()
print(json.dumps({"questions": len(ids), "ms": seconds * 1000, "comms": first, "after_rerun": models() - before}))
"""


@dataclass(frozen=True)
class Row:
    what: str
    measured: float
    bar: float
    unit: str

    @property
    def held(self) -> bool:
        return self.measured <= self.bar


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    return done.stdout


def client(code: str, *arguments: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(run(sys.executable, "-c", code, *arguments).splitlines()[-1])
    return found


def best(times: int, measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(times))


def timed(*command: str | Path, cwd: Path = ROOT) -> float:
    began = time.perf_counter()
    run(*command, cwd=cwd)
    return time.perf_counter() - began


def start_up() -> Iterator[Row]:
    code = "import time; t = time.perf_counter(); import readiness_kit; print(time.perf_counter() - t)"
    yield Row("import readiness_kit", best(5, lambda: float(run(sys.executable, "-c", code))) * 1000, 50, "ms")
    readiness = Path(sys.executable).parent / "readiness"
    yield Row("readiness --help", best(5, lambda: timed(readiness, "--help")), 0.15, "s")


def demo(work: Path) -> Iterator[Row]:
    readiness = Path(sys.executable).parent / "readiness"
    yield Row("readiness demo, end to end", best(3, lambda: timed(readiness, "demo", "-d", work / "demo")), 8, "s")
    report = max((work / "demo").rglob("*.html"), key=lambda file: file.stat().st_mtime)
    yield Row("its report", report.stat().st_size / 1024, 400, "KB")
    form = client(FORM, str(work / "demo"))
    yield Row(f"cards of {form['questions']:.0f} questions: comms", form["comms"], 2, "")
    yield Row("form: time in the kernel", form["ms"], 50, "ms")
    yield Row("cards: models after a second run", form["after_rerun"], form["comms"], "")


def collection(work: Path) -> Iterator[Row]:
    for row in scale.measured(work):
        yield Row(*row)


def usage(work: Path) -> Iterator[Row]:
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        raise RuntimeError("use of 50 pods: Prometheus is not installed")
    found = json.loads(run(sys.executable, "-m", "benchmarks.usage", work))
    kit, each = found["kit"], found["each"]
    for name, figures in (("the kit", kit), ("a query set for each container", each)):
        told = ", ".join(f"{key} {value:,.6g}" for key, value in figures.items())
        print(f"50 pods × 14 days by {name}: {told}", flush=True)
    yield Row("50 pods × 14 days of usage: queries", kit["queries"], 12, "")
    yield Row("50 pods × 14 days: Prometheus CPU, all queries", kit["server_cpu"], each["server_cpu"] / 2, "s")


def fixes(work: Path) -> Iterator[Row]:
    found = json.loads(run(sys.executable, "-m", "benchmarks.fixes", work).splitlines()[-1])
    yield Row(f"10,000 pods: {found['fixes']:.0f} fixes, patch and proof", found["all"], 1, "s")


def redaction() -> Iterator[Row]:
    found = json.loads(run(sys.executable, "-m", "benchmarks.redaction").splitlines()[-1])
    yield Row("redaction of any text: for each KB", found["ms_per_kb"], 1, "ms")
    yield Row("redaction of 100 KB over 10 KB, times", found["ratio"], 15, "")


def main() -> int:
    failed = False
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        measures: tuple[Callable[[], Iterator[Row]], ...] = (
            start_up,
            redaction,
            lambda: demo(work),
            lambda: usage(work),
            lambda: collection(work),
            lambda: fixes(work / "fixes"),
        )
        for measure in measures:
            try:
                for row in measure():
                    verdict = "held" if row.held else "MISSED"
                    print(f"{row.what:52} {row.measured:9.2f} {row.unit:3} bar {row.bar:9.2f}  {verdict}", flush=True)
                    failed |= not row.held
            except RuntimeError as error:
                print(f"could not measure: {error}", flush=True)
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
