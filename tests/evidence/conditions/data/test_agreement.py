"""Agreement of the replicas of a shard, over loaded replicas only."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, seen
from tests.support.cluster import cluster, weaviate

FIELD = "objects of the replicas of a shard"


def nodes(*replicas: tuple[int, bool]) -> dict[str, object]:
    """The verbose node list with one shard, whose replicas have these objects and are loaded or not."""
    made = []
    for name, (objects, loaded) in zip(PODS, replicas, strict=True):
        shard = {"name": "s1", "class": "Products", "objectCount": objects, "loaded": loaded, "replicationFactor": 3}
        made.append({"name": name, "status": "HEALTHY", "shards": [shard]})
    return {"weaviate/nodes_verbose": {"nodes": made}}


@pytest.mark.parametrize("question", ["ha.rf3", "perf.replica_shards"])
@pytest.mark.parametrize(
    ("replicas", "differs"),
    [
        (((100_000, True), (100_000, True), (100_000, True)), False),
        (((100_000, True), (98_999, True), (100_000, True)), True),
        (((100_000, True), (99_000, True), (100_000, True)), False),
        (((1_000_000, True), (998_000, True), (1_000_000, True)), False),
        (((900, True), (0, True), (900, True)), False),
        (((100_000, True), (0, False), (100_000, True)), False),
        (((100_000, True), (0, False), (50_000, True)), True),
        (((100_000, True), (0, True), (0, False)), True),
    ],
)
def test_only_large_differences_of_loaded_replicas_are_partly_met(
    question: str, replicas: tuple[tuple[int, bool], ...], differs: bool
) -> None:
    finding = ask(question, answered(cluster(weaviate()), nodes(*replicas)))
    assert (FIELD in bad(finding)) is differs
    assert [fact.outcome for fact in finding.facts if fact.field == FIELD and fact.ok is False] == (
        [Outcome.PARTLY] if differs else []
    )


def test_the_counts_of_each_replica_are_named() -> None:
    finding = ask("ha.rf3", answered(cluster(weaviate()), nodes((100_000, True), (80_000, True), (100_000, True))))
    assert seen(finding, FIELD) == ["Products s1: weaviate-0 100,000, weaviate-1 80,000, weaviate-2 100,000"]


def test_shards_that_are_not_loaded_are_counted_as_not_compared() -> None:
    finding = ask("ha.rf3", answered(cluster(weaviate()), nodes((5, True), (0, False), (0, False))))
    assert seen(finding, "shards not compared") == ["1 of 1 shard"] and FIELD not in [f.field for f in finding.facts]
