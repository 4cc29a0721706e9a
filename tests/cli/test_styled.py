"""Lines on a terminal: wrapped with hanging indents, coloured where a person reads; `-v` only where it shows more."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from readiness_kit import paths
from readiness_kit.cli import main, styled
from readiness_kit.cli.reads import reads_lines
from readiness_kit.demo import SNAPSHOT
from readiness_kit.model import Read, Reason
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run

VERBOSE = {"assess", "collect", "compare"}
COMMANDS = (
    "assess",
    "assess -v",
    "compare first",
    "compare first -v",
    "checklist",
    "checklist --evidence",
    "waive",
    "explain Q15",
    "fleet {folder}",
    "advisories --for 1.38.2",
    "doctor",
)


@pytest.fixture
def narrow(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    given = ("--reason", "The mesh will be installed in spring. " * 4, "--owner", "Platform team", "--approver", "Head")
    assert run("waive", "sec.tls", *given, "--expires", "2027-03-01").exit_code == 0
    assert run("milestone", "first").exit_code == 0
    return Folder(demo_folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_lines_fit_in_80_columns(narrow: Folder, command: str) -> None:
    text = run(*command.format(folder=narrow.path).split()).stdout
    rows = [row for row in text.splitlines() if not row.startswith("The fleet: ") and " " in row.strip()]
    assert len(rows) > 1 and [row for row in rows if len(row) > 80] == []


def test_a_wrapped_question_is_indented(narrow: Folder) -> None:
    rows = run("checklist", "--section", "monitoring").stdout.splitlines()
    (at,) = [number for number, row in enumerate(rows) if "mon.node_prometheus" in row or row.startswith("  Q30 ")][:1]
    assert rows[at + 1].startswith("        ") and not rows[at + 1].startswith("         ")


def test_verbose_is_accepted_where_it_shows_more() -> None:
    context = click.Context(main)
    accepted = set()
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        members = command.commands.values() if isinstance(command, click.Group) else [command]
        if any(param.name == "verbose" for member in members for param in member.params):
            accepted.add(name)
        assert all(any(param.name == "no_color" for param in member.params) for member in members)
    assert accepted == VERBOSE
    result = run("explain", "Q15", "-v")
    assert result.exit_code == 2 and "No such option" in result.output


def test_verbose_comparison_lists_unchanged_questions(narrow: Folder) -> None:
    short, long = run("compare", "first").stdout, run("compare", "first", "-v").stdout
    assert "34 questions unchanged" in short and "Q15" not in short and "Q15 " in long


def test_verbose_collection_lists_every_read() -> None:
    reads = [Read("pods", 3), Read("nodes", 1, partial=True), Read("events", reason=Reason.FORBIDDEN)]
    short, long = ([line.plain for line in reads_lines(reads, verbose=more)] for more in (False, True))
    assert short == ["Read 2 kinds; 1 could not be read", "  events: not permitted to read it"]
    every = ["  pods: 3 objects", "  nodes: 1 object, incomplete", "  events: not permitted to read it"]
    assert long == [short[0], *every, short[1]]


def test_milestone_shows_what_it_freezes(narrow: Folder) -> None:
    text = run("milestone", "second").stdout
    assert text.startswith("Milestone: ") and "✗ Not ready" in text and "% proven" in text


def test_fleet_shows_each_cluster(narrow: Folder) -> None:
    text = " ".join(run("fleet", narrow.path).stdout.split())
    assert "✗ Not ready Fjord Outfitters" in text and "blockers: " in text


def test_colour_is_for_the_stream_that_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert (styled.is_coloured(err=True), styled.is_coloured()) == (True, False)


def test_doctor_groups_rights_that_cannot_be_checked(narrow: Folder, tmp_path: Path) -> None:
    """A server without access reviews, such as `readiness serve`, gives one line and not one for each kind."""
    with ServedSnapshot(load(paths.demo() / SNAPSHOT)) as served:
        result = run("doctor", "--reach", "--kubeconfig", served.kubeconfig(tmp_path))
    text = " ".join(result.stdout.split())
    assert text.count("could not be checked") == 1 and "more: the permission could not be checked" in text
    assert "all lists that the evidence needs are permitted" not in text
