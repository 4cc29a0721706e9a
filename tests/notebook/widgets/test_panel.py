"""The base of the panels, and the styles that they share."""

from __future__ import annotations

from ipywidgets.widgets.widget import _instances

from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.widgets.panel import Panel
from readiness_kit.notebook.widgets.styles import Styles


class Example(Panel):
    def static_html(self) -> str:
        return "<p>example</p>"


def test_closing_a_panel_frees_its_widgets_and_keeps_the_styles(kit: Kit) -> None:
    styles = kit.shared(Styles)
    first = Example(kit)
    first._html(), first._text("Owner", ""), first._button("Save")
    before = len(_instances)
    second = Example(kit)
    second._html(), second._text("Owner", ""), second._button("Save")
    second.close()
    assert len(_instances) == before and kit.shared(Styles) is styles
    kit.close()
    assert styles.__dict__ == {}
