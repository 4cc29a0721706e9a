"""The storage under the data: block storage on SSD that outlives its claim, and that can grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.pods import Volume
from readiness_kit.kinds.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from readiness_kit.model import Check, Outcome, Reason, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.workload import Workload

PARTLY = Outcome.PARTLY
CHART_DEFAULT_SIZE = "32Gi"
RESIZING = ("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError")


def not_a_claim(facts: ClusterFacts) -> Check | None:
    """Data that would go with the pod or the node: a failed condition. None where it lies on a claim."""
    weaviate = facts.weaviate
    volume, mount, path = data_volume(weaviate), data_mount(weaviate), weaviate.data_path
    kind = ""
    if mount is None:
        kind = "the container's own disk"
    elif volume is not None and volume.empty_dir is not None:
        kind = "an emptyDir"
    elif volume is not None and volume.host_path is not None:
        kind = "a hostPath"
    elif volume is not None and volume.nfs is not None:
        kind = "an NFS volume"
    if not kind:
        return None
    message = f"The data at {path} lies on {kind}, not on a persistent volume of block storage."
    return weaviate_subject(facts).check(f"volume at {path}", kind, "a PersistentVolumeClaim", False, message=message)


def no_claim(facts: ClusterFacts, message: str) -> Check:
    weaviate = facts.weaviate
    key, field = "persistentvolumeclaims", f"claim for {weaviate.data_path}"
    return weaviate_subject(facts, key).unread(
        field, "a claim", facts.missing(key) or Reason.NOT_OBSERVABLE, message=message
    )


def disk_checks(facts: ClusterFacts, disk: Disk) -> list[Check]:
    """All conditions on one claim, its volume and its class."""
    checks = [_driver(facts, disk)]
    if disk.volume is not None:
        ref = Ref("PersistentVolume", disk.volume.metadata.name)
        policy = disk.volume.spec.persistent_volume_reclaim_policy
        message = f"Deleting a claim deletes its data with it (reclaimPolicy {policy})."
        field = "persistentVolumeReclaimPolicy"
        ok = policy == "Retain"
        checks.append(
            Subject(ref, "persistentvolumes").check(field, policy, "Retain", ok, message=message, on_failure=PARTLY)
        )
    if disk.storage_class is not None:
        checks += _class_checks(disk.storage_class, disk)
    elif facts.missing("storageclasses") is None:
        named = (
            f"The StorageClass {disk.class_name} is" if disk.class_name else "The claim names no StorageClass that is"
        )
        message = f"{named} not in the cluster, so its disk type cannot be told."
        ref = _claim_ref(disk)
        checks.append(
            Subject(ref, "storageclasses").unread("StorageClass", "present", Reason.NOT_OBSERVABLE, message=message)
        )
    size = disk.claim.spec.resources.requests.get("storage", "")
    message = f"The volumes still have the chart's default size, {CHART_DEFAULT_SIZE}."
    ok = size != CHART_DEFAULT_SIZE
    key, field = "persistentvolumeclaims", "requests.storage"
    checks.append(
        Subject(_claim_ref(disk), key).check(
            field, size, f"not the chart's {CHART_DEFAULT_SIZE}", ok, message=message, on_failure=PARTLY
        )
    )
    return checks


def _driver(facts: ClusterFacts, disk: Disk) -> Check:
    driver, expected = disk.driver, "networked block storage"
    if disk.volume is not None:
        ref, source = Ref("PersistentVolume", disk.volume.metadata.name), "persistentvolumes"
    else:
        ref, source = _claim_ref(disk), "storageclasses"
        if facts.missing("persistentvolumes"):  # a class may have changed since: only the volume can tell
            return Subject(ref, source).info("provisioner of the class", driver or "not known")
    judged = grade(driver)
    if driver == "hostPath" and not facts.missing("storageclasses"):  # the class may say that it is node-local storage
        judged = "refused"
    if judged == "unknown":
        message = (
            f"The kit does not know the driver {driver}; is it block storage?" if driver else "No volume is bound yet."
        )
        return Subject(ref, source).unread("driver", expected, Reason.NOT_OBSERVABLE, message=message)
    says = {
        "refused": f"The data lies on {driver}, a kind of storage that Weaviate must not use.",
        "tolerated": f"The data lies on {driver}, an NFS file system: use it only where there is no block storage.",
        "node": f"The volumes are bound to single nodes ({driver}): a lost node takes its data with it.",
    }
    outcome = Outcome.NOT_MET if judged == "refused" else PARTLY
    message = says.get(judged, "")
    return Subject(ref, source).check(
        "driver", driver, expected, judged == "block", message=message, on_failure=outcome
    )


def _class_checks(one: StorageClass, disk: Disk) -> list[Check]:
    ref = Ref("StorageClass", one.metadata.name)
    key, mode = "storageclasses", one.volume_binding_mode
    wait = "WaitForFirstConsumer"
    message = f"The class {ref.name} makes volumes before a pod is placed ({mode}), so one may lie in the wrong zone."
    on = Subject(ref, key)
    checks = [on.check("volumeBindingMode", mode, wait, mode == wait, message=message, on_failure=PARTLY)]
    cloud = cloud_of(disk.driver)
    if not cloud:
        return checks
    named, fast, what = disk_type(one, cloud)
    message = f"The disk type {named} is {what}."
    checks.append(on.check("disk type", named, "a fast SSD type", fast, message=message, on_failure=PARTLY))
    if cloud == "aws":  # the other clouds encrypt by default
        seen = one.parameters.get("encrypted", "not set")
        message = (
            f"The class {ref.name} does not ask for encryption; the account may do so by default, which is not visible."
        )
        ok = seen == "true"
        checks.append(on.check("parameters.encrypted", seen, "true", ok, message=message, on_failure=PARTLY))
    return checks


def _claim_ref(disk: Disk) -> Ref:
    metadata = disk.claim.metadata
    return Ref("PersistentVolumeClaim", metadata.name, metadata.namespace)


def grouped(checks: Iterable[Check]) -> list[Check]:
    """Each line once: three claims of one class give its lines three times."""
    return list(dict.fromkeys(checks))


def expands(facts: ClusterFacts, disk: Disk) -> list[Check]:
    one, key, field = disk.storage_class, "storageclasses", "allowVolumeExpansion"
    on = Subject(_claim_ref(disk), key)
    if disk.class_name == "":
        message = f"The claim {disk.claim.metadata.name} is bound by hand to a volume: growing it is by hand as well."
        checks = [on.check("storageClassName", '""', "a class", False, message=message, on_failure=PARTLY)]
    elif one is None and disk.class_name is None and (why := facts.missing("persistentvolumes")):
        message = f"The class of {disk.claim.metadata.name} stands only on its volume, which could not be read."
        checks = [Subject(_claim_ref(disk), "persistentvolumes").unread("StorageClass", "there", why, message=message)]
    elif one is None:
        named = disk.class_name or "(no default class)"
        message = (
            f"The StorageClass {named} of the volumes is not in the cluster, so they cannot grow until it is back."
        )
        checks = [on.check("StorageClass", f"{named}: gone", "there", False, message=message, on_failure=PARTLY)]
    else:
        seen = "true" if one.allow_volume_expansion else "false or absent"
        message = f"The StorageClass {one.metadata.name} does not let volumes grow."
        ref = Ref("StorageClass", one.metadata.name)
        checks = [Subject(ref, key).check(field, seen, "true", one.allow_volume_expansion, message=message)]
    for condition in disk.claim.status.conditions:
        if condition.type in RESIZING and condition.status == "True":
            checks.append(Subject(_claim_ref(disk), "persistentvolumeclaims").info("status.conditions", condition.type))
    return checks


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


def disks(facts: ClusterFacts) -> list[Disk]:
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
