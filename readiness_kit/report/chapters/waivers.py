"""Risks that somebody accepted, never hidden, and the audit of the waivers."""

from __future__ import annotations

from readiness_kit.labels import STATE_WORDS
from readiness_kit.model import Assessment, State, Verdict
from readiness_kit.report.chapters.html import anchor, chapter, day, listing, name, paragraph, table, text

ID = "waivers"
TITLE = "Accepted risks and waivers"
HEAD = ("Question", "Beneath", "Reason", "Compensating control", "Owner", "Approved by", "Until")


def waivers(assessment: Assessment) -> str:
    """The chapter: accepted verdicts in a table, then what the audit found (expired, unused, unknown)."""
    accepted = [verdict for verdict in assessment.verdicts if verdict.state is State.ACCEPTED and verdict.waiver]
    if not accepted and not assessment.waiver_audit:
        return chapter(ID, TITLE, paragraph("No risk has been accepted by a waiver."))
    inner = ""
    if accepted:
        lead = "An accepted risk is no blocker until its waiver expires, and earns nothing in the score."
        inner = paragraph(lead, "rk-lead") + table(TITLE, HEAD, [_row(verdict) for verdict in accepted], "rk-cards")
    if assessment.waiver_audit:
        inner += '<h3 id="waiver-audit">Audit of the waivers</h3>' + listing(
            text(line) for line in assessment.waiver_audit
        )
    return chapter(ID, TITLE, inner)


def _row(verdict: Verdict) -> list[str]:
    question, waiver = verdict.question, verdict.waiver
    if waiver is None:
        return [text(question.short), *[""] * (len(HEAD) - 1)]
    return [
        f'<a href="#{anchor("q", question.id)}">{text(question.number)} {text(question.short)}</a>',
        text(STATE_WORDS[verdict.beneath or State.GAP]),
        text(waiver.reason),
        text(waiver.control) or "—",
        name(waiver.owner),
        name(waiver.approver),
        day(waiver.expires),
    ]
