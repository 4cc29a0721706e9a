"""Contradictions in short, for the executive report."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "risks"
TITLE = "Risks and contradictions"


def chapter(content: Content) -> Markup:
    """One row for each answer that the cluster contradicts."""
    return render("chapters/risks.html.j2", title=TITLE, verdicts=content.assessment.contradictions)
