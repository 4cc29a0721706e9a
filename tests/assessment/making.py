"""Short ways to make questions, findings and answers for the tests of this room."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from readiness_kit.model import (
    Answer,
    Automation,
    Choice,
    Finding,
    Outcome,
    Question,
    QuestionKind,
    Reason,
    Remedy,
    Section,
    Severity,
    Waiver,
)

AS_OF = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def question(id: str = "ha.one", severity: Severity = Severity.MEDIUM, **more: Any) -> Question:
    fields = {
        "number": id.upper(),
        "section": Section.HIGH_AVAILABILITY,
        "text": "Is it so?",
        "short": "So",
        "why": "Because.",
        "automation": Automation.FULL,
        "remedy": Remedy("Make it so."),
        "kind": QuestionKind.YES_NO,
    }
    return Question(id=id, severity=severity, **{**fields, **more})


def finding(outcome: Outcome, reason: Reason | None = None, id: str = "ha.one", **more: Any) -> Finding:
    if outcome is Outcome.UNKNOWN and reason is None:
        reason = Reason.NOT_OBSERVABLE
    return Finding(id, outcome, "Seen.", reason=reason, **more)


def answer(value: Choice | None, id: str = "ha.one", **more: Any) -> Answer:
    reason = "Not used here." if value is Choice.NOT_APPLICABLE else ""
    return Answer(id, value, **{"reason": reason, **more})


def waiver(expires: date = date(2027, 1, 31), id: str = "ha.one", **more: Any) -> Waiver:
    return Waiver(id, "Migration in spring", "the platform team", "the head of operations", expires, **more)
