"""The details editor: one a section, for the question in hand (note, link, owner, due date, cadence, reason)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.model import Answer, Choice, Question, QuestionKind
from readiness_kit.notebook.views.links import editor_anchor, in_page
from readiness_kit.notebook.views.view import show_widget
from readiness_kit.notebook.widgets.question_card import described

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit


def _text(value: str) -> str:
    return value.strip()


def _date(value: str) -> date | None:
    return date.fromisoformat(value.strip()) if value.strip() else None


def _days(value: str) -> int | None:
    return int(value) if value.strip() else None


FIELDS: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("reason", "Reason (does not apply)", "why it does not apply here", _text),
    ("every", "Every … days", "90", _days),
    ("last_done", "Last done on", "YYYY-MM-DD", _date),
    ("note", "Note", "what was said, what is planned", _text),
    ("link", "Link to proof", "https://…", _text),
    ("owner", "Owner", "who takes care of it", _text),
    ("due", "Due", "YYYY-MM-DD", _date),
)
"""Field of Answer, label, placeholder, and how its text is read."""


class Details:
    """The editor of a section. It saves a field when it is left, and never clears one that it cannot read."""

    def __init__(self, kit: Kit, questions: tuple[Question, ...]) -> None:
        from ipywidgets import HTML, Dropdown, Text, Textarea, VBox

        self._kit = kit
        self._questions = questions
        self._question = questions[0]
        looks = kit.looks
        self._status = HTML(value="", layout=looks.wide, style=looks.html)
        self._which = Dropdown(
            options=[(f"{question.number} {question.short}", question.id) for question in questions],
            description="Details of",
            layout=looks.wide,
            style=looks.described,
        )
        self._boxes: dict[str, Any] = {}
        for name, label, placeholder, _ in FIELDS:
            kind = Textarea if name == "note" else Text
            self._boxes[name] = kind(
                description=label,
                placeholder=placeholder,
                continuous_update=False,
                layout=looks.wide,
                style=looks.text,
            )
        self._box = VBox(layout=looks.wide)
        self._loading = False
        self.load(questions[0].id)
        self._which.observe(lambda change: None if self._loading else self.load(change["new"]), names="value")
        for name, *_ in FIELDS:
            self._boxes[name].observe(lambda change, field=name: self._changed(field, change["new"]), names="value")

    def owns(self, question_id: str) -> bool:
        return any(question.id == question_id for question in self._questions)

    def load(self, question_id: str, reason: bool = False) -> None:
        """Shows the stored details of a question, and of the fields those that it can have."""
        question = next(one for one in self._questions if one.id == question_id)
        answer = self._kit.folder.answers.get(question_id) or Answer(question_id)
        self._loading = True
        try:
            self._which.value = question_id
            for name, box in self._boxes.items():
                value = getattr(answer, name)
                box.value = "" if value is None else str(value)
        finally:
            self._loading = False
        asks = {name for name, *_ in FIELDS} - {"reason", "every", "last_done"}
        asks |= {"every", "last_done"} if question.kind is QuestionKind.CADENCE else set()
        asks |= {"reason"} if reason or answer.reason or answer.value is Choice.NOT_APPLICABLE else set()
        shown = tuple(box for name, box in self._boxes.items() if name in asks)
        children = (self._status, self._which, *shown)
        if self._box.children != children:
            self._box.children = children
        self._question = question
        self._say("")

    def ask_for_reason(self, question_id: str) -> None:
        self.load(question_id, reason=True)
        self._say("“Not applicable” needs its reason: write it below, and the answer is saved with it.")

    def _changed(self, name: str, value: str) -> None:
        if self._loading:
            return
        read = next(entry[3] for entry in FIELDS if entry[0] == name)
        question_id = self._which.value
        try:
            self._kit.detail(question_id, name, read(value))
        except ValueError:
            form = "a date as 2027-01-31" if read is _date else "a whole number of days"
            self._say(f"“{value}” is not {form}; it is not saved yet.")
        except ReadinessError as problem:
            self._say(str(problem))
        else:
            self._say("saved")

    def _say(self, text: str) -> None:
        mark, back = editor_anchor(self._question.section), in_page(self._question)
        said = f'<span class="quiet" role="status"> · {esc(text)}</span>' if text else ""
        self._status.value = f'<div class="rk card" id="{mark}"><p>Back to {back}{said}</p></div>'

    def _ipython_display_(self) -> None:
        rows = "".join(
            f"<p><b>{esc(question.number)}</b> {esc(said)}</p>"
            for question in self._questions
            if (said := described(self._kit.folder.answers.get(question.id)))
        )
        show_widget(self._box, f'<div class="rk">{rows}</div>', "the details editor")

    def close(self) -> None:
        for widget in (self._which, *self._boxes.values(), self._status, self._box):
            widget.unobserve_all()
            widget.close()
