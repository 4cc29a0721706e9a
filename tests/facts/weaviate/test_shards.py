"""Shards, replicas and voters, related to pods, nodes and zones."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.collect.weaviate.collector import with_weaviate
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.model import Reason
from tests.support.answers import answered
from tests.support.cluster import cluster, snapshot, weaviate
from tests.support.weaviate import collection, replayed, statistics


@pytest.mark.parametrize(("n", "majority"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (9, 5)])
def test_quorum(n: int, majority: int) -> None:
    assert quorum(n) == majority


ZONES = ("a", "b", "c")


def facts(answers: dict[str, Any], **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**{"zones": ZONES, **how})), answers)


def listed(*on: tuple[int, ...], factor: int = 0, **more: Any) -> dict[str, Any]:
    """The verbose list of shards s0, s1 …, each on the nodes of these numbers."""
    return {
        "nodes": [
            {
                "name": f"weaviate-{node}",
                "status": "HEALTHY",
                "shards": [
                    {"name": f"s{place}", "class": "Products", "loaded": True, "replicationFactor": factor, **more}
                    for place, nodes in enumerate(on)
                    if node in nodes
                ],
            }
            for node in range(6)
        ]
    }


def schema(*classes: dict[str, Any]) -> dict[str, Any]:
    plain = [{name: value for name, value in definition.items() if name != "properties"} for definition in classes]
    return {"classes": plain}


@pytest.mark.parametrize(
    ("zones", "on", "factor", "lost"),
    [
        (("a", "b", "c"), (0, 1, 2), 3, set()),
        (("a", "a", "b"), (0, 1, 2), 3, {"a"}),
        (("a", "a", "a"), (0, 1, 2), 3, {"a"}),
        (("a", "b", "c"), (0, 1), 2, {"a", "b"}),  # trap 11: of two copies QUORUM takes both
        (("a", "b", "c"), (1,), 1, {"b"}),
        (("a", "b", "c"), (0, 1), 3, {"a", "b"}),  # one of three is missing already
        (("a", "b", "c", "a", "b", "c"), (0, 3, 1), 3, {"a"}),  # trap 10: three zones, unlucky replicas
        (("a", "b", "c", "a", "b", "c"), (0, 1, 2, 3, 4), 5, set()),
    ],
)
def test_a_shard_survives_a_zone_that_leaves_it_a_quorum(
    zones: tuple[str, ...], on: tuple[int, ...], factor: int, lost: set[str]
) -> None:
    found = facts({"weaviate/nodes_verbose": listed(on, factor=factor)}, replicas=len(zones), zones=zones)
    (shard,) = found.shards
    assert {zone for zone in ZONES if not shard.survives(zone=zone)} == lost


def test_a_shard_survives_the_nodes_without_its_replicas() -> None:
    (shard,) = facts({"weaviate/nodes_verbose": listed((0, 1), factor=2)}).shards
    assert [shard.survives(node=f"node-{place}") for place in range(3)] == [False, False, True]
    assert (shard.needed, shard.left_without(node="node-0")) == (2, 1)


def test_before_1_31_the_factor_comes_from_the_schema() -> None:
    found = facts(
        {"weaviate/nodes_verbose": listed((0,), (1, 2)), "weaviate/schema": schema(collection("Products", factor=3))}
    )
    assert [(shard.name, len(shard.replicas), shard.wanted) for shard in found.shards] == [("s0", 1, 3), ("s1", 2, 3)]


def test_shards_that_are_not_loaded_count_nothing() -> None:
    found = facts({"weaviate/nodes_verbose": listed((0, 1, 2), factor=3, loaded=False, objectCount=0)})
    assert [(shard.countable, shard.objects) for shard in found.shards] == [(False, 0)]


def test_the_objects_of_a_shard_are_those_of_one_replica() -> None:
    answer = listed((0, 1, 2), factor=3)
    for place, count in enumerate((10, 12, 11)):
        answer["nodes"][place]["shards"][0]["objectCount"] = count
    found = facts({"weaviate/nodes_verbose": answer})
    assert found.shards[0].objects == 12


def test_the_frame_has_a_row_for_each_replica() -> None:
    frame = facts({"weaviate/nodes_verbose": listed((0, 2), factor=2)}).shard_replicas
    columns = ["collection", "shard", "pod", "node", "zone", "replicas", "factor"]
    assert frame[columns].values.tolist() == [
        ["Products", "s0", "weaviate-0", "node-0", "a", 2, 2],
        ["Products", "s0", "weaviate-2", "node-2", "c", 2, 2],
    ]


def test_without_the_answers_all_is_empty_and_says_why() -> None:
    found = facts({"weaviate/nodes_verbose": Reason.FORBIDDEN})
    assert (found.shards, found.replicas, found.collections, found.raft) == ((), (), (), None)
    assert found.shard_replicas.empty
    assert found.missing("weaviate/nodes_verbose") is Reason.FORBIDDEN
    assert found.missing("weaviate/schema") is Reason.NOT_COLLECTED


def test_a_node_that_no_pod_goes_by_has_no_place() -> None:
    answer = {"nodes": [{"name": "elsewhere", "shards": [{"name": "s", "class": "P"}]}]}
    (replica,) = facts({"weaviate/nodes_verbose": answer}).replicas
    assert (replica.place.pod, replica.place.node, replica.place.zone) == ("", "", None)


@pytest.mark.parametrize(
    ("name", "env", "replicas", "pod"),
    [
        ("weaviate-0", {}, 3, "weaviate-0"),
        ("weaviate-1.weaviate-headless.weaviate.svc", {}, 3, "weaviate-1"),
        ("solo", {"CLUSTER_HOSTNAME": "solo"}, 1, "weaviate-0"),
        ("solo", {"CLUSTER_HOSTNAME": "solo"}, 3, ""),
    ],
)
def test_weaviate_names_and_pods(name: str, env: dict[str, str], replicas: int, pod: str) -> None:
    answer = {"nodes": [{"name": name, "shards": [{"name": "s", "class": "P"}]}]}
    zones = ZONES[:replicas]
    (replica,) = facts({"weaviate/nodes_verbose": answer}, env=env, replicas=replicas, zones=zones).replicas
    assert replica.place.pod == pod


def raft_of(answer: dict[str, Any], **how: Any) -> Any:
    answer["statistics"] = [{key: entry[key] for key in entry if key != "candidates"} for entry in answer["statistics"]]
    return facts({"weaviate/statistics": answer}, **how).raft


@pytest.mark.parametrize(
    ("zones", "lost"), [(("a", "b", "c"), set()), (("a", "a", "b"), {"a"}), (("a", "b", "b"), {"b"})]
)
def test_voters_keep_their_majority_or_lose_it_with_a_zone(zones: tuple[str, ...], lost: set[str]) -> None:
    raft = raft_of(statistics(), zones=zones)
    assert (len(raft.voters), raft.needed, raft.leaders, raft.synchronized) == (3, 2, ("weaviate-0",), True)
    assert {zone for zone in ZONES if not raft.survives(zone=zone)} == lost


def test_trap_7_a_dead_voter_is_counted_though_no_list_shows_it() -> None:
    answer = statistics()
    answer["statistics"] = answer["statistics"][:2]
    raft = raft_of(answer)
    assert [member.place.weaviate_node for member in raft.voters if not member.live] == ["weaviate-2"]
    assert raft.synchronized  # the server says so: the two that are left agree
    assert raft.survives() and raft.survives(zone="c") and not raft.survives(zone="a")


def test_trap_12_nine_pods_have_three_voters() -> None:
    zones = ("a", "a", "a", "b", "b", "b", "c", "c", "c")
    raft = raft_of(statistics(), zones=zones, replicas=9)
    assert len(raft.voters) == 3
    assert not raft.survives(zone="a") and raft.survives(zone="b")


def test_two_leaders_a_lag_and_an_unready_node_are_named() -> None:
    answer = statistics()
    answer["statistics"][2] = {**answer["statistics"][2], "ready": False, "leaderId": "weaviate-2"}
    answer["statistics"][2]["raft"] = {**answer["statistics"][2]["raft"], "state": "Leader", "fsmPending": "4"}
    raft = raft_of(answer)
    assert raft.leaders == ("weaviate-0", "weaviate-2") == raft.leader_ids
    assert (raft.lagging, raft.not_ready) == (("weaviate-2",), ("weaviate-2",))


def test_a_recorded_cluster_with_a_dead_node_is_joined_to_its_pods() -> None:
    with replayed("one-dead") as server:
        made = with_weaviate(snapshot(weaviate(zones=ZONES)), server.url, api_key=server.key, shards=20, pause=0.0)
    found = ClusterFacts(made)
    products = [shard for shard in found.shards if shard.collection == "Products"]
    assert [(len(shard.replicas), shard.wanted, shard.survives()) for shard in products] == [(2, 3, True)] * 3
    assert not any(shard.survives(zone="a") for shard in products)
    raft = found.raft
    assert raft is not None and raft.survives() and not raft.survives(zone="a")
    assert {
        collection.name: collection.indexes[0].quantisation for collection in found.collections if collection.indexes
    } == {
        "Notes": "",
        "Products": "rq",
        "Sessions": "",
        "Shops": "",
    }
