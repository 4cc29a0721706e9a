"""The one model of a notebook: it carries messages between the cards in the page and the kernel, and has no view.

The front end is anywidget's, from a hand-written module. `anywidget.AnyWidget` itself would open a second comm, for
its Layout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget
from traitlets import Unicode

from readiness_kit.notebook.cards.style import frontend

ANYWIDGET = "~0.11.*"
"""The versions of anywidget's front end that this module was written for."""


class Channel(Widget):  # type: ignore[misc]  # ipywidgets has no types
    """Opens its comm with the name that the cards carry; `receive` gets the content of each message."""

    _model_name = Unicode("AnyModel").tag(sync=True)
    _model_module = Unicode("anywidget").tag(sync=True)
    _model_module_version = Unicode(ANYWIDGET).tag(sync=True)
    _anywidget_id = Unicode("readiness_kit.notebook.cards").tag(sync=True)
    _esm = Unicode().tag(sync=True)
    name = Unicode().tag(sync=True)

    def __init__(self, name: str, receive: Callable[[dict[str, Any]], None]) -> None:
        # Set before the comm opens: the module looks for its cards as soon as it runs.
        super().__init__(name=name, _esm=frontend("card.js"))
        self.on_msg(lambda _, content, __: receive(content))
