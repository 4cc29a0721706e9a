"""The action plan: what to do, in waves, by whom and until when, with the merged patch."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.fixes.model import Restarts, Wave
from readiness_kit.labels import WAVE_WORDS
from readiness_kit.markup import render
from readiness_kit.report.action_plan import action_plan
from readiness_kit.report.content import Content

ID = "actions"
TITLE = "Action plan"
RESTARTS = {Restarts.NO: "No", Restarts.ROLLING: "One pod at a time", Restarts.ALL: "All pods"}
AFTER_WORDS = {Wave.NOW: "After the urgent actions", Wave.WEEK: "After this week", Wave.QUARTER: "After this quarter"}

BESIDE = (
    ("Open decisions", "decisions", "No prepared change closes these. Each needs a decision of a person first."),
    ("Practices", "practices", "What people rehearse or write down, and record as the answer."),
)
"""Heading, id and note of the lists that follow the actions."""


def chapter(content: Content) -> Markup:
    """The plan in waves, each with what it leads to."""
    plan = action_plan(content, project=True)
    return render(
        "chapters/actions.html.j2",
        title=TITLE,
        plan=plan,
        beside=[(*BESIDE[0], plan.open_decisions)] * bool(plan.open_decisions)
        + [(*BESIDE[1], plan.practices)] * bool(plan.practices),
        waves=[(wave, plan.wave(wave)) for wave in Wave if plan.wave(wave)],
        unowned=sum(not action.owner for action in plan.actions),
        level=content.assessment.level,
        total=content.assessment.total,
        judged=content.assessment.total.judged,
        advisories=content.assessment.advisories,
        AFTER=AFTER_WORDS,
        WAVES=WAVE_WORDS,
        RESTARTS=RESTARTS,
    )
