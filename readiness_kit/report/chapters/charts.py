"""The charts of the facts, each a picture with alternative text and its table of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.model import Assessment
from readiness_kit.report.chapters.html import chapter

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

ID = "charts"
TITLE = "Charts"


def charts(assessment: Assessment, facts: ClusterFacts | None) -> str:
    """The chapter, empty where there are no facts or none that can be drawn (matplotlib is loaded only here)."""
    if facts is None:
        return ""
    from readiness_kit import charts as room

    figures = "".join(room.figure_html(chart) for chart in room.report_charts(facts, assessment))
    return chapter(ID, TITLE, figures) if figures else ""
