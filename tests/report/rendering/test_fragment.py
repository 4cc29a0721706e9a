"""A fragment in a notebook: its media type and its scoped style sheet."""

from __future__ import annotations

from readiness_kit.report.rendering.fragment import MEDIA_TYPE
from tests.report import sample


def test_a_fragment_shows_in_the_notebook_with_a_style_of_its_own() -> None:
    bundle = sample.page().actions()._repr_mimebundle_()
    assert bundle[MEDIA_TYPE]["toc"] == [["actions", "Action plan"]]
    style = bundle["text/html"].split("<style>")[1].split("</style>")[0]
    assert style.startswith(".rk-notebook.rk-notebook.rk-notebook{") and "@page" not in style
    assert bundle["text/plain"] == "<readiness report: Action plan>"
