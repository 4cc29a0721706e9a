"""The first page: verdict, reason, worst risk, first actions, score, contact, blockers by cause, sections."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import running_lines
from readiness_kit.markup import day, moment, render
from readiness_kit.model import Assessment, Score, Section
from readiness_kit.report import summary
from readiness_kit.report.action_plan import action_plan, blocking_advisories
from readiness_kit.report.chapters import changes
from readiness_kit.report.content import Content

FIRST_ACTIONS = 3


def cover(content: Content, marks: Sequence[tuple[str, str]] = ()) -> Markup:
    """The cover; `marks` are picture (a data URI or empty) and name of the customer and the partner."""
    judged, since = content.assessment, content.since
    plan = action_plan(content)
    risk, source = summary.worst_risk(judged)
    return render(
        "chapters/cover.html.j2",
        marks=marks,
        subject=content.subject,
        settings=content.settings,
        meta=_meta(content),
        warnings=content.warnings,
        running=running_lines(judged.running),
        running_bound=running_bound(judged.running),
        heading=summary.heading(judged),
        level=judged.level,
        level_why=judged.level_why,
        standing=summary.standing(judged),
        risk=risk,
        risk_source=source,
        first=plan.actions[:FIRST_ACTIONS],
        worked=summary.worked_score(judged),
        total=judged.total,
        since=since,
        since_date=changes.since_date(since) if since else "",
        changes=changes.progress(since.comparison) if since else "",
        trend=content.trend,
        number=summary.blockers_of(judged),
        causes=summary.causes(judged, plan),
        critical=blocking_advisories(judged),
        upgrade=next((action for action in plan.actions if action.advisories), None),
        notices=summary.notices(judged),
        sections=_sections(judged),
    )


def _meta(content: Content) -> list[str]:
    """Cluster, versions and time in one line."""
    subject = content.subject
    manifest = content.snapshot.manifest if content.snapshot else None
    read = f"read {moment(manifest.taken_at)}" if manifest else "no cluster was read"
    found = [
        subject.cluster or "cluster not named",
        f"Weaviate {subject.weaviate}" if subject.weaviate else "",
        f"Kubernetes {subject.kubernetes}" if subject.kubernetes else "",
        day(subject.on) if subject.on and (manifest is None or subject.on != manifest.taken_at.date()) else "",
        read,
    ]
    return [part for part in found if part]


def _sections(judged: Assessment) -> list[tuple[Section, Score]]:
    """The score of each section that has questions."""
    scores = [(section, judged.sections[section]) for section in Section if section in judged.sections]
    return [(section, score) for section, score in scores if sum(score.counts.values())]
