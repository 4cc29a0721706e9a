"""An assessment as plain text for a terminal or a CI log: the verdict last, nearest the reader."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.labels import LEVEL_SIGNS, LEVEL_WORDS, SEVERITY_WORDS, STATE_SIGNS, count, percent, state_count
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import Assessment, Observation, State, Verdict

FACTS_A_GAP = 6


def as_text(assessment: Assessment) -> str:
    """Open questions in one line, partly met ones, gaps with their facts, then level and score."""
    gaps = [v for v in assessment.verdicts if v.state in (State.GAP, State.CONTRADICTED)]
    order = {verdict.question.id: place for place, verdict in enumerate(assessment.blockers)}
    gaps.sort(key=lambda verdict: order.get(verdict.question.id, len(order)))
    partly = [v for v in assessment.verdicts if v.state is State.PARTLY]
    open_ones = [v for v in assessment.verdicts if v.state is State.OPEN]
    parts = [
        *_block("Open", open_ones, lambda verdict: _line(verdict)),
        *_block("Partly", partly, lambda verdict: _line(verdict) + _sentence(verdict)),
        *_block("Gaps", gaps, lambda verdict: _line(verdict) + _sentence(verdict) + _facts(verdict)),
        *[f"Note: {clean(line)}" for line in assessment.waiver_audit],
        verdict_text(assessment),
    ]
    return "\n".join(parts)


def verdict_text(assessment: Assessment) -> str:
    """Level, why, score with coverage, in three lines."""
    total = assessment.total
    counts = ", ".join(state_count(state, total.counts[state]) for state in State if total.counts.get(state))
    return (
        f"{LEVEL_SIGNS[assessment.level]} {LEVEL_WORDS[assessment.level]}: {clean(assessment.level_why)}\n"
        f"  Score {percent(total.score)}, {percent(total.coverage)} of {count(total.applicable, 'question')} judged\n"
        f"  {counts}"
    )


def _block(title: str, verdicts: list[Verdict], show: object) -> Iterable[str]:
    if not verdicts:
        return
    yield f"{title} ({len(verdicts)})"
    for verdict in verdicts:
        yield show(verdict)  # type: ignore[operator]
    yield ""


def _line(verdict: Verdict) -> str:
    question = verdict.question
    return (
        f"  {STATE_SIGNS[verdict.state]} {question.number:<4}{clean(question.short)}"
        f"  [{SEVERITY_WORDS[verdict.severity].lower()}]"
    )


def _sentence(verdict: Verdict) -> str:
    return f"\n      {clean(verdict.finding.sentence)}" if verdict.finding else ""


def _facts(verdict: Verdict) -> str:
    failed = [fact for fact in verdict.finding.facts if fact.ok is False] if verdict.finding else []
    shown = "".join(f"\n      - {_fact(fact)}" for fact in failed[:FACTS_A_GAP])
    left = len(failed) - FACTS_A_GAP
    return shown + (f"\n      - and {left} more" if left > 0 else "")


def _fact(fact: Observation) -> str:
    wanted = f" (expected: {clean(fact.expected)})" if fact.expected else ""
    return f"{ref_text(fact.ref)}: {clean(fact.field)} = {clean(fact.seen)[:160]}{wanted}"
