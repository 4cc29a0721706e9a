"""Conditions that were checked, and the finding that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

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

    `figures` are the names of Prometheus figures behind the checks, from which the query is found that was sent.
    """

    ref: Ref
    source: str
    figures: str = ""

    @classmethod
    def of(cls, key: str, thing: KubeObject) -> Subject:
        """An object of the list `key` (a key of `KINDS`), which also gives its kind."""
        return cls(Ref(KINDS[key].kind, thing.metadata.name, thing.metadata.namespace), key)

    def queried(self, figures: str) -> Subject:
        """The same subject, for checks on figures of Prometheus: `heap_peak_7d / gomemlimit` or `a, b`."""
        return Subject(self.ref, self.source, figures)

    def check(
        self,
        field: str,
        seen: object,
        expected: str,
        ok: bool,
        *,
        message: str = "",
        on_failure: Outcome = Outcome.NOT_MET,
        fix: str = "",
    ) -> Check:
        """A condition that was read: met where `ok`, otherwise `on_failure` (partly or not_met).

        `fix` is the id of the fix in the catalogue that closes it.
        """
        outcome, message, fix = (Outcome.MET, "", "") if ok else (on_failure, message, fix)
        read = (self.ref, field, str(seen), expected, ok, self.source, outcome, None)
        return Check(*read, on_failure, message, query=self.figures, fix=fix)

    def info(self, field: str, seen: object, expected: str = "", ok: bool | None = None) -> Check:
        """A line that informs without deciding. Marked as failed (`ok` False) it is a condition that is partly met."""
        if ok is False:
            return self.check(field, seen, expected, False, on_failure=Outcome.PARTLY)
        return Check(self.ref, field, str(seen), expected, ok, self.source, query=self.figures)

    def unread(
        self,
        field: str,
        expected: str,
        reason: Reason,
        *,
        message: str = "",
        on_failure: Outcome = Outcome.NOT_MET,
        fix: str = "",
    ) -> Check:
        """A condition that could not be read: it keeps the question from being met.

        `fix` is the id of the decision or practice to follow where a person answers no.
        """
        seen = f"not read ({REASON_WORDS[reason]})"
        unread = (self.ref, field, seen, expected, None, self.source, None, reason)
        return Check(*unread, on_failure, message, query=self.figures, fix=fix)

    def missing(self, facts: ClusterFacts, field: str, expected: str, message: str) -> list[Check]:
        """One unread check where the source could not be read; none where it was."""
        reason = facts.missing(self.source)
        return [] if reason is None else [self.unread(field, expected, reason, message=message)]


def weaviate_subject(facts: ClusterFacts, source: str | None = None) -> Subject:
    """The Weaviate workload, by default as read from its own object (StatefulSet, Deployment or pod)."""
    weaviate = facts.weaviate
    return Subject(weaviate.ref, workload_key(weaviate.kind) if source is None else source)


def informing(check: Check) -> Check:
    """The same line without its weight in the finding, and without the mark of a failure."""
    return Check(check.ref, check.field, check.seen, source=check.source, query=check.query)


def answer_needed(
    facts: ClusterFacts,
    field: str,
    message: str,
    expected: str = "your answer",
    on_failure: Outcome = Outcome.NOT_MET,
    fix: str = "",
) -> Check:
    """A condition that only an answer shows: without one, the question is not met by evidence."""
    on = Subject(facts.weaviate.ref, "")
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, on_failure=on_failure, fix=fix)


NO_PROBLEM_FOUND = "No problem found so far."
NOTHING_READ = "Nothing was read."
NOT_SHOWN = "The cluster does not show this."
AT_BEST = "At best partly met."
PREFIXES = (NO_PROBLEM_FOUND, NOTHING_READ, NOT_SHOWN, AT_BEST)
"""What the sentence of a finding begins with where something was not read."""

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


# --- bounds ---------------------------------------------------------------------------------------

_WORST_FIRST = (Outcome.NOT_MET, Outcome.PARTLY, Outcome.MET)


class Bounds(NamedTuple):
    """The best and the worst outcome that unread checks leave possible."""

    best: Outcome
    worst: Outcome


def bounds(checks: Iterable[Check]) -> Bounds:
    """The outcome if every unread check were met, and if every one failed; met where no check decides."""
    best = worst = Outcome.MET
    for check in checks:
        if check.reason is not None:
            worst = min(worst, check.on_failure, key=_WORST_FIRST.index)
        elif check.outcome is not None:
            best, worst = (min(bound, check.outcome, key=_WORST_FIRST.index) for bound in (best, worst))
    return Bounds(best, worst)


def any_of(parts: Sequence[Check]) -> Check:
    """Alternatives as one check, with the best `best` and the best `worst` of its parts.

    A part that is met decides; else an unread one, which fails no worse than the best of the others; else the best of
    those that failed. Raises ValueError without a part that decides.
    """
    deciding = [part for part in parts if part.reason is not None or part.outcome is not None]
    met = next((part for part in deciding if part.outcome is Outcome.MET), None)
    if met is not None:
        return met
    worst = max((bounds([part]).worst for part in deciding), key=_WORST_FIRST.index)
    unread = [part for part in deciding if part.reason is not None]
    if not unread:
        return next(part for part in deciding if part.outcome is worst)
    reason = primary_reason(part.reason for part in unread if part.reason is not None)
    chosen = next(part for part in unread if part.reason is reason)
    return msgspec.structs.replace(chosen, on_failure=worst, message=" ".join(_messages(unread)))


def to_finding(
    question: str,
    checks: Sequence[Check],
    *,
    met: str,
    failed: str | Mapping[Outcome, str] = "",
    severity: Severity | None = None,
) -> Finding:
    """The finding that follows from the bounds of checks: a known failure is never hidden by something unread.

    Where both bounds are equal and something was read, that is the outcome. Where `best` is partly and `worst` is not
    met, the question is partly met at best; where only `worst` is bad, or nothing was read, it is unknown.

    `met` is the sentence where all conditions hold. Elsewhere it is `failed` (one sentence, or one for each outcome),
    and by default the messages of the checks that failed or were not read. `severity` applies to not_met only.
    """
    best, worst = bounds(checks)
    read = any(check.outcome is not None for check in checks)
    at_best = best is Outcome.PARTLY and worst is Outcome.NOT_MET
    outcome = best if read and (best is worst or at_best) else Outcome.UNKNOWN
    reasons = [check.reason for check in checks if check.reason is not None]
    given = failed if isinstance(failed, str) else failed.get(outcome, "")
    sentence = (not at_best and given) or _sentence(outcome, checks, at_best=at_best)
    return Finding(
        question,
        outcome,
        met if outcome is Outcome.MET else sentence,
        tuple(checks),
        missing=tuple(dict.fromkeys(check.source for check in checks if check.reason and check.source)),
        reason=primary_reason(reasons or [Reason.NOT_OBSERVABLE]) if at_best or outcome is Outcome.UNKNOWN else None,
        severity=severity if outcome is Outcome.NOT_MET else None,
        at_best=at_best,
    )


def _sentence(outcome: Outcome, checks: Sequence[Check], *, at_best: bool) -> str:
    """The messages of what failed, the worst first, and of what was not read where that leaves the outcome open."""
    failed = _messages(check for check in checks if check.outcome is Outcome.NOT_MET)
    partly = _messages(check for check in checks if check.outcome is Outcome.PARTLY)
    unread = _messages(check for check in checks if check.reason is not None)
    if at_best:
        return " ".join([AT_BEST, *partly, *unread])
    if outcome is not Outcome.UNKNOWN:
        return " ".join([*failed, *partly])
    if not unread:
        return f"{NOT_SHOWN} Your answer is needed."
    if any(check.outcome is Outcome.MET for check in checks):
        prefix = NO_PROBLEM_FOUND
    else:
        hidden = all(check.reason in (None, Reason.NOT_OBSERVABLE) for check in checks)
        prefix = NOT_SHOWN if hidden else NOTHING_READ
    return " ".join([prefix, *unread])


def _messages(checks: Iterable[Check]) -> list[str]:
    return list(dict.fromkeys(check.message or _description(check) for check in checks))


def _description(check: Check) -> str:
    expected = f", expected {check.expected}" if check.expected else ""
    return f"{check.ref.kind} {check.ref.name}: {check.field} is {check.seen}{expected}."


def first_missing(facts: ClusterFacts, sources: Iterable[str]) -> tuple[str, Reason] | None:
    """The first of these sources that could not be read, with the reason; None where all were read."""
    return next(((source, reason) for source in sources if (reason := facts.missing(source)) is not None), None)
