"""Sizing advice in the report: with a week of history at least, in the notebook's words, and small."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from readiness_kit import demo, paths
from readiness_kit.demo import SNAPSHOT
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.advice import Advice
from readiness_kit.labels import SIZING_HEAD, SIZING_UNCHANGED
from readiness_kit.model import Reason, Section
from readiness_kit.notebook.views import advice as in_notebooks
from readiness_kit.notebook.views.advice import advice_view
from readiness_kit.report.chapters import sizing as chapter
from readiness_kit.report.chapters.sizing import sizing
from readiness_kit.report.content import of_session
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.snapshot import load
from readiness_kit.workspace.session import Session
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

FOUND = (
    Advice("Memory limit", 0.93, "It peaked at 93 % of the limit on <weaviate-0>.", "resources:\n  limits:\n"),
    Advice("CPU request", float("nan"), "There is no CPU request.", ""),
)


@pytest.fixture(scope="module")
def measured() -> ClusterFacts:
    return ClusterFacts(load(paths.demo() / SNAPSHOT))


def words(html: str) -> list[str]:
    return re.sub(r"<[^>]+>", " ", html).split()


def test_advice_has_the_texts_of_the_notebook(measured: ClusterFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (in_notebooks, chapter):
        monkeypatch.setattr(module, "advice", lambda facts: FOUND)
    shown, beside = sizing(measured), advice_view(measured)._repr_html_()
    for item in FOUND:
        expected = set(words(f"{item.subject} {item.reason}".replace("<", "&lt;").replace(">", "&gt;")))
        assert expected <= set(words(beside)) and expected <= set(words(shown))
    assert all(head in shown and head in beside for head in SIZING_HEAD)
    assert "93 %" in shown and "<weaviate-0>" not in shown and "nan" not in shown


def test_advice_names_its_origin(measured: ClusterFacts) -> None:
    shown = sizing(measured)
    assert "Measured by Prometheus over 14 days" in shown and "judged by kit thresholds" in shown


def test_no_advice_needed_is_a_sentence(measured: ClusterFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapter, "advice", lambda facts: ())
    assert SIZING_UNCHANGED in sizing(measured) and "<table" not in sizing(measured)


def test_without_history_there_is_no_advice(measured: ClusterFacts) -> None:
    assert sizing(None) == ""
    assert sizing(cluster(weaviate())) == ""
    assert sizing(answered(cluster(weaviate()), {"prometheus/usage": Reason.UNREACHABLE})) == ""
    young = measured.history.containers.assign(enough=False, window_days=6.9)
    facts: Any = SimpleNamespace(history=SimpleNamespace(missing=lambda name: None, containers=young))
    assert sizing(facts) == ""


def test_advice_ends_the_section_on_resources_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    page = ReportPage.of(of_session(Session(demo.install(tmp_path_factory.mktemp("sizing") / "home"))))
    with_advice = [value for value in Section if 'class="rk-sizing"' in page.section(value).html]
    assert with_advice == [Section.RESOURCE_MANAGEMENT]
    html = page.section(Section.RESOURCE_MANAGEMENT).html
    assert html.index('class="rk-sizing"') > html.rindex("<article")
    part = html[html.index('<div class="rk-sizing"') :]
    assert len(part) < 4000
