"""The effects of commands on the workload: a CPU limit and settings that are removed from its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from readiness_kit.evidence import tenants
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.merging import Objects, Plain, from_plain, plain
from readiness_kit.fixes.parameters.release import wrong_settings
from readiness_kit.fixes.projection import with_objects
from readiness_kit.fixes.rollout import pods_after
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.snapshot import Snapshot

SAMPLES = "prometheus/weaviate"


@effect("cpu_unlimited")
def cpu_unlimited(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The container has no CPU limit. What was throttled before stays in the history."""

    def change(container: Plain) -> None:
        container.get("resources", {}).get("limits", {}).pop("cpu", None)

    return _with_container(snapshot, facts, change)


@effect("settings_corrected")
def settings_corrected(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The names that no release reads are gone. The values of renamed ones are not kept, so they are not projected."""
    return _without_variables(snapshot, facts, (problem.name for problem in wrong_settings(facts)))


@effect("limits_removed")
def limits_removed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The limits of the server that exclude replication are gone."""
    return _without_variables(snapshot, facts, tenants.excluding_replication(facts))


def _without_variables(snapshot: Snapshot, facts: ClusterFacts, names: Iterable[str]) -> Snapshot:
    gone = set(names)

    def change(container: Plain) -> None:
        container["env"] = [entry for entry in container.get("env", ()) if entry["name"] not in gone]

    return _with_container(snapshot, facts, change)


def _with_container(snapshot: Snapshot, facts: ClusterFacts, change: Callable[[Plain], None]) -> Snapshot:
    """The snapshot with the container of the server changed, in the template and in the replaced pods."""
    kept, target = snapshot.kept, facts.target
    key = "deployments" if target.kind == "Deployment" else "statefulsets"
    after: Objects = {**kept, key: tuple(_changed(item, facts, change) for item in kept.get(key, ()))}
    return with_objects(snapshot, pods_after(kept, after, namespace=target.namespace, name=target.name))


def _changed(item: KubeObject, facts: ClusterFacts, change: Callable[[Plain], None]) -> KubeObject:
    named = (facts.target.namespace, facts.target.name)
    if not isinstance(item, StatefulSet | Deployment) or (item.metadata.namespace, item.metadata.name) != named:
        return item
    data = plain(item)
    for container in data["spec"]["template"]["spec"]["containers"]:
        if container["name"] == facts.weaviate.container.name:
            change(container)
    return from_plain(data, type(item))
