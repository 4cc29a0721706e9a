"""Conditions that were checked, and the finding that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.labels import REASON_WORDS
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """An object and the source that it was read from, to which checks are bound.

    on = Subject(Ref("Node", "node-1"), "nodes")
    on.check("spec.unschedulable", "true", "false", False, message="node-1 is cordoned.")
    """

    ref: Ref
    source: str

    @classmethod
    def of(cls, key: str, thing: KubeObject) -> Subject:
        """An object of the list `key` (a key of `KINDS`), which also gives its kind."""
        return cls(Ref(KINDS[key].kind, thing.metadata.name, thing.metadata.namespace), key)

    def check(
        self,
        field: str,
        seen: object,
        expected: str,
        ok: bool,
        *,
        message: str = "",
        on_failure: Outcome = Outcome.NOT_MET,
    ) -> Check:
        """A condition that was read: met where `ok`, else `on_failure` (partly or not_met)."""
        outcome, message = (Outcome.MET, "") if ok else (on_failure, message)
        return Check(self.ref, field, str(seen), expected, ok, self.source, outcome, None, on_failure, message)

    def info(self, field: str, seen: object, expected: str = "", ok: bool | None = None) -> Check:
        """A line that informs without deciding; with `ok` it is still shown as pass or fail."""
        return Check(self.ref, field, str(seen), expected, ok, self.source)

    def unread(
        self, field: str, expected: str, reason: Reason, *, message: str = "", on_failure: Outcome = Outcome.NOT_MET
    ) -> Check:
        """A condition that could not be read: it keeps the question from being met."""
        seen = f"not read ({REASON_WORDS[reason]})"
        return Check(self.ref, field, seen, expected, None, self.source, None, reason, on_failure, message)

    def missing(self, facts: ClusterFacts, field: str, expected: str, message: str) -> list[Check]:
        """One unread check where the source could not be read; none where it was."""
        reason = facts.missing(self.source)
        return [] if reason is None else [self.unread(field, expected, reason, message=message)]


def weaviate_subject(facts: ClusterFacts, source: str | None = None) -> Subject:
    """The Weaviate workload, by default as read from its own object (StatefulSet, Deployment or pod)."""
    weaviate = facts.weaviate
    return Subject(weaviate.ref, workload_key(weaviate.kind) if source is None else source)


def informing(check: Check) -> Check:
    """The same line without its weight in the finding."""
    return Check(check.ref, check.field, check.seen, check.expected, check.ok, check.source)


NO_PROBLEM_FOUND = "No problem found so far."
UNDECIDED = "Not decided."

_REASONS_BY_PRIORITY = (
    Reason.FORBIDDEN,
    Reason.ERROR,
    Reason.UNREACHABLE,
    Reason.ABSENT,
    Reason.NOT_COLLECTED,
    Reason.NOT_OBSERVABLE,
)


def primary_reason(reasons: Iterable[Reason]) -> Reason:
    """The reason to show of several: first the one that a permission resolves."""
    return min(reasons, key=_REASONS_BY_PRIORITY.index)


def to_finding(
    question: str,
    checks: Sequence[Check],
    *,
    met: str,
    failed: str | Mapping[Outcome, str] = "",
    severity: Severity | None = None,
) -> Finding:
    """The finding that follows from checks: a failed one decides, then an unread one, then a partly met one.

    `met` is the sentence where all conditions hold. Elsewhere it is `failed` (one sentence, or one for each outcome),
    and by default the messages of the checks that failed or were not read. `severity` applies to not_met only.
    """
    outcome, reason = _outcome(checks)
    given = failed if isinstance(failed, str) else failed.get(outcome, "")
    sentence = met if outcome is Outcome.MET else given or _sentence(outcome, checks)
    return Finding(
        question,
        outcome,
        sentence,
        tuple(checks),
        missing=tuple(dict.fromkeys(check.source for check in checks if check.reason and check.source)),
        reason=reason,
        severity=severity if outcome is Outcome.NOT_MET else None,
    )


def _outcome(checks: Sequence[Check]) -> tuple[Outcome, Reason | None]:
    outcomes = {check.outcome for check in checks}
    reasons = [check.reason for check in checks if check.reason is not None]
    if Outcome.NOT_MET in outcomes:
        return Outcome.NOT_MET, None
    if reasons:
        return Outcome.UNKNOWN, primary_reason(reasons)
    for outcome in (Outcome.PARTLY, Outcome.MET):
        if outcome in outcomes:
            return outcome, None
    return Outcome.UNKNOWN, Reason.NOT_OBSERVABLE


def _sentence(outcome: Outcome, checks: Sequence[Check]) -> str:
    """The messages of what failed, the worst first; for `unknown` of what was not read, then of what is partly met."""
    failed = _messages(check for check in checks if check.outcome is Outcome.NOT_MET)
    partly = _messages(check for check in checks if check.outcome is Outcome.PARTLY)
    unread = _messages(check for check in checks if check.reason is not None)
    if outcome is not Outcome.UNKNOWN:
        return " ".join([*failed, *partly])
    if not unread:
        return "The cluster does not show this. Your answer is needed."
    no_problem = not partly and any(check.outcome is Outcome.MET for check in checks)
    return " ".join([NO_PROBLEM_FOUND if no_problem else UNDECIDED, *unread, *partly])


def _messages(checks: Iterable[Check]) -> list[str]:
    return list(dict.fromkeys(check.message or _description(check) for check in checks))


def _description(check: Check) -> str:
    expected = f", expected {check.expected}" if check.expected else ""
    return f"{check.ref.kind} {check.ref.name}: {check.field} is {check.seen}{expected}."


def require_answer(
    checks: Sequence[Check], ref: Ref, field: str, message: str, expected: str = "your answer"
) -> list[Check]:
    """The checks and one that only an answer completes; without it where a check failed or was not read.

    Evidence in favour leaves the question unknown instead of partly met, because an answer then counts in full:
    more evidence must never be worth less than none.
    """
    if not all(passed(check) for check in checks):
        return list(checks)
    return [*checks, Subject(ref, "").unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]


def passed(check: Check) -> bool:
    """Whether the check neither failed nor was left unread; checks that only inform pass."""
    return check.reason is None and check.outcome in (None, Outcome.MET)


def has_failures(checks: Sequence[Check]) -> bool:
    """Whether a condition that was read does not hold."""
    return any(check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in checks)


def settled(checks: Sequence[Check]) -> list[Check]:
    """The same checks; where one failed, those that cannot be observed only inform. A refused read stays unread."""
    if not has_failures(checks):
        return list(checks)
    return [informing(check) if check.reason is Reason.NOT_OBSERVABLE else check for check in checks]


def first_missing(facts: ClusterFacts, sources: Iterable[str]) -> tuple[str, Reason] | None:
    """The first of these sources that could not be read, with the reason; None where all were read."""
    return next(((source, reason) for source in sources if (reason := facts.missing(source)) is not None), None)
