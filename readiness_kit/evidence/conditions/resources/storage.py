"""The storage under the data: block storage on SSD that outlives its claim and can be expanded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.topology import zone_of_node
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.pods import Volume
from readiness_kit.kinds.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from readiness_kit.model import Check, Outcome, Reason

PARTLY = Outcome.PARTLY
CHART_DEFAULT_SIZE = "32Gi"
CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses"
RESIZING = ("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError")

Grade = Literal["block", "node", "tolerated", "refused", "unknown"]
"""Networked block storage; bound to one node; a file system that the documentation only tolerates; one that it
refuses; not listed."""

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
_OPENEBS: dict[str, tuple[str, Grade]] = {
    "openebs.io/local": ("OpenEBS LocalPV hostpath", "node"),
    "local.csi.openebs.io": ("OpenEBS LocalPV LVM", "node"),
    "zfs.csi.openebs.io": ("OpenEBS LocalPV ZFS", "node"),
    "rawfile.csi.openebs.io": ("OpenEBS LocalPV rawfile", "node"),
    "device.csi.openebs.io": ("OpenEBS LocalPV device", "node"),
    "io.openebs.csi-mayastor": ("OpenEBS Mayastor", "block"),
    "cstor.csi.openebs.io": ("OpenEBS cStor", "block"),
    "jiva.csi.openebs.io": ("OpenEBS Jiva", "block"),
    "openebs.io/provisioner-iscsi": ("OpenEBS cStor or Jiva by iSCSI", "block"),
}
"""Driver -> engine of OpenEBS and its grade: local ones hold a volume on one node, the others replicate it."""
_COPIES = {
    "io.openebs.csi-mayastor": ("repl", "1"),
    "pxd.portworx.com": ("repl", "1"),
    "kubernetes.io/portworx-volume": ("repl", "1"),
    "driver.longhorn.io": ("numberOfReplicas", ""),
}
"""Replicating storage -> the parameter of a class with the number of copies, and its default ("": a setting)."""
_FILE_SYSTEMS = ("nfs", "filestore", "cephfs", "gluster", "smb", "file.csi.azure.com", "kubernetes.io/azure-file")
_SSD = {
    "aws": ("gp3", "io1", "io2"),
    "gcp": ("pd-ssd", "pd-balanced", "pd-extreme", "hyperdisk-"),
    "azure": ("Premium", "UltraSSD"),
}
_DEFAULT_TYPE = {"aws": "gp3", "gcp": "pd-standard", "azure": "StandardSSD_LRS"}
"""The disk type that the drivers use where a class names none."""
_SLOW = {
    "st1": "a spinning disk",
    "sc1": "a spinning disk",
    "standard": "a spinning disk",
    "pd-standard": "a spinning disk",
    "Standard_LRS": "a spinning disk",
    "gp2": "an older SSD whose speed depends on its size",
}


def grade(driver: str) -> Grade:
    """How suitable the storage of a CSI driver or provisioner is, by its name."""
    if driver in _OPENEBS:
        return _OPENEBS[driver][1]
    if driver in _NODE_BOUND or driver.startswith("local.csi."):
        return "node"
    if driver == "efs.csi.aws.com":
        return "tolerated"
    if any(word in driver for word in _FILE_SYSTEMS):
        return "refused"
    # Rook prefixes the driver with the namespace of its operator.
    return "block" if driver in _BLOCK or driver.endswith(".rbd.csi.ceph.com") else "unknown"


def described(driver: str) -> str:
    """The driver, with the engine where one project has several of different kinds."""
    return f"{_OPENEBS[driver][0]} ({driver})" if driver in _OPENEBS else driver


def cloud_of(driver: str) -> str:
    """`aws`, `gcp` or `azure` for the clouds' disks, empty for others: only there a class names a disk type."""
    if driver.startswith("ebs.csi") or driver == "kubernetes.io/aws-ebs":
        return "aws"
    if driver in ("pd.csi.storage.gke.io", "kubernetes.io/gce-pd"):
        return "gcp"
    return "azure" if driver in ("disk.csi.azure.com", "kubernetes.io/azure-disk") else ""


def disk_type(storage_class: StorageClass, cloud: str) -> tuple[str, bool, str]:
    """(type, whether it is an SSD for production, a description otherwise) of a cloud's class."""
    given = {key.lower(): value for key, value in storage_class.parameters.items()}
    name = given.get("type") or given.get("skuname") or given.get("storageaccounttype") or _DEFAULT_TYPE[cloud]
    return name, name.startswith(_SSD[cloud]), _SLOW.get(name, "not one of the fast SSD types")


# --- the claims that hold the data ----------------------------------------------------------------


@dataclass(frozen=True)
class Disk:
    """One claim of the data with the volume it is bound to and its class, each None where it is absent."""

    claim: PersistentVolumeClaim
    volume: PersistentVolume | None
    storage_class: StorageClass | None

    @property
    def class_name(self) -> str | None:
        """The class of the volume, from which it was provisioned; before binding that of the claim.

        An empty name is a statically bound volume without a class; None is the default class.
        """
        return self.volume.spec.storage_class_name if self.volume else self.claim.spec.storage_class_name

    @property
    def driver(self) -> str:
        """The driver of the volume; the provisioner of the class where only that is known, otherwise empty."""
        provisioner = self.storage_class.provisioner if self.storage_class else ""
        if self.volume is None:
            return provisioner
        spec = self.volume.spec
        if spec.csi is not None:
            return spec.csi.driver
        if spec.nfs is not None:
            return "nfs"
        bound = grade(provisioner) == "node"
        if spec.local is not None or bound:
            return provisioner if bound else "kubernetes.io/no-provisioner"
        return "hostPath" if spec.host_path is not None else provisioner


def disks(facts: ClusterFacts) -> list[Disk]:
    """The claims that hold Weaviate's data, in their order; other claims of its pods are not judged here."""
    volumes = {volume.metadata.name: volume for volume in facts.objects(VOLUMES)}
    classes = {item.metadata.name: item for item in facts.objects(CLASSES)}
    default = next((item for item in classes.values() if _is_default(item)), None)
    found = []
    for claim in facts.weaviate.claims:
        if _holds_data(facts.weaviate, claim):
            volume = volumes.get(claim.spec.volume_name)
            name = Disk(claim, volume, None).class_name
            # A bound claim has the default class of its time, which only its volume names.
            current = None if claim.spec.volume_name else default
            found.append(Disk(claim, volume, current if name is None else classes.get(name)))
    return found


def _is_default(storage_class: StorageClass) -> bool:
    prefixes = ("storageclass.kubernetes.io", "storageclass.beta.kubernetes.io")
    return any(storage_class.metadata.annotations.get(f"{prefix}/is-default-class") == "true" for prefix in prefixes)


def _holds_data(weaviate: Workload, claim: PersistentVolumeClaim) -> bool:
    volume, mounted = data_volume(weaviate), data_mount(weaviate)
    if volume is not None and volume.persistent_volume_claim is not None:
        return claim.metadata.name == volume.persistent_volume_claim.claim_name
    return mounted is not None and claim.metadata.name.startswith(f"{mounted}-{weaviate.name}-")


def data_mount(weaviate: Workload) -> str | None:
    """The name of the volume mounted at the data path or above it; None where it is the container's own disk."""
    path = weaviate.data_path.rstrip("/") + "/"
    mounts = [item for item in weaviate.container.volume_mounts if path.startswith(item.mount_path.rstrip("/") + "/")]
    return max(mounts, key=lambda mount: len(mount.mount_path)).name if mounts else None


def data_volume(weaviate: Workload) -> Volume | None:
    """The volume of the pod behind the data path; None for the container's own disk and for a claim template."""
    name = data_mount(weaviate)
    return next((volume for volume in weaviate.spec.volumes if volume.name == name), None)


# --- conditions -----------------------------------------------------------------------------------


def without_claim(facts: ClusterFacts) -> Check | None:
    """A failed check where the data is lost with the pod or the node; None where it is on a claim."""
    volume, path = data_volume(facts.weaviate), facts.weaviate.data_path
    kind = ""
    if data_mount(facts.weaviate) is None:
        kind = "the container's own disk"
    elif volume is not None and volume.empty_dir is not None:
        kind = "an emptyDir"
    elif volume is not None and volume.host_path is not None:
        kind = "a hostPath"
    elif volume is not None and volume.nfs is not None:
        kind = "an NFS volume"
    if not kind:
        return None
    message = f"The data at {path} is on {kind}, not on a persistent volume of block storage."
    on, expected = weaviate_subject(facts), "a PersistentVolumeClaim"
    return on.check(f"volume at {path}", kind, expected, False, message=message, fix="storage.migrate")


def no_claim_found(facts: ClusterFacts) -> Check:
    """An unread check for data whose claim was not found."""
    path, reason = facts.weaviate.data_path, facts.missing(CLAIMS) or Reason.NOT_OBSERVABLE
    message = f"No PersistentVolumeClaim was found for the data at {path}."
    return weaviate_subject(facts, CLAIMS).unread(f"claim for {path}", "a claim", reason, message=message)


def suitability(facts: ClusterFacts, disk: Disk) -> list[Check]:
    """All conditions on the kind of storage: the driver, the volume, its class and the size of the claim."""
    checks, on_claim = [_driver(facts, disk), *_pending(facts, disk), *_lost(disk)], Subject.of(CLAIMS, disk.claim)
    if disk.volume is not None:
        policy = disk.volume.spec.persistent_volume_reclaim_policy
        message = f"Deleting the PersistentVolumeClaim deletes the data (reclaimPolicy {policy})."
        field, on, ok = "persistentVolumeReclaimPolicy", Subject.of(VOLUMES, disk.volume), policy == "Retain"
        checks.append(on.check(field, policy, "Retain", ok, message=message, on_failure=PARTLY, fix="storage.retain"))
    if disk.storage_class is not None:
        checks += [*_binding_mode(facts, disk.storage_class, disk), *_class_checks(disk.storage_class, disk)]
    elif facts.missing(CLASSES) is None and not stays_pending(facts, disk):
        what = (
            f"The StorageClass {disk.class_name} is" if disk.class_name else "The claim names no StorageClass that is"
        )
        message, on = f"{what} not in the cluster, so the disk type is not known.", Subject(on_claim.ref, CLASSES)
        checks.append(on.unread("StorageClass", "present", Reason.NOT_OBSERVABLE, message=message))
    size = disk.claim.spec.resources.requests.get("storage", "")
    message = f"The volumes still have the chart's default size, {CHART_DEFAULT_SIZE}."
    field, expected, ok = "requests.storage", f"not the chart's {CHART_DEFAULT_SIZE}", size != CHART_DEFAULT_SIZE
    fix = "storage.expand"
    return [*checks, on_claim.check(field, size, expected, ok, message=message, on_failure=PARTLY, fix=fix)]


def stays_pending(facts: ClusterFacts, disk: Disk) -> str:
    """Why a claim without a volume is never bound, as a sentence; empty where it is bound or may be."""
    if disk.claim.spec.volume_name or disk.claim.status.phase == "Bound" or facts.missing(CLASSES) is not None:
        return ""
    name = disk.claim.metadata.name
    if disk.class_name is None and disk.storage_class is None:
        why = "names no StorageClass, and the cluster has no default class"
    elif disk.class_name and disk.storage_class is None and not _fits(facts, disk):
        why = f"names the StorageClass {disk.class_name}, which does not exist"
    else:
        return ""
    return f"The claim {name} {why}: it stays Pending, and its pod does not start."


def _fits(facts: ClusterFacts, disk: Disk) -> bool:
    """Whether an unbound volume of the named class exists: such a class need not exist as an object."""
    if facts.missing(VOLUMES) is not None:
        return True
    volumes = facts.objects(VOLUMES)
    return any(volume.spec.storage_class_name == disk.class_name and not volume.spec.claim_ref for volume in volumes)


def _pending(facts: ClusterFacts, disk: Disk) -> list[Check]:
    message = stays_pending(facts, disk)
    if not message:
        return []
    on, seen = Subject(Subject.of(CLAIMS, disk.claim).ref, CLASSES), disk.class_name or "none, and no default"
    field, expected = "spec.storageClassName", "a class of the cluster"
    return [on.check(field, seen, expected, False, message=message, fix="storage.class")]


def _lost(disk: Disk) -> list[Check]:
    """A claim without its volume, and a volume that does not serve its claim any more."""
    claim, volume = disk.claim, disk.volume
    checks, phase = [], claim.status.phase
    if phase == "Lost" or (phase == "Pending" and claim.spec.volume_name):
        message = f"The claim {claim.metadata.name} is {phase}: its volume {claim.spec.volume_name} is not available."
        checks.append(Subject.of(CLAIMS, claim).check("status.phase", phase, "Bound", False, message=message))
    elif phase == "Pending":
        message = f"The claim {claim.metadata.name} is Pending: no volume is bound to it."
        on = Subject.of(CLAIMS, claim)
        checks.append(on.check("status.phase", phase, "Bound", False, message=message, on_failure=PARTLY))
    if volume is not None and volume.status.phase in ("Failed", "Released"):
        phase = volume.status.phase
        message = f"The volume {volume.metadata.name} of {claim.metadata.name} is {phase}."
        checks.append(Subject.of(VOLUMES, volume).check("status.phase", phase, "Bound", False, message=message))
    return checks


def _driver(facts: ClusterFacts, disk: Disk) -> Check:
    driver = disk.driver
    if disk.volume is not None:
        on = Subject.of(VOLUMES, disk.volume)
    else:
        on = Subject(Subject.of(CLAIMS, disk.claim).ref, CLASSES)
        if facts.missing(VOLUMES):  # the class may have changed since, so only the volume is certain
            return on.info("provisioner of the class", driver or "not known")
    judged, name = grade(driver), described(driver)
    if driver == "hostPath" and not facts.missing(CLASSES):  # an unread class may be one for node-local storage
        judged = "refused"
    if judged == "unknown":
        message = (
            f"The driver {driver} is not known to this kit. Is it block storage?" if driver else "No volume is bound."
        )
        return on.unread("driver", "networked block storage", Reason.NOT_OBSERVABLE, message=message)
    message = {
        "refused": f"The data is on {name}, a type of storage that Weaviate does not support.",
        "tolerated": f"The data is on {name}, an NFS file system: use it only where there is no block storage.",
        "node": f"The volumes are bound to single nodes: {name}. Losing a node loses its data.",
    }.get(judged, "")
    outcome = Outcome.NOT_MET if judged == "refused" else PARTLY
    ok = judged == "block"
    expected, fix = "networked block storage", "storage.migrate"
    return on.check("driver", name, expected, ok, message=message, on_failure=outcome, fix=fix)


def _binding_mode(facts: ClusterFacts, storage_class: StorageClass, disk: Disk) -> list[Check]:
    """A volume that is created before its pod is scheduled may be in another zone, where there are zones."""
    on, mode, wait = Subject.of(CLASSES, storage_class), storage_class.volume_binding_mode, "WaitForFirstConsumer"
    zones = {zone_of_node(node) for node in facts.objects("nodes")} - {None}
    one_zone = facts.missing("nodes") is None and len(zones) < 2
    anywhere = disk.volume is not None and disk.volume.spec.node_affinity is None
    if mode != wait and (one_zone or anywhere):
        why = "the volume is bound to no zone" if anywhere else "the nodes have no zones, or one"
        return [on.info("volumeBindingMode", f"{mode}; {why}")]
    name = storage_class.metadata.name
    message = f"The class {name} creates volumes before a pod is scheduled ({mode}): one may be in the wrong zone."
    ok, fix = mode == wait, "storage.migrate"
    return [on.check("volumeBindingMode", mode, wait, ok, message=message, on_failure=PARTLY, fix=fix)]


def _class_checks(storage_class: StorageClass, disk: Disk) -> list[Check]:
    on, name = Subject.of(CLASSES, storage_class), storage_class.metadata.name
    cloud = cloud_of(disk.driver)
    if not cloud:
        return _copies(storage_class, disk)
    kind, fast, description = disk_type(storage_class, cloud)
    message = f"The disk type {kind} is {description}."
    expected, fix = "a fast SSD type", "storage.migrate"
    checks = [on.check("disk type", kind, expected, fast, message=message, on_failure=PARTLY, fix=fix)]
    if cloud == "aws":  # the other clouds encrypt by default
        seen = storage_class.parameters.get("encrypted", "not set")
        message = f"The class {name} does not request encryption; a default of the account is not visible here."
        field, ok, fix = "parameters.encrypted", seen == "true", "storage.encryption"
        checks.append(on.check(field, seen, "true", ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _copies(storage_class: StorageClass, disk: Disk) -> list[Check]:
    """A replicating storage that keeps one copy of each volume is bound to a node like a local one."""
    parameter, default = _COPIES.get(disk.driver, ("", ""))
    number = storage_class.parameters.get(parameter, default) if parameter else ""
    if not number:
        return []
    on, name = Subject.of(CLASSES, storage_class), storage_class.metadata.name
    message = f"The class {name} keeps one copy of each volume ({described(disk.driver)}): losing its node loses it."
    seen = number if parameter in storage_class.parameters else f"{number} (default)"
    field, ok, fix = f"parameters.{parameter}", number != "1", "storage.migrate"
    return [on.check(field, seen, "2 or more", ok, message=message, on_failure=PARTLY, fix=fix)]


def expansion(facts: ClusterFacts, disk: Disk) -> list[Check]:
    """Whether the class of the claim allows expansion, and any resize in progress."""
    on_claim, name = Subject.of(CLAIMS, disk.claim), disk.claim.metadata.name
    on, field = Subject(on_claim.ref, CLASSES), "StorageClass"
    if disk.class_name == "":
        message = f"The claim {name} is bound to a volume without a class: it can only be expanded manually."
        field, fix = "storageClassName", "storage.migrate"
        check = on.check(field, '""', "a class", False, message=message, on_failure=PARTLY, fix=fix)
    elif disk.storage_class is None and disk.class_name is None and (reason := facts.missing(VOLUMES)):
        message = f"The class of {name} is named only by its volume, which could not be read."
        check = Subject(on_claim.ref, VOLUMES).unread(field, "present", reason, message=message)
    elif message := stays_pending(facts, disk):
        seen, fix = disk.class_name or "none, and no default", "storage.class"
        check = on.check(field, seen, "present", False, message=message, fix=fix)
    elif disk.storage_class is None:
        kind = disk.class_name or "(no default class)"
        message = f"The StorageClass {kind} is not in the cluster: its volumes cannot be expanded until it exists."
        seen, fix = f"{kind}: not found", "storage.class"
        check = on.check(field, seen, "present", False, message=message, on_failure=PARTLY, fix=fix)
    else:
        allowed = disk.storage_class.allow_volume_expansion
        message = f"The StorageClass {disk.storage_class.metadata.name} does not allow volume expansion."
        seen, on = "true" if allowed else "false or absent", Subject.of(CLASSES, disk.storage_class)
        fix = "storage.allow_expansion" if grade(disk.driver) in ("block", "unknown") else "storage.migrate"
        check = on.check("allowVolumeExpansion", seen, "true", allowed, message=message, fix=fix)
    resizing = [item.type for item in disk.claim.status.conditions if item.type in RESIZING and item.status == "True"]
    return [check, *(on_claim.info("status.conditions", kind) for kind in resizing)]


def unique(checks: Iterable[Check]) -> list[Check]:
    """Each check once: several claims of one class repeat the checks of the class."""
    return list(dict.fromkeys(checks))
