"""Views that follow the answers and the evidence, drawn anew after each change.

JupyterLab opens a link to a notebook from an output, while one from a widget would lead the browser away from
JupyterLab. So what links to other notebooks is an output that replaces itself, and what stays in the page a widget.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness_kit.notebook.views.view import View, show_widget

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit


class Live:
    """What `draw` gives as an HTML widget, kept up to date. Reads as a Face where there are no widgets."""

    def __init__(self, kit: Kit, draw: Callable[[], View]) -> None:
        from ipywidgets import HTML

        self._draw = draw
        self._face = draw()
        self._widget = HTML(value=self._face._repr_html_(), layout=kit.looks.wide, style=kit.looks.html)

    def refresh(self) -> None:
        self._face = self._draw()
        self._widget.value = self._face._repr_html_()

    def _repr_html_(self) -> str:
        return self._face._repr_html_()

    def __repr__(self) -> str:
        return repr(self._face)

    def _ipython_display_(self) -> None:
        show_widget(self._widget, self._repr_html_(), repr(self))

    def close(self) -> None:
        self._widget.close()


class Redrawn:
    """What `draw` gives as an output that is replaced in its place; no widget."""

    def __init__(self, draw: Callable[[], View]) -> None:
        self._draw = draw
        self._face = draw()
        self._output: Any = None

    def refresh(self) -> None:
        self._face = self._draw()
        if self._output is not None:
            self._output.update(self._face)

    def _repr_html_(self) -> str:
        return self._face._repr_html_()

    def __repr__(self) -> str:
        return repr(self._face)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self._output = display(self._face, display_id=True)

    def close(self) -> None:
        self._output = None
