"""Owner, due date and state of each fix in the plan; saved in `plan.json` as soon as a field is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import DatePicker, Dropdown, HBox

from readiness_kit.errors import ReadinessError
from readiness_kit.fixes.model import PlannedFix
from readiness_kit.labels import FIX_STATE_WORDS, WAVE_WORDS
from readiness_kit.markup import esc
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.view import STYLE, styled
from readiness_kit.notebook.widgets.panel import Panel, quiet_status

NO_FIXES = "<p>No fix is planned: no check failed that a fix could close.</p>"


class PlanForm(Panel):
    """One row for each fix of the plan, in the order of its waves. Raises ReadinessError without facts."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._fixes = controller.session.plan(project=False).fixes
        self._fields: dict[tuple[str, str], Any] = {}
        self._status = self._html(STYLE + styled("" if self._fixes else NO_FIXES))
        self._box.children = (*(self._row(fix) for fix in self._fixes), self._status)

    def _row(self, planned: PlannedFix) -> HBox:
        assignment, fix, styles = planned.assignment, planned.prepared.fix.id, self._styles
        title = self._html(STYLE + styled(_title_html(planned)))
        owner = self._text(f"Owner of {fix}", "person or team", assignment.owner)
        narrow = {"layout": styles.narrow, "style": styles.described}
        due = self._add(DatePicker(value=assignment.due, description=f"Due date of {fix}", **narrow))
        options = [(word, state) for state, word in FIX_STATE_WORDS.items()]
        state = self._add(Dropdown(value=assignment.state, options=options, description=f"State of {fix}", **narrow))
        for name, field in {"owner": owner, "due": due, "state": state}.items():
            self._fields[fix, name] = field
            field.observe(self._saver(fix, name), names="value")
        row = self._add(HBox(layout=styles.row))
        row.children = (title, owner, due, state)
        return row

    def _saver(self, fix: str, name: str) -> Callable[[dict[str, Any]], None]:
        def save(change: dict[str, Any]) -> None:
            value = change["new"].strip() if name == "owner" else change["new"]
            try:
                self._controller.assign(fix, **{name: value})
            except ReadinessError as problem:
                self._status.value = quiet_status(f"Not saved: {problem}")
            else:
                self._status.value = quiet_status(f"Saved: {fix}")

        return save

    def static_html(self) -> str:
        """The plan as lines of text."""
        lines = (f"<p>{_title_html(planned)}: {_assigned(planned)}</p>" for planned in self._fixes)
        return "".join(lines) or NO_FIXES


def _title_html(planned: PlannedFix) -> str:
    return f"<b>{esc(planned.prepared.title)}</b> <span class='quiet'>{esc(WAVE_WORDS[planned.wave])}</span>"


def _assigned(planned: PlannedFix) -> str:
    assignment = planned.assignment
    due = assignment.due or "no date"
    return esc(f"{assignment.owner or 'unassigned'}, {due}, {FIX_STATE_WORDS[assignment.state].lower()}")
