"""Judges answers and findings: the resulting `Assessment` is the input of views, report and exports. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from readiness_kit.assessment import waivers as waiver_rules
from readiness_kit.assessment.judge import BLOCKING, counted, is_withheld, verdict
from readiness_kit.assessment.score import level, running_bound, score, weight
from readiness_kit.labels import running_lines
from readiness_kit.model import (
    AdvisoryMatch,
    Answer,
    Assessment,
    Choice,
    Finding,
    Level,
    Outcome,
    Question,
    RunningState,
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
    advisories: Sequence[AdvisoryMatch] = (),
    running: RunningState | None = None,
) -> Assessment:
    """Judges every question.

    `findings` and `answers` are by question id. `as_of` is the time of the snapshot, by which ages and expiries are
    judged; without it the date of the settings is used. `advisories` concern the running versions and limit the level.
    `running` is Weaviate's state in the snapshot: what blocks there makes the level `not_ready`, and where it is not
    known, the level is at best `not_enough_known`. The same input gives the same value.
    """
    settings = settings or Settings()
    on = as_of.date() if as_of else settings.date
    verdicts = _verdicts(tuple(questions), findings, answers, waivers, settings, on)
    reached, why = _level(verdicts, settings, advisories, running)
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
        contradictions=tuple(row for row in verdicts if State.CONTRADICTED in (row.state, row.without_waiver)),
        actions=(*blockers, *_further_actions(verdicts)),
        as_of=as_of,
        waiver_audit=waiver_rules.audit(waivers, verdicts, on),
        disagreements=tuple(row for row in verdicts if _is_better_than_claimed(row)),
        advisories=tuple(advisories),
        running=running,
    )


def _level(
    verdicts: tuple[Verdict, ...],
    settings: Settings,
    advisories: Sequence[AdvisoryMatch],
    running: RunningState | None,
) -> tuple[Level, str]:
    """The level of the verdicts and advisories, bounded by Weaviate's present state."""
    reached, why = level(verdicts, settings.thresholds, advisories)
    bound = running_bound(running)
    if bound is None or (reached is Level.NOT_READY and bound is not reached):
        return reached, why
    problem, _ = running_lines(running)
    return bound, f"{problem}. {why}" if reached is bound else f"{problem}."


def _is_better_than_claimed(row: Verdict) -> bool:
    met = row.finding is not None and row.finding.outcome is Outcome.MET
    return met and counted(row.answer) is Choice.NO and State.GAP in (row.state, row.without_waiver)


def _verdicts(
    questions: tuple[Question, ...],
    findings: Mapping[str, Finding],
    answers: Mapping[str, Answer],
    waivers: Sequence[Waiver],
    settings: Settings,
    on: date | None,
) -> tuple[Verdict, ...]:
    rows: dict[str, Verdict] = {}
    undetermined: set[str] = set()
    for question in questions:
        parent = rows.get(question.parent or "")
        row = verdict(
            question,
            answers.get(question.id),
            findings.get(question.id),
            waiver_rules.waiver_for(question.id, waivers),
            parent is not None and parent.state is State.NOT_APPLICABLE,
            on,
            settings.thresholds,
        )
        if question.parent in undetermined:
            undetermined.add(question.id)
            row = _without_credit(row)
        if _is_undetermined(row):
            undetermined.add(question.id)
        rows[question.id] = row
    return tuple(rows.values())


def _is_undetermined(row: Verdict) -> bool:
    """Whether it is open if the question applies: its evidence contradicts “not applicable” or could not be read."""
    if row.state is State.NOT_APPLICABLE:
        return False
    choice = counted(row.answer)
    return choice is Choice.NOT_APPLICABLE or (choice is None and is_withheld(row.finding))


def _without_credit(row: Verdict) -> Verdict:
    """A question nested under an undetermined one: it may turn out not to apply, so it adds nothing to the score."""
    if row.credit == 0:
        return msgspec.structs.replace(row, withheld=True)
    line = f"Adds nothing to the score until it is clear whether {row.question.parent} applies."
    return msgspec.structs.replace(row, credit=0.0, withheld=True, lines=(*row.lines, line))


_SEVERITIES = list(Severity)


def _urgency(row: Verdict) -> tuple[bool, int]:
    return row.state is not State.CONTRADICTED, _SEVERITIES.index(row.severity)


def _further_actions(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """What follows the blockers: gaps by weight, then critical and high questions that are still open."""
    rows = [row for row in verdicts if not row.blocker]
    gaps = [row for row in rows if row.state in (State.CONTRADICTED, State.GAP, State.PARTLY)]
    unanswered = [row for row in rows if row.state is State.OPEN and row.question.severity in BLOCKING]
    by_weight = sorted(gaps, key=lambda row: (-weight(row), row.state is State.PARTLY))
    return by_weight + sorted(unanswered, key=lambda row: -weight(row))
