"""The last page: who agrees to what, and whom to ask."""

from __future__ import annotations

from readiness_kit.labels import LEVEL_WORDS
from readiness_kit.report.chapters import badges
from readiness_kit.report.chapters.cover import contact
from readiness_kit.report.chapters.html import chapter, day, name, paragraph, text
from readiness_kit.report.content import Content

ID = "sign-off"
TITLE = "Sign-off"


def sign_off(content: Content) -> str:
    """The chapter with two blocks to sign and the contact for help."""
    assessment, settings, subject = content.assessment, content.settings, content.subject
    result = f"{LEVEL_WORDS[assessment.level]}, {badges.score_line(assessment.total)}"
    when = f"as of {day(subject.on)}" if subject.on else "not dated"
    lead = (
        f"Result of this assessment: <strong>{text(result)}</strong> ({when}). It speaks for the moment of the "
        "snapshot. With the signature both sides take note of the findings, the accepted risks and the action plan."
    )
    blocks = _block("For the customer", subject.customer) + _block("Assessor", settings.assessor)
    help_ = f'<h3 id="contact">Help</h3>{paragraph(contact(settings))}' if settings.contact.strip() else ""
    return chapter(ID, TITLE, f'{paragraph(lead)}<div class="rk-signatures">{blocks}</div>{help_}')


def _block(role: str, whose: str) -> str:
    lines = "".join(
        f'<div class="rk-rule"><span>{word}</span></div>' for word in ("Name and role", "Date", "Signature")
    )
    who = paragraph(name(whose), "rk-who") if whose else ""
    return f'<div class="rk-signature"><p class="rk-label">{text(role)}</p>{who}{lines}</div>'
