"""The form for the beginning and the length of the workshop; both are kept in the assessment folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ipywidgets import BoundedIntText

from readiness_kit.errors import ReadinessError
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.agenda import DEFAULT_MINUTES, parse_time
from readiness_kit.notebook.views.view import error_html, flag_html, status_html
from readiness_kit.notebook.widgets.panel import Panel
from readiness_kit.workspace.folder import MAX_MINUTES


class WorkshopForm(Panel):
    """A field for the time of day, one for the minutes, and a button that starts the clock now."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        workshop = controller.folder.state.get("workshop")
        begin = datetime.fromisoformat(workshop["start"]).astimezone() if workshop else None
        narrow = {"layout": self._styles.narrow, "style": self._styles.described}
        self._start = self._text("Start", "HH:MM, today", f"{begin:%H:%M}" if begin else "")
        minutes = workshop["minutes"] if workshop else DEFAULT_MINUTES
        self._minutes = self._add(
            BoundedIntText(value=minutes, min=15, max=MAX_MINUTES, step=15, description="Minutes", **narrow)
        )
        self._begin = self._button("Start now")
        self._status = self._html()
        self._box.children = (self._start, self._minutes, self._begin, self._status)
        self._start.observe(self._changed, names="value")
        self._minutes.observe(self._changed, names="value")
        self._begin.on_click(lambda _: self._start_now())

    def _start_now(self) -> None:
        now = f"{datetime.now().astimezone():%H:%M}"
        if self._start.value == now:
            self._changed({})
        self._start.value = now

    def _changed(self, change: dict[str, Any]) -> None:
        if not self._start.value.strip():
            return
        try:
            start = parse_time(self._start.value)
            self._controller.plan_workshop(start, self._minutes.value)
        except ReadinessError as problem:
            self._status.value = flag_html(f"Not saved: {error_html(problem)}")
        else:
            self._status.value = status_html(f"Saved: {start:%H:%M}, {self._minutes.value} minutes.")

    def static_html(self) -> str:
        """The planned time, or a sentence that there is none."""
        workshop = self._controller.folder.state.get("workshop")
        if not workshop:
            return "<p>No time is set for the workshop.</p>"
        begin = datetime.fromisoformat(workshop["start"]).astimezone()
        return f"<p>The workshop starts at {begin:%H:%M} and takes {workshop['minutes']} minutes.</p>"
