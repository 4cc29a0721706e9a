"""The JSON form of the report, version 1, published as `schemas/report-1.schema.json`.

It is made for programs that do not have the kit: no references to follow, questions in checklist order, fractions
from 0 to 1. Within a version fields are only added. `schema()` is generated from the Structs that are written.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from readiness_kit import documents, paths
from readiness_kit.markup import clean
from readiness_kit.model import (
    AdvisoryMatch,
    Answer,
    Assessment,
    Detection,
    Finding,
    Level,
    Outcome,
    Profile,
    Reason,
    RunningState,
    Score,
    Section,
    Severity,
    State,
    Thresholds,
    Verdict,
    Waiver,
)
from readiness_kit.report.content import Content
from readiness_kit.report.reasons import reason
from readiness_kit.report.sources import Requests, reads_of, request_totals

T = TypeVar("T")

VERSION = 1
SCHEMAS = paths.PACKAGE / "report" / "exports" / "schemas"
KINDS_OF_CHANGE = ("new", "worse", "resolved", "better", "incomparable")


class Item(msgspec.Struct, frozen=True):
    """One question. `state` is the verdict; `state_without_waiver` is set where a waiver applies.

    `reason` explains the verdict in the words of all forms of the report; `notes` are those of its sentences that are
    about the combination of answer and evidence.
    """

    id: str
    number: str
    section: Section
    text: str
    short: str
    severity: Severity
    state: State
    state_without_waiver: State | None
    blocker: bool
    judged: bool
    applicable: bool
    credit: float
    answer: Answer | None
    finding: Finding | None
    waiver: Waiver | None
    reason: str
    notes: tuple[str, ...]


class Action(msgspec.Struct, frozen=True):
    """One step of the action plan, in the order in which to work through it."""

    position: int
    question: str
    number: str
    title: str
    remedy: str
    reason: str
    severity: Severity
    state: State
    owner: str
    due: date | None
    effort: str


class QuestionChange(msgspec.Struct, frozen=True):
    """One question before and now; a state is null where the question was not asked."""

    question: str
    number: str
    kind: str
    before: State | None
    after: State | None
    outcome_before: Outcome | None
    outcome_after: Outcome | None
    reason: str


class Changes(msgspec.Struct, frozen=True):
    """`questions` lists those that changed; they can be compared where `incomparable` is 0."""

    since: str
    as_of: datetime | None
    level_before: Level
    proven_before: float
    possible_before: float
    coverage_before: float
    unchanged: int
    incomparable: int
    questions: tuple[QuestionChange, ...]


class Unread(msgspec.Struct, frozen=True):
    """A source that could not be read; `reason` is null where it was read in part."""

    source: str
    reason: Reason | None
    message: str


class Scope(msgspec.Struct, frozen=True):
    """What was read.

    Empty `namespaces` is the whole cluster; `changed_thresholds` names those that differ from the kit's defaults.
    """

    taken_at: datetime | None
    context: str
    kubernetes: str
    weaviate: str
    workload: str
    namespaces: tuple[str, ...]
    sources_read: int
    objects: int
    unread: tuple[Unread, ...]
    requests: tuple[Requests, ...]
    redactions: tuple[str, ...]
    thresholds: Thresholds
    changed_thresholds: tuple[str, ...]


class Record(msgspec.Struct, frozen=True):
    """A whole report."""

    schema: int
    kit: str
    customer: str
    cluster: str
    date: date | None
    as_of: datetime | None
    assessor: str
    participants: tuple[str, ...]
    profile: Profile
    level: Level
    level_reason: str
    running: RunningState | None
    total: Score
    sections: dict[Section, Score]
    blockers: tuple[str, ...]
    contradictions: tuple[str, ...]
    disagreements: tuple[str, ...]
    questions: tuple[Item, ...]
    actions: tuple[Action, ...]
    waiver_audit: tuple[str, ...]
    advisories: tuple[AdvisoryMatch, ...]
    changes: Changes | None
    detections: tuple[Detection, ...]
    scope: Scope
    warnings: tuple[str, ...] = ()
    """What limits the report as a whole, such as a judgement of manifests, or evidence that is old."""


def record(content: Content) -> Record:
    """The report of `content`; every text without control characters and direction marks."""
    judged, subject = content.assessment, content.subject
    made = Record(
        schema=VERSION,
        kit=content.kit,
        customer=subject.customer,
        cluster=subject.cluster,
        date=subject.on,
        as_of=judged.as_of,
        assessor=content.settings.assessor,
        participants=content.settings.participants,
        profile=judged.profile,
        level=judged.level,
        level_reason=judged.level_why,
        running=judged.running,
        total=all_states(judged.total),
        sections={section: all_states(score) for section, score in judged.sections.items()},
        blockers=tuple(verdict.question.id for verdict in judged.blockers),
        contradictions=tuple(verdict.question.id for verdict in judged.contradictions),
        disagreements=tuple(verdict.question.id for verdict in judged.disagreements),
        questions=tuple(_item(verdict) for verdict in judged.verdicts),
        actions=plan(judged),
        waiver_audit=judged.waiver_audit,
        advisories=judged.advisories,
        changes=_changes(content),
        detections=content.detections,
        scope=_scope(content),
        warnings=content.warnings,
    )
    return cleaned(made, Record)


def cleaned(value: Any, kind: type[T]) -> T:
    """The same Struct with every text in it passed through `clean`."""
    return msgspec.convert(_clean(msgspec.to_builtins(value, builtin_types=(date, datetime))), kind)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    return value


def all_states(score: Score) -> Score:
    """The score with a count for every state, 0 for those that do not occur."""
    return msgspec.structs.replace(score, counts={state: score.counts.get(state, 0) for state in State})


_OF_QUESTION = ("id", "number", "section", "text", "short")
_OF_VERDICT = ("severity", "state", "blocker", "judged", "applicable", "credit", "answer", "finding", "waiver")


def _item(verdict: Verdict) -> Item:
    values = {field: getattr(verdict.question, field) for field in _OF_QUESTION}
    values |= {field: getattr(verdict, field) for field in _OF_VERDICT}
    return Item(**values, state_without_waiver=verdict.without_waiver, reason=reason(verdict), notes=verdict.lines)


def plan(assessment: Assessment) -> tuple[Action, ...]:
    """The action plan, with the same reasons as the verdicts."""
    return tuple(_action(position, verdict) for position, verdict in enumerate(assessment.actions, start=1))


def _action(position: int, verdict: Verdict) -> Action:
    question, answer = verdict.question, verdict.answer
    return Action(
        position=position,
        question=question.id,
        number=question.number,
        title=question.short,
        remedy=question.remedy.text,
        reason=reason(verdict),
        severity=verdict.severity,
        state=verdict.state,
        owner=answer.owner if answer else "",
        due=answer.due if answer else None,
        effort=question.remedy.effort,
    )


def _changes(content: Content) -> Changes | None:
    since = content.since
    if since is None:
        return None
    found = since.comparison
    changed = [
        QuestionChange(
            question=change.question.id,
            number=change.question.number,
            kind=kind,
            before=change.before,
            after=change.after,
            outcome_before=change.outcomes[0],
            outcome_after=change.outcomes[1],
            reason=change.why,
        )
        for kind in KINDS_OF_CHANGE
        for change in getattr(found, kind)
    ]
    return Changes(
        since=since.name,
        as_of=since.previous.assessment.as_of,
        level_before=found.levels[0],
        proven_before=found.scores[0],
        possible_before=found.possible[0],
        coverage_before=found.coverages[0],
        unchanged=len(found.unchanged),
        incomparable=len(found.incomparable),
        questions=tuple(changed),
    )


def _scope(content: Content) -> Scope:
    subject, snapshot = content.subject, content.snapshot
    manifest = snapshot.manifest if snapshot else None
    read, unread = reads_of(snapshot)
    used, defaults = content.settings.thresholds, Thresholds()
    return Scope(
        taken_at=manifest.taken_at if manifest else None,
        context=subject.context,
        kubernetes=subject.kubernetes,
        weaviate=subject.weaviate,
        workload=subject.workload,
        namespaces=manifest.namespaces if manifest else (),
        sources_read=len(read),
        objects=sum(source.count for source in (*read, *unread)),
        unread=tuple(Unread(source.key, source.reason, source.message) for source in unread),
        requests=request_totals(snapshot),
        redactions=manifest.redactions if manifest else (),
        thresholds=used,
        changed_thresholds=tuple(
            field for field in used.__struct_fields__ if getattr(used, field) != getattr(defaults, field)
        ),
    )


def schema(kind: type[Any] = Record, name: str = "report-1") -> dict[str, Any]:
    """The JSON Schema (2020-12) that is published next to this module."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:readiness-kit:schema:{name}",
        "title": f"A {name.partition('-')[0]} of the Weaviate readiness kit",
        **documents.json_schema(kind),
    }
