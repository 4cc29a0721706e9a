"""Predict whether pods of Weaviate can be rescheduled after the loss of a node or a zone, and what prevents it.

The model applies the scheduler's filters and the node affinity of the volumes. Only the requests of pods that were read
count: where some namespaces are unread, "fits" is an upper bound, while "does not fit" still holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.kubernetes.scheduling import Situation, admitted, refusals
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import NodeSelector, Pod
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NO_NODE, CLOSED, SELECTOR, TAINT, VOLUME, AFFINITY, SPREAD, REQUESTS = (
    "no node remains",
    "cordoned or not ready",
    "not matched by the node selector or affinity",
    "taint not tolerated by the pod",
    "volume not available on the node",
    "required affinity or anti-affinity between pods",
    "topology spread constraint would be violated",
    "insufficient free CPU or memory for the requests",
)
_FILTERS = (CLOSED, SELECTOR, TAINT, VOLUME, AFFINITY, SPREAD, REQUESTS)
_WORDS = {
    "NodeUnschedulable": CLOSED,
    "NodeAffinity": SELECTOR,
    "TaintToleration": TAINT,
    "InterPodAffinity": AFFINITY,
    "PodTopologySpread": SPREAD,
    "NodeResourcesFit": REQUESTS,
}


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


def candidate_nodes(facts: ClusterFacts) -> tuple[Node, ...]:
    """The ready nodes on which a Weaviate pod fits next to the pods of others, if no Weaviate pod ran yet."""
    own = {(pod.metadata.namespace, pod.metadata.name) for pod in facts.weaviate.pods}
    others = tuple(pod for pod in facts.objects("pods") if (pod.metadata.namespace, pod.metadata.name) not in own)
    found = facts.situation
    pod = next(iter((*facts.weaviate.created_pods, *facts.weaviate.pods)))
    refused = refusals(admitted(pod), Situation(found.nodes, others, found.namespaces))
    return tuple(node for node in found.nodes if topology.is_ready(node) and not refused[node.metadata.name])


def situation(facts: ClusterFacts) -> Situation:
    """The nodes, pods and namespaces that were read."""
    namespaces = {each.metadata.name: each.metadata.labels for each in facts.objects("namespaces")}
    return Situation(facts.objects("nodes"), facts.objects("pods"), namespaces)


def stranded(facts: ClusterFacts, pods: Sequence[str], lost: Callable[[Node], bool]) -> tuple[Stranded, ...]:
    """The pods among `pods` that cannot be rescheduled after the loss of some nodes; pods are placed in order."""
    left, found = facts.situation.without(lost), []
    for pod in facts.weaviate.pods:
        if pod.metadata.name not in pods:
            continue
        rejected = _rejected(facts, pod, left)
        fitting = [name for name, words in rejected.items() if not words]
        if fitting:
            left = left.place(_recreated(facts, pod), min(fitting, key=lambda name: left.used[name]["pods"]))
        else:
            found.append(_stranded(pod.metadata.name, Counter(rejected.values())))
    return tuple(found)


def destinations(facts: ClusterFacts, pods: Sequence[str]) -> dict[str, str]:
    """The node on which each of some pods can run when it is created again; pods that fit nowhere are left out.

    They are placed in order, next to all other pods, on the feasible node with the fewest pods.
    """
    names = {(facts.weaviate.namespace, name) for name in pods}
    found = facts.situation
    others = tuple(pod for pod in found.pods if (pod.metadata.namespace, pod.metadata.name) not in names)
    left, placed = Situation(found.nodes, others, found.namespaces), dict[str, str]()
    for pod in facts.weaviate.pods:
        fitting = [name for name, words in _rejected(facts, pod, left).items() if not words]
        if pod.metadata.name in pods and fitting:
            node = min(fitting, key=lambda name: left.used[name]["pods"])
            left, placed[pod.metadata.name] = left.place(_recreated(facts, pod), node), node
    return placed


def _recreated(facts: ClusterFacts, pod: Pod) -> Pod:
    """The pod as its controller creates it again: from the template, with the labels that it has now."""
    return admitted(msgspec.structs.replace(pod, spec=facts.weaviate.spec))


def _rejected(facts: ClusterFacts, pod: Pod, left: Situation) -> dict[str, str]:
    """Node -> the first filter that rejects the pod, in words; "" where it fits."""
    selectors = _volume_selectors(facts, pod)
    refused = refusals(_recreated(facts, pod), left)
    found = {}
    for node in left.nodes:
        words = {_WORDS[name] for name in refused[node.metadata.name]}
        if not topology.is_ready(node):
            words.add(CLOSED)
        if not all(topology.selects_node(selector, node) for selector in selectors):
            words.add(VOLUME)
        found[node.metadata.name] = min(words, key=_FILTERS.index, default="")
    return found


def _volume_selectors(facts: ClusterFacts, pod: Pod) -> list[NodeSelector]:
    """The nodes that the volumes of the pod are bound to."""
    claims = {
        volume.persistent_volume_claim.claim_name for volume in pod.spec.volumes if volume.persistent_volume_claim
    }
    bound = {
        claim.spec.volume_name
        for claim in facts.objects("persistentvolumeclaims")
        if claim.metadata.namespace == pod.metadata.namespace and claim.metadata.name in claims
    }
    return [
        volume.spec.node_affinity.required
        for volume in facts.objects("persistentvolumes")
        if volume.metadata.name in bound and volume.spec.node_affinity and volume.spec.node_affinity.required
    ]


def _stranded(pod: str, rejected: Counter[str]) -> Stranded:
    last = max(rejected, key=_FILTERS.index, default="")
    reason = f"{_nodes(rejected[last])}: {last}" if last else NO_NODE
    return Stranded(pod, reason, dict(rejected))


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"
