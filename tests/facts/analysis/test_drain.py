"""Whether a node can be drained now, what blocks it, and the order of nodes for an upgrade."""

from __future__ import annotations

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.drain import Drain, drains, order_sentences, upgrade_order
from tests.support.answers import answered
from tests.support.asked import PODS, says
from tests.support.cluster import cluster, node, weaviate

BUDGET = """
kind: PodDisruptionBudget
metadata: {name: NAME}
spec: {SPEC, selector: {matchLabels: {app: weaviate}}}
"""
SPARE = [[node(f"spare-{zone}", zone)] for zone in "abc"]


def budget(spec: str = "maxUnavailable: 1", name: str = "weaviate") -> str:
    return BUDGET.replace("SPEC", spec).replace("NAME", name)


def made(*more: object, factor: int = 3, **answers: object) -> ClusterFacts:
    sources = (weaviate(zones=("a", "b", "c")), *SPARE, *more)
    return answered(cluster(*sources), says(factors={"Products": factor}, **answers))  # type: ignore[arg-type]


def first(facts: ClusterFacts) -> Drain:
    return drains(facts)[0]


def test_a_node_whose_pod_has_a_place_and_whose_shards_keep_their_quorum() -> None:
    found = first(made(budget()))
    assert (found.node, found.zone, found.pods, found.possible) == ("node-0", "a", ("weaviate-0",), True)
    assert found.sentence.startswith("node-0 (weaviate-0) can be drained now")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (made(budget("maxUnavailable: 0")), "the PodDisruptionBudget weaviate allows no eviction now"),
        (made(budget(), budget(name="second")), "several PodDisruptionBudgets select the same pod"),
        (made(budget("maxUnavailable: some")), "the PodDisruptionBudget weaviate is not valid"),
        (made(budget(), factor=1), "shard of Products"),
        (made(budget(), nodes=PODS[:2], voters=PODS), "the metadata store keeps 1 of 3 voters and needs 2"),
    ],
    ids=["budget", "two budgets", "invalid budget", "quorum of a shard", "quorum of the metadata store"],
)
def test_what_blocks_a_drain_is_named(facts: ClusterFacts, why: str) -> None:
    found = first(facts)
    assert found.possible is False and why in found.sentence and "cannot be drained now" in found.sentence


def test_a_volume_that_stays_in_its_zone_blocks_a_drain() -> None:
    facts = answered(cluster(weaviate(zones=("a", "b", "c")), budget()), says(factors={"Products": 3}))
    assert "weaviate-0 has no other node (2 nodes: volume not available on the node)" in first(facts).sentence


@pytest.mark.parametrize("key", ["poddisruptionbudgets", "persistentvolumes", "nodes"])
def test_what_was_not_read_leaves_it_unknown(key: str) -> None:
    facts = answered(
        cluster(weaviate(zones=("a", "b", "c")), *SPARE, budget(), forbidden=(key,)), says(factors={"Products": 3})
    )
    found = first(facts)
    assert found.possible is None and found.sentence.startswith("Whether node-0 (weaviate-0) can be drained")


def test_without_answers_of_weaviate_it_is_unknown() -> None:
    facts = cluster(weaviate(zones=("a", "b", "c")), *SPARE, budget())
    assert first(facts).possible is None and "placement of the shards" in first(facts).sentence


def test_without_a_budget_it_is_possible_with_a_note() -> None:
    assert first(made()).possible is True and "no PodDisruptionBudget limits" in first(made()).sentence


def test_the_only_pod_cannot_be_moved_without_an_outage() -> None:
    facts = answered(cluster(weaviate(1, ("a",)), *SPARE), says(factors={"Products": 1}, nodes=PODS[:1]))
    assert first(facts).possible is False and "the only pod" in first(facts).sentence


def test_nodes_without_weaviate_come_first_and_the_leader_last() -> None:
    facts = made(budget())
    leader = next(iter(facts.raft.leaders)) if facts.raft else ""
    order = upgrade_order(facts)
    assert order[:3] == ("spare-a", "spare-b", "spare-c") and leader.startswith("weaviate-")
    assert order[-1] == f"node-{leader.rpartition('-')[2]}"
    start, rest = order_sentences(facts)
    assert start.startswith("Upgrade the control plane first, then 3 nodes without Weaviate (spare-a")
    assert "one at a time: " in rest and order_sentences(cluster(weaviate(), forbidden=("nodes",))) == ()
