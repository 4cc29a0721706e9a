"""The storage under the data: block storage on SSD that outlives its claim, and that can grow."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.framework import Check, note, unread, want, workload_key
from readiness_kit.evidence.volumes import Disk, cloud_of, data_mount, data_volume, disk_type, grade
from readiness_kit.facts import Facts
from readiness_kit.kinds.storage import StorageClass
from readiness_kit.model import Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
CHART_DEFAULT_SIZE = "32Gi"
RESIZING = ("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError")


def not_a_claim(facts: Facts) -> Check | None:
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
    say = f"The data at {path} lies on {kind}, not on a persistent volume of block storage."
    source = workload_key(weaviate.kind)
    return want(weaviate.ref, f"volume at {path}", kind, "a PersistentVolumeClaim", False, source, say=say)


def no_claim(facts: Facts, say: str) -> Check:
    weaviate = facts.weaviate
    key, field = "persistentvolumeclaims", f"claim for {weaviate.data_path}"
    return unread(weaviate.ref, field, "a claim", facts.missing(key) or Reason.NOT_OBSERVABLE, key, say=say)


def disk_checks(facts: Facts, disk: Disk) -> list[Check]:
    """All conditions on one claim, its volume and its class."""
    checks = [_driver(facts, disk)]
    if disk.volume is not None:
        ref = Ref("PersistentVolume", disk.volume.metadata.name)
        policy = disk.volume.spec.persistent_volume_reclaim_policy
        say = f"Deleting a claim deletes its data with it (reclaimPolicy {policy})."
        field = "persistentVolumeReclaimPolicy"
        ok = policy == "Retain"
        checks.append(want(ref, field, policy, "Retain", ok, "persistentvolumes", otherwise=PARTLY, say=say))
    if disk.storage_class is not None:
        checks += _class_checks(disk.storage_class, disk)
    elif facts.missing("storageclasses") is None:
        named = (
            f"The StorageClass {disk.class_name} is" if disk.class_name else "The claim names no StorageClass that is"
        )
        say = f"{named} not in the cluster, so its disk type cannot be told."
        ref = _claim_ref(disk)
        checks.append(unread(ref, "StorageClass", "present", Reason.NOT_OBSERVABLE, "storageclasses", say=say))
    size = disk.claim.spec.resources.requests.get("storage", "")
    say = f"The volumes still have the chart's default size, {CHART_DEFAULT_SIZE}."
    ok = size != CHART_DEFAULT_SIZE
    key, field = "persistentvolumeclaims", "requests.storage"
    checks.append(
        want(_claim_ref(disk), field, size, f"not the chart's {CHART_DEFAULT_SIZE}", ok, key, otherwise=PARTLY, say=say)
    )
    return checks


def _driver(facts: Facts, disk: Disk) -> Check:
    driver, expected = disk.driver, "networked block storage"
    if disk.volume is not None:
        ref, source = Ref("PersistentVolume", disk.volume.metadata.name), "persistentvolumes"
    else:
        ref, source = _claim_ref(disk), "storageclasses"
        if facts.missing("persistentvolumes"):  # a class may have changed since: only the volume can tell
            return note(ref, "provisioner of the class", driver or "not known", source)
    judged = grade(driver)
    if driver == "hostPath" and not facts.missing("storageclasses"):  # the class may say that it is node-local storage
        judged = "refused"
    if judged == "unknown":
        say = (
            f"The kit does not know the driver {driver}; is it block storage?" if driver else "No volume is bound yet."
        )
        return unread(ref, "driver", expected, Reason.NOT_OBSERVABLE, source, say=say)
    says = {
        "refused": f"The data lies on {driver}, a kind of storage that Weaviate must not use.",
        "tolerated": f"The data lies on {driver}, an NFS file system: use it only where there is no block storage.",
        "node": f"The volumes are bound to single nodes ({driver}): a lost node takes its data with it.",
    }
    outcome = Outcome.NOT_MET if judged == "refused" else PARTLY
    say = says.get(judged, "")
    return want(ref, "driver", driver, expected, judged == "block", source, otherwise=outcome, say=say)


def _class_checks(one: StorageClass, disk: Disk) -> list[Check]:
    ref = Ref("StorageClass", one.metadata.name)
    key, mode = "storageclasses", one.volume_binding_mode
    wait = "WaitForFirstConsumer"
    say = f"The class {ref.name} makes volumes before a pod is placed ({mode}), so one may lie in the wrong zone."
    checks = [want(ref, "volumeBindingMode", mode, wait, mode == wait, key, otherwise=PARTLY, say=say)]
    cloud = cloud_of(disk.driver)
    if not cloud:
        return checks
    named, fast, what = disk_type(one, cloud)
    say = f"The disk type {named} is {what}."
    checks.append(want(ref, "disk type", named, "a fast SSD type", fast, key, otherwise=PARTLY, say=say))
    if cloud == "aws":  # the other clouds encrypt by default
        seen = one.parameters.get("encrypted", "not set")
        say = (
            f"The class {ref.name} does not ask for encryption; the account may do so by default, which is not visible."
        )
        ok = seen == "true"
        checks.append(want(ref, "parameters.encrypted", seen, "true", ok, key, otherwise=PARTLY, say=say))
    return checks


def _claim_ref(disk: Disk) -> Ref:
    metadata = disk.claim.metadata
    return Ref("PersistentVolumeClaim", metadata.name, metadata.namespace)


def grouped(checks: Iterable[Check]) -> list[Check]:
    """Each line once: three claims of one class give its lines three times."""
    return list(dict.fromkeys(checks))


def expands(facts: Facts, disk: Disk) -> list[Check]:
    one, key, field = disk.storage_class, "storageclasses", "allowVolumeExpansion"
    if disk.class_name == "":
        say = f"The claim {disk.claim.metadata.name} is bound by hand to a volume: growing it is by hand as well."
        checks = [want(_claim_ref(disk), "storageClassName", '""', "a class", False, key, otherwise=PARTLY, say=say)]
    elif one is None and disk.class_name is None and (why := facts.missing("persistentvolumes")):
        say = f"The class of {disk.claim.metadata.name} stands only on its volume, which could not be read."
        checks = [unread(_claim_ref(disk), "StorageClass", "there", why, "persistentvolumes", say=say)]
    elif one is None:
        named = disk.class_name or "(no default class)"
        say = f"The StorageClass {named} of the volumes is not in the cluster, so they cannot grow until it is back."
        checks = [
            want(_claim_ref(disk), "StorageClass", f"{named}: gone", "there", False, key, otherwise=PARTLY, say=say)
        ]
    else:
        seen = "true" if one.allow_volume_expansion else "false or absent"
        say = f"The StorageClass {one.metadata.name} does not let volumes grow."
        ref = Ref("StorageClass", one.metadata.name)
        checks = [want(ref, field, seen, "true", one.allow_volume_expansion, key, say=say)]
    for condition in disk.claim.status.conditions:
        if condition.type in RESIZING and condition.status == "True":
            checks.append(note(_claim_ref(disk), "status.conditions", condition.type, "persistentvolumeclaims"))
    return checks
