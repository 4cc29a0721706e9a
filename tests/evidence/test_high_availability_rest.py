"""Availability by what Weaviate itself answers: zones, nodes, copies, members, updates, the control plane."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason, Settings
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, says, seen, without
from tests.support.cluster import cluster, node, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
OURS = {"matchLabels": {"app": "weaviate"}}
BUDGET = """
kind: PodDisruptionBudget
metadata: {name: weaviate}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: weaviate}}}
"""


def required(key: str) -> dict[str, Any]:
    term = {"topologyKey": key, "labelSelector": OURS}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


ZONES, HOSTS = required("topology.kubernetes.io/zone"), required("kubernetes.io/hostname")


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


# --- Q1 ha.multi_az -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["shards without this zone"]),
        (says({"Products": 3, "Sessions": 1}), PARTLY, ["shards without this zone"]),
        (says(nodes=PODS[:2], voters=PODS), PARTLY, ["shards without this zone", "raft voters without this zone"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN, []),
        (without(says(), "weaviate/statistics"), UNKNOWN, []),
    ],
    ids=["met", "two copies", "one copy", "a dead node", "no shard shown", "no shards read", "no voters read"],
)
def test_zones(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.multi_az", made(pod=ZONES, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_a_wish_for_zones_is_partly_met_whatever_weaviate_answers() -> None:
    assert ask("ha.multi_az", made()).outcome is PARTLY


def test_trap_three_zones_with_unlucky_replica_placement_are_not_zone_safe() -> None:
    names = tuple(f"weaviate-{at}" for at in range(6))
    unlucky = says(nodes=names, place={"Products": [["weaviate-0", "weaviate-3", "weaviate-1"]]})
    finding = ask("ha.multi_az", made(6, answers=unlucky, zones=("a", "b", "c"), pod=ZONES))
    assert finding.outcome is PARTLY
    assert "Without the zone a, shards of Products lose their quorum" in finding.sentence


def test_a_collection_of_which_no_shard_is_listed_keeps_zones_from_being_met() -> None:
    hidden = says({"Products": 3, "Hidden": 3}, place={"Hidden": []})
    finding = ask("ha.multi_az", made(pod=ZONES, answers=hidden))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "No shard of Hidden" in finding.sentence


# --- Q2 ha.replicas_across_nodes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), MET, []),
        (says({"Products": 3, "Sessions": 1}), NOT_MET, ["replication factor"]),
        (says({"Products": 3, "Empty": 1}, place={"Empty": []}), NOT_MET, ["replication factor"]),
        (says(healthy=2), PARTLY, ["nodes that Weaviate reports as HEALTHY"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes"), UNKNOWN, []),
    ],
)
def test_nodes(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_trap_a_dead_node_is_missing_from_the_list_and_not_counted_as_healthy() -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=says(nodes=PODS[:2], voters=PODS)))
    assert finding.outcome is PARTLY
    assert "Weaviate reports 2 of 3 nodes as healthy; the others are not listed" in finding.sentence


def test_trap_replication_factor_1_behind_three_pods() -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=says({"Sessions": 1})))
    assert finding.outcome is NOT_MET
    assert "Sessions has one replica" in finding.sentence


def test_an_empty_collection_loses_nothing() -> None:
    answers = says({"Products": 3, "Trial": 1})
    for one in answers["weaviate/nodes_verbose"]["nodes"]:
        for shard in one["shards"]:
            shard["objectCount"] = 0 if shard["class"] == "Trial" else 10
    assert ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=answers)).outcome is MET


# --- Q3 ha.control_plane --------------------------------------------------------------------------


def masters(*zones: str, etcd: bool = True) -> list[dict[str, Any]]:
    labels = {"node-role.kubernetes.io/control-plane": ""} | ({"node-role.kubernetes.io/etcd": "true"} if etcd else {})
    return [node(f"master-{at}", zone, **labels) for at, zone in enumerate(zones)]


def lease(name: str, renewed: str = "2026-11-24T05:59:00Z") -> dict[str, Any]:
    labels = {"apiserver.kubernetes.io/identity": "kube-apiserver"}
    return {
        "kind": "Lease",
        "metadata": {"name": f"apiserver-{name}", "namespace": "kube-system", "labels": labels},
        "spec": {"renewTime": renewed},
    }


@pytest.mark.parametrize(
    ("objects", "outcome"),
    [
        (masters("a", "b", "c"), MET),
        (masters("a", "a", "a"), PARTLY),
        (masters("a", "b"), PARTLY),
        (masters("a"), NOT_MET),
        (masters("a", "b", "c", etcd=False), UNKNOWN),
        ([lease("x"), lease("y")], MET),
        ([lease("x")], PARTLY),
        ([lease("x"), lease("y", "2026-11-23T05:00:00Z")], PARTLY),
        ([], UNKNOWN),
    ],
)
def test_control_plane(objects: list[dict[str, Any]], outcome: Outcome) -> None:
    assert ask("ha.control_plane", cluster(weaviate(), objects)).outcome is outcome


def test_trap_a_managed_control_plane_is_invisible_and_never_a_failure() -> None:
    for version in ("v1.34.2-eks-113cf36", "v1.34.1-gke.1293000"):
        finding = ask("ha.control_plane", cluster(weaviate(), server_version=version))
        assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "zonal" in finding.sentence


def test_refused_leases_are_the_reason() -> None:
    finding = ask("ha.control_plane", cluster(weaviate(), forbidden=("leases",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


# --- Q4 ha.no_control_plane -----------------------------------------------------------------------

BINDING = """
kind: RoleBinding
metadata: {name: reader}
subjects: [{kind: ServiceAccount, name: default, namespace: weaviate}]
roleRef: {kind: Role, name: reader}
"""
HOOK = """
kind: ValidatingWebhookConfiguration
metadata: {name: policies}
webhooks:
  - name: pods.policies.example
    failurePolicy: %s
    namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: %s, values: [weaviate]}]}
    rules: [{apiGroups: [""], resources: [pods], operations: [CREATE]}]
"""
SCALER = """
kind: HorizontalPodAutoscaler
metadata: {name: weaviate}
spec: {scaleTargetRef: {kind: StatefulSet, name: weaviate}}
"""


@pytest.mark.parametrize(
    ("more", "answers", "outcome"),
    [
        ("", says(), UNKNOWN),
        ("", says({"Sessions": 1}), NOT_MET),
        (BINDING, says(), PARTLY),
        (HOOK % ("Fail", "In"), says(), PARTLY),
        (HOOK % ("Ignore", "In"), says(), UNKNOWN),
        (HOOK % ("Fail", "NotIn"), says(), UNKNOWN),
        (SCALER, says(), PARTLY),
        ("", without(says(), "weaviate/schema"), UNKNOWN),
    ],
)
def test_without_the_control_plane(more: str, answers: dict[str, Any], outcome: Outcome) -> None:
    assert ask("ha.no_control_plane", made(3, more, answers=answers)).outcome is outcome


def test_fewer_than_three_replicas_cannot_bridge_a_loss() -> None:
    finding = ask("ha.no_control_plane", made(2, answers=says(nodes=PODS[:2])))
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["spec.replicas", "token of the Kubernetes API"])


def test_trap_an_autoscaler_on_weaviate_is_a_warning_and_no_merit() -> None:
    finding = ask("ha.no_control_plane", made(3, SCALER))
    assert "does not move data by itself" in finding.sentence


# --- Q11 ha.rolling_updates -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["lowest replication factor"]),
        (says({"Products": 3, "Sessions": 1}), NOT_MET, ["lowest replication factor"]),
        (says(versions=("1.38.2", "1.37.9", "1.38.2")), PARTLY, ["versions that the nodes run"]),
        (says(synchronized=False), PARTLY, ["cluster/statistics synchronized"]),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes"), UNKNOWN, []),
    ],
)
def test_rolling_updates(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rolling_updates", made(3, BUDGET, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


# --- E1 ha.three_nodes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replicas", "answers", "outcome", "wrong"),
    [
        (3, says(), MET, []),
        (1, says(nodes=PODS[:1]), NOT_MET, ["spec.replicas"]),
        (2, says(nodes=PODS[:2], voters=PODS[:1]), PARTLY, ["spec.replicas", "configured raft voters"]),
        (3, says(healthy=2), PARTLY, ["nodes that Weaviate reports as HEALTHY"]),
        (3, says(voters=PODS[:1]), PARTLY, ["configured raft voters"]),
        (3, says(voters=(*PODS, "old-0")), PARTLY, ["configured raft voters", "members that answer"]),
        (3, says(synchronized=False), PARTLY, ["cluster/statistics synchronized"]),
        (3, without(says(), "weaviate/nodes"), UNKNOWN, []),
        (3, without(says(), "weaviate/statistics"), UNKNOWN, []),
    ],
)
def test_three_nodes(replicas: int, answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.three_nodes", made(replicas, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_trap_raft_counts_the_configured_members_and_not_those_that_answer() -> None:
    finding = ask("ha.three_nodes", made(answers=says(nodes=PODS[:2], voters=PODS)))
    assert seen(finding, "configured raft voters") == ["3"]
    assert seen(finding, "members that answer") == ["not weaviate-2"]


def test_trap_synchronized_is_asked_several_times_before_it_counts() -> None:
    assert "polled 5 times" in ask("ha.three_nodes", made(answers=says(synchronized=False))).sentence


# --- E2 ha.rf3 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["replication factor"]),
        (says({"Products": 4}), PARTLY, ["replication factor", "replicas of each shard"]),
        (says({"Sessions": 1}), NOT_MET, ["replication factor"]),
        (says(place={"Products": [["weaviate-0", "weaviate-1"]]}), PARTLY, ["replicas of each shard"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN, []),
    ],
)
def test_three_copies(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rf3", made(answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


@pytest.mark.parametrize(("version", "outcome"), [("1.30.0", PARTLY), ("1.37.9", PARTLY), ("1.38.2", MET)])
def test_trap_async_enabled_is_configured_before_1_38_and_worked_out_since(version: str, outcome: Outcome) -> None:
    more = {"Products": {"replicationConfig": {"factor": 3, "asyncEnabled": False}}}
    assert ask("ha.rf3", made(answers=says(versions=(version,), more=more))).outcome is outcome


def test_asynchronous_repair_can_be_off_for_the_whole_server() -> None:
    finding = ask("ha.rf3", made(env={"ASYNC_REPLICATION_DISABLED": "true"}))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["env ASYNC_REPLICATION_DISABLED"])


@pytest.mark.parametrize(
    "env", [{"REPLICATION_MAXIMUM_FACTOR": "1"}, {"MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION": "500"}]
)
def test_trap_limits_of_use_and_three_copies_exclude_one_another(env: dict[str, str]) -> None:
    finding = ask("ha.rf3", made(env=env, answers=says({"Sessions": 1})))
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "limited to a replication factor of 1" in finding.sentence


def test_no_setting_moves_what_is_a_matter_of_arithmetic() -> None:
    assert ask("ha.rf3", made(answers=says({"Products": 2})), Settings(read_heavy=True)).outcome is PARTLY


def test_before_the_data_comes_the_definitions_are_judged() -> None:
    assert ask("ha.rf3", made(answers=says({"Products": 1}, objects=0))).outcome is NOT_MET
    assert ask("ha.rf3", made(answers=says({"Products": 3}, objects=0))).outcome is MET
