"""The end of a workshop: a button that writes the report."""

from __future__ import annotations

from readiness_kit.errors import ReadinessError
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import report_written
from readiness_kit.notebook.views.view import STYLE, error_html, flag_html, status_html, styled
from readiness_kit.notebook.widgets.background import BackgroundTask
from readiness_kit.notebook.widgets.panel import Panel
from readiness_kit.report.rendering.render import render


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
