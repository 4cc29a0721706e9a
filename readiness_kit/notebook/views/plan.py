"""The plan and its proof as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from readiness_kit.fixes.model import Plan, PlannedFix, PreparedFix
from readiness_kit.fixes.proof import Proof, Step
from readiness_kit.labels import FIX_STATE_WORDS, LEVEL_WORDS, RESTART_WORDS, STATE_WORDS, WAVE_WORDS, percent
from readiness_kit.markup import table
from readiness_kit.notebook.views.links import file_link
from readiness_kit.notebook.views.view import View, sentence
from readiness_kit.report.exports.plan_text import plan_text, proof_text

PLAN_HEAD = ("No.", "Fix", "When", "Closes", "Effort", "Owner", "Due", "State")
WAVE_HEAD = ("After", "Level", "Score", "Closed")
PROOF_HEAD = ("Question", "Before", "After", "What is left")
NOTHING_TO_FIX = "No check failed that a fix could close."


def plan_view(plan: Plan) -> View:
    """The fixes in their order, and what each wave leads to."""
    if not plan.fixes:
        return sentence(NOTHING_TO_FIX)
    rows = [_row(item, f"{action.number}") for action in plan.actions for item in action.steps]
    beside = [("Open decisions", plan.decisions), ("Practices", plan.practices)]
    reached = [("Today", LEVEL_WORDS[plan.level], _score(plan.proven, plan.possible), "")]
    reached += [
        (WAVE_WORDS[row.wave], LEVEL_WORDS[row.level], _score(row.proven, row.possible), f"{len(row.closed)}")
        for row in plan.projections
    ]
    parts = [table(PLAN_HEAD, rows, caption="Plan"), table(WAVE_HEAD, reached, caption="What each wave leads to")]
    parts += [table(PLAN_HEAD, [_row(item, "") for item in items], caption=title) for title, items in beside if items]
    return View(Markup("").join(parts), plan_text(plan, [item.prepared for item in plan.fixes]))


def _row(item: PlannedFix, number: str) -> tuple[Markup | str, ...]:
    fix = item.prepared
    return (
        number,
        _title(fix, quick_win=item.quick_win),
        WAVE_WORDS[item.wave],
        ", ".join(question.number for question in fix.questions),
        f"{fix.fix.effort.value}, {RESTART_WORDS[fix.fix.restarts]}",
        item.assignment.owner,
        f"{item.assignment.due or ''}",
        FIX_STATE_WORDS[item.assignment.state],
    )


def proof_view(proof: Proof, fixes: Sequence[PreparedFix], written: Iterable[Path]) -> View:
    """What the fixes close and leave, what the restart means, and the files."""
    steps = {step.id: step for step in (*proof.worse, *proof.closed, *proof.to_confirm, *proof.remaining)}
    rows = [
        (f"{step.before.question.number} {step.before.question.short}", *_states(step), " ".join(step.left[:2]))
        for step in steps.values()
    ]
    decisions = [f"{fix.title}: {decision.what}" for fix in fixes for decision in fix.decisions]
    lines = [*proof.restart, *(f"Decide first. {text}." for text in decisions)]
    files = Markup(", ").join(file_link(path) for path in written)
    parts = [
        table(PROOF_HEAD, rows, caption="Judged again with the fixes applied to the snapshot"),
        *(Markup("<p>{}</p>").format(line) for line in lines),
        Markup("<p>Files: {}. Nothing was applied.</p>").format(files) if files else Markup(""),
    ]
    return View(Markup("").join(parts), proof_text(proof))


def _title(fix: PreparedFix, *, quick_win: bool) -> Markup:
    marks = " (quick win)" if quick_win else ""
    waits = " – decide first" if fix.decisions else ""
    return Markup("{}{}{}<br><code>{}</code>").format(fix.title, marks, waits, fix.id)


def _states(step: Step) -> tuple[str, str]:
    after = "To confirm" if step.to_confirm else STATE_WORDS[step.after.state]
    return STATE_WORDS[step.before.state], after


def _score(proven: float, possible: float) -> str:
    return f"{percent(proven)} proven, up to {percent(possible)} possible"
