"""What the card of a question shows, from the verdict that holds now."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from readiness_kit.evidence.commands import command
from readiness_kit.labels import CHOICE_WORDS, count
from readiness_kit.markup import failed_first, macro
from readiness_kit.model import (
    Answer,
    Check,
    Choice,
    Finding,
    Question,
    QuestionKind,
    Reason,
    Remedy,
    State,
    Verdict,
)
from readiness_kit.notebook.cards import charts
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import anchor

MAX_FACTS = 3
"""The deciding facts on the card; the others are in a fold."""
MAX_COMMANDS = 3
WAYS = {
    Reason.FORBIDDEN: "Grant read access: “Test the connections” on the start page shows the ClusterRole that is "
    "needed. Then collect again.",
    Reason.UNREACHABLE: "Check address and credentials on the start page, then collect again.",
    Reason.NOT_COLLECTED: "Collect the evidence on the start page.",
    Reason.ERROR: "Collect again. If the error stays, `readiness doctor` helps to find it.",
    Reason.NOT_OBSERVABLE: "It cannot be read from the cluster: your answer decides.",
}
"""How to get evidence that could not be read, by the reason, the first that applies; absence needs none."""


class Content(NamedTuple):
    """The values that `partials/card.html.j2` prints. `as_of` is the time of drawing, `taken` that of the snapshot."""

    hub: str
    anchor: str
    question: Question
    verdict: Verdict
    answer: Answer
    finding: Finding | None
    facts: list[Check]
    failed: int
    way: str
    remedy: Remedy
    chart: str
    flag: tuple[str, str] | None
    lines: tuple[str, ...]
    said: str
    parked: bool
    muted: bool
    cadence: bool
    confirmable: bool
    assessor: str
    as_of: datetime
    taken: datetime | None
    choices: tuple[Choice, ...] = tuple(Choice)


def content(controller: Controller, question: Question, hub: str = "") -> Content:
    """The card of a question now; `hub` is the name of the model that brings it to life."""
    verdict = controller.verdict(question.id)
    answer, finding = verdict.answer or Answer(question.id), verdict.finding
    facts = ranked(finding)
    snapshot = controller.session.snapshot
    return Content(
        hub=hub,
        anchor=anchor(question.id),
        question=question,
        verdict=verdict,
        answer=answer,
        finding=finding,
        facts=facts[:MAX_FACTS],
        failed=sum(fact.ok is False for fact in facts),
        way=way(finding),
        remedy=question.remedy,
        chart=charts.subject(question.id) if controller.session.facts is not None else "",
        flag=contradiction(verdict),
        lines=verdict.lines,
        said=described(answer, question),
        parked=question.id in controller.parked_ids,
        muted=bool(question.parent) and verdict.state is State.NOT_APPLICABLE,
        cadence=question.kind is QuestionKind.CADENCE,
        confirmable=is_confirmable(answer),
        assessor=controller.settings.assessor,
        as_of=datetime.now(UTC),
        taken=snapshot.manifest.taken_at if snapshot is not None else None,
    )


def card_html(shown: Content) -> Markup:
    """The card, readable as it is."""
    return macro("card", "card", shown)


def fingerprint(shown: Content) -> str:
    """Changes with everything that the card shows but the time of drawing."""
    parts = (shown.verdict, shown.parked, shown.assessor, shown.taken)
    return f"{zlib.crc32(msgspec.msgpack.encode(parts)):x}"


# --- its parts ------------------------------------------------------------------------------------


def ranked(finding: Finding | None) -> list[Check]:
    """The facts with those first that decide: failed, then not read, then passed, then for information."""
    if finding is None:
        return []
    return sorted(finding.facts, key=lambda fact: (fact.ok is not False, fact.reason is None, fact.ok is None))


def commands(verdict: Verdict) -> list[str]:
    """The commands that show the same as the first facts."""
    facts = failed_first(verdict.finding.facts) if verdict.finding else []
    return list(dict.fromkeys(filter(None, map(command, facts))))[:MAX_COMMANDS]


def way(finding: Finding | None) -> str:
    """How to get what could not be read; empty where nothing is missing."""
    if finding is None or finding.reason is None:
        return ""
    reasons = {finding.reason, *(fact.reason for fact in finding.facts)}
    return next((text for reason, text in WAYS.items() if reason in reasons), "")


def contradiction(verdict: Verdict) -> tuple[str, str] | None:
    """The flag of a contradiction: what it is and what it means; None where there is none."""
    if State.CONTRADICTED not in (verdict.state, verdict.without_waiver):
        return None
    answered = verdict.answer.value if verdict.answer and verdict.answer.value else Choice.DONT_KNOW
    meaning = (
        "The risk is accepted; the contradiction stays visible."
        if verdict.state is State.ACCEPTED
        else "It counts as a gap until one of the two changes."
    )
    return f"You say {CHOICE_WORDS[answered].lower()}, the cluster shows otherwise.", meaning


def is_confirmable(answer: Answer) -> bool:
    """Whether the assessor can confirm a proof of this answer, and has not done so."""
    proof = answer.link.strip() or answer.note.strip() or answer.reason.strip()
    return answer.value in (Choice.YES, Choice.NOT_APPLICABLE) and bool(proof) and not answer.confirmed_by


def described(answer: Answer, question: Question) -> str:
    """The answer with its details in one line: `Yes, by Erin. “Sized in March.” Owner: search team.`."""
    value = CHOICE_WORDS[answer.value] if answer.value else ""
    parts = [f"{value}{f', by {answer.by}' if answer.by else ''}" if value else "Not answered"]
    parts += [f"Because: {answer.reason}"] if answer.value is Choice.NOT_APPLICABLE and answer.reason else []
    parts += [cadence_text(answer)] if question.kind is QuestionKind.CADENCE else []
    parts += [f"“{answer.note.strip()}”"] if answer.note.strip() else []
    parts += [f"Proof: {answer.link}"] if answer.link else []
    parts += [f"Confirmed by {answer.confirmed_by}"] if answer.confirmed_by else []
    parts += [f"Owner: {answer.owner}"] if answer.owner else []
    parts += [f"Due {answer.due}"] if answer.due else []
    return " ".join(part if part.rstrip("”")[-1:] in ".!?" else f"{part}." for part in parts)


def cadence_text(answer: Answer) -> str:
    """Interval and last date of a cadence question, or what is still to be entered."""
    if answer.every is None and answer.last_done is None:
        return "Enter how often it is done, and when it was last done"
    often = f"Every {count(answer.every, 'day')}" if answer.every else "No interval given"
    last = f"last done on {answer.last_done}" if answer.last_done else "no date given"
    return f"{often}, {last}"
