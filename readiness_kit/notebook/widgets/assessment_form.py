"""The form for customer, assessor, date, participants, profile and branding; it writes `readiness.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ipywidgets import DatePicker

from readiness_kit.checklist import load_checklist
from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.model import Profile, Settings
from readiness_kit.notebook.controller import Change, Controller, Event
from readiness_kit.notebook.views.view import error_html
from readiness_kit.notebook.widgets.panel import Panel

TEXTS: tuple[tuple[str, str, str], ...] = (
    ("customer", "Customer", "the organisation whose cluster is assessed"),
    ("cluster_name", "Cluster name", "display name; empty: the kubeconfig context"),
    ("assessor", "Assessor", "lead of the assessment; recorded with each answer"),
    ("participants", "Participants", "separated by commas"),
    ("contact", "Contact in the report", "for questions from readers"),
    ("engineer.name", "Solutions engineer", "name in the report, for questions from readers"),
    ("engineer.mail", "Email of the engineer", "name@example.com"),
    ("branding.logo", "Logo in the report", "an image file in the assessment folder"),
    ("branding.primary", "Primary colour", "#0b5fff"),
    ("branding.accent", "Accent colour", "#e69f00"),
)
"""Setting, label, placeholder."""
TEXTS_ABOVE_DATE = 4
COLOURS, COLOUR = ("branding.primary", "branding.accent"), re.compile("#[0-9a-fA-F]{6}")


def _profiles() -> list[tuple[str, Profile]]:
    core, extended = (len(load_checklist(profile=profile).questions) for profile in (Profile.CORE, Profile.EXTENDED))
    return [
        (f"Core: {core} questions", Profile.CORE),
        (f"Extended: {extended - core} further questions", Profile.EXTENDED),
    ]


def _value(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _shown(settings: Settings, name: str) -> Any:
    value = _value(settings, name)
    return ", ".join(value) if isinstance(value, tuple) else value


def _parsed(name: str, value: Any) -> Any:
    if name == "participants":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value.strip() if isinstance(value, str) else value


class AssessmentForm(Panel):
    """Saves each field when it is left. A value that is not accepted stays on screen, with the reason below."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._loading = False
        settings, styles = controller.settings, self._styles
        self._seen = settings
        texts = {name: self._text(label, placeholder, _shown(settings, name)) for name, label, placeholder in TEXTS}
        self._date = self._add(
            DatePicker(
                value=settings.date, description="Date of the report", layout=styles.narrow, style=styles.described
            )
        )
        self._profile = self._dropdown("Profile", value=settings.profile, options=_profiles(), layout=styles.narrow)
        self._fields: dict[str, Any] = {**texts, "date": self._date, "profile": self._profile}
        self._status = self._html()
        above, below = list(texts.values())[:TEXTS_ABOVE_DATE], list(texts.values())[TEXTS_ABOVE_DATE:]
        self._box.children = (*above, self._date, self._profile, *below, self._status)
        for name, field in self._fields.items():
            field.observe(self._saver(name), names="value")

    def _saver(self, name: str) -> Callable[[dict[str, Any]], None]:
        def save(change: dict[str, Any]) -> None:
            value = _parsed(name, change["new"])
            if self._loading:
                return
            if name in COLOURS and value and not COLOUR.fullmatch(value):
                self._set_status(
                    f"Not saved: “{esc(value)}” is not a colour. Next: use six hexadecimal digits, such as #0b5fff."
                )
                return
            try:
                self._controller.write_settings(**{name: value})
            except ReadinessError as problem:
                self._set_status(f"Not saved: {error_html(problem)}")
            else:
                rerun = "; run the notebooks again to show its questions" if name == "profile" else ""
                self._set_status(f"saved{rerun}")

        return save

    def changed(self, change: Change) -> None:
        """Shows settings that were changed elsewhere; it keeps text in progress and values that were not accepted."""
        if change.event is not Event.RELOADED:
            return
        before, now = self._seen, self._controller.settings
        self._seen, self._loading = now, True
        try:
            for name, field in self._fields.items():
                if _value(before, name) != _value(now, name):
                    field.value = _shown(now, name)
        finally:
            self._loading = False

    def _set_status(self, html: str) -> None:
        self._status.value = f'<div class="rk quiet" role="status">{html}</div>'

    def static_html(self) -> str:
        """The settings as lines of text."""
        settings = self._controller.settings
        return "".join(f"<p>{label}: {esc(_shown(settings, name))}</p>" for name, label, _ in TEXTS)
