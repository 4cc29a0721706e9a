"""The impact of losing nodes and zones in the demonstration, and the reason where it cannot be assessed."""

from __future__ import annotations

from readiness_kit.charts import NoChart, failure_scenarios
from readiness_kit.facts import ClusterFacts
from scripts.demo import make
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, weaviate


def test_collection_with_one_replica_loses_quorum() -> None:
    chart = drawn(failure_scenarios(ClusterFacts(make.build())))
    assert chart.title == "If zone eu-west-1a fails, 1 shard of Sessions loses quorum"
    broken = chart.table[chart.table["without quorum"] > 0]
    assert set(broken["collection"]) == {"Sessions"} and len(broken) == 6
    assert set(chart.table["voters left"]) == {"2 of 3"}
    shown = texts(chart)
    assert shown.count("✗ 1 of 3") == 6 and shown.count("✓ 2 of 3") == 6 and "✓ kept" in shown
    assert "zone eu-west-1a: collection Sessions, shards 3, without quorum 1." in chart.alt


def test_without_answers_of_weaviate_the_reason_is_stated() -> None:
    made = failure_scenarios(cluster(weaviate()))
    assert isinstance(made, NoChart) and "placement of the shards: not collected" in made.sentence
