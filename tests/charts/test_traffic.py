"""Queries and ingestion: sums over all pods."""

from __future__ import annotations

import pytest

from readiness_kit.charts import NoChart, traffic
from tests.charts.history import with_history
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, weaviate


def test_rates_are_summed_over_all_pods() -> None:
    chart = drawn(traffic(with_history(3)))
    table = chart.table.set_index("what")
    assert table.loc["Queries per second", "peak (1/s)"] == pytest.approx(300)
    assert table.loc["Objects written per second", "peak (1/s)"] == pytest.approx(30)
    assert {"Queries per second", "peak 300", "Objects written per second", "peak 30"} <= set(texts(chart))


def test_without_prometheus_the_reason_is_stated() -> None:
    made = traffic(cluster(weaviate()))
    assert isinstance(made, NoChart) and "not assessed, Prometheus: " in made.sentence
