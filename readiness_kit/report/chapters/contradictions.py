"""Questions on which a person's answer and the evidence disagree, both next to each other."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "contradictions"
TITLE = "Contradictions"


def chapter(content: Content) -> Markup:
    """The contradictions, or a sentence that there are none: that is a result as well."""
    judged = content.assessment
    return render(
        "chapters/contradictions.html.j2",
        title=TITLE,
        verdicts=judged.contradictions,
        disagreements=judged.disagreements,
        comparable=any(verdict.answer is not None and verdict.finding is not None for verdict in judged.verdicts),
    )
