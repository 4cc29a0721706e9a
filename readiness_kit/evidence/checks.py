"""Conditions that were looked at, and the finding that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_kit.facts import ClusterFacts
from readiness_kit.labels import REASON_WORDS
from readiness_kit.model import Finding, Observation, Outcome, Reason, Ref, Severity


@dataclass(frozen=True)
class Check:
    """One line of a finding, and what it says about the outcome.

    `outcome` None with a reason: this condition could not be read. None without: the line only informs.
    `say` is what the sentence of the finding says where this line keeps the question from being met.
    """

    fact: Observation
    outcome: Outcome | None = None
    reason: Reason | None = None
    say: str = ""


def want(
    ref: Ref,
    field: str,
    seen: object,
    expected: str,
    ok: bool,
    source: str,
    *,
    otherwise: Outcome = Outcome.NOT_MET,
    say: str = "",
) -> Check:
    """A condition that was read: met where `ok`, `otherwise` (not_met or partly) where not."""
    return Check(Observation(ref, field, str(seen), expected, ok, source), Outcome.MET if ok else otherwise, say=say)


def note(ref: Ref, field: str, seen: object, source: str, expected: str = "", ok: bool | None = None) -> Check:
    """A line that informs without deciding; with `ok` it is still marked as good or bad."""
    return Check(Observation(ref, field, str(seen), expected, ok, source))


def unread(ref: Ref, field: str, expected: str, reason: Reason, source: str, *, say: str = "") -> Check:
    """A condition that could not be read: it keeps the question from being met."""
    seen = f"not read ({REASON_WORDS[reason]})"
    return Check(Observation(ref, field, seen, expected, None, source), None, reason, say)


_FIRST_REASON = (
    Reason.FORBIDDEN,
    Reason.ERROR,
    Reason.UNREACHABLE,
    Reason.ABSENT,
    Reason.NOT_COLLECTED,
    Reason.NOT_OBSERVABLE,
)


def primary_reason(reasons: Iterable[Reason]) -> Reason:
    """The reason to show of several: what can be mended by a permission first."""
    return min(reasons, key=_FIRST_REASON.index)


def to_finding(
    question: str,
    checks: Sequence[Check],
    *,
    met: str,
    otherwise: str | Mapping[Outcome, str] = "",
    severity: Severity | None = None,
) -> Finding:
    """The finding that follows from conditions: a failed one decides, then an unread one, then a partial one.

    `met` is the sentence where all hold. Elsewhere the sentence is `otherwise` (one, or one an outcome), and
    where that says nothing it is made of the `say` of the lines in the way. `severity` shows with not_met only.
    """
    outcomes = {check.outcome for check in checks}
    reasons = [check.reason for check in checks if check.reason is not None]
    reason = None
    if Outcome.NOT_MET in outcomes:
        outcome = Outcome.NOT_MET
    elif reasons:
        outcome, reason = Outcome.UNKNOWN, primary_reason(reasons)
    elif Outcome.PARTLY in outcomes:
        outcome = Outcome.PARTLY
    elif Outcome.MET in outcomes:
        outcome = Outcome.MET
    else:
        outcome, reason = Outcome.UNKNOWN, Reason.NOT_OBSERVABLE
    given = otherwise if isinstance(otherwise, str) else otherwise.get(outcome, "")
    sentence = met if outcome is Outcome.MET else given or _sentence(outcome, checks)
    return Finding(
        question,
        outcome,
        sentence,
        tuple(check.fact for check in checks),
        missing=tuple(dict.fromkeys(check.fact.source for check in checks if check.reason and check.fact.source)),
        reason=reason,
        severity=severity if outcome is Outcome.NOT_MET else None,
    )


def _sentence(outcome: Outcome, checks: Sequence[Check]) -> str:
    """What stands in the way, the worst first; for `unknown` what was not read, then what is already known to lack."""
    failed = _says(check for check in checks if check.outcome is Outcome.NOT_MET)
    partly = _says(check for check in checks if check.outcome is Outcome.PARTLY)
    lost = _says(check for check in checks if check.reason is not None)
    if outcome is not Outcome.UNKNOWN:
        return " ".join([*failed, *partly])
    if not lost:
        return "Nothing that was read decides this."
    fine = not partly and any(check.outcome is Outcome.MET for check in checks)
    return " ".join(["Not decided; what was read is in order." if fine else "Not decided.", *lost, *partly])


def _says(checks: Iterable[Check]) -> list[str]:
    return list(dict.fromkeys(check.say or _spelled(check) for check in checks))


def _spelled(check: Check) -> str:
    fact = check.fact
    expected = f", expected {fact.expected}" if fact.expected else ""
    return f"{fact.ref.kind} {fact.ref.name}: {fact.field} is {fact.seen}{expected}."


def require_answer(
    checks: Sequence[Check], ref: Ref, field: str, say: str, expected: str = "your answer"
) -> list[Check]:
    """The lines, and one that an answer has to complete; without it where a line already decides for the worse or
    could not be read.

    What speaks for a question stays unknown and not partly met, because an answer then counts in full: seeing more
    must not leave less than seeing nothing.
    """
    if any(check.reason is not None or check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in checks):
        return list(checks)
    return [*checks, unread(ref, field, expected, Reason.NOT_OBSERVABLE, "", say=say)]


def unread_sources(
    facts: ClusterFacts, ref: Ref, sources: Iterable[str], field: str, expected: str, say: str
) -> list[Check]:
    """One line for each source that was not had; none where all were."""
    return [
        unread(ref, field, expected, why, key, say=say) for key in sources if (why := facts.missing(key)) is not None
    ]


def has_failures(checks: Sequence[Check]) -> bool:
    """Whether something that was read keeps the question from being met."""
    return any(check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in checks)


def settled(checks: Sequence[Check]) -> list[Check]:
    """The same lines; where something lacks already, the unseeable ones only inform. A refused read stays one."""
    if not has_failures(checks):
        return list(checks)
    return [Check(check.fact) if check.reason is Reason.NOT_OBSERVABLE else check for check in checks]
