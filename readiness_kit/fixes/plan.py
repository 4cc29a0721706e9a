"""The plan: the fixes of an assessment in waves, with what each wave leads to.

Now: what closes a critical gap or contradiction, and the blockers that take hours. This week: the other blockers, and
what is high or takes hours. This quarter: the rest. A prerequisite is never later than what needs it,
and a fix that is part of another is in its wave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import NEEDS_ACTION, fixes_for
from readiness_kit.fixes.model import (
    Assignment,
    Effort,
    FixKind,
    FixState,
    Plan,
    PlannedFix,
    PreparedFix,
    Projection,
    Restarts,
    Wave,
)
from readiness_kit.fixes.proof import prove
from readiness_kit.model import Assessment, Settings, Severity

_SEVERITIES, _WAVES = list(Severity), list(Wave)
BLOCKING = (Severity.CRITICAL, Severity.HIGH)


def plan(
    assessment: Assessment,
    facts: ClusterFacts,
    settings: Settings,
    assignments: Mapping[str, Assignment] | None = None,
    *,
    project: bool = True,
) -> Plan:
    """The plan for an assessment; `assignments` are by the id of the fix. Without `project` it has no projections."""
    fixes = fixes_for(assessment, facts, settings)
    blocking = {row.question.id for row in assessment.blockers}
    waves = _waves(fixes, blocking)
    given = assignments or {}
    planned = tuple(
        PlannedFix(fix, waves[fix.id], is_quick_win(fix), given.get(fix.id, Assignment(fix.id)))
        for fix in _ordered(fixes, waves)
    )
    covered = {question.id for fix in fixes for question in fix.questions}
    unplanned = (row.question.id for row in assessment.verdicts if row.state in NEEDS_ACTION)
    return Plan(
        planned,
        assessment.level,
        assessment.total.proven,
        assessment.total.possible,
        tuple(_projections(assessment, facts, settings, planned)) if project else (),
        tuple(id for id in unplanned if id not in covered),
    )


def is_quick_win(fix: PreparedFix) -> bool:
    """Whether it takes hours, restarts nothing, and leaves nothing to decide."""
    by_a_person = fix.fix.kind in (FixKind.DECISION, FixKind.PRACTICE)
    return fix.fix.effort is Effort.HOURS and fix.fix.restarts is Restarts.NO and not fix.decisions and not by_a_person


def _waves(fixes: Iterable[PreparedFix], blocking: set[str]) -> dict[str, Wave]:
    by_id = {fix.id: fix for fix in fixes}
    waves = {id: _own_wave(fix, blocking) for id, fix in by_id.items()}
    changed = True
    while changed:
        changed = False
        for id, fix in by_id.items():
            lead = fix.fix.part_of
            pulled = [(earlier, id) for earlier in fix.fix.after] + ([(lead, id), (id, lead)] if lead in by_id else [])
            for earlier, later in pulled:
                if earlier in waves and _WAVES.index(waves[earlier]) > _WAVES.index(waves[later]):
                    waves[earlier], changed = waves[later], True
    return waves


def _own_wave(fix: PreparedFix, blocking: set[str]) -> Wave:
    blocks = any(cause.question.id in blocking for cause in fix.causes)
    short = fix.fix.effort is Effort.HOURS
    if blocks and (short or fix.severity is Severity.CRITICAL):
        return Wave.NOW
    if blocks or (short and fix.severity in BLOCKING):
        return Wave.WEEK
    return Wave.QUARTER


def _ordered(fixes: tuple[PreparedFix, ...], waves: Mapping[str, Wave]) -> list[PreparedFix]:
    """By wave, severity and number of questions; each prerequisite before what needs it."""
    by_id = {fix.id: fix for fix in fixes}

    def urgency(fix: PreparedFix) -> tuple[int, int, int, bool]:
        lead = by_id.get(fix.fix.part_of, fix)
        group = [other for other in fixes if lead.id in (other.id, other.fix.part_of)]
        severity = min(_SEVERITIES.index(other.severity) for other in group)
        return _WAVES.index(waves[fix.id]), severity, -len(lead.questions), fix is not lead

    waiting, placed = sorted(fixes, key=urgency), list[PreparedFix]()
    due = {fix.id for fix in fixes}
    while waiting:
        done = {fix.id for fix in placed}
        ready = (fix for fix in waiting if not (due.intersection(fix.fix.after) - done))
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        placed.append(chosen)
    return placed


def _projections(
    assessment: Assessment, facts: ClusterFacts, settings: Settings, planned: tuple[PlannedFix, ...]
) -> Iterable[Projection]:
    """After each wave; what only a new collection can confirm counts as it did before."""
    chosen: list[PreparedFix] = []
    proven = assessment.total.proven
    for wave in Wave:
        added = [
            item.prepared for item in planned if item.wave is wave and item.assignment.state is not FixState.DECLINED
        ]
        if not added:
            continue
        chosen += added
        proof = prove(assessment, facts, chosen, settings, restart=False)
        total = proof.after.total
        closed = tuple(step.id for step in proof.closed)
        proven = max(proven, total.proven)
        yield Projection(wave, proof.after.level, proven, total.possible, closed)
