"""The hub: one object a notebook that keeps all of its cards and the kernel in step.

Messages from the page, each a dict with `op`:

    save     n, card, fields, base: store these fields; `base` is the mark of the answer that the page showed
    park     n, card, on           confirm  n, card           part  card, part: a fold was opened
    next     card: where the next open question is            sync  cards: {card: mark of what is shown}

Each message with a number `n` is answered once, with `saved` after the file is written or with `refused` and the
reason; other answers are `card` (a card to show), `part`, `go` and `trouble`.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from readiness_kit.errors import ReadinessError
from readiness_kit.labels import CHOICE_WORDS, STATE_WORDS
from readiness_kit.model import Answer, Question
from readiness_kit.notebook import cards
from readiness_kit.notebook.cards.card import Card
from readiness_kit.notebook.cards.content import Content, card_html, content, fingerprint
from readiness_kit.notebook.cards.fields import read_fields
from readiness_kit.notebook.cards.parts import part
from readiness_kit.notebook.cards.style import style_html
from readiness_kit.notebook.controller import Change, Controller, Event
from readiness_kit.notebook.views.links import question_address
from readiness_kit.notebook.views.overview import is_answered
from readiness_kit.notebook.views.view import error_html

log = logging.getLogger(__name__)

POLL_SECONDS = 0.7
"""How often the folder is looked at for changes of others: a few calls of stat."""


class Hub:
    """The cards of one notebook. It follows the controller, and the folder through a separate thread."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.name = secrets.token_hex(6)
        self._first = ""
        self._on_screen: dict[str, Question] = {}
        self._saving = ""
        self._trouble = ""
        self._ended = threading.Event()
        self._channel = cards.Channel(self.name, self.receive)
        self._operations: dict[str, Callable[[dict[str, Any]], None]] = {
            "save": self._save,
            "park": self._park,
            "confirm": self._confirm,
            "part": self._part,
            "next": self._next,
            "sync": self._sync,
        }
        threading.Thread(target=self._watch, name="readiness-folder", daemon=True).start()

    # --- cards -----------------------------------------------------------------------------------

    def card(self, question: Question) -> Card:
        """The card of a question; once it is displayed, it is kept up to date."""
        state = STATE_WORDS[self._controller.verdict(question.id).state]
        return Card(f"{question.number} {question.text} {state}", lambda: self._draw(question))

    def _draw(self, question: Question) -> str:
        """The card as HTML. The first one of a notebook carries the style sheet of all."""
        self._on_screen[question.id] = question
        self._first = self._first or question.id
        html = self._marked(self._content(question))
        return style_html() + self._jumps() + html if question.id == self._first else html

    def _jumps(self) -> str:
        """Hidden links to the cell of every question, which JupyterLab opens in place; the front end clicks on them."""
        questions = self._controller.session.checklist.questions
        link = Markup('<a href="{}" data-rk-jump="{}">{}</a>')
        links = Markup("").join(link.format(question_address(q), q.id, q.number) for q in questions)
        return f"<nav hidden>{links}</nav>"

    def _content(self, question: Question) -> Content:
        return content(self._controller, question, self.name)

    def _marked(self, shown: Content) -> str:
        attribute = f'data-rk-mark="{fingerprint(shown)}" data-rk-base="{base_of(shown.answer)}" '
        return str(card_html(shown)).replace("data-rk-hub", attribute + "data-rk-hub", 1)

    # --- from the kernel to the page -------------------------------------------------------------

    def changed(self, change: Change) -> None:
        """Sends the cards that a change concerns: its own, those under it, or all after new evidence."""
        if change.event is Event.RELOADED:
            known = {question.id for question in self._controller.session.checklist.questions}
            concerned = [question for question in self._on_screen.values() if question.id in known]
        else:
            concerned = [q for q in self._on_screen.values() if change.question in (q.id, q.parent)]
        for question in concerned:
            own = question.id == change.question
            if not (own and question.id == self._saving):  # the reply to the save brings it
                self._send_card(question, self._author(question) if own and change.event is Event.ELSEWHERE else "")

    def close(self) -> None:
        """Stop following, and close the comm: the cards in the page say so."""
        self._ended.set()
        self._channel.close()

    def _send_card(self, question: Question, elsewhere: str = "") -> None:
        message = {"op": "card", "card": question.id, "html": self._marked(self._content(question))}
        self._channel.send(message | ({"elsewhere": elsewhere} if elsewhere else {}))

    def _author(self, question: Question) -> str:
        answer = self._controller.folder.answers.get(question.id)
        return (answer.by if answer else "") or "another window"

    def _watch(self) -> None:
        """Follows the folder until the hub is closed."""
        while not self._ended.wait(POLL_SECONDS):
            self._look()

    def _look(self) -> None:
        """Sends what others changed; a problem with the folder goes to all cards once, and once that it is over."""
        html = ""
        try:
            self._controller.refresh()
        except ReadinessError as problem:
            html = str(error_html(problem))
        if html != self._trouble:
            self._trouble = html
            self._channel.send({"op": "trouble", "html": html})

    # --- from the page to the kernel -------------------------------------------------------------

    def receive(self, message: dict[str, Any]) -> None:
        """Does what a message asks for and answers it; an unknown message is logged."""
        operation = self._operations.get(str(message.get("op")))
        if operation is None:
            log.warning("a card sent an unknown message: %.80s", message)
            return
        try:
            operation(message)
        except ReadinessError as problem:
            self._channel.send({**_reply_to(message), "op": "refused", "why": str(error_html(problem))})

    def _question(self, message: dict[str, Any]) -> Question:
        return self._controller.session.checklist.get(str(message.get("card")))

    def _save(self, message: dict[str, Any]) -> None:
        question, fields = self._question(message), read_fields(dict(message.get("fields") or {}))
        before = self._controller.folder.answers.get(question.id)
        self._saving = question.id
        try:
            if "value" in fields:
                self._controller.answer(question.id, fields.pop("value"), **fields)
            else:
                self._controller.add_details(question.id, **fields)
        finally:
            self._saving = ""
        replaced = before is not None and message.get("base") not in (None, base_of(before))
        self._reply(message, question, _replaced_text(before) if before is not None and replaced else "")

    def _park(self, message: dict[str, Any]) -> None:
        question = self._question(message)
        self._controller.park(question.id, bool(message.get("on")))
        self._reply(message, question)

    def _confirm(self, message: dict[str, Any]) -> None:
        question = self._question(message)
        self._controller.confirm(question.id)
        self._reply(message, question)

    def _reply(self, message: dict[str, Any], question: Question, replaced: str = "") -> None:
        html = self._marked(self._content(question))
        self._channel.send({**_reply_to(message), "op": "saved", "html": html, "replaced": replaced})

    def _part(self, message: dict[str, Any]) -> None:
        question, name = self._question(message), str(message.get("part"))
        try:
            html = str(part(name, self._controller, question))
        except KeyError:
            log.warning("a card asked for an unknown part: %.40s", name)
            return
        self._channel.send({"op": "part", "card": question.id, "part": name, "html": html})

    def _next(self, message: dict[str, Any]) -> None:
        """Sends where the next question without an answer is: after this one, otherwise from the start."""
        question = self._question(message)
        verdicts = self._controller.assessment.verdicts
        here = next(index for index, verdict in enumerate(verdicts) if verdict.question.id == question.id)
        parked = set(self._controller.parked_ids)
        waiting = [v.question for v in (*verdicts[here + 1 :], *verdicts[:here]) if not is_answered(v)]
        waiting.sort(key=lambda found: found.id in parked)
        reply = {"op": "go", "card": question.id, "to": "", "address": "", "text": "No question is open."}
        if waiting:
            found = waiting[0]
            reply |= {"to": found.id, "address": question_address(found), "text": f"{found.number} {found.short}"}
        self._channel.send(reply)

    def _sync(self, message: dict[str, Any]) -> None:
        """Sends the cards that show something else than what holds now."""
        self._controller.refresh()
        for card, mark in dict(message.get("cards") or {}).items():
            question = self._on_screen.get(str(card))
            if question is not None and fingerprint(self._content(question)) != mark:
                self._send_card(question)
        self._channel.send({"op": "synced"})


def base_of(answer: Answer | None) -> str:
    """Identifies a stored answer: its author and time."""
    return f"{answer.at:%Y-%m-%dT%H:%M:%S}" if answer is not None and answer.at is not None else ""


def _reply_to(message: dict[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in ("n", "card") if name in message}


def _replaced_text(before: Answer) -> str:
    value = CHOICE_WORDS[before.value] if before.value else "no answer"
    return f"It replaced “{value}” by {before.by or 'another window'}; both are in the history."
