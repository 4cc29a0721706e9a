"""The report button."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.errors import ReadinessError
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.widgets import report_panel


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
