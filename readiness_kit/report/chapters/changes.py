"""What changed since the last time: better only where as much was seen as before."""

from __future__ import annotations

from readiness_kit.assessment.comparison import Change, Comparison
from readiness_kit.labels import CHOICE_WORDS, LEVEL_WORDS, OUTCOME_WORDS, count, percent
from readiness_kit.model import State
from readiness_kit.report.chapters import badges
from readiness_kit.report.chapters.html import anchor, chapter, day, paragraph, table, text
from readiness_kit.report.content import Since

ID = "changes"
TITLE = "What changed"
HEAD = ("Question", "Before", "Now", "Answer", "Evidence", "Why")

GROUPS = {
    "new": ("New gaps", "These held or were open before, and fall short now."),
    "worse": ("Worse", "These stand lower than before."),
    "resolved": ("Resolved", "These fell short before, and hold now."),
    "better": ("Better", "These stand higher than before."),
    "incomparable": (
        "Incomparable",
        "Here no change is claimed: less was seen, less was permitted, or the question itself changed. What looks "
        "better may only be less known.",
    ),
}


def changes(since: Since | None) -> str:
    """The chapter; nothing for a first assessment."""
    if since is None:
        return ""
    found = since.comparison
    lead = f"Compared with {text(since.name)}{dated(since)}: {text(in_numbers(found))}."
    inner = paragraph(lead, "rk-lead") + _figures(found) + "".join(_group(name, found) for name in GROUPS)
    return chapter(ID, TITLE, inner + _unchanged(found))


def _unchanged(found: Comparison) -> str:
    """Counted; listed only where a waiver came or went, which moves no state beneath."""
    said = paragraph(f"{count(len(found.unchanged), 'question')} unchanged.", "rk-note")
    told = [change for change in found.unchanged if change.why]
    if not told:
        return said
    title = "Waivers that came or went"
    rows = [_row(change) for change in told]
    return f'<h3 id="changes-waivers">{title}</h3>' + table(title, HEAD, rows, "rk-cards rk-changes") + said


def dated(since: Since) -> str:
    as_of = since.previous.assessment.as_of
    return f" of {day(as_of)}" if as_of else ""


def in_numbers(found: Comparison) -> str:
    """`2 new, 1 resolved, 3 incomparable, 28 unchanged`; what does not occur is left out."""
    numbers = [(len(getattr(found, kind)), kind) for kind in (*GROUPS, "unchanged")]
    return ", ".join(f"{number} {kind}" for number, kind in numbers if number)


def _figures(found: Comparison) -> str:
    before, now = found.levels
    rows = [
        ["Level", text(LEVEL_WORDS[before]), text(LEVEL_WORDS[now])],
        ["Score", percent(found.scores[0]), percent(found.scores[1])],
        ["Coverage", percent(found.coverages[0]), percent(found.coverages[1])],
    ]
    caution = (
        paragraph("Where questions are incomparable, so are the scores: neither shows a gain or a loss.", "rk-note")
        if found.incomparable
        else ""
    )
    return table("Level, score and coverage then and now", ("Figure", "Before", "Now"), rows, "rk-numbers") + caution


def _group(name: str, found: Comparison) -> str:
    changed: tuple[Change, ...] = getattr(found, name)
    if not changed:
        return ""
    title, lead = GROUPS[name]
    rows = [_row(change) for change in changed]
    return f'<h3 id="changes-{name}">{title} ({len(changed)})</h3>{paragraph(lead)}' + table(
        title, HEAD, rows, "rk-cards rk-changes"
    )


def _row(change: Change) -> list[str]:
    question = change.question
    shown = f"{text(question.number)} {text(question.short)}"
    return [
        f'<a href="#{anchor("q", question.id)}">{shown}</a>' if change.after is not None else shown,
        _state(change.before),
        _state(change.after),
        _moved(*(CHOICE_WORDS[one] if one else "none" for one in change.answers)),
        _moved(*(OUTCOME_WORDS[one] if one else "none" for one in change.outcomes)),
        text(change.why) or "—",
    ]


def _state(value: State | None) -> str:
    return badges.state(value) if value is not None else '<span class="rk-none">not asked</span>'


def _moved(before: str, now: str) -> str:
    return text(now) if before == now else f"{text(before)} → {text(now)}"
