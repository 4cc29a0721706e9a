"""Static outputs: errors and the presenter layout."""

from __future__ import annotations

from readiness_kit.errors import UsageError
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.views.view import error_html


def test_error_is_escaped_and_names_the_next_step() -> None:
    error = UsageError("the file <x> is missing", "run `readiness collect`")
    assert error_html(error) == "The file &lt;x&gt; is missing. Next: run <code>readiness collect</code>."
    assert error_html(UsageError("http://127.0.0.1:9 does not answer.")) == "http://127.0.0.1:9 does not answer."


def test_presenter_check_box_is_initially_on_or_off(kit: Kit) -> None:
    assert '"rk-presenter" checked' in kit.presenter()._repr_html_()
    assert '"rk-presenter" >' in kit.presenter(False)._repr_html_()
