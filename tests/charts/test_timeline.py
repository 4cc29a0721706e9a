"""Memory and CPU over time: the numbers, the finding, and what is left open."""

from __future__ import annotations

import pytest

from readiness_kit.charts import NoChart, cpu_over_time, memory_over_time
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from scripts.demo import make
from tests.charts.history import with_history
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, weaviate


def test_memory_is_its_peak_against_the_limit() -> None:
    chart = drawn(memory_over_time(with_history(3)))
    assert chart.title == "Memory peaked at 88 % of the limit on weaviate-2"
    first = chart.table.iloc[0]
    assert first["pod"] == "weaviate-2"
    assert first["RSS peak (GiB)"] == pytest.approx(30 + 16 / 3)
    assert (first["limit (GiB)"], first["GOMEMLIMIT (GiB)"]) == (40, 35)
    assert "14 of 14 days" in chart.note
    assert {"request = limit 40 GiB", "GOMEMLIMIT 35 GiB", "peak 35.3 GiB", "20 GiB", "RSS"} <= set(texts(chart))


def test_cpu_is_its_95th_percentile_or_throttling() -> None:
    percentile = drawn(cpu_over_time(with_history(2)))
    assert percentile.title == "The 95th percentile of CPU is 62 % of the limit on weaviate-1"
    assert "request = limit 4.00" in texts(percentile)
    throttled = drawn(cpu_over_time(with_history(2, throttled=0.4)))
    assert throttled.title == "weaviate-1 was throttled in 40 % of its CPU periods"


def test_two_days_of_history_are_drawn_but_not_assessed() -> None:
    chart = drawn(memory_over_time(with_history(1, hours=48)))
    assert "Not enough history to assess 1 of 1 container." in chart.note


def test_twenty_of_200_pods_are_drawn() -> None:
    chart = drawn(memory_over_time(with_history(200)))
    assert "The 20 worst of 200 are shown" in chart.note and len(chart.table) == 200


@pytest.mark.parametrize("draw", [memory_over_time, cpu_over_time])
def test_without_prometheus_the_reason_is_stated(draw: type) -> None:
    made = draw(cluster(weaviate()))
    assert isinstance(made, NoChart) and "not assessed, Prometheus: " in made.sentence


def test_oom_kill_and_recommended_limit_of_the_demonstration_are_marked() -> None:
    facts = ClusterFacts(make.build())
    written = texts(drawn(memory_over_time(facts)))
    assert "last OOM kill 16 Nov" in written
    assert f"recommended {sizing.recommended(facts)} GiB" in written
