"""Views that follow the answers without a widget."""

from __future__ import annotations

from ipywidgets.widgets.widget import _instances

from readiness_kit.notebook.kit import Kit


def test_views_with_notebook_links_use_no_widget_and_follow_answers(kit: Kit) -> None:
    before = len(_instances)
    views = (kit.welcome(), kit.agenda(), kit.progress(), kit.parked(), kit.summary(), kit.show.scope())
    assert len(_instances) == before, "JupyterLab opens links to notebooks from outputs, not from widgets"
    kit.answer("sec.rbac", None)
    assert "30 of 34 answered" in repr(views[2]) and "7 of 8 answered" in views[1]._repr_html_()
