"""Data, names and members: what makes several pods one cluster."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, says
from tests.support.cluster import cluster, of, weaviate

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SHARED = {"volumes": [{"name": "weaviate-data", "persistentVolumeClaim": {"claimName": "one"}}]}
SEPARATE = ("ha.multi_az", "ha.replicas_across_nodes", "ha.no_control_plane", "ha.three_nodes", "ha.rolling_updates")


def three(facts: ClusterFacts, **answers: Any) -> Finding:
    return ask("ha.three_nodes", answered(facts, answers) if answers else facts)


def outcome(finding: Finding, field: str) -> Outcome | None:
    return next((fact.outcome for fact in finding.facts if fact.field == field), None)


def deployment(**spec: Any) -> list[dict[str, Any]]:
    """Three pods of a Deployment on one claim."""
    made = weaviate(pod=SHARED, conf=None, **spec)
    template = of(made, "StatefulSet")[0]["spec"]["template"]
    objects = [item for item in made if item["kind"] not in ("StatefulSet", "Pod", "PersistentVolumeClaim")]
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "one"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    owner = {"kind": "ReplicaSet", "name": "weaviate-7c9", "controller": True}
    pods = [
        {**pod, "metadata": {**pod["metadata"], "name": f"weaviate-7c9-{letter}", "ownerReferences": [owner]}}
        for pod, letter in zip(of(made, "Pod"), "abc", strict=True)
    ]
    body = {"replicas": 3, "template": template, "strategy": {"type": "RollingUpdate"}}
    workload = {"kind": "Deployment", "metadata": {"name": "weaviate"}, "spec": body, "status": {"readyReplicas": 3}}
    return [*objects, claim, workload, *pods]


@pytest.mark.parametrize("question", SEPARATE)
def test_three_pods_on_one_claim_are_no_cluster(question: str) -> None:
    finding = ask(question, cluster(deployment()))
    assert "claim of the data" in bad(finding) and finding.outcome is NOT_MET
    assert "3 servers write to one data folder" in finding.sentence


@pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteMany"])
def test_a_stateful_set_whose_pods_share_a_claim_is_no_cluster_either(mode: str) -> None:
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "one"}, "spec": {"accessModes": [mode]}}
    facts = cluster(weaviate(pod=SHARED, conf=None), claim)
    assert outcome(three(facts), "claim of the data") is NOT_MET


def test_a_folder_for_each_pod_on_one_claim_is_separate_data() -> None:
    mounts = [{"name": "weaviate-data", "mountPath": "/var/lib/weaviate", "subPathExpr": "$(POD_NAME)"}]
    facts = cluster(weaviate(pod=SHARED, conf=None, container={"volumeMounts": mounts}))
    assert outcome(three(facts), "claim of the data") is None


def test_one_name_for_all_pods_is_no_cluster() -> None:
    assert outcome(three(cluster(weaviate(env={"CLUSTER_HOSTNAME": "node1"}))), "env CLUSTER_HOSTNAME") is NOT_MET


@pytest.mark.parametrize("value", ["$(POD_NAME)", {"fieldRef": {"fieldPath": "metadata.name"}}])
def test_the_name_of_each_pod_as_host_name_is_in_order(value: Any) -> None:
    assert outcome(three(cluster(weaviate(env={"CLUSTER_HOSTNAME": value}))), "env CLUSTER_HOSTNAME") is None


@pytest.mark.parametrize("value", [None, ""])
def test_pods_without_cluster_join_are_separate_servers(value: str | None) -> None:
    facts = cluster(weaviate(env={"CLUSTER_JOIN": value}))
    assert outcome(three(facts), "env CLUSTER_JOIN") is NOT_MET
    assert outcome(three(facts, **says()), "env CLUSTER_JOIN") is None
    assert outcome(three(cluster(weaviate(1, env={"CLUSTER_JOIN": value}))), "env CLUSTER_JOIN") is None


def test_a_deployment_without_a_host_name_loses_its_shards_at_a_restart() -> None:
    assert "env CLUSTER_HOSTNAME" in bad(ask("ha.rolling_updates", cluster(deployment())))
    own = {"fieldRef": {"fieldPath": "metadata.name"}}
    assert "env CLUSTER_HOSTNAME" not in bad(three(cluster(deployment(env={"CLUSTER_HOSTNAME": own}))))


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("weaviate-headless.weaviate.svc.cluster.local.", False),
        ("weaviate-headless", False),
        ("weaviate-headless.weaviate", False),
        ("weaviate-0.weaviate-headless.weaviate.svc.cluster.local", False),
        ("weaviate-0.weaviate-headless", False),
        ("weaviate-headless.weaviate.svc:7000", False),
        ("10.0.0.7", False),
        ("weaviate.example.com", False),
        ("weaviate-headless.other.svc.cluster.local", True),
        ("no-such-service.weaviate.svc.cluster.local.", True),
        ("no-such-service", True),
        ("weaviate-headless.weaviate.svc:7001", True),
    ],
)
def test_cluster_join_points_to_the_pods(value: str, wrong: bool) -> None:
    facts = cluster(weaviate(env={"CLUSTER_JOIN": value}))
    assert outcome(three(facts), "env CLUSTER_JOIN") is (NOT_MET if wrong else None)
    assert outcome(three(facts, **says()), "env CLUSTER_JOIN") is (PARTLY if wrong else None)


def test_services_that_were_not_read_are_not_called_missing() -> None:
    facts = cluster(weaviate(env={"CLUSTER_JOIN": "no-such-service"}), forbidden=("services",))
    assert "env CLUSTER_JOIN" not in bad(three(facts)) and "spec.serviceName" not in bad(three(facts))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("weaviate-0,weaviate-1,weaviate-2", None),
        ("weaviate-0.weaviate-headless:8300,weaviate-1,weaviate-2", None),
        ("weaviate-0,weaviate-1,weaviate-9", PARTLY),
        ("search-0,search-1,search-2", NOT_MET),
    ],
)
def test_raft_join_names_existing_pods(value: str, found: Outcome | None) -> None:
    assert outcome(three(cluster(weaviate(env={"RAFT_JOIN": value}))), "env RAFT_JOIN") is found


def test_three_voters_of_one_replica_are_never_found() -> None:
    facts = cluster(weaviate(1, env={"RAFT_BOOTSTRAP_EXPECT": "3", "RAFT_JOIN": "weaviate-0,weaviate-1,weaviate-2"}))
    assert outcome(three(facts), "env RAFT_BOOTSTRAP_EXPECT") is NOT_MET


def test_two_replicas_of_the_chart_have_one_voter() -> None:
    finding = three(cluster(weaviate(2)))
    assert outcome(finding, "env RAFT_BOOTSTRAP_EXPECT") is PARTLY and finding.outcome is NOT_MET
    assert "one voter" in finding.sentence


def test_a_service_name_without_a_service_is_named() -> None:
    objects = [item for item in weaviate() if item["metadata"]["name"] != "weaviate-headless"]
    finding = three(cluster(objects))
    assert {"spec.serviceName", "env CLUSTER_JOIN"} <= set(bad(finding))


def test_one_node_recovery_that_is_still_on_is_named() -> None:
    assert "env RAFT_ENABLE_ONE_NODE_RECOVERY" in bad(
        three(cluster(weaviate(env={"RAFT_ENABLE_ONE_NODE_RECOVERY": "true"})))
    )


def test_claims_of_pods_that_were_scaled_away_are_named() -> None:
    left = [item for item in weaviate(5) if item["kind"] == "PersistentVolumeClaim"]
    field = "claims of pods that no longer exist"
    facts = cluster(left, weaviate())
    assert outcome(three(facts), field) is PARTLY
    finding = three(facts, **says())
    assert outcome(finding, field) is None and field in [fact.field for fact in finding.facts]
    assert "not a majority of the old voters" in three(cluster(left, weaviate(1))).sentence
    assert field not in [fact.field for fact in three(cluster(weaviate()), **says(nodes=PODS)).facts]


# --- ordinals that do not begin at 0 --------------------------------------------------------------


def from_ordinal(start: int, replicas: int = 3, **named: Any) -> list[dict[str, Any]]:
    """Pods, claims and the StatefulSet with `spec.ordinals.start`."""
    made = weaviate(replicas, conf=None, spec={"ordinals": {"start": start}}, **named)
    for kind in ("Pod", "PersistentVolumeClaim"):
        for item in of(made, kind):
            head, _, ordinal = item["metadata"]["name"].rpartition("-")
            item["metadata"]["name"] = f"{head}-{int(ordinal) + start}"
    for pod in of(made, "Pod"):
        for volume in pod["spec"].get("volumes", ()):
            if claim := volume.get("persistentVolumeClaim"):
                head, _, ordinal = claim["claimName"].rpartition("-")
                claim["claimName"] = f"{head}-{int(ordinal) + start}"
    return made


@pytest.mark.parametrize(
    ("join", "missing"),
    [
        ("weaviate-5:8300,weaviate-6:8300,weaviate-7:8300", ""),
        ("weaviate-0,weaviate-1,weaviate-2", "weaviate-0, weaviate-1 and weaviate-2"),
        ("weaviate-4,weaviate-5,weaviate-6", "weaviate-4"),
    ],
)
def test_members_are_named_from_the_first_ordinal_on(join: str, missing: str) -> None:
    finding = three(cluster(from_ordinal(5, env={"RAFT_JOIN": join})))
    found = [check for check in finding.facts if check.field == "env RAFT_JOIN" and check.outcome is not None]
    assert [missing in check.message for check in found] == ([True] if missing else [])


def test_claims_of_the_replicas_are_no_leftovers_whatever_their_first_ordinal() -> None:
    facts = cluster(from_ordinal(5))
    assert facts.weaviate.pod_names == ("weaviate-5", "weaviate-6", "weaviate-7")
    assert len(facts.weaviate.claims) == 3
    assert outcome(three(facts), "claims of pods that no longer exist") is None


def test_claims_before_the_first_ordinal_are_leftovers() -> None:
    old = {"kind": "PersistentVolumeClaim", "metadata": {"name": "weaviate-data-weaviate-0"}}
    finding = three(cluster(from_ordinal(1), old))
    line = next(check for check in finding.facts if check.field == "claims of pods that no longer exist")
    assert line.outcome is PARTLY and "weaviate-data-weaviate-0 remain from 4 replicas" in line.message
