"""The details editor of a section: note, link, owner, due date, cadence and reason of one question at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Text, Textarea

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.model import Answer, Choice, Question, QuestionKind
from readiness_kit.notebook.controller import Change, Controller, Event
from readiness_kit.notebook.views.links import card_link, editor_anchor
from readiness_kit.notebook.widgets.panel import DATE_FORM, Panel, parse_date
from readiness_kit.notebook.widgets.question_card import described


def _days(value: str) -> int | None:
    return int(value) if value.strip() else None


FIELDS: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("reason", "Reason (does not apply)", "why it does not apply here", str.strip),
    ("every", "Every … days", "90", _days),
    ("last_done", "Last done on", DATE_FORM, parse_date),
    ("note", "Note", "explanation, plans", str.strip),
    ("link", "Link to proof", "https://…", str.strip),
    ("owner", "Owner", "person or team responsible", str.strip),
    ("due", "Due", DATE_FORM, parse_date),
)
"""Field of Answer, label, placeholder, and how its text is read."""


class DetailsEditor(Panel):
    """Saves each field when it is left. A value that cannot be read stays on screen and is not saved."""

    def __init__(self, controller: Controller, questions: tuple[Question, ...]) -> None:
        super().__init__(controller)
        self._questions = questions
        self._question = questions[0]
        self._status = self._html()
        options = [(f"{question.number} {question.short}", question.id) for question in questions]
        self._which = self._dropdown("Details of", options=options)
        self._fields: dict[str, Any] = {
            name: self._text(label, placeholder, kind=Textarea if name == "note" else Text)
            for name, label, placeholder, _ in FIELDS
        }
        self._confirm = self._button("Confirm proof")
        self._confirm.on_click(lambda _: self._confirm_proof())
        self._loading = False
        self.load(questions[0].id)
        self._which.observe(lambda change: None if self._loading else self.load(change["new"]), names="value")
        for name, field in self._fields.items():
            field.observe(lambda change, name=name: self._save(name, change["new"]), names="value")

    def changed(self, change: Change) -> None:
        """Shows the question that was answered last, or asks for a missing reason."""
        if not any(question.id == change.question for question in self._questions):
            return
        if change.event is Event.ANSWERED:
            self.load(change.question)
        elif change.event is Event.REASON_MISSING:
            self.load(change.question, reason=True)
            self._set_status("“Not applicable” needs a reason: enter it below to save the answer.")

    def load(self, question_id: str, reason: bool = False) -> None:
        """Shows the stored details of a question, in the fields that apply to it."""
        self._question = next(question for question in self._questions if question.id == question_id)
        answer = self._controller.folder.answers.get(question_id) or Answer(question_id)
        self._loading = True
        try:
            self._which.value = question_id
            for name, field in self._fields.items():
                value = getattr(answer, name)
                field.value = "" if value is None else str(value)
        finally:
            self._loading = False
        shown = set(self._fields) - {"reason", "every", "last_done"}
        shown |= {"every", "last_done"} if self._question.kind is QuestionKind.CADENCE else set()
        shown |= {"reason"} if reason or answer.reason or answer.value is Choice.NOT_APPLICABLE else set()
        fields = (field for name, field in self._fields.items() if name in shown)
        children = (self._status, self._which, *fields, self._confirm)
        if self._box.children != children:
            self._box.children = children
        self._set_status("")

    def _save(self, name: str, value: str) -> None:
        if self._loading:
            return
        parse = next(parse for field, _, _, parse in FIELDS if field == name)
        try:
            self._controller.detail(self._which.value, name, parse(value))
        except ValueError:
            form = f"a date ({DATE_FORM})" if parse is parse_date else "a whole number of days"
            self._set_status(f"“{value}” is not {form}; it is not saved yet.")
        except ReadinessError as problem:
            self._set_status(str(problem))
        else:
            self._set_status("saved")

    def _confirm_proof(self) -> None:
        try:
            self._controller.confirm(self._which.value)
        except ReadinessError as problem:
            self._set_status(str(problem))
        else:
            self._set_status("proof confirmed")

    def _set_status(self, text: str) -> None:
        mark, back = editor_anchor(self._question.section), card_link(self._question)
        status = f'<span class="quiet" role="status"> · {esc(text)}</span>' if text else ""
        self._status.value = f'<div class="rk card" id="{mark}"><p>Back to {back}{status}</p></div>'

    def static_html(self) -> str:
        return "".join(
            f"<p><b>{esc(question.number)}</b> {esc(details)}</p>"
            for question in self._questions
            if (details := described(self._controller.folder.answers.get(question.id)))
        )
