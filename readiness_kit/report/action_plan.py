"""The actions of a report, in waves: the fixes for this cluster, then the gaps that no fix of the catalogue closes.

Owner and due date are those of the plan, otherwise those that the answers to the questions name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from readiness_kit.fixes.advise import NEEDS_ACTION
from readiness_kit.fixes.model import (
    Effort,
    FixState,
    Plan,
    PlannedFix,
    Projection,
    Restarts,
    Wave,
)
from readiness_kit.fixes.plan import BLOCKING, plan
from readiness_kit.fixes.writing.values_patch import patch_text
from readiness_kit.markup import first_sentences
from readiness_kit.model import AdvisoryMatch, Applicability, Assessment, QuestionId, Severity, State, Verdict
from readiness_kit.report.content import Content

REMEDY_LENGTH = 130


class Action(msgspec.Struct, frozen=True):
    """One line of the plan. `number` counts from 1 through all waves; it is 0 for a decision or a practice.

    closes:    the questions whose gap it is for; `advisories` are the ids of the known faults it removes
    decisions: what a person has to decide before
    effort, restarts: None where not known
    """

    number: int
    wave: Wave
    title: str
    done_when: str
    closes: tuple[Verdict, ...]
    advisories: tuple[str, ...] = ()
    effort: str = ""
    restarts: Restarts | None = None
    owner: str = ""
    due: date | None = None
    state: FixState = FixState.OPEN
    decisions: tuple[str, ...] = ()
    quick_win: bool = False


class ActionPlan(msgspec.Struct, frozen=True):
    """The actions in order, what each wave leads to, and the merged values of the fixes ("" for none).

    open_decisions, practices: what people decide or rehearse next to the actions; they have no number
    """

    actions: tuple[Action, ...]
    open_decisions: tuple[Action, ...] = ()
    practices: tuple[Action, ...] = ()
    projections: tuple[Projection, ...] = ()
    patch: str = ""

    def wave(self, wave: Wave) -> tuple[Action, ...]:
        """The actions of one wave."""
        return tuple(action for action in self.actions if action.wave is wave)

    def of(self, id: QuestionId) -> Action | None:
        """The first action for a question, otherwise the first decision or practice; None where there is none."""
        lines = (*self.actions, *self.open_decisions, *self.practices)
        return next((action for action in lines if any(row.question.id == id for row in action.closes)), None)


def action_plan(content: Content, *, project: bool = False) -> ActionPlan:
    """The plan of a report; with `project` also what each wave leads to, which judges the snapshot again."""
    judged = content.assessment
    found = _plan(content, project=project)
    rows = {verdict.question.id: verdict for verdict in judged.verdicts}
    fixes = [_of_steps(action.steps, rows, action.title) for action in found.actions] if found else []
    gaps = tuple(row.question.id for row in judged.actions if row.state in NEEDS_ACTION)
    unplanned = found.unplanned if found else gaps
    remedies = sorted((_of_remedy(rows[id]) for id in unplanned if id in rows), key=_rank)
    ordered = [action for wave in Wave for action in _in_wave(wave, fixes, remedies, _upgrades(judged))]
    numbered = tuple(msgspec.structs.replace(action, number=place) for place, action in enumerate(ordered, start=1))
    patch = patch_text(item.prepared for item in found.fixes if _is_due(item)) if found else ""
    settle = tuple(_open(judged))
    if found is None:
        return ActionPlan(numbered, settle)
    decisions, practices = (
        tuple(_of_steps((item,), rows) for item in items) for items in (found.decisions, found.practices)
    )
    return ActionPlan(numbered, (*settle, *decisions), practices, found.projections, patch)


def _plan(content: Content, *, project: bool) -> Plan | None:
    if content.facts is None:
        return None
    return plan(content.assessment, content.facts, content.settings, content.assignments, project=project)


def _is_due(item: PlannedFix) -> bool:
    return item.assignment.state not in (FixState.DECLINED, FixState.DONE)


def _rank(action: Action) -> int:
    """The place of its most serious question among the severities."""
    return min((list(Severity).index(row.severity) for row in action.closes), default=len(Severity))


def _in_wave(
    wave: Wave, fixes: Iterable[Action], remedies: Iterable[Action], upgrades: Iterable[Action]
) -> Iterator[Action]:
    """The actions of one wave, most serious first.

    Fixes keep their order, because some need others first. An upgrade restarts the pods, so it comes after the fixes.
    """
    waiting = [action for action in fixes if action.wave is wave]
    others = [action for action in remedies if action.wave is wave]
    while waiting or (others and _rank(others[0]) == 0):
        first = others and (not waiting or _rank(others[0]) < min(map(_rank, waiting)))
        yield others.pop(0) if first else waiting.pop(0)
    yield from (action for action in upgrades if action.wave is wave)
    yield from others


def _of_steps(steps: Sequence[PlannedFix], rows: Mapping[QuestionId, Verdict], title: str = "") -> Action:
    """One line for the fixes that are carried out together."""
    fixes = [item.prepared for item in steps]
    closes = tuple({row.id: rows[row.id] for fix in fixes for row in fix.questions if row.id in rows}.values())
    owner, due = _who_and_when(closes)
    owners = dict.fromkeys(item.assignment.owner for item in steps if item.assignment.owner)
    return Action(
        0,
        steps[0].wave,
        title or fixes[0].title,
        " ".join(dict.fromkeys(fix.done_when for fix in fixes)),
        closes,
        effort=max((fix.fix.effort for fix in fixes), key=list(Effort).index).value,
        restarts=max((fix.fix.restarts for fix in fixes), key=list(Restarts).index),
        owner=", ".join(owners) or owner,
        due=min((item.assignment.due for item in steps if item.assignment.due), default=due),
        state=min((item.assignment.state for item in steps), key=list(FixState).index),
        decisions=tuple(decision.what for fix in fixes for decision in fix.decisions),
        quick_win=all(item.quick_win for item in steps),
    )


def _of_remedy(row: Verdict) -> Action:
    owner, due = _who_and_when((row,))
    wave = _wave(row)
    advice = first_sentences(row.question.remedy.text, REMEDY_LENGTH)
    return Action(0, wave, row.question.short, advice, (row,), effort=row.question.remedy.effort, owner=owner, due=due)


def _open(judged: Assessment) -> Iterator[Action]:
    """One action for the critical and high questions on which nothing is known."""
    rows = tuple(row for row in judged.actions if row.state is State.OPEN)
    if rows:
        owner, due = _who_and_when(rows)
        done = "Each has an answer, or its evidence can be read."
        yield Action(0, Wave.WEEK, "Settle the open questions", done, rows, effort="hours", owner=owner, due=due)


def _wave(row: Verdict) -> Wave:
    """By the rule for fixes: now what is critical or takes hours among the blockers, then what is high."""
    short = row.question.remedy.effort == Effort.HOURS.value
    if row.blocker and (short or row.severity is Severity.CRITICAL):
        return Wave.NOW
    return Wave.WEEK if row.blocker or (short and row.severity in BLOCKING) else Wave.QUARTER


def _upgrades(judged: Assessment) -> Iterator[Action]:
    """One action for all critical known faults that apply: they block, and only another release removes them."""
    blocking = blocking_advisories(judged)
    if blocking:
        fixed = [f"{found.id} in {found.fixed_in}" for found in blocking if found.fixed_in]
        done = f"The release has the fixes: {', '.join(fixed)}." if fixed else "No critical known fault applies."
        ids = tuple(found.id for found in blocking)
        yield Action(0, Wave.NOW, "Remove the known faults by an upgrade", done, (), ids, restarts=Restarts.ROLLING)


def blocking_advisories(judged: Assessment) -> tuple[AdvisoryMatch, ...]:
    """The critical advisories that apply: each is a blocker."""
    return tuple(
        found
        for found in judged.advisories
        if found.severity is Severity.CRITICAL and found.applicability is Applicability.APPLIES
    )


def _who_and_when(rows: Iterable[Verdict]) -> tuple[str, date | None]:
    """The owners that the answers name, each once, and the earliest due date."""
    answers = [row.answer for row in rows if row.answer is not None]
    owners = dict.fromkeys(answer.owner for answer in answers if answer.owner)
    return ", ".join(owners), min((answer.due for answer in answers if answer.due), default=None)
