"""The effect of losing a node or a zone on shards and voters."""

from __future__ import annotations

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.failure_scenarios import Loss
from readiness_kit.model import Reason
from tests.support.answers import answered
from tests.support.asked import PODS, says, without
from tests.support.cluster import cluster, node, weaviate


def made(*more: object, **answers: object) -> ClusterFacts:
    return answered(cluster(weaviate(zones=("a", "b", "c")), *more), says(**answers))  # type: ignore[arg-type]


def zone(facts: ClusterFacts, name: str) -> Loss:
    found = facts.loss.of("zone", name)
    assert found is not None
    return found


def test_there_is_a_loss_for_each_node_and_each_zone_with_weaviate() -> None:
    matrix = made([node("spare", "d")]).loss
    assert [(loss.kind, loss.name, loss.pods) for loss in matrix.losses] == [
        *(("node", f"node-{at}", (f"weaviate-{at}",)) for at in range(3)),
        *(("zone", name, (f"weaviate-{at}",)) for at, name in enumerate("abc")),
    ]


@pytest.mark.parametrize(
    ("factor", "below", "gone"),
    [(3, 0, 0), (2, 2, 0), (1, 1, 1)],
    ids=["three copies", "two copies: the majority of two is two", "one copy"],
)
def test_shards_that_lose_their_quorum(factor: int, below: int, gone: int) -> None:
    (cell,) = zone(made(factors={"Products": factor}), "a").cells
    assert (cell.collection, cell.shards, cell.below, cell.gone) == ("Products", 3, below, gone)
    assert len(cell.examples) == below


def test_trap_three_zones_with_unlucky_placement_are_not_zone_safe() -> None:
    nodes = tuple(f"weaviate-{at}" for at in range(6))
    facts = answered(
        cluster(weaviate(6, ("a", "b", "c"))),
        says({"Products": 3}, nodes=nodes, place={"Products": [["weaviate-0", "weaviate-3", "weaviate-1"]]}),
    )
    below = {loss.name: loss.below for loss in facts.loss.zones}
    assert below == {"a": 1, "b": 0, "c": 0}


def test_voters_that_are_dead_already_still_count_among_those_that_are_needed() -> None:
    facts = made(nodes=PODS[:2], voters=PODS)
    lost = zone(facts, "a")
    assert (lost.voters, lost.voters_left, lost.voters_needed, lost.voters_survive) == (3, 1, 2, False)
    assert zone(made(), "a").voters_survive is True


def test_a_shard_that_has_no_quorum_even_now_is_told_apart() -> None:
    facts = made(factors={"Products": 3}, place={"Products": [["weaviate-0"]]})
    (cell,) = zone(facts, "b").cells
    assert (cell.below, cell.already) == (1, 1)


def test_what_was_not_read_is_named_and_not_counted_as_safe() -> None:
    facts = answered(cluster(weaviate()), without(says(), "weaviate/nodes_verbose", "weaviate/statistics"))
    matrix = facts.loss
    assert (matrix.shards_missing, matrix.voters_missing) == (Reason.FORBIDDEN, Reason.FORBIDDEN)
    assert all(loss.cells == () and loss.voters_survive is None for loss in matrix.losses)
    assert cluster(weaviate()).loss.shards_missing is Reason.NOT_COLLECTED


def test_nodes_without_zones_have_no_zone_to_lose() -> None:
    matrix = answered(cluster(weaviate(zones=("",))), says()).loss
    assert (matrix.zones, matrix.unzoned) == ((), PODS)
    assert len(matrix.nodes) == 3


def test_the_table_has_a_row_for_each_loss_and_collection() -> None:
    table = made(factors={"Products": 3, "Sessions": 1}).loss.table()
    assert len(table) == 6 * 2
    assert table[table["collection"] == "Sessions"]["below"].tolist() == [1] * 6
