"""Node repair and probes as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Observation, Outcome, Reason
from tests.support.asked import ask, bad
from tests.support.cluster import cluster, merged, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def fact(finding: Finding, field: str) -> Observation:
    return next(check for check in finding.facts if field in check.field)


def labelled(**labels: str) -> list[dict[str, Any]]:
    objects = weaviate()
    for node in of(objects, "Node"):
        node["metadata"]["labels"] |= {key.replace("__", "/"): value for key, value in labels.items()}
    return objects


KARPENTER = """
kind: Deployment
metadata: {name: karpenter, namespace: karpenter, labels: {app.kubernetes.io/name: karpenter}}
spec:
  template:
    spec: {containers: [{name: controller, image: public.ecr.aws/karpenter/controller:1.5.0, env: [%s]}]}
status: {readyReplicas: 2}
"""


GATE = "{name: FEATURE_GATES, value: 'NodeRepair=true,SpotToSpotConsolidation=false'}"


ON_KARPENTER = {"karpenter.sh__nodepool": "default"}


AUTOSCALER = """
kind: Deployment
metadata: {name: autoscaler, namespace: kube-system}
spec: {template: {spec: {containers: [{name: a, image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0'}]}}}
"""


DETECTOR = """
kind: DaemonSet
metadata: {name: npd, namespace: kube-system}
spec: {template: {metadata: {labels: {k8s-app: node-problem-detector}}}}
"""


MACHINES = "{kind: MachineHealthCheck, metadata: {name: workers, namespace: capi}}"


HEALTH = "{kind: NodeHealthCheck, metadata: {name: workers}}"


@pytest.mark.parametrize(
    ("labels", "more", "outcome"),
    [
        ({"eks.amazonaws.com__compute-type": "auto"}, "", MET),
        ({"kubernetes.azure.com__cluster": "MC_x"}, "", MET),
        ({}, MACHINES, MET),
        (ON_KARPENTER, KARPENTER % GATE, MET),
        ({}, KARPENTER % GATE, PARTLY),
        ({"eks.amazonaws.com__nodegroup": "ng"}, "", PARTLY),
        ({"cloud.google.com__gke-nodepool": "pool"}, "", PARTLY),
        ({}, HEALTH, PARTLY),
        ({}, "", UNKNOWN),
    ],
)
def test_node_repair(labels: dict[str, str], more: str, outcome: Outcome) -> None:
    finding = ask("ha.node_repair", cluster(labelled(**labels), more))
    assert finding.outcome is outcome
    assert finding.reason is (Reason.NOT_OBSERVABLE if outcome is UNKNOWN else None)


@pytest.mark.parametrize("more", [AUTOSCALER, DETECTOR, KARPENTER % ""], ids=["autoscaler", "detector", "karpenter"])
def test_trap_autoscalers_and_problem_detectors_do_not_repair_nodes(more: str) -> None:
    finding = ask("ha.node_repair", cluster(labelled(**ON_KARPENTER), more))
    assert finding.outcome is PARTLY
    assert "does not prove that failed nodes are repaired" in finding.sentence


def test_trap_a_problem_detector_may_be_visible_only_by_node_conditions() -> None:
    objects = weaviate()
    of(objects, "Node")[0]["status"]["conditions"].append({"type": "KernelDeadlock", "status": "False"})
    assert fact(ask("ha.node_repair", cluster(objects)), "status.conditions").seen.startswith("KernelDeadlock")


def test_trap_kubernetes_does_not_move_a_pod_off_a_failed_node() -> None:
    assert "does not move a StatefulSet pod off a failed node" in ask("ha.node_repair", cluster(weaviate())).sentence


def test_managed_repair_counts_only_where_every_node_of_weaviate_has_it() -> None:
    objects = weaviate()
    of(objects, "Node")[0]["metadata"]["labels"]["eks.amazonaws.com/compute-type"] = "auto"
    assert ask("ha.node_repair", cluster(objects)).outcome is PARTLY


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe"])
def test_a_missing_probe_fails_whatever_repairs_the_nodes(probe: str) -> None:
    finding = ask("ha.node_repair", cluster(weaviate(container={probe: None}), MACHINES))
    assert (finding.outcome, bad(finding)) == (NOT_MET, [probe])


def test_a_bare_pod_fails() -> None:
    objects = [item for item in weaviate(1) if item["kind"] != "StatefulSet"]
    del of(objects, "Pod")[0]["metadata"]["ownerReferences"]
    finding = ask("ha.node_repair", cluster(objects, MACHINES))
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["ownerReferences"])


def test_restarts_are_listed_with_their_last_reason() -> None:
    objects = weaviate()
    status = of(objects, "Pod", "weaviate-1")[0]["status"]["containerStatuses"][0]
    status |= {"restartCount": 4, "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    assert fact(ask("ha.node_repair", cluster(objects)), "restarts").seen == "4, last OOMKilled"


def test_a_refused_read_of_a_detector_is_named_in_the_sentence() -> None:
    finding = ask("ha.node_repair", cluster(weaviate(), forbidden=("daemonsets",)))
    assert (finding.outcome, finding.reason, finding.missing) == (UNKNOWN, Reason.FORBIDDEN, ("daemonsets",))


def health(selector: dict[str, Any], kind: str = "NodeHealthCheck", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "workers"}, "spec": {"selector": selector}, **more}


ANY: dict[str, Any] = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}
FIRST: dict[str, Any] = {"matchLabels": {"kubernetes.io/hostname": "node-0"}}
REST: dict[str, Any] = {
    "matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["node-0"]}]
}


@pytest.mark.parametrize(
    ("objects", "outcome", "seen"),
    [
        ([health(ANY)], MET, "selects 3 of 3 nodes with Weaviate"),
        ([health(FIRST)], PARTLY, "selects 1 of 3 nodes with Weaviate"),
        ([health(FIRST), merged(health(REST), {"metadata": {"name": "rest"}})], MET, "selects 3 of 3"),
        ([merged(health(ANY), {"spec": {"pauseRequests": ["maintenance by J"]}})], PARTLY, "1 of 1 paused"),
        ([health(ANY, status={"phase": "Paused"})], PARTLY, "1 of 1 paused"),
        ([health(ANY, status={"phase": "Disabled"})], PARTLY, "1 of 1 paused"),
        ([health(ANY, status={"phase": "Enabled"})], MET, "selects 3 of 3"),
    ],
)
def test_node_health_checks_repair_where_they_select_every_node_and_are_active(
    objects: list[dict[str, Any]], outcome: Outcome, seen: str
) -> None:
    finding = ask("ha.node_repair", cluster(weaviate(), objects))
    assert finding.outcome is outcome
    assert seen in " ".join(check.seen for check in finding.facts)


@pytest.mark.parametrize(
    ("selector", "outcome"),
    [
        ({}, MET),
        ({"matchLabels": {"cluster.x-k8s.io/cluster-name": "prod"}}, MET),
        ({"matchLabels": {"machine.openshift.io/cluster-api-machine-role": "worker"}}, MET),
        ({"matchExpressions": [{"key": "cluster.x-k8s.io/control-plane", "operator": "DoesNotExist"}]}, MET),
        ({"matchLabels": {"cluster.x-k8s.io/control-plane": ""}}, PARTLY),
        ({"matchExpressions": [{"key": "cluster.x-k8s.io/control-plane", "operator": "Exists"}]}, PARTLY),
        ({"matchLabels": {"machine.openshift.io/cluster-api-machine-role": "master"}}, PARTLY),
        ({"matchLabels": {"nodepool": "gpu"}}, PARTLY),
    ],
)
def test_a_machine_health_check_repairs_where_it_selects_the_workers(
    selector: dict[str, Any], outcome: Outcome
) -> None:
    check = health(selector, "MachineHealthCheck")
    assert ask("ha.node_repair", cluster(weaviate(), check)).outcome is outcome
    paused = merged(check, {"metadata": {"annotations": {"cluster.x-k8s.io/paused": ""}}})
    assert ask("ha.node_repair", cluster(weaviate(), paused)).outcome is PARTLY
