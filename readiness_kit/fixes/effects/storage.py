"""The effects of commands on claims, volumes and their classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from readiness_kit.evidence.conditions.resources.storage import CLAIMS, CLASSES, VOLUMES, disks
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.model import Value
from readiness_kit.fixes.parameters.registry import Context
from readiness_kit.fixes.parameters.storage import claim_size, fixed_classes, volumes_to_retain
from readiness_kit.fixes.projection import with_objects
from readiness_kit.kinds.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.model import Settings
from readiness_kit.snapshot import Snapshot


@effect("claims_expanded")
def claims_expanded(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Claims, volumes and the template of the claims have the new size; how full they are is measured again later."""
    size = claim_size(_context(facts))
    if not isinstance(size, Value):
        return snapshot
    found = disks(facts)
    names = {disk.claim.metadata.name for disk in found}
    volumes = {disk.volume.metadata.name for disk in found if disk.volume is not None}

    def expanded_claim(claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
        if claim.metadata.namespace != facts.target.namespace or claim.metadata.name not in names:
            return claim
        spec = replace(claim.spec, resources=_sized(claim.spec.resources, size.value))
        return replace(claim, spec=spec, status=replace(claim.status, capacity={"storage": size.value}))

    def expanded_volume(volume: PersistentVolume) -> PersistentVolume:
        if volume.metadata.name not in volumes:
            return volume
        return replace(volume, spec=replace(volume.spec, capacity={"storage": size.value}))

    def recreated(workload: StatefulSet) -> StatefulSet:
        if (workload.metadata.namespace, workload.metadata.name) != (facts.target.namespace, facts.target.name):
            return workload
        templates = tuple(
            replace(each, spec=replace(each.spec, resources=_sized(each.spec.resources, size.value)))
            for each in workload.spec.volume_claim_templates
        )
        return replace(workload, spec=replace(workload.spec, volume_claim_templates=templates))

    snapshot = _mapped(snapshot, CLAIMS, expanded_claim)
    snapshot = _mapped(snapshot, VOLUMES, expanded_volume)
    return _mapped(snapshot, "statefulsets", recreated)


@effect("volumes_retained")
def volumes_retained(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The volumes of the data outlive their claims."""
    found = volumes_to_retain(_context(facts))
    names = found.value if isinstance(found, Value) else []

    def retained(volume: PersistentVolume) -> PersistentVolume:
        if volume.metadata.name not in names:
            return volume
        return replace(volume, spec=replace(volume.spec, persistent_volume_reclaim_policy="Retain"))

    return _mapped(snapshot, VOLUMES, retained)


@effect("expansion_allowed")
def expansion_allowed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The classes of the data allow expansion."""
    found = fixed_classes(_context(facts))
    names = found.value if isinstance(found, Value) else []

    def allowed(item: StorageClass) -> StorageClass:
        return replace(item, allow_volume_expansion=True) if item.metadata.name in names else item

    return _mapped(snapshot, CLASSES, allowed)


def _context(facts: ClusterFacts) -> Context:
    return Context(facts, Settings())


def _sized(resources: Any, size: str) -> Any:
    return replace(resources, requests={**resources.requests, "storage": size})


def _mapped(snapshot: Snapshot, key: str, change: Callable[[Any], Any]) -> Snapshot:
    kept = snapshot.kept
    return with_objects(snapshot, {**kept, key: tuple(change(item) for item in kept[key])}) if key in kept else snapshot
