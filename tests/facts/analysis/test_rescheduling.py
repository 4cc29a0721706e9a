"""Pods that can or cannot be rescheduled after the loss of a node or zone."""

from __future__ import annotations

from readiness_kit.model import Reason
from tests.support.cluster import cluster, node, of, weaviate

HARD = {
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "weaviate"}}}
            ]
        }
    }
}


def reason(*more: object, zones: tuple[str, ...] = ("",), **how: object) -> str:
    """Why weaviate-0 would find no place without its node; "" where it finds one."""
    facts = cluster(weaviate(zones=zones, **how), *more)  # type: ignore[arg-type]
    found = facts.loss.of("node", "node-0")
    assert found is not None
    return next((pod.reason for pod in found.stranded), "")


def test_a_pod_with_room_elsewhere_is_placed_again() -> None:
    assert reason([node("spare")]) == ""


def test_the_nodes_of_the_others_are_too_small_for_two() -> None:
    assert reason() == "2 nodes: insufficient free CPU or memory for the requests"


def test_required_anti_affinity_keeps_it_off_the_nodes_of_the_others() -> None:
    assert "anti-affinity" in reason(pod=HARD)
    assert reason([node("spare")], pod=HARD) == ""


def test_a_zonal_volume_does_not_leave_its_zone() -> None:
    assert reason([node("spare", "b")], zones=("a", "b", "c")) == "3 nodes: volume not available on the node"
    assert reason([node("spare", "a")], zones=("a", "b", "c")) == ""


def test_a_taint_a_selector_and_a_cordon_keep_it_away() -> None:
    tainted, cordoned = node("spare"), node("spare")
    tainted["spec"] = {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}
    cordoned["spec"] = {"unschedulable": True}
    assert reason(tainted, pod=HARD).endswith("affinity or anti-affinity between pods")
    for unusable, word in ((tainted, "taint"), (cordoned, "cordoned")):
        facts = cluster(weaviate(1, zones=("",)), unusable)
        (lost,) = facts.loss.nodes
        assert [found.reason.partition(": ")[2][: len(word)] for found in lost.stranded] == [word]
    facts = cluster(weaviate(1, zones=("",), pod={"nodeSelector": {"pool": "x"}}), node("spare"))
    assert "node selector" in facts.loss.nodes[0].stranded[0].reason


def test_a_spread_constraint_counts_the_nodes_that_are_left() -> None:
    constraint = {
        "topologyKey": "kubernetes.io/hostname",
        "maxSkew": 1,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "weaviate"}},
    }
    assert reason([node("spare")], pod={"topologySpreadConstraints": [constraint]}) == ""


def test_without_the_only_node_none_is_left() -> None:
    facts = cluster(weaviate(1))
    assert facts.loss.nodes[0].stranded[0].reason == "no node remains"


def test_where_volumes_could_not_be_read_nothing_is_said_of_places() -> None:
    matrix = cluster(weaviate(), forbidden=("persistentvolumes",)).loss
    assert matrix.placing_missing is Reason.FORBIDDEN
    assert all(loss.stranded == () for loss in matrix.losses)


def test_pods_that_go_together_are_placed_one_after_the_other() -> None:
    objects = weaviate(2, zones=("",), nodes=("n1", "n1"))
    of(objects, "StatefulSet")[0]["spec"]["template"]["spec"]["containers"][0]["resources"] = {
        "requests": {"cpu": "5", "memory": "1Gi"}
    }
    facts = cluster(objects, node("spare"))
    assert [pod.pod for pod in facts.loss.nodes[0].stranded] == ["weaviate-1"]


OTHER = """
kind: Pod
metadata: {name: batch, namespace: weaviate, labels: {app: batch}}
spec: {nodeName: spare, containers: [{name: c, resources: {requests: {cpu: "3"}}}], %s}
status: {phase: %s}
"""


def test_requests_of_sidecars_init_containers_and_overhead_count_for_the_spare_node() -> None:
    small = node("spare")
    small["status"]["allocatable"] = {"cpu": "4500m", "memory": "32Gi", "pods": "110"}
    sidecar = {"name": "s", "image": "s:1", "restartPolicy": "Always", "resources": {"requests": {"cpu": "600m"}}}
    setup = {"name": "i", "image": "i:1", "resources": {"requests": {"cpu": "5"}}}
    for pod in ({"initContainers": [sidecar]}, {"initContainers": [setup]}, {"overhead": {"cpu": "600m"}}):
        assert reason(small, pod=pod) == "3 nodes: insufficient free CPU or memory for the requests"
    assert reason(small) == ""


def test_pods_of_others_take_room_and_keep_weaviate_away() -> None:
    keep = (
        "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: weaviate}}}]}}"
    )
    small = node("spare")
    small["status"]["allocatable"]["cpu"] = "6"
    assert reason(small, OTHER % ("priority: 0", "Running")).startswith("3 nodes: insufficient")
    assert reason(small, OTHER % ("priority: 0", "Succeeded")) == ""
    facts = cluster(weaviate(1, zones=("",)), node("spare"), OTHER % (keep, "Running"))
    assert "between pods" in facts.loss.nodes[0].stranded[0].reason


def test_a_candidate_takes_a_pod_by_all_filters_of_the_scheduler() -> None:
    small, taken, fine = node("small"), node("spare"), node("fine")
    small["status"]["allocatable"]["memory"] = "23Gi"
    taken["status"]["allocatable"]["cpu"] = "6"
    facts = cluster(weaviate(), small, taken, fine, OTHER % ("priority: 0", "Running"))
    assert [found.metadata.name for found in facts.candidate_nodes] == ["node-0", "node-1", "node-2", "fine"]
    assert facts.nodes.set_index("name")["candidate"]["small"] == False  # noqa: E712
