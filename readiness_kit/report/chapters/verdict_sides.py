"""The two sides of a verdict: what a person answered, what the cluster says."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.evidence.commands import command
from readiness_kit.labels import CHOICE_WORDS, REASON_WORDS, count
from readiness_kit.model import Answer, Choice, Finding, Observation, Outcome, Verdict
from readiness_kit.report.chapters import badges
from readiness_kit.report.chapters.html import (
    VALUE_LIMIT,
    coded,
    day,
    fold,
    link,
    name,
    pairs,
    paragraph,
    prose,
    table,
    text,
)

FACTS_SHOWN = 200
"""More rows than this are counted, not shown; the snapshot has them all."""
COMMANDS_SHOWN = 3


def both(verdict: Verdict, *, deciding: bool = False) -> str:
    """Answer and evidence side by side; `deciding` adds the facts that went against expectation."""
    if not deciding and _silent(verdict):
        return '<p class="rk-none rk-silent">Not answered, and no evidence was looked at.</p>'
    return (
        f'<div class="rk-sides"><div class="rk-side rk-said"><p class="rk-label">You answered</p>'
        f"{said(verdict.answer)}</div>"
        f'<div class="rk-side rk-seen"><p class="rk-label">The cluster says</p>{seen(verdict.finding)}</div></div>'
        + (_against(verdict.finding) if deciding else "")
    )


def _silent(verdict: Verdict) -> bool:
    answer = verdict.answer
    return verdict.finding is None and (answer is None or (answer.value is None and not answer.note.strip()))


def said(answer: Answer | None) -> str:
    """The answer with who, when, note, proof, owner and due date."""
    if answer is None or (answer.value is None and not answer.note.strip()):
        return '<p class="rk-none">Not answered</p>'
    word = CHOICE_WORDS[answer.value] if answer.value is not None else "Notes only"
    reason = prose(answer.reason) if answer.reason and answer.value is Choice.NOT_APPLICABLE else ""
    return (
        f'<p class="rk-answer">{text(word)}</p>'
        + paragraph(reason)
        + (f'<blockquote class="rk-quote">{prose(answer.note)}</blockquote>' if answer.note.strip() else "")
        + pairs(
            [
                ("Proof", link(answer.link) if answer.link else ""),
                ("Done every", count(answer.every, "day") if answer.every else ""),
                ("Last done", day(answer.last_done, "")),
                ("Owner", name(answer.owner) if answer.owner else ""),
                ("Due", day(answer.due, "")),
                ("Answered", _signature(answer)),
            ],
            "rk-small",
        )
    )


def _signature(answer: Answer) -> str:
    return ", ".join(part for part in (name(answer.by) if answer.by else "", day(answer.at, "")) if part)


def seen(finding: Finding | None) -> str:
    """What the evidence says, and for what is not known the reason."""
    if finding is None:
        return '<p class="rk-none">No evidence was looked at</p>'
    why = f" <span class='rk-note'>({text(REASON_WORDS[finding.reason])})</span>" if finding.reason else ""
    missing = ""
    if finding.missing:
        kinds = ", ".join(f"<code>{text(key)}</code>" for key in finding.missing)
        missing = paragraph(f"Could not be read for this: {kinds}", "rk-note")
    return f"<p>{badges.outcome(finding.outcome)}{why}</p>{paragraph(coded(finding.sentence))}{missing}"


def facts(finding: Finding | None) -> str:
    """All facts in a fold-out, those that went against expectation first."""
    if finding is None or not finding.facts:
        return ""
    bad = sum(fact.ok is False for fact in finding.facts)
    summary = count(len(finding.facts), "fact") + (f", {bad} not as expected" if bad else "")
    rows = sorted(finding.facts, key=lambda fact: (fact.ok is not False, fact.ok is None))
    left = len(rows) - FACTS_SHOWN
    more = paragraph(f"{left:,} more in the snapshot.", "rk-note") if left > 0 else ""
    table = _table(f"Facts about {finding.question}", rows[:FACTS_SHOWN])
    return fold(text(summary), table + more + _commands(rows), "rk-facts")


def _commands(rows: Sequence[Observation]) -> str:
    """How a reader sees the same, for the first facts that came from a read."""
    lines = list(dict.fromkeys(filter(None, map(command, rows))))[:COMMANDS_SHOWN]
    if not lines:
        return ""
    code = "\n".join(text(line) for line in lines)
    return f'<p class="rk-label">See it yourself</p><pre class="rk-commands" tabindex="0"><code>{code}</code></pre>'


def _against(finding: Finding | None) -> str:
    """The facts that decided against the answer, open, at most five; the question's card has the rest."""
    if finding is None or finding.outcome is Outcome.MET:
        return ""
    bad = [fact for fact in finding.facts if fact.ok is False]
    return _table(f"Facts that contradict the answer on {finding.question}", bad[:5]) if bad else ""


def _table(caption: str, rows: Sequence[Observation]) -> str:
    head = ("Object", "Field", "Seen", "Expected", "Result")
    return table(caption, head, [_row(fact) for fact in rows], "rk-facts-table")


def _row(fact: Observation) -> list[str]:
    where = f"{name(fact.ref.namespace)}/" if fact.ref.namespace else ""
    result = {
        True: '<span class="rk-ok">as expected</span>',
        False: '<span class="rk-bad">differs</span>',
        None: '<span class="rk-note">for information</span>',
    }[fact.ok]
    return [
        f"{text(fact.ref.kind, 60)} {where}{name(fact.ref.name)}",
        f"<code>{text(fact.field, VALUE_LIMIT)}</code>",
        name(fact.seen, VALUE_LIMIT),
        name(fact.expected, VALUE_LIMIT) if fact.expected else "—",
        result,
    ]
