"""The command group: help without imports, headings, and the table of commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from readiness_kit.cli import SECTIONS, main
from readiness_kit.cli.lazy import Entry, LazyGroup
from tests.support.commands import run

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {name: entry for entries in SECTIONS.values() for name, entry in entries.items()}
SHARED = {"readiness_kit.cli", "readiness_kit.cli.common", "readiness_kit.cli.lazy", "readiness_kit.cli.output"}
HELP = """
import contextlib, io, sys
from readiness_kit.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["--help"], prog_name="readiness")
print(*(name for name in sys.modules if name.startswith("readiness_kit.cli")))
"""


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, **options)  # type: ignore[call-overload]


def test_help_imports_no_command_module() -> None:
    done = python("-c", HELP)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == SHARED


@pytest.mark.parametrize("name", ENTRIES)
def test_table_repeats_the_short_help_of_the_command(name: str) -> None:
    command = main.commands[name]
    assert command.name == name
    assert command.get_short_help_str(limit=200) == ENTRIES[name].help


def test_help_lists_all_commands_under_headings_with_the_exit_codes() -> None:
    text = run("--help").output
    places = [text.index(f"\n{title}:") for title in SECTIONS]
    assert places == sorted(places)
    for name, entry in ENTRIES.items():
        assert f"\n  {name} " in text
        assert entry.help in " ".join(text.split())
    assert "Secrets are never read" in text
    assert all(f"  {code}  " in text for code in range(9))


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_has_help(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0 and f"Usage: main {name} " in result.output


def test_every_line_of_the_help_fits_80_columns() -> None:
    assert max(map(len, run("--help").output.splitlines())) <= 80


def test_target_that_is_no_command_is_an_error() -> None:
    group = LazyGroup(sections={"Wrong": {"path": Entry("pathlib:Path", "Not a command.")}})
    with pytest.raises(TypeError, match="pathlib:Path is not a click command"):
        group.get_command(click.Context(group), "path")


def test_command_runs_outside_the_checkout(tmp_path: Path) -> None:
    done = python("-m", "readiness_kit.cli", "assess", cwd=tmp_path)
    assert done.returncode == 3 and done.stderr.startswith("Error: ") and "Traceback" not in done.stderr


def test_errors_have_a_traceback_for_debugging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("READINESS_DEBUG", "1")
    done = python("-m", "readiness_kit.cli", "assess", cwd=tmp_path)
    assert done.returncode == 3 and "ConfigError: no assessment found" in done.stderr
