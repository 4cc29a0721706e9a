"""Owners of the next actions, and the report button."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from readiness_kit.errors import ReadinessError
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.widgets import report_panel
from readiness_kit.workspace.session import Session


def test_owner_and_due_date_are_stored_with_the_question(kit: Kit) -> None:
    actions = kit.next_actions()
    first = kit.assessment.actions[0].question
    assert len(actions._fields) == 10 and actions._fields[0].description == f"{first.number} owner"
    actions._fields[0].value = "platform team"
    actions._fields[1].value = "2027-02-01"
    stored = kit.folder.answers.get(first.id)
    assert stored is not None and stored.owner == "platform team" and str(stored.due) == "2027-02-01"
    actions._fields[1].value = "soon"
    assert "not saved yet" in actions._status.value


def test_without_actions_a_sentence_is_shown(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_to_do = msgspec.structs.replace(kit.assessment, actions=())
    monkeypatch.setattr(Session, "assessment", lambda session: nothing_to_do)
    kit.reload()
    actions = kit.next_actions()
    assert (
        "No actions: there are no gaps" in actions._status.value
        and "No actions: there are no gaps" in actions.static_html()
    )


def test_button_shows_a_link_to_the_new_report(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    report = kit.folder.reports / "new.html"

    def render(folder: object, progress: object) -> Path:
        report.parent.mkdir(exist_ok=True)
        report.write_text("<p>", "utf-8")
        return report

    monkeypatch.setattr(report_panel, "render", render)
    button = kit.write_report()
    button.start()
    assert button._task.wait(30)
    assert "✓ Report: <a href=" in button._status.value and "new.html" in button._status.value
    assert not button._write.disabled
    assert "✓ Latest report: <a href=" in kit.write_report()._status.value


def test_button_reports_an_error_and_can_be_pressed_again(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def render(folder: object, progress: object) -> Path:
        raise ReadinessError("the disk is full", "free some space")

    monkeypatch.setattr(report_panel, "render", render)
    button = kit.write_report()
    button.start()
    assert button._task.wait(30)
    assert "⚠ The disk is full. Next: free some space." in button._status.value and not button._write.disabled
