"""The question card: evidence and verdict as HTML, and a Dropdown for the answer.

Both are shown as separate outputs, so that a card needs two widgets only; cards share their Layout and Style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from readiness_kit.labels import (
    CHOICE_WORDS,
    OUTCOME_SIGNS,
    REASON_WORDS,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
    count,
    outcome_words,
)
from readiness_kit.markup import FACT_HEAD, esc, fact_rows
from readiness_kit.model import Answer, Choice, Finding, Question, QuestionKind, State, Verdict
from readiness_kit.notebook.controller import Change, Controller, Event
from readiness_kit.notebook.views.links import anchor, editor_anchor
from readiness_kit.notebook.widgets.panel import Panel, show_widget

MAX_ROWS = 4
_INLINE = re.compile(r"</?(?:code|span)\b[^<>]*>")
"""Marks that the table of a card does without; signs and words say the same."""
PARK = "park"
"""The value of the Dropdown while a question is parked; it is not an answer."""
OPTIONS: list[tuple[str, Choice | str | None]] = [
    ("not answered yet", None),
    *((CHOICE_WORDS[choice], choice) for choice in Choice),
    ("Park for later", PARK),
]
VALUES = [value for _, value in OPTIONS]
NOTICES = {
    Event.ANSWERED: "saved",
    Event.DETAIL_SAVED: "saved",
    Event.PARKED: "parked for later",
    Event.REASON_MISSING: "not saved yet: not applicable needs its reason, in the details below",
}


def contradiction(verdict: Verdict) -> str:
    """The sentence that flags a contradiction, empty where there is none."""
    if verdict.state is not State.CONTRADICTED and verdict.beneath is not State.CONTRADICTED:
        return ""
    answer = CHOICE_WORDS[verdict.answer.value] if verdict.answer and verdict.answer.value else "nothing"
    finding = verdict.finding.sentence if verdict.finding else ""
    return f"The answer is “{answer}”, but the evidence contradicts it: {finding}"


def evidence_html(finding: Finding | None, facts: bool = True, unfolded: bool = False) -> str:
    """The state of the evidence as a sign and a word, its sentence, and the facts in a fold-out table."""
    if finding is None:
        return ""
    word = outcome_words(finding)
    if finding.reason:
        word = f"{word} ({REASON_WORDS[finding.reason]})"
    body = f"<p><b>{OUTCOME_SIGNS[finding.outcome]} Evidence: {esc(word)}.</b> {esc(finding.sentence)}</p>"
    if finding.facts and facts:
        omitted = len(finding.facts) - MAX_ROWS
        call = f"<code>kit.show.facts(&quot;{esc(finding.question)}&quot;)</code>"
        more = f'<p class="quiet">{omitted} more: {call}</p>' if omitted > 0 else ""
        fold = "<details open>" if unfolded else "<details>"
        body += f"{fold}<summary>{count(len(finding.facts), 'fact')}</summary>{_short(finding)}{more}</details>"
    return f'<div class="ev">{body}</div>'


def _short(finding: Finding) -> str:
    """The most important facts as a table, without optional end tags and inline marks: there are many cards."""
    rows = "".join(
        f"<tr><td>{'<td>'.join(_INLINE.sub('', str(cell)) for cell in row)}"
        for row in fact_rows(finding.facts, MAX_ROWS)
    )
    return f"<table class=facts><tr><th>{'<th>'.join(FACT_HEAD)}{rows}</table>"


def card_html(
    question: Question, verdict: Verdict, notice: str = "", parent_na: bool = False, facts: bool = True
) -> str:
    """The whole card as HTML, without the style block."""
    classes = "rk card" + (" child" if question.parent else "") + (" grey" if parent_na else "")
    flag = contradiction(verdict)
    answered = verdict.answer.value if verdict.answer else None
    answer = f" · answered {esc(CHOICE_WORDS[answered])}" if answered else ""
    reason = verdict.answer.reason if verdict.answer and answered is Choice.NOT_APPLICABLE else ""
    lines = "".join(f'<p class="quiet">{esc(line)}</p>' for line in verdict.lines)
    details = described(verdict.answer, question)
    return (
        f'<div class="{classes}" id="{anchor(question.id)}">'
        f'<p class="q"><span class="num">{esc(question.number)}</span>{esc(question.text)}</p>'
        f'<p class="why">{esc(question.why)} <span class="sev">{SEVERITY_WORDS[verdict.severity]}</span></p>'
        + (f'<div class="flag" role="alert">⚠ {esc(flag)}</div>' if flag else "")
        + evidence_html(verdict.finding, facts, bool(flag))
        + f"<p>{STATE_SIGNS[verdict.state]} <b>{STATE_WORDS[verdict.state]}</b>{answer}"
        + (f", because {esc(reason)}" if reason else "")
        + (f' <span class="quiet" role="status">· {esc(notice)}</span>' if notice else "")
        + f' · <a href="#{editor_anchor(question.section)}">details</a></p>{lines}'
        + (f'<p class="quiet">{esc(details)}</p>' if details else "")
        + "</div>"
    )


class Card(Panel):
    """One question on screen."""

    def __init__(self, controller: Controller, question: Question) -> None:
        super().__init__(controller)
        self.question = question
        self._card = self._html(self.html())
        self._choice = self._dropdown(
            f"{question.number} answer",
            options=OPTIONS,
            # By index: with the value None, ipywidgets would select nothing, not the first entry.
            index=VALUES.index(self._stored_value()),
            layout=self._styles.child_choice if question.parent else self._styles.choice,
            style=self._styles.answer,
        )
        self._choice.observe(self._chosen, names="value")

    def _stored_answer(self) -> Choice | None:
        answer = self._controller.folder.answers.get(self.question.id)
        return answer.value if answer else None

    def _stored_value(self) -> Choice | str | None:
        return PARK if self.question.id in self._controller.parked_ids else self._stored_answer()

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"] == PARK:
            self._controller.park(self.question.id)
        else:
            self._controller.answer(self.question.id, change["new"])

    def changed(self, change: Change) -> None:
        """Follows its own answer, that of its parent, and new evidence."""
        if change.question == self.question.id:
            if change.event is not Event.REASON_MISSING:
                self._show_value()
            self._card.value = self.html(NOTICES[change.event])
        elif change.event is Event.RELOADED and self.question in self._controller.session.checklist.questions:
            self._show_value()
            self._card.value = self.html()
        elif change.question and change.question == self.question.parent:
            self._card.value = self.html()

    def _show_value(self) -> None:
        """Sets the Dropdown to the stored value without saving it again."""
        index = VALUES.index(self._stored_value())
        if self._choice.index != index:
            self._choice.unobserve(self._chosen, names="value")
            self._choice.index = index
            self._choice.observe(self._chosen, names="value")

    def html(self, notice: str = "", facts: bool = True) -> str:
        """The card now; `notice` is a short message on the last change."""
        verdict = self._controller.verdict(self.question.id)
        parent_na = bool(self.question.parent) and verdict.state is State.NOT_APPLICABLE
        if self.question.id in self._controller.parked_ids and not notice:
            notice = NOTICES[Event.PARKED]
        return card_html(self.question, verdict, notice, parent_na, facts)

    def static_html(self) -> str:
        """The card without facts, which the report has in full."""
        return self.html(facts=False)

    def _ipython_display_(self) -> None:
        show_widget(self._card, self.static_html(), f"{self.question.number} {self.question.text}")
        stored = self._stored_answer()
        answer = CHOICE_WORDS[stored] if stored else "not answered yet"
        show_widget(self._choice, f'<p class="rk">Answer: {esc(answer)}</p>', f"Answer: {answer}")


class CardStack:
    """Several cards in one cell, in checklist order."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = tuple(cards)

    def _ipython_display_(self) -> None:
        for card in self.cards:
            card._ipython_display_()


def described(answer: Answer | None, question: Question | None = None) -> str:
    """The details of an answer in one line, empty where there are none."""
    parts = [cadence_text(answer)] if question is not None and question.kind is QuestionKind.CADENCE else []
    if answer is not None:
        parts += [answer.note, answer.link]
        parts += [f"proof confirmed by {answer.confirmed_by}" if answer.confirmed_by else ""]
        parts += [f"owner {answer.owner}" if answer.owner else "", f"due {answer.due}" if answer.due else ""]
    return " · ".join(part for part in parts if part)


def cadence_text(answer: Answer | None) -> str:
    """Interval and last date of a cadence question, or what is still to be entered."""
    if answer is None or (answer.every is None and answer.last_done is None):
        return "Enter how often it is done, and when it was last done."
    often = f"every {count(answer.every, 'day')}" if answer.every else "no interval given"
    last = f"last done on {answer.last_done}" if answer.last_done else "no date given"
    return f"{often}, {last}"
