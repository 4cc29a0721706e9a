"""The report as data: the shape of its JSON form, version 1, published as `schemas/report-1.schema.json`.

Made for programs that know nothing of the kit: plain words, no references to follow, questions in checklist order.
Fields are only ever added within a version. `schema()` is the JSON Schema of the very Structs that are written.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from readiness_kit import documents, paths
from readiness_kit.markup import clean
from readiness_kit.model import (
    Answer,
    Call,
    Detection,
    Finding,
    Level,
    Outcome,
    Profile,
    Read,
    Reason,
    Score,
    Section,
    Severity,
    State,
    Thresholds,
    Verdict,
    Waiver,
)
from readiness_kit.report.content import Content

VERSION = 1
SCHEMAS = paths.PACKAGE / "report" / "exports" / "schemas"


class Tally(msgspec.Struct, frozen=True):
    """Score and coverage as fractions from 0 to 1; `score` is null where nothing was judged."""

    score: float | None
    coverage: float
    applicable: int
    judged: int
    open: int
    counts: dict[State, int]


class Item(msgspec.Struct, frozen=True):
    """One question: `state` is the verdict, `beneath` what a waiver covers, `lines` say what the states do not."""

    id: str
    number: str
    section: Section
    text: str
    short: str
    severity: Severity
    state: State
    beneath: State | None
    blocker: bool
    judged: bool
    applicable: bool
    credit: float
    answer: Answer | None
    finding: Finding | None
    waiver: Waiver | None
    lines: tuple[str, ...]


class Action(msgspec.Struct, frozen=True):
    """One step of the plan, in the order in which to take them."""

    place: int
    question: str
    number: str
    title: str
    what: str
    why: str
    severity: Severity
    state: State
    owner: str
    due: date | None
    effort: str


class Move(msgspec.Struct, frozen=True):
    """One question then and now; a state is null where the question was not asked."""

    question: str
    number: str
    kind: str
    before: State | None
    after: State | None
    outcome_before: Outcome | None
    outcome_after: Outcome | None
    why: str


class Changes(msgspec.Struct, frozen=True):
    """`moves` leaves out what is unchanged, which is counted; scores compare where `incomparable` is 0."""

    since: str
    as_of: datetime | None
    level_before: Level
    score_before: float | None
    coverage_before: float
    unchanged: int
    incomparable: int
    moves: tuple[Move, ...]


class Requests(msgspec.Struct, frozen=True):
    source: str
    requests: int
    failed: int
    bytes: int


class Unread(msgspec.Struct, frozen=True):
    source: str
    reason: Reason | None
    message: str


class Scope(msgspec.Struct, frozen=True):
    """What was read: `namespaces` empty is the whole cluster; `thresholds` in use, `changed` those that are not the
    kit's own."""

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
    changed: tuple[str, ...]


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
    level_why: str
    total: Tally
    sections: dict[Section, Tally]
    blockers: tuple[str, ...]
    contradictions: tuple[str, ...]
    questions: tuple[Item, ...]
    actions: tuple[Action, ...]
    waiver_audit: tuple[str, ...]
    changes: Changes | None
    detections: tuple[Detection, ...]
    scope: Scope


def record(content: Content) -> Record:
    """The report of `content`; every text without control characters and direction marks."""
    judged, about = content.assessment, content.subject
    made = Record(
        schema=VERSION,
        kit=content.kit,
        customer=about.customer,
        cluster=about.cluster,
        date=about.on,
        as_of=judged.as_of,
        assessor=content.settings.assessor,
        participants=content.settings.participants,
        profile=judged.profile,
        level=judged.level,
        level_why=judged.level_why,
        total=tally(judged.total),
        sections={section: tally(score) for section, score in judged.sections.items()},
        blockers=tuple(verdict.question.id for verdict in judged.blockers),
        contradictions=tuple(verdict.question.id for verdict in judged.contradictions),
        questions=tuple(_item(verdict) for verdict in judged.verdicts),
        actions=tuple(action(place, verdict) for place, verdict in enumerate(judged.actions, start=1)),
        waiver_audit=judged.waiver_audit,
        changes=_changes(content),
        detections=content.detections,
        scope=_scope(content),
    )
    return cleaned(made, Record)


def cleaned(value: Any, kind: type[Any]) -> Any:
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


def tally(score: Score) -> Tally:
    """A score as it is written: every state counted, those that do not occur with 0."""
    return Tally(
        score=score.score,
        coverage=score.coverage,
        applicable=score.applicable,
        judged=score.judged,
        open=score.open,
        counts={state: score.counts.get(state, 0) for state in State},
    )


def _item(verdict: Verdict) -> Item:
    question = verdict.question
    return Item(
        id=question.id,
        number=question.number,
        section=question.section,
        text=question.text,
        short=question.short,
        severity=verdict.severity,
        state=verdict.state,
        beneath=verdict.beneath,
        blocker=verdict.blocker,
        judged=verdict.judged,
        applicable=verdict.applicable,
        credit=verdict.credit,
        answer=verdict.answer,
        finding=verdict.finding,
        waiver=verdict.waiver,
        lines=verdict.lines,
    )


def action(place: int, verdict: Verdict) -> Action:
    """The plan's line for a verdict: the evidence says why where there is any, else the checklist does."""
    question, answer, finding = verdict.question, verdict.answer, verdict.finding
    against = finding is not None and finding.outcome in (Outcome.NOT_MET, Outcome.PARTLY)
    return Action(
        place=place,
        question=question.id,
        number=question.number,
        title=question.short,
        what=question.remedy.text,
        why=finding.sentence if finding is not None and against else question.why,
        severity=verdict.severity,
        state=verdict.state,
        owner=answer.owner if answer else "",
        due=answer.due if answer else None,
        effort=question.remedy.effort,
    )


KINDS_OF_CHANGE = ("new", "worse", "resolved", "better", "incomparable")


def _changes(content: Content) -> Changes | None:
    since = content.since
    if since is None:
        return None
    found = since.comparison
    moves = [
        Move(
            question=change.question.id,
            number=change.question.number,
            kind=kind,
            before=change.before,
            after=change.after,
            outcome_before=change.outcomes[0],
            outcome_after=change.outcomes[1],
            why=change.why,
        )
        for kind in KINDS_OF_CHANGE
        for change in getattr(found, kind)
    ]
    return Changes(
        since=since.name,
        as_of=since.previous.assessment.as_of,
        level_before=found.levels[0],
        score_before=found.scores[0],
        coverage_before=found.coverages[0],
        unchanged=len(found.unchanged),
        incomparable=len(found.incomparable),
        moves=tuple(moves),
    )


def _scope(content: Content) -> Scope:
    about, snapshot = content.subject, content.snapshot
    reads: tuple[Read, ...] = snapshot.manifest.reads if snapshot else ()
    calls: tuple[Call, ...] = snapshot.calls if snapshot else ()
    unread = [read for read in reads if snapshot and (read.partial or snapshot.missing(read.key) is not None)]
    by_source = {
        source: [call for call in calls if call.source == source] for source in sorted({c.source for c in calls})
    }
    used = content.settings.thresholds
    return Scope(
        taken_at=snapshot.manifest.taken_at if snapshot else None,
        context=about.context,
        kubernetes=about.kubernetes,
        weaviate=about.weaviate,
        workload=about.workload,
        namespaces=snapshot.manifest.namespaces if snapshot else (),
        sources_read=len(reads) - len(unread),
        objects=sum(read.count for read in reads),
        unread=tuple(Unread(read.key, read.reason, read.message) for read in sorted(unread, key=lambda one: one.key)),
        requests=tuple(
            Requests(source, len(own), sum(c.status is None or c.status >= 400 for c in own), sum(c.size for c in own))
            for source, own in by_source.items()
        ),
        redactions=snapshot.manifest.redactions if snapshot else (),
        thresholds=used,
        changed=tuple(
            field for field in used.__struct_fields__ if getattr(used, field) != getattr(Thresholds(), field)
        ),
    )


def schema(kind: type[Any] = Record, name: str = "report-1") -> dict[str, Any]:
    """The JSON Schema (2020-12) that is published beside this module."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:readiness-kit:schema:{name}",
        "title": "A report of the Weaviate readiness kit"
        if kind is Record
        else "A fleet of the Weaviate readiness kit",
        **documents.json_schema(kind),
    }
