"""The parts of a card that are made when a reader opens them: all facts, commands, what to do, chart, history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from readiness_kit.labels import CHOICE_WORDS
from readiness_kit.markup import macro
from readiness_kit.model import Choice, Question, Remedy
from readiness_kit.notebook.cards.charts import question_chart
from readiness_kit.notebook.cards.content import commands, content, ranked
from readiness_kit.notebook.controller import Controller
from readiness_kit.report.what_to_do import with_fixes

MAX_FACTS = 100
MAX_EVENTS = 20
FIELD_WORDS = {
    "reason": "reason",
    "note": "note",
    "link": "link to proof",
    "owner": "owner",
    "due": "due date",
    "every": "interval",
    "last_done": "date of the last time",
    "confirmed_by": "confirmation of the proof",
}


class Entry(NamedTuple):
    """One change of an answer, for people."""

    at: datetime | None
    text: str


def part(name: str, controller: Controller, question: Question) -> Markup:
    """The part with this name. Raises KeyError for any other, ReadinessError for one that cannot be made."""
    return PARTS[name](controller, question)


def what_to_do(controller: Controller, question: Question) -> Remedy:
    """What closes the gap of a question, with the names and sizes of this cluster."""
    session, judged = controller.session, controller.session.assessment()
    found = with_fixes(judged, session.facts, session.settings).verdicts
    return next((row.question.remedy for row in found if row.question.id == question.id), question.remedy)


def _facts(controller: Controller, question: Question) -> Markup:
    finding = controller.verdict(question.id).finding
    return macro("card", "all_facts", finding, ranked(finding), MAX_FACTS) if finding is not None else Markup()


def _commands(controller: Controller, question: Question) -> Markup:
    return macro("card", "code", "Commands that read the same", "\n".join(commands(controller.verdict(question.id))))


def _remedy(controller: Controller, question: Question) -> Markup:
    return macro("card", "todo", what_to_do(controller, question))


def _history(controller: Controller, question: Question) -> Markup:
    events = controller.folder.answers.events.history(question.id)[-MAX_EVENTS:]
    return macro("card", "history", [Entry(_time(event), "; ".join(_told(event))) for event in reversed(events)])


def _told(event: dict[str, Any]) -> Iterator[str]:
    """What a change of an answer was: the author, the answer before and after, and the details that changed."""
    old, new = (side if isinstance(side, dict) else {} for side in (event.get("old"), event.get("new")))
    before, after = _choice(old), _choice(new)
    who = str(event.get("by") or "Nobody named")
    changed = [words for field, words in FIELD_WORDS.items() if old.get(field) != new.get(field)]
    if before != after:
        yield f"{who}: {after}" + (f", before: {before}" if old else "")
        who = ""
    if changed:
        yield f"{who + ': ' if who else ''}{', '.join(changed)} changed"


def _choice(entry: dict[str, Any]) -> str:
    value = entry.get("value")
    return CHOICE_WORDS[Choice(value)] if value in {choice.value for choice in Choice} else "not answered"


def _time(event: dict[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(str(event.get("at")), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _form(controller: Controller, question: Question) -> Markup:
    return macro("card", "form", content(controller, question))


PARTS: dict[str, Callable[[Controller, Question], Markup]] = {
    "form": _form,
    "facts": _facts,
    "commands": _commands,
    "remedy": _remedy,
    "history": _history,
    "chart": lambda controller, question: question_chart(controller, question.id),
}
