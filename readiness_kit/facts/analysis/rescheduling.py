"""Whether pods of Weaviate could be placed again after a node or a zone is lost, and what is in the way.

The scheduler's hard filters, in its words: cordons and readiness, selectors and affinity, taints, volumes, required
anti-affinity, spread constraints, requests. Requests count those of the pods that were read; where only some
namespaces' were, a fit is a fit at best, and "does not fit" still holds.
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
    "no node is left",
    "cordoned or not ready",
    "not chosen by the node selector or affinity",
    "a taint that the pod does not tolerate",
    "out of reach of its volume",
    "a pod of the same workload is there and required anti-affinity keeps them apart",
    "a spread constraint would be broken",
    "too little free CPU or memory for its requests",
)
_FILTERS = (CLOSED, SELECTOR, TAINT, VOLUME, ANTI_AFFINITY, SPREAD, REQUESTS)
RESOURCES = ("cpu", "memory")


class Stranded(msgspec.Struct, frozen=True):
    """A pod that no node can take. `reason`: what keeps it from the nodes that come nearest; `nodes`: filter -> number
    of nodes it turns away, each node at the first filter that it does not pass."""

    pod: str
    reason: str
    nodes: dict[str, int] = {}


def missing(facts: ClusterFacts) -> Reason | None:
    """Why it cannot be known whether pods could be placed again."""
    keys = ("nodes", "pods", "persistentvolumeclaims", "persistentvolumes")
    return next((why for key in keys if (why := facts.missing(key)) is not None), None)


def stranded(facts: ClusterFacts, pods: Sequence[str], *, node: str = "", zone: str = "") -> tuple[Stranded, ...]:
    """Those of `pods` that find no node when theirs, or all of a zone, are gone; the others are placed in turn."""
    left = [one for one in facts.objects("nodes") if not _lost(one, node, zone)]
    board = SchedulerModel(facts, left, set(pods))
    found = []
    for pod in facts.weaviate.pods:
        if pod.metadata.name in pods:
            turned_away = board.place(pod)
            if turned_away is not None:
                found.append(_stranded(pod.metadata.name, turned_away))
    return tuple(found)


def _lost(one: Node, node: str, zone: str) -> bool:
    return one.metadata.name == node if node else topology.zone_of_node(one) == zone


def _stranded(pod: str, turned_away: Counter[str]) -> Stranded:
    last = max(turned_away, key=_FILTERS.index, default="")
    reason = f"{_nodes(turned_away[last])}: {last}" if last else NO_NODE
    return Stranded(pod, reason, dict(turned_away))


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"


class SchedulerModel:
    """The nodes that are left, with what runs on them; pods that find a place are put there."""

    def __init__(self, facts: ClusterFacts, nodes: Sequence[Node], evicted: set[str]) -> None:
        self.facts = facts
        self.nodes = nodes
        self.labels = {one.metadata.name: one.metadata.labels for one in nodes}
        self.here: dict[str, list[Pod]] = defaultdict(list)
        self.used: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(RESOURCES, 0.0))
        mine = facts.weaviate.namespace
        for pod in facts.objects("pods"):
            gone = pod.metadata.namespace == mine and pod.metadata.name in evicted
            if pod.spec.node_name in self.labels and not gone and pod.status.phase not in ("Succeeded", "Failed"):
                self._put(pod, pod.spec.node_name)

    def _put(self, pod: Pod, node: str) -> None:
        self.here[node].append(pod)
        for name in RESOURCES:
            self.used[node][name] += requested(pod.spec, name)

    def place(self, pod: Pod) -> Counter[str] | None:
        """None where a node takes the pod; else how many nodes turn it away, by filter."""
        turned_away: Counter[str] = Counter()
        fitting = []
        for node in self.nodes:
            why = self._refusal(pod, node)
            if why is None:
                fitting.append(node.metadata.name)
            else:
                turned_away[why] += 1
        if not fitting:
            return turned_away
        self._put(pod, min(fitting, key=lambda name: len(self.here[name])))
        return None

    def _refusal(self, pod: Pod, node: Node) -> str | None:
        # The template decides: it is what a new pod is made from.
        spec = self.facts.weaviate.spec
        if node.spec.unschedulable or not topology.is_ready(node):
            return CLOSED
        if not topology.selected(node, spec):
            return SELECTOR
        if not topology.tolerates(node.spec.taints, spec.tolerations):
            return TAINT
        if not self._volumes_reach(pod, node):
            return VOLUME
        affinity = spec.affinity.pod_anti_affinity if spec.affinity else None
        terms = affinity.required_during_scheduling_ignored_during_execution if affinity else ()
        if any(self._kept_apart(pod, node, term) for term in terms):
            return ANTI_AFFINITY
        if any(self._uneven(pod, node, one) for one in spec.topology_spread_constraints):
            return SPREAD
        return None if self._fits(spec, node) else REQUESTS

    def _volumes_reach(self, pod: Pod, node: Node) -> bool:
        claims = {
            volume.persistent_volume_claim.claim_name for volume in pod.spec.volumes if volume.persistent_volume_claim
        }
        namespace = pod.metadata.namespace
        bound = {
            one.spec.volume_name
            for one in self.facts.objects("persistentvolumeclaims")
            if one.metadata.namespace == namespace and one.metadata.name in claims
        }
        required = [
            one.spec.node_affinity.required
            for one in self.facts.objects("persistentvolumes")
            if one.metadata.name in bound and one.spec.node_affinity
        ]
        return all(one is None or topology.selects_node(one, node) for one in required)

    def _in_domain(self, key: str, value: str) -> Iterable[Pod]:
        for name, labels in self.labels.items():
            if labels.get(key) == value:
                yield from self.here[name]

    def _kept_apart(self, pod: Pod, node: Node, term: PodAffinityTerm) -> bool:
        value = node.metadata.labels.get(term.topology_key)
        if value is None:
            return False
        namespace = pod.metadata.namespace
        return any(
            other.metadata.namespace in (term.namespaces or (namespace,))
            and matches(term.label_selector, other.metadata.labels)
            for other in self._in_domain(term.topology_key, value)
        )

    def _uneven(self, pod: Pod, node: Node, one: TopologySpreadConstraint) -> bool:
        if one.when_unsatisfiable != "DoNotSchedule" or not matches(one.label_selector, self.facts.weaviate.pod_labels):
            return False
        value = node.metadata.labels.get(one.topology_key)
        if value is None:
            return True  # the scheduler passes over nodes without the label
        eligible = [other for other in self.nodes if topology.selected(other, self.facts.weaviate.spec)]
        domains = {labels for other in eligible if (labels := other.metadata.labels.get(one.topology_key))}
        counts = {name: self._selected(pod, one, name) for name in domains}
        least = 0 if one.min_domains and len(domains) < one.min_domains else min(counts.values(), default=0)
        return counts.get(value, 0) + 1 - least > one.max_skew

    def _selected(self, pod: Pod, one: TopologySpreadConstraint, domain: str) -> int:
        return sum(
            other.metadata.namespace == pod.metadata.namespace and matches(one.label_selector, other.metadata.labels)
            for other in self._in_domain(one.topology_key, domain)
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
    if math.isnan(given):  # a limit without a request is the request
        given = quantity_of(container.resources.limits, name)
    return 0.0 if math.isnan(given) else given
