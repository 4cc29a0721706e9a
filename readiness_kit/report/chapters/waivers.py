"""Risks accepted by a waiver, and the audit of the waivers."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.model import State
from readiness_kit.report.content import Content

ID = "waivers"
TITLE = "Accepted risks and waivers"


def chapter(content: Content) -> Markup:
    """Accepted verdicts, then the findings of the audit (expired, unused, unknown)."""
    verdicts = [verdict for verdict in content.assessment.verdicts if verdict.state is State.ACCEPTED]
    return render(
        "chapters/waivers.html.j2",
        title=TITLE,
        verdicts=[verdict for verdict in verdicts if verdict.waiver is not None],
        audit=content.assessment.waiver_audit,
    )
