"""Objects of the replicas of each shard."""

from __future__ import annotations

from readiness_kit.charts import NoChart, replica_agreement
from tests.charts.layout import drawn, texts
from tests.support.answers import answered
from tests.support.asked import PODS
from tests.support.cluster import cluster, weaviate

Counts = tuple[int, int, int]


def made(shards: dict[str, Counts], *, loaded: bool = True) -> dict[str, object]:
    """The verbose node list with these shards of one collection."""
    nodes = []
    for index, name in enumerate(PODS):
        listed = [
            {"name": shard, "class": "Products", "objectCount": counts[index], "loaded": loaded or index == 0}
            for shard, counts in shards.items()
        ]
        nodes.append({"name": name, "status": "HEALTHY", "shards": listed})
    return {"weaviate/nodes_verbose": {"nodes": nodes}}


def test_the_largest_difference_comes_first_and_is_the_finding() -> None:
    shards = {"s1": (500, 500, 500), "s2": (90_000, 80_000, 90_000), "s3": (900, 890, 900)}
    chart = drawn(replica_agreement(answered(cluster(weaviate()), made(shards))))
    assert chart.title == (
        "Replicas of 2 of 3 shards hold different numbers of objects, by up to 10,000 in Products s2"
    )
    assert list(chart.table["shard"]) == ["Products s2", "Products s3", "Products s1"]
    assert {"Products s2", "10,000", "90,000"} <= set(texts(chart))


def test_agreement_is_a_finding_as_well() -> None:
    chart = drawn(replica_agreement(answered(cluster(weaviate()), made({"s1": (5, 5, 5)}))))
    assert chart.title == "The loaded replicas of 1 shard hold the same number of objects"


def test_without_loaded_replicas_or_without_weaviate_the_reason_is_stated() -> None:
    unloaded = replica_agreement(answered(cluster(weaviate()), made({"s1": (5, 0, 0)}, loaded=False)))
    assert isinstance(unloaded, NoChart) and "no shard has two loaded replicas" in unloaded.sentence
    assert isinstance(replica_agreement(cluster(weaviate())), NoChart)
