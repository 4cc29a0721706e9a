"""Regions and zones of nodes, volumes and pods, and the nodes that Weaviate can run on."""

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
WIDE_KEYS = frozenset({ZONE, LEGACY_ZONE, REGION, LEGACY_REGION})
"""Keys of which all nodes of a zone have the same value."""
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
    """The zone label of a node, or the legacy one; None for a node without a zone."""
    return _zone(node.metadata.labels.get(ZONE) or node.metadata.labels.get(LEGACY_ZONE))


def region_of_node(node: Node) -> str | None:
    return node.metadata.labels.get(REGION) or node.metadata.labels.get(LEGACY_REGION) or None


def zone_of_volume(volume: PersistentVolume) -> str | None:
    """The zone that a volume is bound to; None where it is bound to none or to several."""
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
    """Pod of Weaviate -> zone of its node, or of a volume that it mounts, or None."""
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
    return any(condition.type == "Ready" and condition.status == "True" for condition in node.status.conditions)


def selected(node: Node, spec: PodSpec) -> bool:
    """Whether the pod's node selector and required node affinity match this node."""
    chosen = all(node.metadata.labels.get(key) == value for key, value in spec.node_selector.items())
    return chosen and _affine(node, spec)


def tolerates(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> bool:
    """Whether every NoSchedule and NoExecute taint is tolerated; PreferNoSchedule does not prevent scheduling."""
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
    """Whether a node selector matches a node: one of its terms must match; a term without requirements matches none."""
    return any(_term(term, node) for term in selector.node_selector_terms)


def _term(term: NodeSelectorTerm, node: Node) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node.metadata.name}
    by_labels = all(holds(requirement, node.metadata.labels) for requirement in term.match_expressions)
    return by_labels and all(holds(requirement, fields) for requirement in term.match_fields)


def _zone(value: str | None) -> str | None:
    """The zone of a label value; on Azure a plain number is the fault domain of a node without a zone."""
    return None if not value or _FAULT_DOMAIN.match(value) else value
