"""Each way to fail has its exit code: 1 is the gate alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from readiness_kit import cli, errors
from readiness_kit._version import __version__
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run

ROOT = Path(__file__).resolve().parents[2]


def failing(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> Any:
    """`readiness checklist`, which raises `problem` in a module of the kit."""

    def raises(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr("readiness_kit.cli.commands.start.load_checklist", raises)
    from click.testing import CliRunner

    return CliRunner().invoke(cli.main, ["checklist"])


@pytest.mark.parametrize(
    "problem", [ValueError("s3cret"), KeyError("s3cret"), RecursionError(), MemoryError(), OSError()]
)
def test_defect_is_70_and_asks_for_a_report(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    result = failing(monkeypatch, problem)
    assert result.exit_code == 70
    assert result.stderr.startswith(
        f"Error: readiness {__version__} failed unexpectedly in cli/commands/start.py, line "
    )
    assert "please report" in result.stderr
    assert len(result.stderr.splitlines()) == 2
    for word in ("Traceback", "s3cret", type(problem).__name__):
        assert word not in result.output


def test_defect_has_a_traceback_for_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_DEBUG", "1")
    result = failing(monkeypatch, ValueError("why"))
    assert result.exit_code == 70 and "Traceback" in result.stderr and "ValueError: why" in result.stderr


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in (KeyboardInterrupt(), click.Abort()):
        result = failing(monkeypatch, problem)
        assert result.exit_code == 130 and result.stderr.strip() == "Interrupted."


def test_file_of_the_system_is_6(monkeypatch: pytest.MonkeyPatch) -> None:
    result = failing(monkeypatch, PermissionError(13, "Permission denied", "/data/x"))
    assert result.exit_code == 6 and "Error: /data/x cannot be read or written: Permission denied" in result.stderr


def test_no_error_of_the_kit_has_the_code_of_the_gate() -> None:
    kinds = [errors.ReadinessError, *errors.ReadinessError.__subclasses__()]
    assert {kind.exit_code for kind in kinds} == {2, 3, 4, 5, 6, 70}


@pytest.mark.parametrize("page", ["README.md", "docs/reference/exit-codes.md"])
def test_pages_name_the_codes(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert all(str(code) in text for code in (1, 7, 70, 130))
    assert all(f"  {code}  " in cli.EXIT_CODES or f" {code}  " in cli.EXIT_CODES for code in (*range(9), 70, 130))


def test_question_that_is_declined_or_not_answered(demo_folder: Path) -> None:
    count = len(Folder(demo_folder).snapshots())
    declined = run("clean", input="n\n")
    assert declined.exit_code == 8 and declined.output.endswith("Nothing was deleted.\n")
    unanswered = run("clean", input="")
    assert unanswered.exit_code == 2 and "add --yes" in unanswered.output
    assert len(Folder(demo_folder).snapshots()) == count > 0


def test_ctrl_c_while_a_command_runs(demo_folder: Path) -> None:
    code = (
        "import sys, time\n"
        "from readiness_kit.cli import main\nfrom readiness_kit.cli.commands import start\n"
        "def wait(*_, **__):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "start.load_checklist = wait\n"
        "main(['checklist'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert running.stdout is not None and running.stdout.readline() == "ready\n"
    time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, shown = running.communicate(timeout=30)
    assert running.returncode == 130 and shown.strip() == "Interrupted."
