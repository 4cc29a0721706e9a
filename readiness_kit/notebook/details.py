"""The details editor: one a section, for the question in hand (note, link, owner, due date, cadence, reason)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.model import Answer, Choice, Question
from readiness_kit.notebook.face import STYLE, show_widget

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit


def _text(value: str) -> str:
    return value.strip()


def _date(value: str) -> date | None:
    return date.fromisoformat(value.strip()) if value.strip() else None


def _days(value: str) -> int | None:
    return int(value) if value.strip() else None


FIELDS: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("note", "Note", "what was said, what is planned", _text),
    ("link", "Link to proof", "https://…", _text),
    ("owner", "Owner", "who takes care of it", _text),
    ("due", "Due", "YYYY-MM-DD", _date),
    ("reason", "Reason (if not applicable)", "why it does not apply here", _text),
    ("every", "Every … days", "for questions that ask how often", _days),
    ("last_done", "Last done", "YYYY-MM-DD", _date),
)
"""Field of Answer, label, placeholder, and how its text is read."""


class Details:
    """The editor of a section. It saves a field when it is left, and never clears one that it cannot read."""

    def __init__(self, kit: Kit, questions: tuple[Question, ...]) -> None:
        from ipywidgets import HTML, Dropdown, Text, Textarea, VBox

        self._kit = kit
        self._questions = questions
        looks = kit.looks
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
        self._status = HTML(value="", layout=looks.wide, style=looks.html)
        self._box = VBox([self._which, *self._boxes.values(), self._status], layout=looks.wide)
        self._loading = False
        self.load(questions[0].id)
        self._which.observe(lambda change: self.load(change["new"]), names="value")
        for name, *_ in FIELDS:
            self._boxes[name].observe(lambda change, field=name: self._changed(field, change["new"]), names="value")

    def owns(self, question_id: str) -> bool:
        return any(question.id == question_id for question in self._questions)

    def load(self, question_id: str) -> None:
        """Shows the stored details of a question."""
        answer = self._kit.folder.answers.get(question_id) or Answer(question_id)
        self._loading = True
        try:
            self._which.value = question_id
            for name, box in self._boxes.items():
                value = getattr(answer, name)
                box.value = "" if value is None else str(value)
            self._say("")
        finally:
            self._loading = False

    def ask_for_reason(self, question_id: str) -> None:
        self.load(question_id)
        self._say("Not applicable needs its reason: write it above, and the answer is saved with it.")

    def _changed(self, name: str, value: str) -> None:
        if self._loading:
            return
        read = next(entry[3] for entry in FIELDS if entry[0] == name)
        question_id = self._which.value
        try:
            self._kit.detail(question_id, name, read(value))
        except ValueError:
            self._say(f"“{value}” is not what this field takes; it is not saved yet.")
        except ReadinessError as problem:
            self._say(str(problem))
        else:
            self._say("saved")

    def _say(self, text: str) -> None:
        self._status.value = STYLE + f'<div class="rk quiet" role="status">{esc(text)}</div>'

    def _ipython_display_(self) -> None:
        rows = "".join(
            f"<p><b>{esc(question.number)}</b> {esc(said)}</p>"
            for question in self._questions
            if (said := described(self._kit.folder.answers.get(question.id)))
        )
        show_widget(self._box, STYLE + f'<div class="rk">{rows}</div>', "the details editor")

    def close(self) -> None:
        for widget in (self._which, *self._boxes.values(), self._status, self._box):
            widget.unobserve_all()
            widget.close()


def described(answer: Answer | None) -> str:
    """The details of an answer in one line, empty where there are none."""
    if answer is None:
        return ""
    parts = [answer.note, answer.link]
    parts += [f"owner {answer.owner}" if answer.owner else "", f"due {answer.due}" if answer.due else ""]
    if answer.value is Choice.NOT_APPLICABLE and answer.reason:
        parts.append(f"does not apply: {answer.reason}")
    return " · ".join(part for part in parts if part)
