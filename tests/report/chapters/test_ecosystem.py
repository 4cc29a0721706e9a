"""The tools found in the cluster."""

from __future__ import annotations

from tests.report import sample
from tests.report.sample import words


def test_the_ecosystem_says_what_each_tool_proves_and_leaves_open() -> None:
    shown = words(sample.page().ecosystem())
    assert "2 tools detected" in shown
    assert "volumes can be backed up that a backup ran, or that it can be restored" in shown
    assert "Karpenter Node scaling API installed" in shown
    assert sample.empty_page().ecosystem().html == ""
