"""Progress: one rewritten line on a terminal, few separate lines elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from readiness_kit.cli.progress import show_collection, show_report
from readiness_kit.collect import Event

EVENTS = (Event("pods", 0, 2, 0, "start"), Event("pods", 0, 2, 500, "page"), Event("pods", 1, 2, 900, "done"),
          Event("nodes", 2, 2, 3, "done"))  # fmt: skip


class Terminal(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self) -> bool:
        return True


def test_collection_without_a_terminal_lists_completed_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    for event in EVENTS:
        show_collection(event)
    assert capsys.readouterr().err == "  1/2 pods done 900\n  2/2 nodes done 3\n"


def test_collection_on_a_terminal_rewrites_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for event in EVENTS:
        show_collection(event)
    text = terminal.getvalue()
    assert text.count("\n") == 1 and text.endswith("2/2 nodes done 3\n")


def test_report_without_a_terminal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for done in range(4):
        show_report(done, 3)
    assert capsys.readouterr().err == "Writing the report …\n"


def test_report_on_a_terminal_rewrites_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for done in range(4):
        show_report(done, 3)
    text = terminal.getvalue()
    assert text.count("\n") == 1 and text.endswith("Writing the report: 3 of 3\n")
