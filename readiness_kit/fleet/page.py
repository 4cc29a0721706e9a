"""Several clusters on one page: level, score and coverage of each, and every question by cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit.assessment.score import running_bound
from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.labels import LEVEL_WORDS, SECTION_TITLES, count, running_lines
from readiness_kit.markup import render
from readiness_kit.model import Level, Question, Score, Section, State
from readiness_kit.report import content
from readiness_kit.report.chapters.questions import section_id
from readiness_kit.report.content import Content
from readiness_kit.report.exports import schema
from readiness_kit.report.privacy import secret_scan
from readiness_kit.report.rendering import branding
from readiness_kit.report.rendering.document import document_of
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.report.rendering.render import write
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

VERSION = 1
_LEVELS = list(Level)


class Member(msgspec.Struct, frozen=True):
    """One cluster; `folder` is the name of its assessment folder, `questions` the verdict by question id.

    `running` is the title and the sentences on Weaviate's present state, empty where there is nothing to show.
    """

    folder: str
    customer: str
    cluster: str
    as_of: datetime | None
    level: Level
    total: Score
    sections: dict[Section, Score]
    blockers: tuple[str, ...]
    questions: dict[str, State]
    running: tuple[str, ...] = ()
    running_bound: Level | None = None


class FleetQuestion(msgspec.Struct, frozen=True):
    """One question that at least one of the clusters was asked."""

    id: str
    number: str
    short: str
    section: Section


class Fleet(msgspec.Struct, frozen=True):
    """All clusters; `failed` holds the folders that could not be judged, with the reason."""

    schema: int
    kit: str
    clusters: tuple[Member, ...]
    questions: tuple[FleetQuestion, ...]
    failed: dict[str, str] = {}


def fleet(folders: Sequence[Path]) -> Fleet:
    """Judges each assessment folder.

    Raises UsageError where none was given or one was given twice, ConfigError where none can be judged.
    """
    resolved = [Folder(path).path for path in folders]
    if not resolved:
        raise UsageError("no assessment folder was given", "give one for each cluster: `readiness fleet a b c`")
    if len(set(resolved)) < len(resolved):
        raise UsageError("the same assessment folder was given twice", "give each once")
    members: list[Member] = []
    questions: dict[str, FleetQuestion] = {}
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
            questions.setdefault(verdict.question.id, _question(verdict.question))
    if not members:
        raise ConfigError(
            f"none of the folders could be judged: {'; '.join(failed.values())}", "correct the first of them"
        )
    order = list(Section)
    ordered = sorted(questions.values(), key=lambda question: order.index(question.section))
    return schema.cleaned(Fleet(VERSION, kit, tuple(members), tuple(ordered), failed), Fleet)


def _content(path: Path) -> Content:
    if not (path / "readiness.yaml").is_file():
        raise ConfigError(f"{path} is not an assessment folder: it has no readiness.yaml", "give a folder with one")
    session = Session(Folder(path))
    return content.content(session.assessment(), session.settings, session.snapshot, session.facts)


def _member(path: Path, whole: Content) -> Member:
    judged = whole.assessment
    title, sentences = running_lines(judged.running)
    return Member(
        folder=path.name,
        customer=whole.subject.customer,
        cluster=whole.subject.cluster or path.name,
        as_of=judged.as_of,
        level=judged.level,
        total=schema.all_states(judged.total),
        sections={section: schema.all_states(score) for section, score in judged.sections.items()},
        blockers=tuple(verdict.question.number for verdict in judged.blockers),
        questions={verdict.question.id: verdict.state for verdict in judged.verdicts},
        running=(title, *sentences) if title else (),
        running_bound=running_bound(judged.running),
    )


def _question(question: Question) -> FleetQuestion:
    return FleetQuestion(question.id, question.number, question.short, question.section)


# --- formats --------------------------------------------------------------------------------------


def to_json(found: Fleet) -> str:
    """Indented JSON by `report/exports/schemas/fleet-1.schema.json`."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode("utf-8") + "\n"


def to_html(found: Fleet) -> str:
    """One self-contained document with the style of the report."""
    return document_of([_cover(found), _overview(found), *_by_section(found)])


def text(found: Fleet, form: str, target: Path | None = None) -> str:
    """A format as text. Raises SecretFoundError, which names `target`, for what looks like a secret."""
    body = to_html(found) if form == "html" else to_json(found)
    secret_scan.check(body, target or Path(f"the {form} output"))
    return body


def write_form(found: Fleet, form: str, target: Path) -> Path:
    """Writes one format (`html` or `json`) to a file and returns it."""
    write(target, text(found, form, target))
    return target


def _cover(found: Fleet) -> Fragment:
    title = f"Production readiness of {count(len(found.clusters), 'Weaviate cluster')}"
    levels = [(LEVEL_WORDS[level], sum(member.level is level for member in found.clusters)) for level in Level]
    head: dict[str, Any] = {
        "title": title,
        "running": branding.css_string(title),
        "file_name": "fleet",
        "variables": {},
    }
    affected = sorted(
        (member for member in found.clusters if member.running_bound), key=lambda member: _LEVELS.index(member.level)
    )
    html = render("chapters/fleet_cover.html.j2", title=title, levels=levels, affected=affected)
    return Fragment(html, head=head)


def _overview(found: Fleet) -> Fragment:
    title = "Overview"
    return Fragment(render("chapters/fleet_overview.html.j2", title=title, fleet=found), (("overview", title),))


def _by_section(found: Fleet) -> Iterable[Fragment]:
    for section in Section:
        questions = [question for question in found.questions if question.section is section]
        if questions:
            id, title = section_id(section), SECTION_TITLES[section]
            html = render(
                "chapters/fleet_section.html.j2",
                id=id,
                title=title,
                section=section,
                clusters=found.clusters,
                questions=questions,
            )
            yield Fragment(html, ((id, title),))
