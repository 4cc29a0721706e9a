"""The action plan: what to do, in the order in which to do it, by whom and until when."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "actions"
TITLE = "Action plan"


def chapter(content: Content) -> Markup:
    """The plan in the order of `Assessment.actions`."""
    verdicts = content.assessment.actions
    return render(
        "chapters/actions.html.j2",
        title=TITLE,
        verdicts=verdicts,
        unowned=sum(not (verdict.answer and verdict.answer.owner) for verdict in verdicts),
        judged=content.assessment.total.judged,
    )
