"""From answers and findings to the assessment: the one value that views, report and exports are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from readiness_kit.assessment import waivers as waiver_rules
from readiness_kit.assessment.judge import BLOCKING, is_withheld, said, verdict
from readiness_kit.assessment.score import level, score, weight
from readiness_kit.model import (
    Answer,
    Assessment,
    Choice,
    Finding,
    Question,
    Section,
    Settings,
    Severity,
    State,
    Verdict,
    Waiver,
)

__all__ = ["assess"]


def assess(
    questions: Iterable[Question],
    findings: Mapping[str, Finding],
    answers: Mapping[str, Answer],
    waivers: Sequence[Waiver] = (),
    settings: Settings | None = None,
    as_of: datetime | None = None,
) -> Assessment:
    """Judges every question. Pure: same input, same value; without `as_of` the settings' date is counted from."""
    settings = settings or Settings()
    on = as_of.date() if as_of else settings.date
    verdicts = _verdicts(tuple(questions), findings, answers, waivers, settings, on)
    reached, why = level(verdicts, settings.thresholds)
    blockers = sorted((row for row in verdicts if row.blocker), key=_urgency)
    return Assessment(
        profile=settings.profile,
        level=reached,
        level_why=why,
        total=score(verdicts),
        sections={
            section: score(rows)
            for section in Section
            if (rows := [row for row in verdicts if row.question.section is section])
        },
        verdicts=verdicts,
        blockers=tuple(blockers),
        contradictions=tuple(row for row in verdicts if State.CONTRADICTED in (row.state, row.beneath)),
        actions=(*blockers, *_further_actions(verdicts)),
        as_of=as_of,
        waiver_audit=waiver_rules.audit(waivers, verdicts, on),
    )


def _verdicts(
    questions: tuple[Question, ...],
    findings: Mapping[str, Finding],
    answers: Mapping[str, Answer],
    waivers: Sequence[Waiver],
    settings: Settings,
    on: date | None,
) -> tuple[Verdict, ...]:
    made: dict[str, Verdict] = {}
    unsettled: set[str] = set()
    for question in questions:
        parent = made.get(question.parent or "")
        row = verdict(
            question,
            answers.get(question.id),
            findings.get(question.id),
            waiver_rules.waiver_for(question.id, waivers),
            parent is not None and parent.state is State.NOT_APPLICABLE,
            on,
            settings.thresholds,
        )
        if question.parent in unsettled:
            unsettled.add(question.id)
            row = _earning_nothing(row)
        if _is_unsettled(row):
            unsettled.add(question.id)
        made[question.id] = row
    return tuple(made.values())


def _is_unsettled(row: Verdict) -> bool:
    """Whether the question applies at all hangs on evidence that denies it, or that was not had."""
    if row.state is State.NOT_APPLICABLE:
        return False
    choice = said(row.answer)
    return choice is Choice.NOT_APPLICABLE or (choice is None and is_withheld(row.finding))


def _earning_nothing(row: Verdict) -> Verdict:
    """Nested below an unsettled question: with the evidence it might be left out, so it cannot add to the score."""
    if row.credit == 0:
        return row
    line = f"It earns nothing until it is settled whether {row.question.parent} applies."
    return msgspec.structs.replace(row, credit=0.0, lines=(*row.lines, line))


_SEVERITIES = list(Severity)


def _urgency(row: Verdict) -> tuple[bool, int]:
    return row.state is not State.CONTRADICTED, _SEVERITIES.index(row.severity)


def _further_actions(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """After the blockers: what falls short, the heaviest first; then what has to be found out."""
    rows = [row for row in verdicts if not row.blocker]
    short = [row for row in rows if row.state in (State.CONTRADICTED, State.GAP, State.PARTLY)]
    find_out = [row for row in rows if row.state is State.OPEN and row.question.severity in BLOCKING]
    by_weight = sorted(short, key=lambda row: (-weight(row), row.state is State.PARTLY))
    return by_weight + sorted(find_out, key=lambda row: -weight(row))
