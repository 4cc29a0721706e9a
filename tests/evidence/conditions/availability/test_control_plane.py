"""Instances of the control plane, and what Weaviate needs it for."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, says, without
from tests.support.cluster import cluster, node, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


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
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["spec.replicas"])


def test_trap_an_autoscaler_on_weaviate_is_partly_met() -> None:
    finding = ask("ha.no_control_plane", made(3, SCALER))
    assert "does not move data by itself" in finding.sentence


@pytest.mark.parametrize(
    ("lost", "outcome", "phrase"),
    [
        (0, MET, ""),
        (1, PARTLY, "master-0 of the control plane is not ready."),
        (2, PARTLY, "master-0 and master-1 of the control plane are not ready, and the control plane has no majority."),
    ],
)
def test_control_plane_nodes_that_are_not_ready_do_not_count(lost: int, outcome: Outcome, phrase: str) -> None:
    nodes = masters("a", "b", "c")
    for node_object in nodes[:lost]:
        node_object["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    finding = ask("ha.control_plane", cluster(weaviate(), nodes))
    assert finding.outcome is outcome and phrase in finding.sentence


@pytest.mark.parametrize(
    ("label", "value", "seen"),
    [
        ("node.kubernetes.io/microk8s-controlplane", "microk8s-controlplane", True),
        ("node.k0sproject.io/role", "control-plane", True),
        ("node.k0sproject.io/role", "worker", False),
        ("node-role.kubernetes.io/controlplane", "true", True),
        ("node-role.kubernetes.io/master", "true", True),
        ("node.kubernetes.io/microk8s-worker", "microk8s-worker", False),
    ],
)
def test_distributions_mark_control_plane_nodes_by_their_own_labels(label: str, value: str, seen: bool) -> None:
    nodes = [node(f"server-{zone}", zone, **{label: value}) for zone in "abc"]
    finding = ask("ha.control_plane", cluster(weaviate(), nodes))
    assert any(check.field == "control-plane nodes" and check.seen == "3" for check in finding.facts) is seen
