"""What a command reads: as an argument, with -f, from standard input; all three give the same output."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from readiness_kit import paths
from readiness_kit.cli import main
from readiness_kit.demo import SNAPSHOT
from tests.bundles.test_manifests import STATEFUL_SET
from tests.support.commands import run

COMMANDS = ("assess", "assess -o json", "explain Q15", "explain ha.multi_az -o json", "report -o json=-")


@pytest.mark.parametrize("command", COMMANDS)
def test_argument_and_option_and_standard_input_are_alike(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("READINESS_DIR", raising=False)
    snapshot = paths.demo() / SNAPSHOT
    words = command.split()
    by_argument = run(*words, snapshot)
    assert by_argument.exit_code == 0 and len(by_argument.stdout) > 500
    assert run(*words, "-f", snapshot).stdout == by_argument.stdout
    for dash in (["-"], ["-f", "-"]):
        piped = CliRunner().invoke(main, [*words, *dash], input=snapshot.read_bytes())
        assert piped.stdout == by_argument.stdout
    assert list(tmp_path.iterdir()) == []


def test_manifests_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("READINESS_DIR", raising=False)
    result = run("assess", "-", input=STATEFUL_SET)
    assert result.exit_code == 0 and "judgement of manifests" in result.output


def test_help_names_the_argument() -> None:
    for command, usage in (
        ("assess", "assess [OPTIONS] [SNAPSHOT]"),
        ("report", "report [OPTIONS] [SNAPSHOT]"),
        ("serve", "serve [OPTIONS] [SNAPSHOT]"),
        ("explain", "explain [OPTIONS] QUESTION [SNAPSHOT]"),
    ):
        assert usage in run(command, "--help").output
    assert "import [OPTIONS] [FILE]" in run("answers", "import", "--help").output
