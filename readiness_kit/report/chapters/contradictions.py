"""Where a person's answer and the cluster disagree, side by side: the kit's reason to exist."""

from __future__ import annotations

from readiness_kit.labels import count
from readiness_kit.model import Assessment, Verdict
from readiness_kit.report.chapters import badges, verdict_sides
from readiness_kit.report.chapters.html import anchor, chapter, coded, paragraph, text

ID = "contradictions"
TITLE = "Contradictions"


def contradictions(assessment: Assessment) -> str:
    """The chapter; it says so where there are none, because that is a result as well."""
    found = assessment.contradictions
    if not found:
        asked = any(verdict.answer is not None and verdict.finding is not None for verdict in assessment.verdicts)
        none = (
            "No answer is at odds with what the cluster shows."
            if asked
            else "Nothing to compare yet: a contradiction needs an answer and evidence on the same question."
        )
        return chapter(ID, TITLE, paragraph(none))
    lead = (
        f"On {count(len(found), 'question')} the answer given and the state of the cluster disagree. Each counts as a "
        "gap until it is settled which of the two is right."
    )
    return chapter(ID, TITLE, paragraph(lead, "rk-lead") + "".join(_card(verdict) for verdict in found))


def _card(verdict: Verdict) -> str:
    question = verdict.question
    return (
        f'<article class="rk-clash"><h3><a href="#{anchor("q", question.id)}"><span class="rk-num">'
        f"{text(question.number)}</span> {text(question.short)}</a></h3>"
        f'<p class="rk-tags">{badges.state(verdict.state)} {badges.severity(verdict.severity)}</p>'
        f'<p class="rk-asked">{coded(question.text)}</p>{verdict_sides.both(verdict, deciding=True)}</article>'
    )
