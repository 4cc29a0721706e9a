"""The end of a workshop: the five next actions with their owners, and a button that writes the report."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.labels import SEVERITY_WORDS, STATE_SIGNS, STATE_WORDS
from readiness_kit.markup import esc
from readiness_kit.notebook.views.links import file_link
from readiness_kit.notebook.views.view import STYLE, View, show_widget
from readiness_kit.notebook.widgets.answer_details import _date

if TYPE_CHECKING:
    from readiness_kit.model import Verdict
    from readiness_kit.notebook.kit import Kit

HOW_MANY = 5
NOTHING = '<p class="rk">Nothing calls for action.</p>'


class NextActions:
    """The first actions of the plan: for each, who takes it and until when."""

    def __init__(self, kit: Kit) -> None:
        from ipywidgets import HTML, Text, VBox

        self._kit = kit
        looks = kit.looks
        self._verdicts = kit.assessment.actions[:HOW_MANY]
        self._status = HTML(value="" if self._verdicts else NOTHING, layout=looks.wide, style=looks.html)
        self._fields: list[Any] = []
        children: list[Any] = []
        for number, verdict in enumerate(self._verdicts, start=1):
            answer = verdict.answer
            # No other view of that notebook brings the style along.
            style = STYLE if number == 1 else ""
            head = HTML(value=style + _action_html(number, verdict), layout=looks.wide, style=looks.html)
            shared = {"layout": looks.wide, "style": looks.text, "continuous_update": False}
            owner = Text(
                value=answer.owner if answer else "",
                description=f"{verdict.question.number} owner",
                placeholder="who takes care of it",
                **shared,
            )
            due = Text(
                value=str(answer.due) if answer and answer.due else "",
                description=f"{verdict.question.number} due",
                placeholder="YYYY-MM-DD",
                **shared,
            )
            owner.observe(lambda change, v=verdict: self._save(v, "owner", change["new"]), names="value")
            due.observe(lambda change, v=verdict: self._save(v, "due", change["new"]), names="value")
            self._fields += [owner, due]
            children += [head, owner, due]
        self._box = VBox([*children, self._status], layout=looks.wide)

    def _save(self, verdict: Verdict, name: str, value: str) -> None:
        try:
            self._kit.detail(verdict.question.id, name, _date(value) if name == "due" else value.strip())
        except ValueError:
            self._say(f"“{value}” is not a date as 2027-01-31; it is not saved yet.")
        except ReadinessError as problem:
            self._say(str(problem))
        else:
            self._say(f"{verdict.question.number} saved")

    def _say(self, text: str) -> None:
        self._status.value = f'<div class="rk quiet" role="status">{esc(text)}</div>'

    def _ipython_display_(self) -> None:
        rows = "".join(_action_html(number, verdict) for number, verdict in enumerate(self._verdicts, start=1))
        show_widget(self._box, rows or NOTHING, "the next actions")

    def close(self) -> None:
        for widget in (*self._box.children, self._box):
            widget.unobserve_all()
            widget.close()


def _action_html(number: int, verdict: Verdict) -> str:
    question = verdict.question
    state = f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}, {SEVERITY_WORDS[verdict.severity].lower()}"
    return (
        f'<div class="rk card"><p class="q"><span class="num">{number}.</span>'
        f"{esc(question.number)} {esc(question.short)}</p>"
        f'<p>{state}</p><p class="quiet">{esc(question.remedy.text, 400)}</p></div>'
    )


class ReportButton:
    """Writes the HTML report on a thread of its own and says where it is."""

    def __init__(self, kit: Kit) -> None:
        from ipywidgets import HTML, Button, VBox

        self._kit = kit
        looks = kit.looks
        self._button = Button(description="Write the report", button_style="primary", layout=looks.button,
                              style=looks.pressed)  # fmt: skip
        self._status = HTML(value=self._latest(), layout=looks.wide, style=looks.html)
        self._box = VBox([self._button, self._status], layout=looks.wide)
        self._button.on_click(lambda _: self.start())
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to write, unless that is under way."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._button.disabled = True
        self._say('<p role="status">Writing the report …</p>')
        self._thread = threading.Thread(target=self._run, name="readiness-report", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        from readiness_kit.report.rendering.render import render

        said = '<div class="flag">⚠ The report was not written: the log of this notebook says why.</div>'
        try:
            said = exported(render(self._kit.folder, progress=self._step)).body
        except ReadinessError as problem:
            said = f'<div class="flag">⚠ {esc(problem.what)}. {esc(problem.hint)}</div>'
        finally:
            self._say(said)
            self._button.disabled = False

    def _step(self, done: int, of: int) -> None:
        self._say(f'<p role="status">Writing the report, step {min(done + 1, of)} of {of} …</p>')

    def _latest(self) -> str:
        newest = max(self._kit.folder.reports.glob("*.html"), key=lambda path: path.stat().st_mtime, default=None)
        return exported(newest, "The last report")._repr_html_() if newest else ""

    def _say(self, html: str) -> None:
        self._status.value = STYLE + f'<div class="rk">{html}</div>'

    def _ipython_display_(self) -> None:
        show_widget(self._box, self._latest() or '<p class="rk">No report was written yet.</p>', "the report")

    def close(self) -> None:
        for widget in (*self._box.children, self._box):
            widget.close()


def exported(path: Path, what: str = "The report") -> View:
    """Where the report is, as a link that a browser can follow from the notebook."""
    size = path.stat().st_size / 1024
    return View(
        f'<p role="status">✓ {what}: {file_link(path)} ({size:,.0f} KiB, one file that needs no network)</p>'
        f'<p class="quiet">On this computer: <code>{esc(path.resolve())}</code></p>',
        f"{what} is {path}",
    )
