"""The tools found in the cluster."""

from __future__ import annotations

from tests.report import sample
from tests.report.sample import words


def test_each_tool_has_what_it_shows_and_does_not_show() -> None:
    shown = words(sample.page().ecosystem())
    assert "2 tools detected" in shown
    assert "volumes can be backed up that a backup ran, or that it can be restored" in shown
    assert "Karpenter Node scaling API installed" in shown
    assert sample.empty_page().ecosystem().html == ""
