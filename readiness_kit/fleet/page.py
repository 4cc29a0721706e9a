"""Several assessments side by side: level, score and coverage of each, and every question by cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.labels import LEVEL_WORDS, SECTION_TITLES, STATE_SIGNS, STATE_WORDS, count, percent
from readiness_kit.model import Level, Question, Section, State
from readiness_kit.report import content
from readiness_kit.report.chapters import badges
from readiness_kit.report.chapters.html import chapter, name, pairs, paragraph, table, text
from readiness_kit.report.content import Content
from readiness_kit.report.exports import schema
from readiness_kit.report.exports.schema import Tally
from readiness_kit.report.privacy import secret_scan
from readiness_kit.report.rendering import branding
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.report.rendering.render import document_of, write
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

VERSION = 1


class Member(msgspec.Struct, frozen=True):
    """One cluster; `folder` is the name of its assessment folder, `questions` the verdict by question id."""

    folder: str
    customer: str
    cluster: str
    as_of: datetime | None
    level: Level
    total: Tally
    sections: dict[Section, Tally]
    blockers: tuple[str, ...]
    questions: dict[str, State]


class Asked(msgspec.Struct, frozen=True):
    id: str
    number: str
    short: str
    section: Section


class Fleet(msgspec.Struct, frozen=True):
    """`failed` are folders that could not be judged, with the reason: none is left out in silence."""

    schema: int
    kit: str
    clusters: tuple[Member, ...]
    questions: tuple[Asked, ...]
    failed: dict[str, str] = {}


def fleet(folders: Sequence[Path]) -> Fleet:
    """Judges each folder. UsageError where two of them are the same, or none was given."""
    resolved = [Folder(path).path for path in folders]
    if not resolved:
        raise UsageError("no assessment folder was given", "name one for each cluster: `readiness fleet a b c`")
    if len(set(resolved)) < len(resolved):
        raise UsageError("the same assessment folder was given twice", "name each once")
    members: list[Member] = []
    asked: dict[str, Asked] = {}
    failed: dict[str, str] = {}
    kit = ""
    for path in resolved:
        try:
            whole = _content(path)
        except ReadinessError as problem:
            failed[path.name] = problem.what
            continue
        kit = whole.kit
        members.append(_member(path, whole))
        for verdict in whole.assessment.verdicts:
            asked.setdefault(verdict.question.id, _asked(verdict.question))
    if not members:
        raise ConfigError(
            f"none of the folders could be judged: {'; '.join(failed.values())}", "mend the first of them"
        )
    order = list(Section)
    questions = sorted(asked.values(), key=lambda one: order.index(one.section))
    made = Fleet(VERSION, kit, tuple(members), tuple(questions), failed)
    told: Fleet = schema.cleaned(made, Fleet)
    return told


def _content(path: Path) -> Content:
    if not (path / "readiness.yaml").is_file():
        raise ConfigError(f"{path} is no assessment folder: it has no readiness.yaml", "name the folder that has one")
    session = Session(Folder(path))
    return content.content(session.assessment(), session.settings, session.snapshot, session.facts)


def _member(path: Path, whole: Content) -> Member:
    judged = whole.assessment
    return Member(
        folder=path.name,
        customer=whole.subject.customer,
        cluster=whole.subject.cluster or path.name,
        as_of=judged.as_of,
        level=judged.level,
        total=schema.tally(judged.total),
        sections={section: schema.tally(score) for section, score in judged.sections.items()},
        blockers=tuple(verdict.question.number for verdict in judged.blockers),
        questions={verdict.question.id: verdict.state for verdict in judged.verdicts},
    )


def _asked(question: Question) -> Asked:
    return Asked(question.id, question.number, question.short, question.section)


# --- forms ----------------------------------------------------------------------------------------


def to_json(found: Fleet) -> str:
    """By `schemas/fleet-1.schema.json`."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode("utf-8") + "\n"


def to_html(found: Fleet) -> str:
    """One self-contained document of the report's look."""
    return document_of([_cover(found), _overview(found), *_by_section(found)])


def write_forms(found: Fleet, out: Path, forms: Iterable[str] = ("html", "json")) -> list[Path]:
    """Writes `out` with the suffix of each form; nothing that holds the shape of a secret."""
    written = []
    for form in forms:
        body = to_html(found) if form == "html" else to_json(found)
        target = out.with_suffix(f".{form}")
        secret_scan.check(body, target)
        write(target, body)
        written.append(target)
    return written


def _cover(found: Fleet) -> Fragment:
    title = f"Production readiness of {count(len(found.clusters), 'Weaviate cluster')}"
    levels = [(LEVEL_WORDS[level], sum(one.level is level for one in found.clusters)) for level in Level]
    particulars = pairs([(word, str(number)) for word, number in levels if number], "rk-particulars")
    html = (
        '<header class="rk-cover"><div class="rk-band"><div class="rk-mark"><span>Weaviate readiness kit</span></div>'
        f"<h1>{text(title)}</h1></div>{particulars}</header>"
    )
    head: dict[str, Any] = {
        "title": title,
        "running": branding.css_string(title),
        "file_name": "fleet",
        "variables": {},
    }
    return Fragment(html, head=head)


def _overview(found: Fleet) -> Fragment:
    rows = [
        [
            f"{name(one.cluster)}" + (f'<br><span class="rk-note">{name(one.customer)}</span>' if one.customer else ""),
            badges.level(one.level),
            percent(one.total.score),
            percent(one.total.coverage),
            text(", ".join(one.blockers)) or "none",
            text(one.as_of.date().isoformat() if one.as_of else "no snapshot"),
        ]
        for one in found.clusters
    ]
    head = ("Cluster", "Level", "Score", "Coverage", "Blockers", "As of")
    inner = table("The clusters side by side", head, rows, "rk-cards rk-numbers")
    for folder, why in found.failed.items():
        inner += paragraph(f"<strong>{name(folder)}</strong> could not be judged: {text(why)}", "rk-line")
    return Fragment(chapter("overview", "Overview", inner), (("overview", "Overview"),))


def _by_section(found: Fleet) -> Iterable[Fragment]:
    for section in Section:
        asked = [one for one in found.questions if one.section is section]
        if not asked:
            continue
        head = ("Question", *(one.cluster for one in found.clusters))
        scores = [_score(one.sections.get(section)) for one in found.clusters]
        rows = [["Score and coverage", *scores]]
        rows += [
            [
                f"{text(one.number)} {text(one.short)}",
                *(_cell(member.questions.get(one.id)) for member in found.clusters),
            ]
            for one in asked
        ]
        id, title = f"section-{section.value.replace('_', '-')}", SECTION_TITLES[section]
        inner = table(title, head, rows, "rk-fleet rk-cards")
        yield Fragment(chapter(id, title, inner), ((id, title),))


def _score(tally: Tally | None) -> str:
    return f"{percent(tally.score)} at {percent(tally.coverage)}" if tally else "not asked"


def _cell(state: State | None) -> str:
    if state is None:
        return '<span class="rk-none">not asked</span>'
    sign = f'<span class="rk-sign" aria-hidden="true">{STATE_SIGNS[state]}</span>'
    return f'<span class="rk-badge rk-state-{state.value}">{sign} {STATE_WORDS[state]}</span>'
