"""Findings where the clocks disagree: lines that depend on the time count as not read.

The evidence is evaluated by both clocks. A line that is the same by both does not depend on the time and stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from readiness_kit.evidence.checks import to_finding
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref

MESSAGE = "Its age is not known, because the clocks of the cluster and of the collecting machine disagree."
SEEN = "not read (the clocks disagree)"


def independent_of_time(finding: Finding, by_the_other_clock: Finding) -> Finding:
    """The finding, without what it owes to one of the clocks."""
    if finding == by_the_other_clock:
        return finding
    facts = _merged(finding.facts, by_the_other_clock.facts)
    merged = to_finding(finding.question, facts, met=finding.sentence)
    if finding.outcome is Outcome.UNKNOWN or merged.outcome not in (Outcome.UNKNOWN, Outcome.NOT_MET):
        # Its sentence may hold an age as well.
        merged = to_finding(finding.question, [*facts, _unread(None)], met=finding.sentence)
    missing = tuple(dict.fromkeys((*finding.missing, *merged.missing)))
    return msgspec.structs.replace(merged, reads=finding.reads, missing=missing)


def _merged(facts: Sequence[Check], others: Sequence[Check]) -> list[Check]:
    same = set(map(_identity, others))
    return [fact if _identity(fact) in same else _unread(fact) for fact in facts]


def _identity(check: Check) -> tuple[object, ...]:
    return check.ref, check.field, check.seen, check.expected, check.outcome, check.reason, check.ok, check.message


def _unread(check: Check | None) -> Check:
    if check is None:
        return Check(Ref("Clock", "collection"), "time", SEEN, reason=Reason.ERROR, message=MESSAGE)
    if check.outcome is None and check.reason is None:
        return msgspec.structs.replace(check, seen=SEEN, ok=None)
    return msgspec.structs.replace(check, seen=SEEN, ok=None, outcome=None, reason=Reason.ERROR, message=MESSAGE)
