"""The action plan: what to do, in the order in which to do it, by whom and until when."""

from __future__ import annotations

from readiness_kit.labels import count
from readiness_kit.model import Assessment, Verdict
from readiness_kit.report.chapters import badges
from readiness_kit.report.chapters.cover import because
from readiness_kit.report.chapters.html import (
    anchor,
    chapter,
    coded,
    day,
    first_sentences,
    name,
    paragraph,
    table,
    text,
)
from readiness_kit.report.chapters.remedies import EFFORT

ID = "actions"
TITLE = "Action plan"
HEAD = ("No.", "Question", "What to do", "Why", "Owner", "Due", "Effort")


def actions(assessment: Assessment) -> str:
    """The chapter, in the order of `Assessment.actions`."""
    todo = assessment.actions
    if not todo:
        none = (
            "Nothing calls for action among what was judged."
            if assessment.total.judged
            else "No actions yet: nothing has been judged."
        )
        return chapter(ID, TITLE, paragraph(none))
    unowned = sum(not (verdict.answer and verdict.answer.owner) for verdict in todo)
    lead = f"{count(len(todo), 'action')}, the most urgent first."
    if unowned:
        lead += f" {unowned if unowned < len(todo) else 'None'} of them still {_lack(unowned, len(todo))}."
    rows = [_row(place, verdict) for place, verdict in enumerate(todo, start=1)]
    return chapter(ID, TITLE, paragraph(lead, "rk-lead") + table("Action plan", HEAD, rows, "rk-plan rk-cards"))


def _lack(unowned: int, whole: int) -> str:
    if unowned == whole:
        return "has an owner"
    return "lacks an owner" if unowned == 1 else "lack an owner"


def _row(place: int, verdict: Verdict) -> list[str]:
    question, answer = verdict.question, verdict.answer
    return [
        str(place),
        f'<a href="#{anchor("q", question.id)}">{text(question.number)} {text(question.short)}</a>'
        f'<span class="rk-tags">{badges.state(verdict.state)} {badges.severity(verdict.severity)}</span>',
        coded(first_sentences(question.remedy.text)),
        because(verdict) or coded(first_sentences(question.why)),
        name(answer.owner) if answer and answer.owner else '<span class="rk-none">to be named</span>',
        day(answer.due) if answer and answer.due else '<span class="rk-none">open</span>',
        EFFORT[question.remedy.effort],
    ]
