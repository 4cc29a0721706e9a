"""What is known of storage drivers and disk types, and where Weaviate's data lies.

The rules for drivers follow Weaviate's documentation (block storage, no NFS-like file systems, SSD rather than
spinning disks). A driver that is not listed is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from readiness_kit.kinds.pods import Volume
from readiness_kit.kinds.storage import PersistentVolume, PersistentVolumeClaim, StorageClass

if TYPE_CHECKING:
    from readiness_kit.facts import Facts
    from readiness_kit.facts.weaviate.workload import Workload

Grade = Literal["block", "node", "tolerated", "refused", "unknown"]
"""Networked block; bound to one node; a file system the documentation only tolerates; one it refuses; not listed."""

_BLOCK = (
    "ebs.csi.aws.com",
    "ebs.csi.eks.amazonaws.com",
    "kubernetes.io/aws-ebs",
    "pd.csi.storage.gke.io",
    "kubernetes.io/gce-pd",
    "disk.csi.azure.com",
    "kubernetes.io/azure-disk",
    "csi.vsphere.vmware.com",
    "kubernetes.io/vsphere-volume",
    "rbd.csi.ceph.com",
    "driver.longhorn.io",
    "pxd.portworx.com",
    "kubernetes.io/portworx-volume",
    "cinder.csi.openstack.org",
    "csi.hetzner.cloud",
    "dobs.csi.digitalocean.com",
    "linodebs.csi.linode.com",
    "blockvolume.csi.oraclecloud.com",
)
_NODE_BOUND = ("rancher.io/local-path", "kubernetes.io/no-provisioner", "topolvm.io", "topolvm.cybozu.com")
_FILE_SYSTEMS = ("nfs", "filestore", "cephfs", "gluster", "smb", "file.csi.azure.com", "kubernetes.io/azure-file")


def grade(driver: str) -> Grade:
    """What a CSI driver or provisioner is good for, by its name."""
    if driver in _NODE_BOUND or driver.startswith("local.csi."):
        return "node"
    if driver == "efs.csi.aws.com":
        return "tolerated"
    if any(word in driver for word in _FILE_SYSTEMS):
        return "refused"
    # Rook prefixes the driver with the namespace of its operator.
    return "block" if driver in _BLOCK or driver.endswith(".rbd.csi.ceph.com") else "unknown"


_SSD = {
    "aws": ("gp3", "io1", "io2"),
    "gcp": ("pd-ssd", "pd-balanced", "pd-extreme", "hyperdisk-"),
    "azure": ("Premium", "UltraSSD"),
}
_DEFAULT_TYPE = {"aws": "gp3", "gcp": "pd-standard", "azure": "StandardSSD_LRS"}
"""What the drivers take where a class names no type."""
_SLOW = {
    "st1": "a spinning disk",
    "sc1": "a spinning disk",
    "standard": "a spinning disk",
    "pd-standard": "a spinning disk",
    "Standard_LRS": "a spinning disk",
    "gp2": "an older SSD whose speed follows its size",
}


def cloud_of(driver: str) -> str:
    """`aws`, `gcp` or `azure` for the clouds' disks, "" for others: only there a class names a disk type."""
    if driver.startswith("ebs.csi") or driver == "kubernetes.io/aws-ebs":
        return "aws"
    if driver in ("pd.csi.storage.gke.io", "kubernetes.io/gce-pd"):
        return "gcp"
    return "azure" if driver in ("disk.csi.azure.com", "kubernetes.io/azure-disk") else ""


def disk_type(storage_class: StorageClass, cloud: str) -> tuple[str, bool, str]:
    """(type, whether it is a production SSD, what else it is in words) of a cloud's class."""
    given = {key.lower(): value for key, value in storage_class.parameters.items()}
    named = given.get("type") or given.get("skuname") or given.get("storageaccounttype") or _DEFAULT_TYPE[cloud]
    return named, named.startswith(_SSD[cloud]), _SLOW.get(named, "not one of the fast SSD types")


@dataclass(frozen=True)
class Disk:
    """One claim of the data with the volume it is bound to and its class, each None where it is not there."""

    claim: PersistentVolumeClaim
    volume: PersistentVolume | None
    storage_class: StorageClass | None

    @property
    def class_name(self) -> str | None:
        """The name as the volume says it, for it tells what was really made; the claim's before it is bound.

        "" is a volume bound by hand, without a class; None the default class, and so the opposite.
        """
        return self.volume.spec.storage_class_name if self.volume else self.claim.spec.storage_class_name

    @property
    def driver(self) -> str:
        """The driver of the volume itself; the class's provisioner where only that is known, "" where nothing is."""
        provisioner = self.storage_class.provisioner if self.storage_class else ""
        if self.volume is None:
            return provisioner
        spec = self.volume.spec
        if spec.csi is not None:
            return spec.csi.driver
        if spec.nfs is not None:
            return "nfs"
        if spec.local is not None or provisioner in _NODE_BOUND:
            return provisioner if provisioner in _NODE_BOUND else "kubernetes.io/no-provisioner"
        return "hostPath" if spec.host_path is not None else provisioner


def disks(facts: Facts) -> list[Disk]:
    """The claims that hold Weaviate's data (other claims of its pods are not judged here), in their order."""
    mounted = data_mount(facts.weaviate)
    volumes = {one.metadata.name: one for one in facts.objects("persistentvolumes")}
    classes = {one.metadata.name: one for one in facts.objects("storageclasses")}
    default = next((one for one in classes.values() if _is_default(one)), None)
    found = []
    for claim in facts.weaviate.claims:
        if not _holds(facts.weaviate, claim, mounted):
            continue
        volume = volumes.get(claim.spec.volume_name)
        name = Disk(claim, volume, None).class_name
        # A claim that is bound got the default of its day, which only its volume can tell.
        today = None if claim.spec.volume_name else default
        found.append(Disk(claim, volume, today if name is None else classes.get(name)))
    return found


def _is_default(one: StorageClass) -> bool:
    prefixes = ("storageclass.kubernetes.io", "storageclass.beta.kubernetes.io")
    return any(one.metadata.annotations.get(f"{prefix}/is-default-class") == "true" for prefix in prefixes)


def data_mount(weaviate: Workload) -> str | None:
    """The name of the volume mounted at the data path or above it; None where it is the container's own disk."""
    path = weaviate.data_path.rstrip("/") + "/"
    mounts = [one for one in weaviate.container.volume_mounts if path.startswith(one.mount_path.rstrip("/") + "/")]
    return max(mounts, key=lambda one: len(one.mount_path)).name if mounts else None


def data_volume(weaviate: Workload) -> Volume | None:
    """The volume of the pod behind the data path; None for the container's own disk and for a claim template."""
    name = data_mount(weaviate)
    return next((one for one in weaviate.spec.volumes if one.name == name), None)


def _holds(weaviate: Workload, claim: PersistentVolumeClaim, mounted: str | None) -> bool:
    volume = data_volume(weaviate)
    if volume is not None and volume.persistent_volume_claim is not None:
        return claim.metadata.name == volume.persistent_volume_claim.claim_name
    return mounted is not None and claim.metadata.name.startswith(f"{mounted}-{weaviate.name}-")
