"""Who is assessed, by whom, when, and how the report looks: a form that writes `readiness.yaml` line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.model import Profile, Settings
from readiness_kit.notebook.views.view import show_widget, told

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit

TEXTS: tuple[tuple[str, str, str], ...] = (
    ("customer", "Customer", "whose cluster is assessed"),
    ("cluster_name", "Name of the cluster", "as people call it; empty: the kubeconfig context"),
    ("assessor", "Assessor", "who leads; each answer is signed with this name"),
    ("participants", "Participants", "separated by commas"),
    ("contact", "Contact in the report", "whom a reader turns to"),
    ("branding.logo", "Logo for the report", "an image file in the assessment folder"),
    ("branding.primary", "Main colour", "#0b5fff"),
    ("branding.accent", "Second colour", "#e69f00"),
)
"""Setting, label, placeholder."""
COLOURS, COLOUR = ("branding.primary", "branding.accent"), re.compile("#[0-9a-fA-F]{6}")
PROFILES = [("Core: the 34 questions", Profile.CORE), ("Extended: 21 more", Profile.EXTENDED)]


def _shown(settings: Settings, name: str) -> str:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _read(name: str, value: str) -> Any:
    if name == "participants":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value.strip()


class About:
    """Saves each field when it is left. What the settings do not take stays on the screen and is named."""

    def __init__(self, kit: Kit) -> None:
        from ipywidgets import HTML, DatePicker, Dropdown, Text, VBox

        self._kit = kit
        self._loading = False
        looks, settings = kit.looks, kit.settings
        self._seen = settings
        self._boxes: dict[str, Any] = {}
        for name, label, placeholder in TEXTS:
            self._boxes[name] = Text(
                value=_shown(settings, name),
                description=label,
                placeholder=placeholder,
                continuous_update=False,
                layout=looks.wide,
                style=looks.text,
            )
        self._date = DatePicker(
            value=settings.date, description="Date of the report", layout=looks.narrow, style=looks.described
        )
        self._profile = Dropdown(
            value=settings.profile, options=PROFILES, description="Profile", layout=looks.narrow, style=looks.described
        )
        self._status = HTML(value="", layout=looks.wide, style=looks.html)
        texts = list(self._boxes.values())
        self._box = VBox([*texts[:4], self._date, self._profile, *texts[4:], self._status], layout=looks.wide)
        for name, box in self._boxes.items():
            box.observe(self._saver(name, partial(_read, name)), names="value")
        self._date.observe(self._saver("date", lambda value: value), names="value")
        self._profile.observe(self._saver("profile", lambda value: value), names="value")

    def _saver(self, name: str, read: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
        def save(change: dict[str, Any]) -> None:
            if self._loading:
                return
            if name in COLOURS and change["new"].strip() and not COLOUR.fullmatch(change["new"].strip()):
                self._say(f"Not saved: “{esc(change['new'])}” is no colour. Next: give six digits, as #0b5fff.")
                return
            try:
                self._kit.write_settings(**{name: read(change["new"])})
            except ReadinessError as problem:
                self._say(f"Not saved: {told(problem)}")
            else:
                self._say("saved" if name != "profile" else "saved; run the notebooks again to see its questions")

        return save

    def refresh(self) -> None:
        """Shows the settings that were changed elsewhere; what somebody is writing, and what was refused, stays."""
        before, now = self._seen, self._kit.settings
        self._seen, self._loading = now, True
        try:
            for name, box in self._boxes.items():
                if _shown(before, name) != _shown(now, name):
                    box.value = _shown(now, name)
            for box, old, new in (
                (self._date, before.date, now.date),
                (self._profile, before.profile, now.profile),
            ):
                if old != new:
                    box.value = new
        finally:
            self._loading = False

    def _say(self, text: str) -> None:
        self._status.value = f'<div class="rk quiet" role="status">{text}</div>'

    def _ipython_display_(self) -> None:
        settings = self._kit.settings
        rows = "".join(f"<p>{label}: {esc(_shown(settings, name))}</p>" for name, label, _ in TEXTS)
        show_widget(self._box, f'<div class="rk">{rows}</div>', "who and what is assessed")

    def close(self) -> None:
        for widget in (*self._box.children, self._box):
            widget.unobserve_all()
            widget.close()
