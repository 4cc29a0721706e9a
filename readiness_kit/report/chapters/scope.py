"""Scope and method: what was read, what was not and what that costs, by which thresholds it was judged."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.model import Assessment, Reason, Thresholds, Verdict
from readiness_kit.report.content import Content
from readiness_kit.report.sources import failures_of, reads_of, request_totals
from readiness_kit.workspace.settings import explained

ID = "scope"
TITLE = "Scope and method"


def chapter(content: Content) -> Markup:
    """Method, run, sources, requests and thresholds."""
    snapshot = content.snapshot
    read, unread = reads_of(snapshot)
    return render(
        "chapters/scope.html.j2",
        title=TITLE,
        settings=content.settings,
        subject=content.subject,
        kit=content.kit,
        manifest=snapshot.manifest if snapshot else None,
        unread=[(source, affected(content.assessment, source.key)) for source in unread],
        reads=read,
        empty=[source for source in read if not source.count and source.reason is not Reason.ABSENT],
        absent=[source for source in read if source.reason is Reason.ABSENT],
        requests=request_totals(snapshot),
        failures=failures_of(snapshot),
        thresholds=threshold_rows(content.settings.thresholds),
    )


def affected(assessment: Assessment, source: str) -> list[Verdict]:
    """The verdicts whose evidence would have needed the source."""
    return [
        verdict for verdict in assessment.verdicts if verdict.finding is not None and source in verdict.finding.missing
    ]


def threshold_rows(values: Thresholds) -> list[tuple[str, float, float]]:
    """Explanation, value in use and kit default of each threshold."""
    defaults = Thresholds()
    return [
        (explained(f"thresholds.{field}"), getattr(values, field), getattr(defaults, field))
        for field in values.__struct_fields__
    ]
