"""Parameters of storage: claims, volumes and their classes."""

from __future__ import annotations

import math

from readiness_kit.evidence.conditions.resources import storage
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.names import RELEASE
from readiness_kit.fixes.parameters.registry import Context, parameter

GIB = 2**30
DRIVERS = {
    "aws": ("ebs.csi.aws.com", {"type": "gp3", "encrypted": "true"}),
    "gcp": ("pd.csi.storage.gke.io", {"type": "pd-ssd"}),
    "azure": ("disk.csi.azure.com", {"skuName": "Premium_LRS"}),
}
"""Cloud -> (driver, parameters of a class of fast, encrypted SSDs)."""
CLOUDS = {"aws": "aws", "gce": "gcp", "azure": "azure"}
"""The scheme of a node's providerID -> cloud."""


@parameter("claims")
def claims(context: Context) -> Value | OpenDecision:
    """The claims of the data as the words of a shell loop."""
    found = [disk.claim.metadata.name for disk in storage.disks(context.facts)]
    if not found:
        how = f"kubectl -n {context.facts.weaviate.namespace} get persistentvolumeclaims"
        return OpenDecision("claims", "the PersistentVolumeClaims of the data, which were not found", how)
    return Value(" ".join(found), "the claims of the pods")


@parameter("claim_size")
def claim_size(context: Context) -> Value | OpenDecision:
    """The size of each claim: 70 % full after 90 days of the measured growth; open where that is not more than now."""
    facts = context.facts
    how = "collect with Prometheus after a week in use, or enter the expected data in `kit.what_if()`"
    if facts.history.missing("volumes") is not None:
        return OpenDecision("size", "the size of the volumes: their usage was not measured", how)
    frame = facts.history.volumes
    own = frame[frame["weaviate"] & frame["used"].notna()]
    if own.empty:
        return OpenDecision("size", "the size of the volumes: their usage was not measured", how)
    growth = [slope if math.isfinite(slope) else 0.0 for slope in map(float, own["slope"])]
    wanted = max(sizing.volume_size(*each) for each in zip(map(float, own["used"]), growth, strict=True))
    sizes = [quantity_of(disk.claim.spec.resources.requests, "storage") for disk in storage.disks(facts)]
    present = max((size for size in sizes if size == size), default=0.0)
    if wanted * GIB <= present:
        what = f"the size of the volumes: by their usage, {present / GIB:.0f} GiB are enough for 90 days"
        return OpenDecision("size", what, "enter the expected data in `kit.what_if()`")
    fixed = _not_expandable(context)
    if fixed:
        what = f"how to get volumes of {wanted} GiB: the driver {fixed} cannot expand them"
        return OpenDecision("size", what, "move the data to block storage first")
    return Value(f"{wanted}Gi", "the use of the fullest volume, and 90 days of its growth")


def _not_expandable(context: Context) -> str:
    grades = {disk.driver: storage.grade(disk.driver) for disk in storage.disks(context.facts)}
    return next((driver for driver, found in grades.items() if driver and found not in ("block", "unknown")), "")


@parameter("resize_command")
def resize_command(context: Context) -> Value:
    """The command that recreates the StatefulSet with the new size, by Helm or from the customer's manifests."""
    if not is_from_chart(context.facts.weaviate.object):
        return Value("kubectl apply -f", "the workload is not from the official chart")
    return Value(f"{helm_upgrade(context)} -f values.yaml --set storage.size=", "the chart of the workload")


def helm_upgrade(context: Context) -> str:
    """`helm upgrade RELEASE weaviate/weaviate` in the namespace, with the release that the workload names."""
    weaviate = context.facts.weaviate
    name = weaviate.object.metadata.annotations.get(RELEASE, "<release>")
    return f"helm -n {weaviate.namespace} upgrade {name} weaviate/weaviate"


@parameter("volumes_to_retain")
def volumes_to_retain(context: Context) -> Value | OpenDecision:
    """The volumes of the data that are deleted with their claim."""
    found = [
        disk.volume.metadata.name
        for disk in storage.disks(context.facts)
        if disk.volume is not None and disk.volume.spec.persistent_volume_reclaim_policy != "Retain"
    ]
    if not found:
        return OpenDecision("volumes", "the volumes of the data, which were not read", "kubectl get persistentvolumes")
    return Value(found, "the volumes of the claims")


@parameter("fixed_classes")
def fixed_classes(context: Context) -> Value | OpenDecision:
    """The StorageClasses of the data that do not allow expansion."""
    classes = [disk.storage_class for disk in storage.disks(context.facts) if disk.storage_class is not None]
    found = dict.fromkeys(item.metadata.name for item in classes if not item.allow_volume_expansion)
    if not found:
        return OpenDecision(
            "class", "the StorageClass of the volumes, which was not read", "kubectl get storageclasses"
        )
    return Value(list(found), "the classes of the claims")


@parameter("absent_class")
def absent_class(context: Context) -> Value | OpenDecision:
    """The StorageClass that the claims name and the cluster does not have."""
    for disk in storage.disks(context.facts):
        if disk.class_name and disk.storage_class is None:
            return Value(disk.class_name, f"the claim {disk.claim.metadata.name}")
    what = "which StorageClass is the default: the claims name none"
    return OpenDecision("class", what, "annotate a class with storageclass.kubernetes.io/is-default-class=true")


@parameter("driver")
def driver(context: Context) -> Value | OpenDecision:
    """The CSI driver of the cloud that the nodes are in."""
    cloud = _cloud(context)
    if not cloud:
        return OpenDecision("driver", "the driver of networked block storage in this cluster", "kubectl get csidrivers")
    return Value(DRIVERS[cloud][0], "the cloud of the nodes")


@parameter("disk_parameters")
def disk_parameters(context: Context) -> Value | OpenDecision:
    """The parameters of a class of fast, encrypted SSDs."""
    cloud = _cloud(context)
    if not cloud:
        return OpenDecision("driver", "the driver of networked block storage in this cluster", "kubectl get csidrivers")
    return Value(DRIVERS[cloud][1], "the cloud of the nodes")


def _cloud(context: Context) -> str:
    schemes = {node.spec.provider_id.partition("://")[0] for node in context.facts.objects("nodes")}
    return next((cloud for scheme, cloud in CLOUDS.items() if schemes == {scheme}), "")
