"""The first screen: cluster, people, date, level, score and coverage, and the blockers."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import running_lines
from readiness_kit.markup import render
from readiness_kit.model import AdvisoryMatch, Applicability, Assessment, Score, Section, Severity, State
from readiness_kit.report.chapters import changes
from readiness_kit.report.content import Content


def cover(content: Content, logo: str = "") -> Markup:
    """The cover; `logo` is a data URI or empty."""
    judged, since = content.assessment, content.since
    return render(
        "chapters/cover.html.j2",
        logo=logo,
        subject=content.subject,
        settings=content.settings,
        warnings=content.warnings,
        running=running_lines(judged.running),
        running_bound=running_bound(judged.running),
        level=judged.level,
        level_why=judged.level_why,
        total=judged.total,
        since=since,
        since_date=changes.since_date(since) if since else "",
        changes=changes.in_numbers(since.comparison) if since else "",
        blockers=judged.blockers,
        critical=[found for found in judged.advisories if _blocks(found)],
        advisories=judged.advisories,
        sections=_sections(judged),
    )


def _blocks(found: AdvisoryMatch) -> bool:
    return found.severity is Severity.CRITICAL and found.applicability is Applicability.APPLIES


def _sections(judged: Assessment) -> list[tuple[Section, Score, int]]:
    """Score and number of gaps of each section that has questions."""
    scores = [(section, judged.sections[section]) for section in Section if section in judged.sections]
    return [
        (section, score, score.counts.get(State.GAP, 0) + score.counts.get(State.CONTRADICTED, 0))
        for section, score in scores
        if sum(score.counts.values())
    ]
