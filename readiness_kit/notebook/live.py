"""A view that follows the answers: one HTML widget, drawn anew after each save."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from readiness_kit.notebook.face import Face, show_widget

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit


class Live:
    """What `draw` gives, kept up to date. Reads as a Face where there are no widgets."""

    def __init__(self, kit: Kit, draw: Callable[[], Face]) -> None:
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
