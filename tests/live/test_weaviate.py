"""The kit reads real Weaviate servers: every field that evidence uses is there and says what is true."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.collect.weaviate.collector import Collected, collect_weaviate, with_weaviate
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Reason
from tests.support import weaviate_scenarios as scenarios
from tests.support.cluster import snapshot, weaviate
from tests.support.weaviate_cluster import WeaviateCluster

SHARDS = 20


def read(cluster: WeaviateCluster, key: str = "", **how: Any) -> Collected:
    found = collect_weaviate(cluster.url, api_key=key, **{"pause": 0.5, "shards": SHARDS, **how})
    assert {call.method for call in found.calls} == {"GET"}
    assert len(found.calls) < 100
    return found


def reasons(found: Collected) -> dict[str, Reason]:
    return {one.key.removeprefix("weaviate/"): one.reason for one in found.reads if one.reason is not None}


def nodes(cluster: WeaviateCluster) -> list[Any]:
    """None while the servers are still finding out that one of them is gone."""
    status, answer = cluster.ask("GET", "/v1/nodes")
    return answer["nodes"] if status == 200 else []


def facts(cluster: WeaviateCluster, key: str) -> ClusterFacts:
    base = snapshot(weaviate())
    return ClusterFacts(with_weaviate(base, cluster.url, api_key=key, shards=SHARDS, pause=0.5), "weaviate/weaviate")


# --- three nodes, keys and RBAC -------------------------------------------------------------------------


def test_a_viewer_sees_everything(three: WeaviateCluster) -> None:
    found = read(three, scenarios.VIEWER_KEY)
    assert reasons(found) == {}
    assert found.answers["weaviate/own_info"].roles == ("viewer",)
    assert (found.answers["weaviate/live"].ok, found.answers["weaviate/ready"].ok) == (True, True)
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.schemes) == (False, ("API-keys",))
    assert found.answers["weaviate/oidc"].configured is False
    assert found.answers["weaviate/tasks"] == {}
    assert found.answers["weaviate/meta"].version == "1.38.2"


def test_nodes_and_statistics_of_three(three: WeaviateCluster) -> None:
    found = read(three, scenarios.VIEWER_KEY)
    names = ["weaviate-0", "weaviate-1", "weaviate-2"]
    nodes = found.answers["weaviate/nodes"].nodes
    assert [(node.name, node.status, node.version, node.operational_mode) for node in nodes] == [
        (name, "HEALTHY", "1.38.2", "ReadWrite") for name in names
    ]
    statistics = found.answers["weaviate/statistics"]
    assert statistics.synchronized
    assert sorted(one.name for one in statistics.statistics if one.is_voter) == names
    (leader,) = [one.name for one in statistics.statistics if one.raft.state == "Leader"]
    assert {one.leader_id for one in statistics.statistics} == {leader}
    for one in statistics.statistics:
        assert one.bootstrapped and one.db_loaded and one.open and one.ready
        assert (one.raft.fsm_pending, one.raft.num_peers) == ("0", "2")
        assert int(one.raft.applied_index) > 0
        assert sorted(member.id for member in one.raft.latest_configuration) == names
        assert {member.suffrage for member in one.raft.latest_configuration} == {0}


def test_collections_as_they_were_made(three: WeaviateCluster) -> None:
    found = {one.name: one for one in facts(three, scenarios.VIEWER_KEY).collections}
    assert {name: one.factor for name, one in found.items()} == {"Notes": 3, "Products": 3, "Sessions": 1, "Shops": 3}
    assert [name for name, one in found.items() if one.multi_tenant] == ["Shops"]
    assert (found["Products"].shards, found["Shops"].shards) == (3, 0)
    assert found["Products"].ttl is False
    assert found["Products"].async_configured is None
    assert found["Products"].deletion_strategy == "TimeBasedResolution"
    (index,) = found["Products"].indexes
    assert (index.name, index.kind, index.quantisation, index.bits, index.cleanup_seconds) == ("", "hnsw", "rq", 8, 300)
    plain, small = found["Notes"].indexes
    assert (plain.name, plain.kind, plain.quantisation, plain.in_memory) == ("plain", "hnsw", "", True)
    assert (small.name, small.kind, small.quantisation, small.cached) == ("small", "flat", "bq", True)
    assert found["Products"].property_set == found["Sessions"].property_set != ""


def test_shards_and_their_replicas(three: WeaviateCluster) -> None:
    found = facts(three, scenarios.VIEWER_KEY)
    shards = {(one.collection, one.name): one for one in found.shards}
    copies = {collection: {len(one.replicas) for (of, _), one in shards.items() if of == collection} for collection in
              ("Products", "Sessions", "Shops")}  # fmt: skip
    assert copies == {"Products": {3}, "Sessions": {1}, "Shops": {3}}
    assert {name for of, name in shards if of == "Shops"} == set(scenarios.TENANTS)
    counts = {
        collection: sum(one.objects for (of, _), one in shards.items() if of == collection) for collection in copies
    }
    assert counts == {"Products": 60, "Sessions": 30, "Shops": 20}
    assert all(one.compressed and one.loaded for one in found.replicas if one.collection == "Products")
    assert {one.status for one in found.replicas} <= {"READY", "INDEXING"}
    assert {one.place.pod for one in found.replicas} == {"weaviate-0", "weaviate-1", "weaviate-2"}
    assert {one.collection for one in found.shards if not one.survives(node="node-0")} <= {"Sessions"}
    assert found.raft is not None and len(found.raft.voters) == 3 and found.raft.survives(node="node-1")


def test_collections_with_tenants_are_left_out_where_nobody_knows_how_many(three: WeaviateCluster) -> None:
    found = read(three, scenarios.VIEWER_KEY, shards=None)
    assert reasons(found) == {"nodes_verbose": Reason.NOT_COLLECTED}
    nodes = found.answers["weaviate/nodes_verbose"]
    assert nodes.sampled == ("Notes", "Products", "Sessions")
    assert {one.collection for node in nodes.nodes for one in node.shards} == set(nodes.sampled)


def test_roles_as_root_sees_them(three: WeaviateCluster) -> None:
    found = read(three, scenarios.ROOT_KEY)
    assert found.answers["weaviate/own_info"].roles == ("root",)
    roles = {role.name: role for role in found.answers["weaviate/roles"]}
    assert set(roles) == {"admin", "read-only", "root", "storefront", "viewer"}
    assert {name: role.users for name, role in roles.items()} == {
        "admin": 0,
        "read-only": 0,
        "root": 1,
        "viewer": 1,
        "storefront": None,
    }
    (permission,) = roles["storefront"].permissions
    assert (permission.action, permission.wide) == ("read_data", False)
    assert any(one.action == "manage_backups" and one.wide for one in roles["admin"].permissions)


def test_a_key_for_one_collection_sees_what_it_may_and_is_told_of_the_rest(three: WeaviateCluster) -> None:
    found = read(three, scenarios.APP_KEY)
    refused = {"nodes", "statistics", "tasks", "schema", "nodes_verbose", "backups", "roles", "users"}
    assert reasons(found) == dict.fromkeys(refused, Reason.FORBIDDEN)
    assert [one.key for one in found.reads if one.partial] and "weaviate/nodes" not in found.answers
    assert found.answers["weaviate/schema"].classes == ()


@pytest.mark.parametrize("key", ["", "a-wrong-key"])
def test_without_a_good_key_the_door_stays_shut(three: WeaviateCluster, key: str) -> None:
    found = read(three, key)
    assert {name for name, reason in reasons(found).items() if reason is Reason.FORBIDDEN} == {
        *"meta own_info nodes statistics schema nodes_verbose backups roles users tasks".split()
    }
    assert len(found.calls) == 5


# --- one node, open -------------------------------------------------------------------------------------


def test_anonymous_access_is_seen(single: WeaviateCluster) -> None:
    found = read(single)
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.restricted, probe.collections) == (True, False, 4)
    assert reasons(found) == {"own_info": Reason.ABSENT}


def test_a_token_for_a_server_without_schemes_is_left_away(single: WeaviateCluster) -> None:
    found = read(single, "a-token-nobody-asked-for")
    assert reasons(found) == {"own_info": Reason.ABSENT}


def test_backups_and_their_restores(single: WeaviateCluster) -> None:
    found = read(single)
    assert "backup-filesystem" in found.answers["weaviate/meta"].modules
    backend = found.answers["weaviate/backups"]["filesystem"]
    assert [(one.id, one.status, one.classes) for one in backend.entries] == [
        ("second", "SUCCESS", ("Products",)),
        ("first", "SUCCESS", ("Products",)),
    ]
    assert backend.restores == {"first": "SUCCESS", "second": ""}
    for one in backend.entries:
        assert one.started_at is not None and one.completed_at is not None and one.completed_at >= one.started_at
        assert one.size is not None


def test_a_single_node_votes_alone(single: WeaviateCluster) -> None:
    (one,) = read(single).answers["weaviate/statistics"].statistics
    assert (one.is_voter, one.raft.state, len(one.raft.latest_configuration)) == (True, "Leader", 1)


# --- an admin list, and an older server -----------------------------------------------------------------


def test_an_admin_list_lets_anonymous_in_and_shows_them_nothing(listed: WeaviateCluster) -> None:
    found = read(listed, scenarios.VIEWER_KEY)
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.restricted, probe.nodes_status) == (True, True, 403)
    assert (probe.schema_status, probe.collections) == (200, 0)
    assert len(found.answers["weaviate/schema"].classes) == 1
    assert found.answers["weaviate/own_info"].roles == ()
    assert "schema" not in reasons(found)


def test_an_older_server_is_not_asked_for_what_it_cannot(old: WeaviateCluster) -> None:
    found = read(old, scenarios.ROOT_KEY)
    assert reasons(found) == {"backups": Reason.ABSENT, "tasks": Reason.ABSENT}
    assert found.answers["weaviate/meta"].version == "1.30.0"
    assert not [call for call in found.calls if "backups" in call.path or "tasks" in call.path]
    assert [call.path for call in found.calls if "users/db" in call.path] == ["/v1/users/db"]
    replicas = [one for node in found.answers["weaviate/nodes_verbose"].nodes for one in node.shards]
    assert {one.number_of_replicas for one in replicas} == {0}
    assert found.answers["weaviate/own_info"].roles == ("root",)


def test_an_older_server_does_answer_not_implemented(old: WeaviateCluster) -> None:
    """Why the gate is there."""
    status, answer = old.ask("GET", "/v1/backups/filesystem")
    assert status == 500
    assert "not implemented" in str(answer)


# --- nodes die: last, because they stay dead ------------------------------------------------------------


def test_trap_7_a_dead_node_leaves_the_list_but_not_the_voters(three: WeaviateCluster) -> None:
    three.kill(2)
    scenarios.until(lambda: len(nodes(three)) == 2, "the dead node to leave the list")
    found = read(three, scenarios.ROOT_KEY)
    assert [node.name for node in found.answers["weaviate/nodes"].nodes] == ["weaviate-0", "weaviate-1"]
    for one in found.answers["weaviate/statistics"].statistics:
        assert len(one.raft.latest_configuration) == 3
    joined = facts(three, scenarios.ROOT_KEY)
    assert joined.raft is not None
    assert [member.place.weaviate_node for member in joined.raft.voters if not member.live] == ["weaviate-2"]
    assert not joined.raft.survives(node="node-0")
    products = [one for one in joined.shards if one.collection == "Products"]
    assert {(len(one.replicas), one.wanted, one.survives()) for one in products} == {(2, 3, True)}
    assert {one.survives(node="node-0") for one in products} == {False}


def test_without_a_leader_the_schema_is_still_read(three: WeaviateCluster) -> None:
    three.kill(1)
    scenarios.until(lambda: scenarios.leaderless(three), "the loss of the leader")
    found = read(three, scenarios.ROOT_KEY)
    schema = found.answers["weaviate/schema"]
    assert (len(schema.classes), schema.from_leader) == (4, False)
    statistics = found.answers["weaviate/statistics"]
    assert (statistics.synchronized, statistics.polls) == (False, 5)
    assert found.answers["weaviate/ready"].status in (200, 503)
