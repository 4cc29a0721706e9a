"""A view that is drawn again after each answer and after new evidence.

It is an output that is updated in place, not a widget: JupyterLab opens a link in an output in the same window, whereas
a link to a notebook in a widget makes the browser leave JupyterLab.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.display import display

from readiness_kit.notebook.controller import Change
from readiness_kit.notebook.views.view import View


class Redrawn:
    """The view that `draw` returns, kept up to date."""

    def __init__(self, draw: Callable[[], View]) -> None:
        self._draw = draw
        self._view = draw()
        self._output: Any = None

    def changed(self, change: Change) -> None:
        """Draw the view again after each change that can affect it."""
        self._view = self._draw()
        self._update()

    def _update(self) -> None:
        if self._output is not None:
            self._output.update(self._view)

    def _repr_html_(self) -> str:
        return self._view._repr_html_()

    def __repr__(self) -> str:
        return repr(self._view)

    def _ipython_display_(self) -> None:
        self._output = display(self._view, display_id=True)

    def close(self) -> None:
        """Stop updating the output."""
        self._output = None
