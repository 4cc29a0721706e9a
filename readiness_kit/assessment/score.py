"""Score, coverage and readiness level of a set of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness_kit.assessment.judge import is_withheld
from readiness_kit.labels import count
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Level,
    Score,
    Severity,
    State,
    Thresholds,
    Verdict,
)

WEIGHTS = {Severity.CRITICAL: 8, Severity.HIGH: 4, Severity.MEDIUM: 2, Severity.LOW: 1}
"""By the severity of the question; a lower severity of a finding does not change the weight."""

_RISKS = (State.GAP, State.CONTRADICTED, State.PARTLY, State.ACCEPTED)


def weight(verdict: Verdict) -> int:
    """The weight of a question in the score."""
    return WEIGHTS[verdict.question.severity]


def score(verdicts: Iterable[Verdict]) -> Score:
    """Score and coverage, both 0 to 1, with the numbers of questions by state.

    The score is the sum of weight times credit over all applicable questions, divided by the sum of their weights;
    open questions count in the divisor. It is None if nothing was judged. Coverage is judged / applicable.
    """
    rows = tuple(verdicts)
    applicable = [row for row in rows if row.applicable]
    judged = sum(row.judged for row in applicable)
    total = sum(weight(row) for row in applicable)
    earned = sum(weight(row) * row.credit for row in applicable)
    return Score(
        score=earned / total if judged else None,
        coverage=judged / len(applicable) if applicable else 0.0,
        applicable=len(applicable),
        judged=judged,
        open=len(applicable) - judged,
        counts={state: sum(row.state is state for row in rows) for state in State},
    )


def level(
    verdicts: Sequence[Verdict], thresholds: Thresholds, advisories: Sequence[AdvisoryMatch] = ()
) -> tuple[Level, str]:
    """The readiness level, and the reason in one or more sentences.

    A critical advisory that applies is a blocker. A critical one that may apply limits the level to not enough known,
    and any other that applies to ready with risks, unless its severity is low.
    """
    applying = [row for row in advisories if row.applicability is Applicability.APPLIES]
    blockers = [row.question.number for row in verdicts if row.blocker]
    blockers += [row.id for row in applying if row.severity is Severity.CRITICAL]
    if blockers:
        return Level.NOT_READY, f"{count(len(blockers), 'blocker')}: {', '.join(blockers)}."
    if unknown := [*_missing_knowledge(verdicts, thresholds), *_undecided(advisories)]:
        return Level.NOT_ENOUGH_KNOWN, " ".join(unknown)
    tally = score(verdicts)
    known = f"{tally.judged} of {tally.applicable} applicable questions are judged."
    risks = [(state, tally.counts[state]) for state in _RISKS if tally.counts[state]]
    faults = [row for row in applying if row.severity is not Severity.LOW]
    if risks or faults:
        words = {
            State.GAP: ("gap", "gaps"),
            State.CONTRADICTED: ("contradiction", "contradictions"),
            State.PARTLY: ("question partly met", "questions partly met"),
            State.ACCEPTED: ("accepted risk", "accepted risks"),
        }
        named = [count(number, *words[state]) for state, number in risks]
        named += (
            [f"{count(len(faults), 'advisory', 'advisories')} that {'applies' if len(faults) == 1 else 'apply'}"]
            if faults
            else []
        )
        return Level.READY_WITH_RISKS, f"No blocker; {', '.join(named)}. {known}"
    return Level.READY, f"No blocker and no gap. {known}"


def _missing_knowledge(verdicts: Sequence[Verdict], thresholds: Thresholds) -> list[str]:
    tally = score(verdicts)
    reasons = []
    if not tally.applicable or tally.coverage < thresholds.coverage_minimum:
        needed = f"{thresholds.coverage_minimum * 100:g} %"
        reasons.append(f"{tally.judged} of {tally.applicable} applicable questions are judged; {needed} are required.")
    critical = [row for row in verdicts if row.state is State.OPEN and row.question.severity is Severity.CRITICAL]
    if critical:
        reasons.append(f"Critical questions still open: {_numbers(critical)}.")
    withheld = [row for row in verdicts if row.applicable and is_withheld(row.finding)]
    if withheld:
        reasons.append(f"Evidence could not be read for {_numbers(withheld)}.")
    return reasons


def _undecided(advisories: Sequence[AdvisoryMatch]) -> list[str]:
    """What critical advisories that may apply leave open."""
    rows = [row for row in advisories if row.applicability is Applicability.MAY_APPLY]
    critical = [row.id for row in rows if row.severity is Severity.CRITICAL]
    return [f"Critical advisories that may apply: {', '.join(critical)}."] if critical else []


def _numbers(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(row.question.number for row in verdicts)
