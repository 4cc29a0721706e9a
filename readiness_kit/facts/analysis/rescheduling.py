"""Predict whether pods of Weaviate can be rescheduled after the loss of a node or a zone, and what prevents it.

The model applies the scheduler's hard filters: cordons and readiness, selectors and affinity, taints, volumes, required
anti-affinity, spread constraints, requests. Only the requests of pods that were read count: where some namespaces are
unread, "fits" is an upper bound, while "does not fit" still holds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Container, Pod, PodAffinityTerm, PodSpec, TopologySpreadConstraint
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NO_NODE, CLOSED, SELECTOR, TAINT, VOLUME, ANTI_AFFINITY, SPREAD, REQUESTS = (
    "no node remains",
    "cordoned or not ready",
    "not matched by the node selector or affinity",
    "taint not tolerated by the pod",
    "volume not available on the node",
    "required anti-affinity excludes nodes with a pod of the same workload",
    "topology spread constraint would be violated",
    "insufficient free CPU or memory for the requests",
)
_FILTERS = (CLOSED, SELECTOR, TAINT, VOLUME, ANTI_AFFINITY, SPREAD, REQUESTS)
RESOURCES = ("cpu", "memory")


class Stranded(msgspec.Struct, frozen=True):
    """A pod that no node can take.

    reason: the last filter that rejects a node, with the number of such nodes
    nodes:  filter -> number of nodes that it rejects; each node counts at the first filter that it fails
    """

    pod: str
    reason: str
    nodes: dict[str, int] = {}


def missing(facts: ClusterFacts) -> Reason | None:
    """Why rescheduling cannot be predicted; None where it can."""
    keys = ("nodes", "pods", "persistentvolumeclaims", "persistentvolumes")
    return next((why for key in keys if (why := facts.missing(key)) is not None), None)


def stranded(facts: ClusterFacts, pods: Sequence[str], *, node: str = "", zone: str = "") -> tuple[Stranded, ...]:
    """The pods among `pods` that cannot be rescheduled after the loss of a node or zone; pods are placed in order."""
    left = [candidate for candidate in facts.objects("nodes") if not _lost(candidate, node, zone)]
    model = SchedulerModel(facts, left, set(pods))
    found = []
    for pod in facts.weaviate.pods:
        if pod.metadata.name in pods:
            rejected = model.place(pod)
            if rejected is not None:
                found.append(_stranded(pod.metadata.name, rejected))
    return tuple(found)


def _lost(candidate: Node, node: str, zone: str) -> bool:
    return candidate.metadata.name == node if node else topology.zone_of_node(candidate) == zone


def _stranded(pod: str, rejected: Counter[str]) -> Stranded:
    last = max(rejected, key=_FILTERS.index, default="")
    reason = f"{_nodes(rejected[last])}: {last}" if last else NO_NODE
    return Stranded(pod, reason, dict(rejected))


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"


class SchedulerModel:
    """The remaining nodes with the pods that run on them; `place` adds a pod to a node."""

    def __init__(self, facts: ClusterFacts, nodes: Sequence[Node], evicted: set[str]) -> None:
        self.facts = facts
        self.nodes = nodes
        self.labels = {node.metadata.name: node.metadata.labels for node in nodes}
        self.pods: dict[str, list[Pod]] = defaultdict(list)
        self.used: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(RESOURCES, 0.0))
        namespace = facts.weaviate.namespace
        for pod in facts.objects("pods"):
            gone = pod.metadata.namespace == namespace and pod.metadata.name in evicted
            if pod.spec.node_name in self.labels and not gone and pod.status.phase not in ("Succeeded", "Failed"):
                self._put(pod, pod.spec.node_name)

    def _put(self, pod: Pod, node: str) -> None:
        self.pods[node].append(pod)
        for name in RESOURCES:
            self.used[node][name] += requested(pod.spec, name)

    def place(self, pod: Pod) -> Counter[str] | None:
        """Place a pod on the node with the fewest pods. Returns filter -> rejected nodes where none fits, else None."""
        rejected: Counter[str] = Counter()
        fitting = []
        for node in self.nodes:
            failed_filter = self._failed_filter(pod, node)
            if failed_filter is None:
                fitting.append(node.metadata.name)
            else:
                rejected[failed_filter] += 1
        if not fitting:
            return rejected
        self._put(pod, min(fitting, key=lambda name: len(self.pods[name])))
        return None

    def _failed_filter(self, pod: Pod, node: Node) -> str | None:
        # A new pod is created from the template.
        spec = self.facts.weaviate.spec
        if node.spec.unschedulable or not topology.is_ready(node):
            return CLOSED
        if not topology.selected(node, spec):
            return SELECTOR
        if not topology.tolerates(node.spec.taints, spec.tolerations):
            return TAINT
        if not self._volumes_available(pod, node):
            return VOLUME
        affinity = spec.affinity.pod_anti_affinity if spec.affinity else None
        terms = affinity.required_during_scheduling_ignored_during_execution if affinity else ()
        if any(self._excluded(pod, node, term) for term in terms):
            return ANTI_AFFINITY
        if any(self._uneven(pod, node, constraint) for constraint in spec.topology_spread_constraints):
            return SPREAD
        return None if self._fits(spec, node) else REQUESTS

    def _volumes_available(self, pod: Pod, node: Node) -> bool:
        claims = {
            volume.persistent_volume_claim.claim_name for volume in pod.spec.volumes if volume.persistent_volume_claim
        }
        namespace = pod.metadata.namespace
        bound = {
            claim.spec.volume_name
            for claim in self.facts.objects("persistentvolumeclaims")
            if claim.metadata.namespace == namespace and claim.metadata.name in claims
        }
        required = [
            volume.spec.node_affinity.required
            for volume in self.facts.objects("persistentvolumes")
            if volume.metadata.name in bound and volume.spec.node_affinity
        ]
        return all(selector is None or topology.selects_node(selector, node) for selector in required)

    def _in_domain(self, key: str, value: str) -> Iterable[Pod]:
        for name, labels in self.labels.items():
            if labels.get(key) == value:
                yield from self.pods[name]

    def _excluded(self, pod: Pod, node: Node, term: PodAffinityTerm) -> bool:
        value = node.metadata.labels.get(term.topology_key)
        if value is None:
            return False
        namespace = pod.metadata.namespace
        return any(
            neighbour.metadata.namespace in (term.namespaces or (namespace,))
            and matches(term.label_selector, neighbour.metadata.labels)
            for neighbour in self._in_domain(term.topology_key, value)
        )

    def _uneven(self, pod: Pod, node: Node, constraint: TopologySpreadConstraint) -> bool:
        weaviate = self.facts.weaviate
        if constraint.when_unsatisfiable != "DoNotSchedule":
            return False
        if not matches(constraint.label_selector, weaviate.pod_labels):
            return False
        value = node.metadata.labels.get(constraint.topology_key)
        if value is None:
            return True  # the scheduler skips nodes without the label
        eligible = [candidate for candidate in self.nodes if topology.selected(candidate, weaviate.spec)]
        labels = [candidate.metadata.labels.get(constraint.topology_key) for candidate in eligible]
        counts = {domain: self._selected(pod, constraint, domain) for domain in labels if domain}
        too_few = constraint.min_domains and len(counts) < constraint.min_domains
        minimum = 0 if too_few else min(counts.values(), default=0)
        return counts.get(value, 0) + 1 - minimum > constraint.max_skew

    def _selected(self, pod: Pod, constraint: TopologySpreadConstraint, domain: str) -> int:
        return sum(
            neighbour.metadata.namespace == pod.metadata.namespace
            and matches(constraint.label_selector, neighbour.metadata.labels)
            for neighbour in self._in_domain(constraint.topology_key, domain)
        )

    def _fits(self, spec: PodSpec, node: Node) -> bool:
        for name in RESOURCES:
            allocatable = quantity_of(node.status.allocatable, name)
            if (
                not math.isnan(allocatable)
                and self.used[node.metadata.name][name] + requested(spec, name) > allocatable
            ):
                return False
        return True


def requested(spec: PodSpec, name: str) -> float:
    """Effective request of a pod in cores or bytes: the higher of its init phase and its running phase.

    Restartable init containers are sidecars: they keep running beside later init containers and the main ones.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    sidecars = peak = 0.0
    for container in spec.init_containers:
        amount = _amount(container, name)
        peak = max(peak, sidecars + amount)
        sidecars += amount if container.restart_policy == "Always" else 0.0
    return max(peak, sidecars + sum(_amount(container, name) for container in spec.containers))


def _amount(container: Container, name: str) -> float:
    given = quantity_of(container.resources.requests, name)
    if math.isnan(given):  # a limit without a request also sets the request
        given = quantity_of(container.resources.limits, name)
    return 0.0 if math.isnan(given) else given
