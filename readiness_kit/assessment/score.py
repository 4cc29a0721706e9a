"""Score, coverage and readiness level of a set of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness_kit.assessment.judge import BLOCKING
from readiness_kit.labels import count
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Level,
    Outcome,
    RunningState,
    Score,
    Severity,
    State,
    Thresholds,
    Verdict,
)

WEIGHTS = {Severity.CRITICAL: 8, Severity.HIGH: 4, Severity.MEDIUM: 2, Severity.LOW: 1}
"""By the severity of the question; a lower severity of a finding does not change the weight."""

POSSIBLE = {State.VERIFIED: 1.0, State.ATTESTED: 1.0, State.OPEN: 1.0, State.PARTLY: 0.5}
"""What a verdict can still earn: with all unread evidence met, and open and attested questions proved."""

_RISKS = (State.GAP, State.CONTRADICTED, State.PARTLY, State.ACCEPTED)
_RISK_WORDS = {
    State.GAP: ("gap", "gaps"),
    State.CONTRADICTED: ("contradiction", "contradictions"),
    State.PARTLY: ("question partly met", "questions partly met"),
    State.ACCEPTED: ("accepted risk", "accepted risks"),
}


def weight(verdict: Verdict) -> int:
    """The weight of a question in the score."""
    return WEIGHTS[verdict.question.severity]


def score(verdicts: Iterable[Verdict]) -> Score:
    """Score and coverage, all 0 to 1, with the numbers of questions by state.

    Both ends of the range are sums of weight times credit over all applicable questions, divided by the sum of their
    weights: `proven` with the credit of now, `possible` with `POSSIBLE`. Both are 0 if no question applies. Coverage
    is judged / applicable.
    """
    rows = tuple(verdicts)
    applicable = [row for row in rows if row.applicable]
    judged = sum(row.judged for row in applicable)
    total = sum(weight(row) for row in applicable) or 1
    return Score(
        proven=sum(weight(row) * row.credit for row in applicable) / total,
        possible=sum(weight(row) * POSSIBLE.get(row.state, 0.0) for row in applicable) / total,
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
    if risks := _risks(verdicts, tally, advisories):
        return Level.READY_WITH_RISKS, f"No blocker; {'; '.join(risks)}. {known}"
    return Level.READY, f"No blocker and no gap. {known}"


def running_bound(running: RunningState | None) -> Level | None:
    """The best level that Weaviate's present state allows; None where it limits nothing."""
    if running is None or not (running.blocking or running.reason):
        return None
    return Level.NOT_READY if running.blocking else Level.NOT_ENOUGH_KNOWN


def _missing_knowledge(verdicts: Sequence[Verdict], thresholds: Thresholds) -> list[str]:
    """Evidence that was refused cannot help to reach the coverage: those questions do not count as judged here."""
    applicable = [row for row in verdicts if row.applicable]
    judged = sum(row.judged and not row.withheld for row in applicable)
    reasons = []
    if not applicable or judged / len(applicable) < thresholds.coverage_minimum:
        needed = f"{thresholds.coverage_minimum * 100:g} %"
        what = "judged with all their evidence" if any(row.withheld for row in applicable) else "judged"
        reasons.append(f"{judged} of {len(applicable)} applicable questions are {what}; {needed} are required.")
    critical = [row for row in verdicts if row.state is State.OPEN and row.question.severity is Severity.CRITICAL]
    if critical:
        reasons.append(f"Critical questions still open: {_numbers(critical)}.")
    withheld = [row for row in applicable if row.withheld and row.question.severity in BLOCKING]
    if withheld:
        reasons.append(f"Evidence could not be read for {_numbers(withheld)}.")
    return reasons


def _risks(verdicts: Sequence[Verdict], tally: Score, advisories: Sequence[AdvisoryMatch]) -> list[str]:
    """What stands between no blocker and ready: claims alone are a risk on critical and high questions."""
    states = [(state, tally.counts[state]) for state in _RISKS if tally.counts[state]]
    risks = [", ".join(count(number, *_RISK_WORDS[state]) for state, number in states)] if states else []
    others = [row for row in verdicts if row.state not in _RISKS]
    unproved = [row for row in others if row.question.severity in BLOCKING and not row.proved]
    if unproved:
        risks.append(f"neither shown by the cluster nor by a confirmed proof: {_numbers(unproved)}")
    if verdicts and not any(map(_shown_by_the_cluster, verdicts)):
        risks.append("no question is shown by a cluster, and claims alone are not enough")
    withheld = [row for row in others if row.applicable and row.withheld]
    if withheld:
        risks.append(f"evidence could not be read for {_numbers(withheld)}")
    return [*risks, *_faults(advisories)]


def _shown_by_the_cluster(verdict: Verdict) -> bool:
    """Whether a cluster decided the question, or at least a condition of it was read."""
    finding = verdict.finding
    if finding is None:
        return False
    return finding.outcome is not Outcome.UNKNOWN or any(check.outcome is not None for check in finding.facts)


def _faults(advisories: Sequence[AdvisoryMatch]) -> list[str]:
    """Advisories that apply, and those whose conditions were not read: a refused read must not clear one."""
    serious = [row for row in advisories if row.severity is not Severity.LOW]
    applying = [row for row in serious if row.applicability is Applicability.APPLIES]
    unread = [row for row in serious if row.applicability is Applicability.MAY_APPLY and row.unread]
    found = []
    for rows, verb in (
        (applying, ("applies", "apply")),
        (unread, ("was not checked in full", "were not checked in full")),
    ):
        if rows:
            found.append(f"{count(len(rows), 'advisory', 'advisories')} that {verb[len(rows) > 1]}")
    return found


def _undecided(advisories: Sequence[AdvisoryMatch]) -> list[str]:
    """What critical advisories that may apply leave open."""
    rows = [row for row in advisories if row.applicability is Applicability.MAY_APPLY]
    critical = [row.id for row in rows if row.severity is Severity.CRITICAL]
    return [f"Critical advisories that may apply: {', '.join(critical)}."] if critical else []


def _numbers(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(row.question.number for row in verdicts)
