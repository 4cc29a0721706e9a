"""A view that follows the answers as a widget, for content that links within the page only."""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import HTML

from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.redrawn import Redrawn
from readiness_kit.notebook.views.view import View
from readiness_kit.notebook.widgets.panel import show_widget
from readiness_kit.notebook.widgets.styles import Styles


class LiveView(Redrawn):
    """The view that `draw` returns, as an HTML widget that is kept up to date."""

    def __init__(self, controller: Controller, draw: Callable[[], View]) -> None:
        super().__init__(draw)
        styles = controller.shared(Styles)
        self._widget = HTML(value=self._repr_html_(), layout=styles.wide, style=styles.html)

    def _update(self) -> None:
        self._widget.value = self._repr_html_()

    def _ipython_display_(self) -> None:
        show_widget(self._widget, self._repr_html_(), repr(self))

    def close(self) -> None:
        """Close the widget."""
        self._widget.close()
