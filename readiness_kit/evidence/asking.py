"""Conditions that a person completes: what evidence cannot see, after everything that it can see is in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness_kit.evidence.framework import Check, unread
from readiness_kit.facts import Facts
from readiness_kit.model import Outcome, Reason, Ref


def left_to_answer(
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


def unread_sources(facts: Facts, ref: Ref, sources: Iterable[str], field: str, expected: str, say: str) -> list[Check]:
    """One line for each source that was not had; none where all were."""
    return [
        unread(ref, field, expected, why, key, say=say) for key in sources if (why := facts.missing(key)) is not None
    ]
