"""Questions, findings, answers and assessments for tests, with defaults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from readiness_kit.assessment import assess
from readiness_kit.model import (
    AdvisoryMatch,
    Answer,
    Applicability,
    Assessment,
    Automation,
    Choice,
    Finding,
    Link,
    Outcome,
    Question,
    QuestionKind,
    Reason,
    Remedy,
    Section,
    Settings,
    Severity,
    Verdict,
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


def judged(
    rows: Sequence[tuple[Severity, Choice | None, Outcome]],
    waivers: tuple[Waiver, ...] = (),
    settings: Settings | None = None,
    reason: Reason | None = None,
) -> Assessment:
    """The assessment of one question `ha.q0`, `ha.q1` … for each row of severity, answer and outcome."""
    questions = [question(f"ha.q{n}", row[0], number=f"Q{n}") for n, row in enumerate(rows)]
    answers = {f"ha.q{n}": answer(row[1], f"ha.q{n}") for n, row in enumerate(rows) if row[1]}
    findings = {
        f"ha.q{n}": finding(row[2], reason if row[2] is Outcome.UNKNOWN else None, f"ha.q{n}")
        for n, row in enumerate(rows)
    }
    return assess(questions, findings, answers, waivers, settings or Settings(), AS_OF)


def ids(verdicts: Iterable[Verdict]) -> list[str]:
    """The question ids of verdicts, in their order."""
    return [verdict.question.id for verdict in verdicts]


def advisory(severity: Severity, applies: bool, id: str = "KI-1") -> AdvisoryMatch:
    return AdvisoryMatch(
        id=id,
        title="A fault",
        severity=severity,
        applicability=Applicability.APPLIES if applies else Applicability.MAY_APPLY,
        versions=("1.38.2",),
        happens="Data is lost.",
        action="Upgrade.",
        source=Link("Weaviate: known issues", "https://docs.weaviate.io"),
        as_of=date(2026, 11, 28),
        settles="" if applies else "Read the schema.",
    )
