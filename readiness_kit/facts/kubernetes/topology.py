"""Where things are: regions and zones of nodes, volumes and pods, and the nodes that Weaviate can run on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from readiness_kit.facts.kubernetes.selectors import holds
from readiness_kit.kinds.cluster import Node, Taint
from readiness_kit.kinds.pods import NodeSelector, NodeSelectorTerm, PodSpec, Toleration
from readiness_kit.kinds.storage import PersistentVolume

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

ZONE = "topology.kubernetes.io/zone"
LEGACY_ZONE = "failure-domain.beta.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"
LEGACY_REGION = "failure-domain.beta.kubernetes.io/region"
HOSTNAME = "kubernetes.io/hostname"
VOLUME_ZONES = (
    ZONE,
    LEGACY_ZONE,
    "topology.ebs.csi.aws.com/zone",
    "topology.gke.io/zone",
    "topology.disk.csi.azure.com/zone",
)
"""Keys of a PersistentVolume's node affinity that name a zone."""

_FAULT_DOMAIN = re.compile(r"^\d+$")


def zone_of_node(node: Node) -> str | None:
    """The zone label, the legacy one where the new one is missing; None for a node without a zone."""
    return _zone(node.metadata.labels.get(ZONE) or node.metadata.labels.get(LEGACY_ZONE))


def region_of_node(node: Node) -> str | None:
    return node.metadata.labels.get(REGION) or node.metadata.labels.get(LEGACY_REGION) or None


def zone_of_volume(volume: PersistentVolume) -> str | None:
    """The one zone that a volume can be used in; None where it is bound to none, or may be used in several."""
    required = volume.spec.node_affinity.required if volume.spec.node_affinity else None
    if required is None:
        return None
    zones = {
        _zone(value)
        for term in required.node_selector_terms
        for expression in term.match_expressions
        if expression.key in VOLUME_ZONES and expression.operator == "In"
        for value in expression.values
    }
    return zones.pop() if len(zones) == 1 else None


def pod_zones(facts: ClusterFacts) -> dict[str, str | None]:
    """Pod of Weaviate -> zone: of its node, else of a volume it mounts, else None."""
    nodes = {node.metadata.name: zone_of_node(node) for node in facts.objects("nodes")}
    volumes = {volume.metadata.name: zone_of_volume(volume) for volume in facts.objects("persistentvolumes")}
    bound = {
        claim.metadata.name: claim.spec.volume_name
        for claim in facts.objects("persistentvolumeclaims")
        if claim.metadata.namespace == facts.weaviate.namespace
    }
    zones: dict[str, str | None] = {}
    for pod in facts.weaviate.pods:
        claims = [volume.persistent_volume_claim for volume in pod.spec.volumes]
        mounted = [volumes.get(bound.get(claim.claim_name, "")) for claim in claims if claim]
        known = [zone for zone in (nodes.get(pod.spec.node_name), *mounted) if zone]
        zones[pod.metadata.name] = known[0] if known else None
    return zones


def is_ready(node: Node) -> bool:
    return any(one.type == "Ready" and one.status == "True" for one in node.status.conditions)


def candidate_nodes(facts: ClusterFacts) -> tuple[Node, ...]:
    """The nodes that a Weaviate pod could be scheduled on now: schedulable, Ready, tolerated, selected."""
    spec = facts.weaviate.spec
    return tuple(node for node in facts.objects("nodes") if can_run(node, spec))


def can_run(node: Node, spec: PodSpec) -> bool:
    """Whether the scheduler would look at this node for such a pod, free resources aside."""
    return (
        not node.spec.unschedulable
        and is_ready(node)
        and tolerates(node.spec.taints, spec.tolerations)
        and selected(node, spec)
    )


def selected(node: Node, spec: PodSpec) -> bool:
    """Whether the pod's node selector and required node affinity choose this node."""
    chosen = all(node.metadata.labels.get(key) == value for key, value in spec.node_selector.items())
    return chosen and _affine(node, spec)


def tolerates(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> bool:
    """Whether every NoSchedule and NoExecute taint is tolerated; PreferNoSchedule keeps nobody away."""
    listed = tuple(tolerations)
    hard = (taint for taint in taints if taint.effect in ("NoSchedule", "NoExecute"))
    return all(any(_tolerated(taint, toleration) for toleration in listed) for taint in hard)


def _tolerated(taint: Taint, toleration: Toleration) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.operator == "Exists":
        return toleration.key in ("", taint.key)
    return toleration.operator in ("", "Equal") and (toleration.key, toleration.value) == (taint.key, taint.value)


def _affine(node: Node, spec: PodSpec) -> bool:
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    return required is None or selects_node(required, node)


def selects_node(selector: NodeSelector, node: Node) -> bool:
    """Terms are alternatives, the requirements of a term all have to hold; a term without any selects nothing."""
    return any(_term(term, node) for term in selector.node_selector_terms)


def _term(term: NodeSelectorTerm, node: Node) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node.metadata.name}
    by_labels = all(holds(one, node.metadata.labels) for one in term.match_expressions)
    return by_labels and all(holds(one, fields) for one in term.match_fields)


def _zone(value: str | None) -> str | None:
    """On Azure a bare number is the fault domain of a node without a zone."""
    return None if not value or _FAULT_DOMAIN.match(value) else value
