"""The last page: signatures and contact."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "sign-off"
TITLE = "Sign-off"


def chapter(content: Content) -> Markup:
    """The result, two blocks to sign, and the contact for help."""
    judged = content.assessment
    return render(
        "chapters/sign_off.html.j2",
        title=TITLE,
        level=judged.level,
        total=judged.total,
        settings=content.settings,
        subject=content.subject,
    )
