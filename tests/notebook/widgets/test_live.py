"""Views that follow the answers as a widget."""

from __future__ import annotations

from readiness_kit.notebook.kit import Kit


def test_section_progress_and_summary_follow_answers(kit: Kit) -> None:
    progress, summary = kit.progress("security"), kit.summary("security")
    kit.answer("sec.rbac", None)
    assert "7 of 8 answered" in repr(progress) and "7 of 8 answered" in progress._widget.value  # type: ignore[union-attr]
    assert '<a href="#rk-sec-rbac">' in repr(summary._repr_html_())
