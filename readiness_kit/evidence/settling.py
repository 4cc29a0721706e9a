"""What can never be seen from outside keeps a question from being met; it does not hide what is already known."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.evidence.framework import Check
from readiness_kit.model import Outcome, Reason


def lacking(checks: Sequence[Check]) -> bool:
    """Whether something that was read keeps the question from being met."""
    return any(check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in checks)


def settled(checks: Sequence[Check]) -> list[Check]:
    """The same lines; where something lacks already, the unseeable ones only inform. A refused read stays one."""
    if not lacking(checks):
        return list(checks)
    return [Check(check.fact) if check.reason is Reason.NOT_OBSERVABLE else check for check in checks]
