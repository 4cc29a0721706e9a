"""The tools found in the cluster, each with what its presence shows and what it does not."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "ecosystem"
TITLE = "Found in this cluster"


def chapter(content: Content) -> Markup:
    """The tools by group, surest first; empty where no cluster was read."""
    found = content.detections
    if content.facts is None and not found:
        return Markup()
    groups = list(dict.fromkeys(item.group for item in found))
    ordered = sorted(found, key=lambda item: (groups.index(item.group), -item.level))
    return render("chapters/ecosystem.html.j2", title=TITLE, detections=ordered)
