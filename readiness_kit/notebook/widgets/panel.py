"""The base of all interactive outputs: shared styles, tracked widgets, and HTML for viewers without widgets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, TypeVar

from IPython.display import display
from ipywidgets import HTML, Button, Dropdown, Text, VBox, Widget

from readiness_kit.markup import esc
from readiness_kit.notebook.controller import Change, Controller
from readiness_kit.notebook.views.view import styled
from readiness_kit.notebook.widgets.styles import Styles

AnyWidget = TypeVar("AnyWidget", bound=Widget)


class Panel(ABC):
    """Widgets that are shown and closed together. Subclasses create them with the methods below."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._styles = controller.shared(Styles)
        self._widgets: list[Widget] = []

    @cached_property
    def _box(self) -> VBox:
        """The box that is shown; subclasses set its children."""
        return self._add(VBox(layout=self._styles.wide))

    def _add(self, widget: AnyWidget) -> AnyWidget:
        """Registers a widget, to be closed with the panel."""
        self._widgets.append(widget)
        return widget

    def _html(self, html: str = "") -> HTML:
        return self._add(HTML(value=html, layout=self._styles.wide, style=self._styles.html))

    def _text(self, label: str, placeholder: str, value: str = "", kind: type[Widget] = Text) -> Any:
        """A text field that reports its value when it is left."""
        return self._add(
            kind(
                value=value,
                description=label,
                placeholder=placeholder,
                continuous_update=False,
                layout=self._styles.wide,
                style=self._styles.text,
            )
        )

    def _dropdown(self, label: str, **options: Any) -> Dropdown:
        shared = {"layout": self._styles.wide, "style": self._styles.described}
        return self._add(Dropdown(description=label, **shared | options))

    def _button(self, label: str, **options: Any) -> Button:
        return self._add(Button(description=label, layout=self._styles.button, style=self._styles.pressed, **options))

    def changed(self, change: Change) -> None:  # noqa: B027 - optional
        """Most panels do not follow the answers."""

    @abstractmethod
    def static_html(self) -> str:
        """The values as HTML, for exports and viewers without widgets."""

    def _ipython_display_(self) -> None:
        show_widget(self._box, styled(self.static_html()), type(self).__name__)

    def close(self) -> None:
        """Remove all observers, and close the widgets."""
        for widget in self._widgets:
            widget.unobserve_all()
            widget.close()


def quiet_status(text: str) -> str:
    """The result of saving a field, announced by screen readers."""
    return f'<div class="rk quiet" role="status">{esc(text)}</div>'


def show_widget(widget: Widget, html: str, text: str) -> None:
    """Displays a widget together with its static forms."""
    bundle = {**widget._repr_mimebundle_(), "text/html": html, "text/plain": text}
    display(bundle, raw=True)
