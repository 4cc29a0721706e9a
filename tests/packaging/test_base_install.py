"""Unattended use needs the base installation only: no JupyterLab, kernel or widget is imported."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.served import ServedCluster

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BLOCKER = """
import sys
from importlib.machinery import PathFinder

BLOCKED = set(sys.argv.pop(1).split(","))

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in BLOCKED else super().find_spec(name, path, target)

sys.meta_path[:] = [Finder if finder is PathFinder else finder for finder in sys.meta_path]
from readiness_kit.cli import main
main()
"""


def of_extras_only() -> set[str]:
    """The packages of the extras `lab`, `app` and `pdf`, as modules; nbconvert brings nbclient and jupyter_client."""
    extras = PROJECT["optional-dependencies"]
    named = {Requirement(line).name for extra in ("lab", "app", "pdf") for line in extras[extra]}
    return {name.replace("-", "_") for name in named - {"nbclient", "jupyter_client"}} | {"jupyter_server"}


def test_collect_assess_and_report_run_without_the_extras(recordings: Path, tmp_path: Path) -> None:
    blocked = of_extras_only()
    assert {"jupyterlab", "ipykernel", "ipywidgets", "anywidget", "voila", "playwright"} <= blocked
    with ServedCluster(recordings / "good") as cluster:
        config = cluster.kubeconfig(tmp_path)
        for words, codes in (
            (("collect", "--kubeconfig", config, "-q"), {0}),
            (("assess", "--fail-on", "critical", "-o", "text", "-o", "junit=j.xml", "-o", "sarif=s.sarif"), {0, 1, 7}),
            (("explain", "Q15"), {0}),
            (("report", "-o", "html=r.html", "-o", "json=r.json", "-o", "markdown=r.md"), {0}),
        ):
            done = subprocess.run(
                [sys.executable, "-c", BLOCKER, ",".join(sorted(blocked)), *map(str, words)],
                cwd=tmp_path,
                env={**os.environ, "READINESS_DIR": "", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
            )
            assert done.returncode in codes, done.stdout + done.stderr
    assert (tmp_path / "r.html").read_text().lstrip().lower().startswith("<!doctype html>")


def test_the_blocked_packages_are_those_of_the_extras(tmp_path: Path) -> None:
    """The control: a command that needs an extra fails with the next step when that extra is blocked."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKER, ",".join(sorted(of_extras_only())), "lab", "-d", "x"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and "readiness-kit[lab]" in done.stderr, done.stdout + done.stderr
