"""The end of a workshop: owners and due dates for the next actions, and a button that writes the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness_kit.errors import ReadinessError
from readiness_kit.labels import SEVERITY_WORDS, STATE_SIGNS, STATE_WORDS
from readiness_kit.markup import esc
from readiness_kit.model import Verdict
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import report_written
from readiness_kit.notebook.views.view import STYLE, error_html, flag_html, status_html, styled
from readiness_kit.notebook.widgets.background import BackgroundTask
from readiness_kit.notebook.widgets.panel import DATE_FORM, Panel, parse_date, quiet_status
from readiness_kit.report.rendering.render import render

MAX_ACTIONS = 5
NO_ACTIONS = "<p>No actions: there are no gaps, and every critical or high question is judged.</p>"


class NextActions(Panel):
    """The first actions of the plan, each with fields for its owner and its due date."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._verdicts = controller.assessment.actions[:MAX_ACTIONS]
        self._status = self._html("" if self._verdicts else styled(NO_ACTIONS))
        self._fields: list[Any] = []
        children: list[Any] = []
        for number, verdict in enumerate(self._verdicts, start=1):
            answer, question = verdict.answer, verdict.question
            due = str(answer.due) if answer and answer.due else ""
            owner_field = self._text(
                f"{question.number} owner", "person or team responsible", answer.owner if answer else ""
            )
            due_field = self._text(f"{question.number} due", DATE_FORM, due)
            owner_field.observe(self._saver(verdict, "owner", str.strip), names="value")
            due_field.observe(self._saver(verdict, "due", parse_date), names="value")
            self._fields += [owner_field, due_field]
            # No other view of that notebook includes the style sheet.
            style = STYLE if number == 1 else ""
            children += [self._html(style + _action_html(number, verdict)), owner_field, due_field]
        self._box.children = (*children, self._status)

    def _saver(self, verdict: Verdict, name: str, parse: Callable[[str], Any]) -> Callable[[dict[str, Any]], None]:
        def save(change: dict[str, Any]) -> None:
            value = change["new"]
            try:
                self._controller.add_details(verdict.question.id, **{name: parse(value)})
            except ValueError:
                self._status.value = quiet_status(f"“{value}” is not a date ({DATE_FORM}); it is not saved yet.")
            except ReadinessError as problem:
                self._status.value = quiet_status(str(problem))
            else:
                self._status.value = quiet_status(f"{verdict.question.number} saved")

        return save

    def static_html(self) -> str:
        """The actions as a list, or a sentence that there are none."""
        actions = (_action_html(number, verdict) for number, verdict in enumerate(self._verdicts, start=1))
        return "".join(actions) or NO_ACTIONS


def _action_html(number: int, verdict: Verdict) -> str:
    question = verdict.question
    state = f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}, {SEVERITY_WORDS[verdict.severity].lower()}"
    return (
        f'<div class="rk card"><p class="q"><span class="num">{number}.</span>'
        f"{esc(question.number)} {esc(question.short)}</p>"
        f'<p>{state}</p><p class="quiet">{esc(question.remedy.text, 400)}</p></div>'
    )


class ReportButton(Panel):
    """Writes the HTML report in the background and shows a link to it."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._write = self._button("Write the report", button_style="primary")
        self._status = self._html(self._latest())
        self._box.children = (self._write, self._status)
        self._write.on_click(lambda _: self.start())
        self._task = BackgroundTask("readiness-report")

    def start(self) -> None:
        """Starts to write the report, unless that is in progress."""
        if not self._task.running:
            self._write.disabled = True
            self._set_status(status_html("Writing the report …"))
            self._task.start(self._run)

    def _run(self) -> None:
        result = flag_html("The report was not written. See the log of this notebook for the error.")
        try:
            result = report_written(render(self._controller.folder, progress=self._step)).body
        except ReadinessError as problem:
            result = flag_html(error_html(problem))
        finally:
            self._set_status(result)
            self._write.disabled = False

    def _step(self, done: int, steps: int) -> None:
        self._set_status(status_html(f"Writing the report, step {min(done + 1, steps)} of {steps} …"))

    def _latest(self) -> str:
        reports = self._controller.folder.reports.glob("*.html")
        newest = max(reports, key=lambda path: path.stat().st_mtime, default=None)
        return report_written(newest, "Latest report")._repr_html_() if newest else ""

    def _set_status(self, html: str) -> None:
        self._status.value = STYLE + styled(html)

    def static_html(self) -> str:
        """The latest report, or a sentence that there is none."""
        return self._latest() or "<p>No report has been written yet.</p>"
