"""The effect of an upgrade: the image of the workload and what the servers report."""

from __future__ import annotations

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.chart_values import apply_values, is_from_chart
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.own_objects import apply_to_own
from readiness_kit.fixes.parameters.release import path_to_target
from readiness_kit.fixes.projection import with_answer, with_objects
from readiness_kit.fixes.rollout import pods_after
from readiness_kit.kinds.weaviate import Meta, Nodes
from readiness_kit.snapshot import Snapshot


@effect("upgraded")
def upgraded(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Every pod runs the target of the upgrade, and every server reports it."""
    path = path_to_target(facts)
    if path is None or not path.waypoints:
        return snapshot
    kept, target, values = snapshot.kept, facts.target, {"image": {"tag": path.target}}
    if is_from_chart(facts.weaviate.object):
        after = apply_values(kept, values, namespace=target.namespace, name=target.name)
    else:
        after = apply_to_own(kept, values, target)
    snapshot = with_objects(snapshot, pods_after(kept, after, namespace=target.namespace, name=target.name))
    meta = snapshot.answer("weaviate/meta")
    if isinstance(meta, Meta):
        snapshot = with_answer(snapshot, "weaviate/meta", replace(meta, version=path.target))
    for key in ("weaviate/nodes", "weaviate/nodes_verbose"):
        nodes = snapshot.answer(key)
        if isinstance(nodes, Nodes):
            listed = tuple(replace(node, version=path.target) for node in nodes.nodes)
            snapshot = with_answer(snapshot, key, replace(nodes, nodes=listed))
    return snapshot
