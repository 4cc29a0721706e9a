"""All charts of a report: their order, their size, and one line for a missing history."""

from __future__ import annotations

import warnings
from pathlib import Path

from readiness_kit import demo
from readiness_kit.charts import figure_html, report_charts
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Assessment, Level, Profile, Score
from readiness_kit.workspace.session import Session
from tests.charts.history import with_history
from tests.charts.layout import assert_readable, drawn
from tests.support.cluster import cluster, weaviate

HISTORY = ["memory_over_time", "cpu_over_time", "disk_projection", "traffic"]


def test_demonstration_has_eleven_charts_without_warnings(tmp_path: Path) -> None:
    session = Session(demo.install(tmp_path / "demo"))
    assert session.facts is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts = [drawn(chart) for chart in report_charts(session.facts, session.assessment())]
        html = [figure_html(chart) for chart in charts]
    assert [chart.name for chart in charts] == [
        "score", "pods_by_zone", "failure_scenarios", "replica_agreement", "usage", *HISTORY, "what_if", "node_packing"
    ]  # fmt: skip
    assert charts[0].title.startswith("The score is ")
    assert charts[1].title == "The 3 Weaviate pods run in 3 zones, no two on one node"
    assert charts[4].title == "Memory is at 94 % of the limit on weaviate-1"
    for chart in charts:
        assert_readable(chart.figure, bars=chart.name not in HISTORY)
    assert sum(len(text) for text in html) < 120_000


def names(facts: ClusterFacts) -> list[str]:
    total = Score(0, 0, 0, 0, 0, 0, {})
    nothing_judged = Assessment(Profile.CORE, Level.NOT_ENOUGH_KNOWN, "", total, {}, (), (), (), (), None)
    return [chart.name for chart in report_charts(facts, nothing_judged)]


def test_missing_history_is_stated_once() -> None:
    assert names(cluster(weaviate()))[3:] == ["replica_agreement", "usage", "over_time", "what_if", "node_packing"]
    assert names(with_history(3))[5:-2] == HISTORY
