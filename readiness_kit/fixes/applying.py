"""Carries prepared fixes out on a snapshot, never on a cluster: values, manifests, and the effects of calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.chart_values import apply_values, is_from_chart
from readiness_kit.fixes.effects import EFFECTS
from readiness_kit.fixes.fragments import merged
from readiness_kit.fixes.merging import Objects
from readiness_kit.fixes.model import Fragment, PreparedFix
from readiness_kit.fixes.own_objects import apply_to_own
from readiness_kit.fixes.projection import not_observable, with_objects
from readiness_kit.fixes.rollout import pods_after
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.snapshot import Snapshot

_BY_API = {(kind.kind, kind.group): kind for kind in KINDS.values() if not kind.label}
_LABELLED = [kind for kind in KINDS.values() if kind.label]
"""Kinds of which only objects with a label are read, and only their names."""
RUNTIME_READS = (
    "pods",
    "persistentvolumeclaims",
    "persistentvolumes",
    "weaviate/nodes",
    "weaviate/nodes_verbose",
    "weaviate/statistics",
)
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
    before = facts.snapshot.kept
    kept = with_values(facts, merged((fix.id, fix.values) for fix in fixes))
    for manifest in (manifest for fix in fixes for manifest in fix.manifests):
        kept = with_manifest(kept, manifest)
    snapshot = with_objects(facts.snapshot, _rolled_out(facts, before, kept))
    for fix in fixes:
        if fix.fix.effect:
            snapshot = EFFECTS[fix.fix.effect](snapshot, facts)
    after = facts.after(snapshot)
    if after.weaviate.replicas > facts.weaviate.replicas:
        return facts.after(_without_runtime(snapshot))
    return after


def with_values(facts: ClusterFacts, values: Fragment) -> Objects:
    """The objects after the values: as the chart renders them, or the same change of objects of other origin.

    Raises ConfigError where the change is not possible, with the reason.
    """
    kept, target = facts.snapshot.kept, facts.target
    if not values:
        return kept
    if is_from_chart(facts.weaviate.object):
        return apply_values(kept, values, namespace=target.namespace, name=target.name)
    return apply_to_own(kept, values, target)


def with_manifest(kept: Objects, manifest: Fragment) -> Objects:
    """The objects with one created or replaced; one of a kind that is not read changes nothing."""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    kind = _BY_API.get((str(manifest.get("kind", "")), group))
    if kind is None:
        return kept
    alike = [each for each in _LABELLED if (each.kind, each.group) == (kind.kind, kind.group)]
    labels = manifest.get("metadata", {}).get("labels", {})
    kept = _replaced(kept, kind, manifest)
    for each in alike:
        kept = _replaced(kept, each, manifest) if each.label in labels else kept
    return kept


def _replaced(kept: Objects, kind: Kind, manifest: Fragment) -> Objects:
    item = msgspec.convert(manifest, kind.struct)
    name = (item.metadata.namespace, item.metadata.name)
    others = [item for item in kept.get(kind.key, ()) if (item.metadata.namespace, item.metadata.name) != name]
    return {**kept, kind.key: (*others, item)}


def _rolled_out(facts: ClusterFacts, before: Objects, after: Objects) -> Objects:
    """The pods after a completed rollout, where the workload changed at all."""
    key = "deployments" if facts.weaviate.kind == "Deployment" else "statefulsets"
    if after.get(key) == before.get(key):
        return after
    target = facts.target
    rolled = pods_after(before, after, namespace=target.namespace, name=target.name)
    return {**rolled, key: _settled(facts, rolled.get(key, ()))}


def _settled(facts: ClusterFacts, workloads: Sequence[KubeObject]) -> tuple[KubeObject, ...]:
    """The workload with the status of a completed rollout: as many pods updated, and more ready only if added."""
    named = (facts.target.namespace, facts.target.name)
    return tuple(
        _complete(item, facts.weaviate.replicas)
        if isinstance(item, StatefulSet | Deployment) and (item.metadata.namespace, item.metadata.name) == named
        else item
        for item in workloads
    )


def _complete(workload: StatefulSet | Deployment, replicas: int) -> KubeObject:
    status, added = workload.status, max(workload.spec.replicas - replicas, 0)
    return replace(
        workload,
        status=replace(
            status,
            updated_replicas=workload.spec.replicas,
            ready_replicas=status.ready_replicas + added,
            current_revision=status.update_revision,
        ),
    )


def _without_runtime(snapshot: Snapshot) -> Snapshot:
    for key in RUNTIME_READS:
        snapshot = not_observable(snapshot, key, HYPOTHETICAL)
    return snapshot
