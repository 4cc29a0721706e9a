"""What moves: pods that are created again on other nodes, and replicas of shards that are moved to other pods."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.rescheduling import destinations
from readiness_kit.facts.kubernetes import topology
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.shards import Move, shard_moves
from readiness_kit.fixes.projection import with_answer, with_objects
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.weaviate import Nodes
from readiness_kit.snapshot import Snapshot

VERBOSE = "weaviate/nodes_verbose"


@effect("pods_rescheduled")
def pods_rescheduled(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Pods that share a node, or whose node their template refuses, run where the scheduler can place them.

    The other pods, and those that no node can take, stay where they are.
    """
    after = facts.after(snapshot)
    moved = destinations(after, displaced(after))
    own = {(pod.metadata.namespace, pod.metadata.name) for pod in after.weaviate.pods}
    pods = tuple(
        _on_node(pod, moved) if (pod.metadata.namespace, pod.metadata.name) in own else pod
        for pod in snapshot.objects("pods")
    )
    return with_objects(snapshot, {**snapshot.kept, "pods": pods})


def displaced(facts: ClusterFacts) -> tuple[str, ...]:
    """The pods that share a node with an earlier one, or that their node would not take from the template."""
    taken: set[str] = set()
    nodes = {node.metadata.name: node for node in facts.objects("nodes")}
    found = []
    for pod in facts.weaviate.pods:
        node = nodes.get(pod.spec.node_name)
        if node is None:
            continue
        if pod.spec.node_name in taken or not topology.selected(node, facts.weaviate.spec):
            found.append(pod.metadata.name)
        taken.add(pod.spec.node_name)
    return tuple(found)


def _on_node(pod: Pod, moved: Mapping[str, str]) -> Pod:
    node = moved.get(pod.metadata.name)
    return replace(pod, spec=replace(pod.spec, node_name=node)) if node else pod


@effect("shards_spread")
def shards_spread(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The replicas of shards on the nodes of Weaviate that the moves name."""
    nodes = snapshot.answer(VERBOSE)
    if not isinstance(nodes, Nodes):
        return snapshot
    for move in shard_moves(facts):
        nodes = _moved(nodes, move)
    return with_answer(snapshot, VERBOSE, nodes)


def _moved(nodes: Nodes, move: Move) -> Nodes:
    key = (move.collection, move.shard)
    shards = [shard for node in nodes.nodes if node.name == move.source for shard in node.shards]
    found = tuple(shard for shard in shards if (shard.collection, shard.name) == key)
    changed = []
    for node in nodes.nodes:
        kept = tuple(shard for shard in node.shards if shard not in found) if node.name == move.source else node.shards
        changed.append(replace(node, shards=(*kept, *found) if node.name == move.target else kept))
    return replace(nodes, nodes=tuple(changed))
