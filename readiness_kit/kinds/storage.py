"""PersistentVolumeClaims, PersistentVolumes, StorageClasses and volume snapshots."""

from __future__ import annotations

from datetime import datetime

from readiness_kit.kinds.meta import Condition, KubeObject, KubeStruct
from readiness_kit.kinds.pods import NodeSelector, Resources


class ClaimSpec(KubeStruct, frozen=True, gc=False):
    """`storage_class_name` None is the default class, "" static binding (they differ)."""

    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: tuple[str, ...] = ()
    resources: Resources = Resources()


class ClaimStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    capacity: dict[str, str] = {}
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(KubeObject, frozen=True, gc=False):
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class CSISource(KubeStruct, frozen=True, gc=False):
    driver: str = ""


class Present(KubeStruct, frozen=True, gc=False):
    """Only the presence is kept."""


class VolumeNodeAffinity(KubeStruct, frozen=True, gc=False):
    required: NodeSelector | None = None


class BoundClaim(KubeStruct, frozen=True, gc=False):
    namespace: str = ""
    name: str = ""


class VolumeSpec(KubeStruct, frozen=True, gc=False):
    storage_class_name: str = ""
    persistent_volume_reclaim_policy: str = ""
    capacity: dict[str, str] = {}
    csi: CSISource | None = None
    nfs: Present | None = None
    host_path: Present | None = None
    local: Present | None = None
    claim_ref: BoundClaim | None = None
    node_affinity: VolumeNodeAffinity | None = None
    mount_options: tuple[str, ...] = ()


class VolumeStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""


class PersistentVolume(KubeObject, frozen=True, gc=False):
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class StorageClass(KubeObject, frozen=True, gc=False):
    """Of `parameters` only the keys in `allowed.STORAGE_PARAMETERS` are kept."""

    provisioner: str = ""
    parameters: dict[str, str] = {}
    reclaim_policy: str = "Delete"
    volume_binding_mode: str = "Immediate"
    allow_volume_expansion: bool = False
    mount_options: tuple[str, ...] = ()


class SnapshotSource(KubeStruct, frozen=True, gc=False):
    persistent_volume_claim_name: str = ""


class VolumeSnapshotSpec(KubeStruct, frozen=True, gc=False):
    source: SnapshotSource = SnapshotSource()
    volume_snapshot_class_name: str = ""


class VolumeSnapshotStatus(KubeStruct, frozen=True, gc=False):
    ready_to_use: bool = False
    creation_time: datetime | None = None


class VolumeSnapshot(KubeObject, frozen=True, gc=False):
    spec: VolumeSnapshotSpec = VolumeSnapshotSpec()
    status: VolumeSnapshotStatus = VolumeSnapshotStatus()


class VolumeSnapshotClass(KubeObject, frozen=True, gc=False):
    driver: str = ""
    deletion_policy: str = ""


class VolumeAttachmentSource(KubeStruct, frozen=True, gc=False):
    persistent_volume_name: str = ""


class VolumeAttachmentSpec(KubeStruct, frozen=True, gc=False):
    attacher: str = ""
    node_name: str = ""
    source: VolumeAttachmentSource = VolumeAttachmentSource()


class VolumeAttachmentStatus(KubeStruct, frozen=True, gc=False):
    attached: bool = False


class VolumeAttachment(KubeObject, frozen=True, gc=False):
    spec: VolumeAttachmentSpec = VolumeAttachmentSpec()
    status: VolumeAttachmentStatus = VolumeAttachmentStatus()
