"""Resource management: what the data needs and gets of memory, storage, processors and copies, and its upkeep."""

from __future__ import annotations

from readiness_kit.evidence.checks import (
    NO_PROBLEM_FOUND,
    UNDECIDED,
    Subject,
    informing,
    require_answer,
    to_finding,
    unread_sources,
    weaviate_subject,
)
from readiness_kit.evidence.conditions.availability.placement import one_replica
from readiness_kit.evidence.conditions.backups import volume_backups, weaviate_backups
from readiness_kit.evidence.conditions.data import data_shape
from readiness_kit.evidence.conditions.resources import capacity, memory, storage
from readiness_kit.evidence.conditions.resources.storage import disks
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.selectors import equals
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY
SCHEMA, VERBOSE = data_shape.SCHEMA, data_shape.VERBOSE
SCALARS, USAGE, VOLUMES = data_shape.SCALARS, capacity.USAGE, capacity.VOLUMES


# --- Q14: consumption -----------------------------------------------------------------------------

_CONSUMPTION = (SCHEMA, VERBOSE, SCALARS)


@evidence("res.consumption_patterns", reads=_CONSUMPTION, tolerates=_CONSUMPTION)
def consumption(facts: ClusterFacts, settings: Settings) -> Finding:
    """The sizes, the growth and the mix of reads and writes, for a person to confirm."""
    ref = facts.weaviate.ref
    checks = data_shape.consumption(facts)
    message = "Not read, so it cannot be shown beside the question: {}."
    for key, what in ((VERBOSE, "objects of each collection"), (SCALARS, "growth, reads and writes")):
        checks += unread_sources(facts, ref, [key], what, "known", message.format(what))
    message = "Does this fit what you planned for: reads, writes, growth?"
    return to_finding("res.consumption_patterns", require_answer(checks, ref, "consumption", message), met="")


# --- Q15, Q16: sizes ------------------------------------------------------------------------------

_MEMORY = ("pods", "configmaps", SCHEMA, VERBOSE, SCALARS, USAGE, "prometheus/history", "podmetrics")


@evidence("res.memory_sized", reads=_MEMORY, tolerates=_MEMORY)
def memory_sized(facts: ClusterFacts, settings: Settings) -> Finding:
    """Memory that is bounded, enough by what was used and by the model, and not far too much."""
    checks = [
        *memory.configured(facts),
        *memory.killed(facts),
        *memory.heap(facts),
        *memory.resident(facts, settings),
        *memory.model(facts, settings),
        *capacity.now(facts),
    ]
    if facts.missing("pods") is not None:
        message = "Whether pods were killed for want of memory could not be read."
        checks += unread_sources(facts, facts.weaviate.ref, ["pods"], "lastState.terminated", "no OOM kill", message)
    return to_finding("res.memory_sized", checks, met="Memory is bounded, and was enough without being far too much.")


_CAPACITY = ("pods", "persistentvolumeclaims", VERBOSE, VOLUMES, USAGE, SCALARS, "podmetrics")


@evidence("res.storage_compute_sized", reads=_CAPACITY, tolerates=_CAPACITY)
def storage_compute_sized(facts: ClusterFacts, settings: Settings) -> Finding:
    """Requests, disks that stay below their marks, and processors that are neither starved nor idle."""
    checks = [
        *capacity.requests(facts),
        *capacity.read_only(facts),
        *capacity.disks(facts, settings),
        *capacity.processors(facts, settings),
        *capacity.now(facts),
    ]
    met = "Disks stay well below their marks, and the pods have the CPU they use."
    return to_finding("res.storage_compute_sized", checks, met=met)


# --- Q17: deletion --------------------------------------------------------------------------------

_DELETION = ("cronjobs", "configmaps", SCHEMA, SCALARS)


@evidence("res.delete_process", reads=_DELETION, tolerates=_DELETION)
def deletion(facts: ClusterFacts, settings: Settings) -> Finding:
    """Objects that expire on a schedule that runs, or a job that deletes; else who deletes is for a person to say."""
    ref = facts.weaviate.ref
    checks = data_shape.deletion(facts)
    if any(check.outcome is not None for check in checks):
        return to_finding("res.delete_process", checks, met="What is no longer needed is deleted, and that ran lately.")
    message = "Whether objects expire was not read from Weaviate."
    checks += unread_sources(facts, ref, [SCHEMA], "objectTtlConfig", "objects that expire, or a job", message)
    message = "No expiry and no deleting job was found. What removes data that is no longer needed?"
    return to_finding("res.delete_process", require_answer(checks, ref, "deletion", message), met="")


# --- Q18 ------------------------------------------------------------------------------------------

_READS = ("services", "endpointslices", SCHEMA, VERBOSE, SCALARS)


@evidence("res.read_replicas", reads=_READS, tolerates=_READS)
def read_replicas(facts: ClusterFacts, settings: Settings) -> Finding:
    """Several copies to read from, and reads that are spread over them."""
    weaviate = facts.weaviate
    checks = [one_replica(weaviate), *_client_endpoints(facts)]
    if settings.read_heavy is False:
        said = "The workload is said not to be read-heavy, so replicas for reading are not judged."
        shown = [Subject(check.ref, check.source).info(check.field, check.seen) for check in checks]
        return to_finding("res.read_replicas", shown, met="", failed=said)
    if weaviate.replicas > 1:
        checks += [*data_shape.read_factors(facts, settings.read_heavy), *data_shape.read_skew(facts, settings)]
    return to_finding("res.read_replicas", checks, met="Reads go to several copies of each collection, evenly.")


def _client_endpoints(facts: ClusterFacts) -> list[Check]:
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
        found.append(Subject(ref, "endpointslices").info("ready endpoints", len(ready), "more than 1", len(ready) > 1))
    return found


# --- Q19 ------------------------------------------------------------------------------------------

_STORAGE = ("persistentvolumeclaims", "persistentvolumes", "storageclasses")


@evidence("res.storage_class", reads=_STORAGE, tolerates=_STORAGE)
def storage_class(facts: ClusterFacts, settings: Settings) -> Finding:
    """Block storage on SSD that waits for the pod and outlives its claim. How fast it has to be is for a person."""
    id = "res.storage_class"
    weaviate = facts.weaviate
    outside = storage.not_a_claim(facts)
    if outside is not None:
        return to_finding(id, [outside], met="")
    found = disks(facts)
    lost = [(key, why) for key in _STORAGE if (why := facts.missing(key)) is not None]
    checks = [
        weaviate_subject(facts, key).unread("storage", "block storage", why, message=f"Could not be read: {key}.")
        for key, why in lost
    ]
    if not found and not lost:
        message = f"No claim was found for the data at {weaviate.data_path}."
        checks.append(storage.no_claim(facts, message))
    for disk in found:
        checks += storage.disk_checks(facts, disk)
    classes = names(disk.class_name or "none" for disk in found)
    met = f"The data lies on block storage of class {classes}. Whether it is fast enough (IOPS) is for you to say."
    return to_finding(id, storage.grouped(checks), met=met)


# --- Q20 ------------------------------------------------------------------------------------------


@evidence(
    "res.volume_expansion",
    reads=("persistentvolumeclaims", "storageclasses", "persistentvolumes"),
    tolerates=("persistentvolumes",),
)
def volume_expansion(facts: ClusterFacts, settings: Settings) -> Finding:
    """Every claim of the data has a class that lets it grow."""
    id = "res.volume_expansion"
    outside = storage.not_a_claim(facts)
    if outside is not None:
        return to_finding(id, [outside], met="")
    found = disks(facts)
    checks = (
        [] if found else [storage.no_claim(facts, f"No claim was found for the data at {facts.weaviate.data_path}.")]
    )
    for disk in found:
        checks += storage.expands(facts, disk)
    classes = names(disk.class_name or "none" for disk in found)
    return to_finding(id, storage.grouped(checks), met=f"The class {classes} of the volumes lets them grow.")


# --- Q21: backups of data and volumes -------------------------------------------------------------

_BACKED_UP = (
    "configmaps",
    "cronjobs",
    *weaviate_backups.READS,
    *(key for key in volume_backups.READS if key not in ("configmaps", "cronjobs", "pods")),
)


@evidence("res.data_backed_up", reads=("pods", *_BACKED_UP), tolerates=("pods", *_BACKED_UP))
def data_backed_up(facts: ClusterFacts, settings: Settings) -> Finding:
    """Weaviate's own backups, and snapshots of the volumes beside them; the latter alone are never consistent."""
    ref, own = facts.weaviate.ref, weaviate_backups.finding(facts, settings)
    said = own.sentence.removeprefix(NO_PROBLEM_FOUND).removeprefix(UNDECIDED).lstrip()
    volumes, lines = volume_backups.snapshots(facts, settings)
    field, expected = "Weaviate's own backups", "recent and complete"
    outcome = own.outcome
    on = weaviate_subject(facts, "weaviate/backups")
    if outcome is Outcome.UNKNOWN:
        checks = [on.unread(field, expected, own.reason or Reason.NOT_OBSERVABLE, message=said)]
    else:
        seen, ok = f"{outcome.value.replace('_', ' ')}: {own.sentence}", outcome is Outcome.MET
        on_failure = PARTLY if volumes else outcome
        checks = [on.check(field, seen, expected, ok, message=own.sentence, on_failure=on_failure)]
    checks += [informing(check) for check in lines]
    field, expected = "snapshots of the volumes", f"of the last {settings.thresholds.snapshot_days} days"
    on_volumesnapshots = weaviate_subject(facts, "volumesnapshots")
    if volumes:
        checks.append(on_volumesnapshots.check(field, "recent", expected, True))
    elif volumes is None:
        message = "Whether the volumes are backed up as well could not be read: {}."
        for key, why in volume_backups.why(facts).items():
            checks.append(weaviate_subject(facts, key).unread(field, expected, why, message=message.format(key)))
    else:
        checks.append(on_volumesnapshots.info(field, "none found; what a cloud makes by itself is not visible"))
        message = "No recent snapshot of the volumes was found. Does the cloud make some, which are not visible here?"
        checks = require_answer(checks, ref, field, message, expected)
    return to_finding("res.data_backed_up", checks, met="Weaviate's own backups are recent, and so are the volumes'.")


# --- E15, E18: cutting and compressing ------------------------------------------------------------


@evidence("res.sharding", reads=("configmaps", SCHEMA, VERBOSE), tolerates=("configmaps", SCHEMA, VERBOSE))
def sharding(facts: ClusterFacts, settings: Settings) -> Finding:
    """Shards for all nodes, evenly filled; whether they fit the way data is read is for a person to say."""
    message = "Nothing speaks against how the collections are cut. Does it fit how they are read and written?"
    checks = require_answer(data_shape.sharding(facts, settings), facts.weaviate.ref, "access pattern", message)
    return to_finding("res.sharding", checks, met="")


_QUANTISATION = ("configmaps", SCHEMA, VERBOSE, SCALARS)


@evidence("res.quantization", reads=_QUANTISATION, tolerates=_QUANTISATION)
def quantisation(facts: ClusterFacts, settings: Settings) -> Finding:
    """Large collections hold compressed vectors; small ones need no planning."""
    checks = data_shape.quantisation(facts, settings)
    small = {Outcome.UNKNOWN: "No collection is large enough to need compressed vectors."}
    decided = any(check.outcome is not None or check.reason is not None for check in checks)
    met = "The vectors of every large collection are compressed or lie on disk."
    return to_finding("res.quantization", checks, met=met, failed="" if decided else small)


# --- E16, E17: Go's own limit ---------------------------------------------------------------------


@evidence("res.gomemlimit", reads=("configmaps", SCALARS), tolerates=("configmaps", SCALARS))
def gomemlimit(facts: ClusterFacts, settings: Settings) -> Finding:
    """Go knows how much memory there is: GOMEMLIMIT, which wins over LIMIT_RESOURCES where both are set."""
    return to_finding("res.gomemlimit", memory.guarded(facts), met="GOMEMLIMIT is set, and valid.")


@evidence(
    "res.gomemlimit_ratio",
    reads=("configmaps", "nodes", "pods"),
    tolerates=("configmaps", "nodes", "pods"),
)
def gomemlimit_ratio(facts: ClusterFacts, settings: Settings) -> Finding:
    """GOMEMLIMIT is 80 to 90 % of the memory that the container may use."""
    met = "GOMEMLIMIT is 80 to 90 % of the memory that the container may use."
    return to_finding("res.gomemlimit_ratio", memory.ratio(facts), met=met)
