"""Resource management: what the cluster shows of replicas for reading and of the storage under the data."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.framework import Check, conclude, evidence, note, unread, want, workload_key
from readiness_kit.evidence.placement import one_replica
from readiness_kit.evidence.volumes import Disk, cloud_of, data_mount, data_volume, disk_type, disks, grade
from readiness_kit.evidence.wording import names
from readiness_kit.facts import Facts
from readiness_kit.facts.selectors import equals
from readiness_kit.kinds.storage import StorageClass
from readiness_kit.model import Finding, Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY
CHART_DEFAULT_SIZE = "32Gi"


# --- Q18 ------------------------------------------------------------------------------------------


@evidence("res.read_replicas", reads=("services", "endpointslices"), tolerates=("services", "endpointslices"))
def read_replicas(facts: Facts, settings: Settings) -> Finding:
    """More than one replica to read from. Replication factors and the share of reads by pod come from elsewhere."""
    weaviate = facts.weaviate
    checks = [one_replica(weaviate), *_client_endpoints(facts)]
    if settings.read_heavy is False:
        said = "The workload is said not to be read-heavy, so replicas for reading are not judged."
        informing = [note(one.fact.ref, one.fact.field, one.fact.seen, one.fact.source) for one in checks]
        return conclude("res.read_replicas", informing, met="", otherwise=said)
    if weaviate.replicas > 1:
        for field, expected, source, what in (
            (
                "replication factor of each collection",
                "3 or more",
                "weaviate/schema",
                "how many copies collections have",
            ),
            ("reads by pod", "evenly spread", "prometheus/queries", "how evenly reads are spread over the pods"),
        ):
            why = facts.missing(source) or Reason.NOT_COLLECTED
            checks.append(unread(weaviate.ref, field, expected, why, source, say=f"Not read: {what}."))
    return conclude("res.read_replicas", checks, met="Reads can go to several replicas.")


def _client_endpoints(facts: Facts) -> list[Check]:
    """Ready endpoints of the Services that clients use; the headless one is for gossip between the pods."""
    weaviate = facts.weaviate
    found = []
    for service in facts.objects("services"):
        metadata, spec = service.metadata, service.spec
        if metadata.namespace != weaviate.namespace or not equals(spec.selector, weaviate.pod_labels):
            continue
        if spec.cluster_ip == "None" or facts.missing("endpointslices"):
            continue
        ready = {
            address
            for piece in facts.objects("endpointslices")
            if piece.metadata.namespace == metadata.namespace
            and piece.metadata.labels.get("kubernetes.io/service-name") == metadata.name
            for endpoint in piece.endpoints
            if endpoint.conditions.ready is not False
            for address in endpoint.addresses or (endpoint.target_ref.name if endpoint.target_ref else "",)
        }
        ref = Ref("Service", metadata.name, metadata.namespace)
        found.append(note(ref, "ready endpoints", len(ready), "endpointslices", "more than 1", len(ready) > 1))
    return found


# --- Q19 ------------------------------------------------------------------------------------------

_STORAGE = ("persistentvolumeclaims", "persistentvolumes", "storageclasses")


@evidence("res.storage_class", reads=_STORAGE, tolerates=_STORAGE)
def storage_class(facts: Facts, settings: Settings) -> Finding:
    """Block storage on SSD that waits for the pod and outlives its claim. How fast it has to be is for a person."""
    id = "res.storage_class"
    weaviate = facts.weaviate
    outside = _not_a_claim(facts)
    if outside is not None:
        return conclude(id, [outside], met="")
    found = disks(facts)
    lost = [(key, why) for key in _STORAGE if (why := facts.missing(key)) is not None]
    checks = [
        unread(weaviate.ref, "storage", "block storage", why, key, say=f"Could not be read: {key}.")
        for key, why in lost
    ]
    if not found and not lost:
        say = f"No claim was found for the data at {weaviate.data_path}."
        checks.append(_no_claim(facts, say))
    for disk in found:
        checks += _disk_checks(facts, disk)
    classes = names(disk.class_name or "none" for disk in found)
    met = f"The data lies on block storage of class {classes}. Whether it is fast enough (IOPS) is for you to say."
    return conclude(id, _grouped(checks), met=met)


def _not_a_claim(facts: Facts) -> Check | None:
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


def _no_claim(facts: Facts, say: str) -> Check:
    weaviate = facts.weaviate
    key, field = "persistentvolumeclaims", f"claim for {weaviate.data_path}"
    return unread(weaviate.ref, field, "a claim", facts.missing(key) or Reason.NOT_OBSERVABLE, key, say=say)


def _disk_checks(facts: Facts, disk: Disk) -> list[Check]:
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


def _grouped(checks: Iterable[Check]) -> list[Check]:
    """Each line once: three claims of one class give its lines three times."""
    return list(dict.fromkeys(checks))


# --- Q20 ------------------------------------------------------------------------------------------

_RESIZING = ("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError")


@evidence(
    "res.volume_expansion",
    reads=("persistentvolumeclaims", "storageclasses", "persistentvolumes"),
    tolerates=("persistentvolumes",),
)
def volume_expansion(facts: Facts, settings: Settings) -> Finding:
    """Every claim of the data has a class that lets it grow."""
    id = "res.volume_expansion"
    outside = _not_a_claim(facts)
    if outside is not None:
        return conclude(id, [outside], met="")
    found = disks(facts)
    checks = [] if found else [_no_claim(facts, f"No claim was found for the data at {facts.weaviate.data_path}.")]
    for disk in found:
        checks += _expands(facts, disk)
    classes = names(disk.class_name or "none" for disk in found)
    return conclude(id, _grouped(checks), met=f"The class {classes} of the volumes lets them grow.")


def _expands(facts: Facts, disk: Disk) -> list[Check]:
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
        if condition.type in _RESIZING and condition.status == "True":
            checks.append(note(_claim_ref(disk), "status.conditions", condition.type, "persistentvolumeclaims"))
    return checks
