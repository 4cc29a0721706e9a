"""An assessment as plain text for a terminal or a CI log: the verdict comes last, nearest the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from readiness_kit.labels import (
    APPLICABILITY_SIGNS,
    APPLICABILITY_WORDS,
    LEVEL_SIGNS,
    LEVEL_WORDS,
    SCORE_EXPLAINED,
    SEVERITY_WORDS,
    STATE_SIGNS,
    advisory_text,
    by_state,
    count,
    percent,
    score_range,
    state_count,
)
from readiness_kit.markup import limited, one_line, ref_text
from readiness_kit.model import Assessment, Observation, State, Verdict

MAX_FACTS = 6


def as_text(assessment: Assessment) -> str:
    """Open questions in one line each, partly met ones, gaps with their facts, advisories, then level and score."""
    order = {verdict.question.id: position for position, verdict in enumerate(assessment.blockers)}
    gaps = _in_state(assessment, State.GAP, State.CONTRADICTED)
    gaps.sort(key=lambda verdict: order.get(verdict.question.id, len(order)))
    parts = [
        *_block("Open", _in_state(assessment, State.OPEN), _line),
        *_block("Partly", _in_state(assessment, State.PARTLY), lambda verdict: _line(verdict) + _sentence(verdict)),
        *_block("Gaps", gaps, lambda verdict: _line(verdict) + _sentence(verdict) + _facts(verdict)),
        *_block("The cluster shows more than the answer claims", list(assessment.disagreements), _line),
        *_advisories(assessment),
        *[f"Note: {one_line(line)}" for line in assessment.waiver_audit],
        verdict_text(assessment),
    ]
    return "\n".join(parts)


def verdict_text(assessment: Assessment) -> str:
    """Level with its reason, score with coverage and explanation, and the number of verdicts in each state."""
    total = assessment.total
    return (
        f"{LEVEL_SIGNS[assessment.level]} {LEVEL_WORDS[assessment.level]}: {one_line(assessment.level_why)}\n"
        f"  {score_range(total)}, {percent(total.coverage)} of {count(total.applicable, 'question')} judged\n"
        f"  {SCORE_EXPLAINED}\n"
        f"  {', '.join(state_count(state, number) for state, number in by_state(total.counts))}"
    )


def _advisories(assessment: Assessment) -> Iterable[str]:
    """What is known of the running versions, those that may apply first, so that what applies is nearer the end."""
    if assessment.advisories:
        yield f"Known faults and support ({len(assessment.advisories)})"
        for found in reversed(assessment.advisories):
            word = APPLICABILITY_WORDS[found.applicability].lower()
            severity = SEVERITY_WORDS[found.severity].lower()
            sign = APPLICABILITY_SIGNS[found.applicability]
            yield f"  {sign} {found.id}  {one_line(found.title)}  [{severity}, {word}]"
            yield f"      {one_line(advisory_text(found))}"
        yield ""


def _in_state(assessment: Assessment, *states: State) -> list[Verdict]:
    return [verdict for verdict in assessment.verdicts if verdict.state in states]


def _block(title: str, verdicts: list[Verdict], show: Callable[[Verdict], str]) -> Iterable[str]:
    if verdicts:
        yield f"{title} ({len(verdicts)})"
        yield from map(show, verdicts)
        yield ""


def _line(verdict: Verdict) -> str:
    question = verdict.question
    return (
        f"  {STATE_SIGNS[verdict.state]} {question.number:<4}{one_line(question.short)}"
        f"  [{SEVERITY_WORDS[verdict.severity].lower()}]"
    )


def _sentence(verdict: Verdict) -> str:
    return f"\n      {one_line(verdict.finding.sentence)}" if verdict.finding else ""


def _facts(verdict: Verdict) -> str:
    failed = [fact for fact in verdict.finding.facts if fact.ok is False] if verdict.finding else []
    shown = "".join(f"\n      - {_fact(fact)}" for fact in failed[:MAX_FACTS])
    left = len(failed) - MAX_FACTS
    return shown + (f"\n      - and {left} more" if left > 0 else "")


def _fact(fact: Observation) -> str:
    expected = f" (expected: {one_line(fact.expected)})" if fact.expected else ""
    return f"{one_line(ref_text(fact.ref))}: {one_line(fact.field)} = {one_line(limited(fact.seen, 160))}{expected}"
