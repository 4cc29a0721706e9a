"""Carries prepared fixes out on a snapshot, never on a cluster: values, manifests, and the effects of calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.own_objects import apply_values, pods_after
from readiness_kit.fixes.effects import EFFECTS
from readiness_kit.fixes.merge import merged
from readiness_kit.fixes.model import Fragment, PreparedFix
from readiness_kit.fixes.projection import Objects, not_observable, with_objects
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.snapshot import Snapshot

_BY_API = {(kind.kind, kind.group): kind for kind in KINDS.values()}
RUNTIME_READS = ("pods", "persistentvolumeclaims", "persistentvolumes", "weaviate/nodes", "weaviate/nodes_verbose",
                 "weaviate/statistics")  # fmt: skip
"""What shows the pods themselves: where there are more of them than before, only the running cluster has it."""
HYPOTHETICAL = "the added pods do not exist yet"


def applied(facts: ClusterFacts, fixes: Iterable[PreparedFix]) -> ClusterFacts:
    """The facts after the fixes that can be applied; the others change nothing.

    Pods follow the changed template and keep their nodes and states, as after a completed rollout. Where pods are
    added, what only a running cluster shows of them becomes not observable.
    """
    fixes = [fix for fix in fixes if fix.applicable]
    if not fixes:
        return facts
    snapshot = facts.snapshot
    values = merged((fix.id, fix.values) for fix in fixes)
    kept = with_values(snapshot.kept, values)
    for manifest in (manifest for fix in fixes for manifest in fix.manifests):
        kept = with_manifest(kept, manifest)
    snapshot = with_objects(snapshot, _rolled_out(facts, kept))
    for fix in fixes:
        if fix.fix.effect:
            snapshot = EFFECTS[fix.fix.effect](snapshot, facts)
    chosen = f"{facts.target.namespace}/{facts.target.kind}/{facts.target.name}"
    after = ClusterFacts(snapshot, chosen)
    if after.weaviate.replicas > facts.weaviate.replicas:
        after = ClusterFacts(_without_runtime(snapshot), chosen)
    return after


def with_values(kept: Objects, values: Fragment) -> Objects:
    """The objects that the chart renders with the values on top of those in use."""
    return apply_values(kept, values) if values else kept


def with_manifest(kept: Objects, manifest: Fragment) -> Objects:
    """The objects with one created or replaced; one of a kind that is not read changes nothing."""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    kind = _BY_API.get((str(manifest.get("kind", "")), group))
    if kind is None:
        return kept
    created = msgspec.convert(manifest, kind.struct)
    name = (created.metadata.namespace, created.metadata.name)
    others = [item for item in kept.get(kind.key, ()) if (item.metadata.namespace, item.metadata.name) != name]
    return {**kept, kind.key: (*others, created)}


def _rolled_out(facts: ClusterFacts, kept: Objects) -> Objects:
    """The pods after a completed rollout, where the workload changed at all."""
    key = "statefulsets" if facts.weaviate.kind == "StatefulSet" else "deployments"
    if kept.get(key) == facts.snapshot.kept.get(key):
        return kept
    return {**pods_after(kept), key: _settled(facts, kept.get(key, ()))}


def _settled(facts: ClusterFacts, workloads: Sequence[KubeObject]) -> tuple[KubeObject, ...]:
    """The workload with the status of a completed rollout; its ready pods are those that are ready now."""
    named = (facts.target.namespace, facts.target.name)
    return tuple(
        replace(item, status=replace(item.status, updated_replicas=item.spec.replicas, current_revision=""
                                     , update_revision=""))
        if isinstance(item, StatefulSet) and (item.metadata.namespace, item.metadata.name) == named
        else item
        for item in workloads
    )  # fmt: skip


def _without_runtime(snapshot: Snapshot) -> Snapshot:
    for key in RUNTIME_READS:
        snapshot = not_observable(snapshot, key, HYPOTHETICAL)
    return snapshot


def unchanged(facts: ClusterFacts, fragment: Any) -> bool:
    """Whether the cluster has everything already that a fragment of values would set."""
    return with_values(facts.snapshot.kept, fragment) == facts.snapshot.kept
