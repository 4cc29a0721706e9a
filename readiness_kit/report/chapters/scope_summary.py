"""Scope and method in short, for the executive report."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.chapters.scope import affected, threshold_rows
from readiness_kit.report.content import Content
from readiness_kit.report.sources import reads_of

ID = "scope"
TITLE = "Scope and method"


def chapter(content: Content) -> Markup:
    """What was read, what was not and what that costs, in half a page."""
    _, unread = reads_of(content.snapshot)
    return render(
        "chapters/scope_summary.html.j2",
        title=TITLE,
        settings=content.settings,
        kit=content.kit,
        total=content.assessment.total,
        manifest=content.snapshot.manifest if content.snapshot else None,
        unread=[(source, affected(content.assessment, source.key)) for source in unread],
        changed=[
            f"{label}: {value:,.12g} (kit default: {default:,.12g})"
            for label, value, default in threshold_rows(content.settings.thresholds)
            if value != default
        ],
    )
