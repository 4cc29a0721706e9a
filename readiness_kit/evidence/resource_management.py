"""Resource management: memory, storage, CPU and replicas of the data, and its maintenance."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness_kit.evidence.checks import (
    PREFIXES,
    Subject,
    answer_needed,
    any_of,
    informing,
    to_finding,
    weaviate_subject,
)
from readiness_kit.evidence.conditions.availability.placement import several_replicas
from readiness_kit.evidence.conditions.backups import volume_backups, weaviate_backups
from readiness_kit.evidence.conditions.data import data_shape
from readiness_kit.evidence.conditions.data.replication import SCHEMA, VERBOSE
from readiness_kit.evidence.conditions.resources import capacity, memory, storage
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.network import Service
from readiness_kit.labels import count
from readiness_kit.model import Check, Finding, Outcome, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCALARS, USAGE, VOLUMES = data_shape.SCALARS, capacity.USAGE, capacity.VOLUMES


# --- Q14: consumption -----------------------------------------------------------------------------

_CONSUMPTION = (SCHEMA, VERBOSE, SCALARS)


@evidence("res.consumption_patterns", reads=_CONSUMPTION, tolerates=_CONSUMPTION)
def consumption(facts: ClusterFacts, settings: Settings) -> Finding:
    """Sizes, growth, and the mix of reads and writes, for a person to confirm."""
    checks = data_shape.consumption(facts)
    for key, what in ((VERBOSE, "objects of each collection"), (SCALARS, "growth, reads and writes")):
        checks += weaviate_subject(facts, key).missing(facts, what, "known", f"Could not be read: {what}.")
    message = "Do these figures match what you planned for: reads, writes, growth?"
    checks.append(answer_needed(facts, "consumption", message, fix="consumption.record"))
    return to_finding("res.consumption_patterns", checks, met="")


# --- Q15, Q16: sizes ------------------------------------------------------------------------------

_MEMORY = ("pods", "configmaps", SCHEMA, VERBOSE, SCALARS, USAGE, "prometheus/history", "podmetrics")


@evidence("res.memory_sized", reads=_MEMORY, tolerates=_MEMORY)
def memory_sized(facts: ClusterFacts, settings: Settings) -> Finding:
    """Memory that is limited, and sufficient without excess by usage and by estimate."""
    checks = [
        *memory.configured(facts),
        *memory.out_of_memory(facts),
        *memory.heap(facts),
        memory.resident(facts, settings),
        *memory.model(facts, settings),
        *capacity.now(facts),
    ]
    met = "Memory is limited, and was sufficient without large excess."
    return to_finding("res.memory_sized", checks, met=met)


_CAPACITY = ("pods", "persistentvolumeclaims", VERBOSE, VOLUMES, USAGE, SCALARS, "podmetrics")


@evidence("res.storage_compute_sized", reads=_CAPACITY, tolerates=_CAPACITY)
def storage_compute_sized(facts: ClusterFacts, settings: Settings) -> Finding:
    """Requests, volumes below their warning level, and CPU that is neither throttled nor idle."""
    checks = [
        *capacity.requests(facts),
        capacity.read_only(facts),
        *capacity.disk_guard(facts),
        *capacity.disks(facts, settings),
        *capacity.processors(facts, settings),
        *capacity.now(facts),
    ]
    met = "The volumes are below their warning level, and the pods have the CPU they use."
    return to_finding("res.storage_compute_sized", checks, met=met)


# --- Q17: deletion --------------------------------------------------------------------------------

_DELETION = ("cronjobs", "configmaps", SCHEMA, SCALARS)


@evidence("res.delete_process", reads=_DELETION, tolerates=_DELETION)
def deletion(facts: ClusterFacts, settings: Settings) -> Finding:
    """Objects that expire on a schedule that runs, or a job that deletes; else only a person knows what deletes."""
    checks = data_shape.deletion(facts)
    if all(check.outcome is None for check in checks):
        field, expected = "objectTtlConfig", "objects that expire, or a job"
        message = "Whether objects expire was not read from Weaviate."
        checks += weaviate_subject(facts, SCHEMA).missing(facts, field, expected, message)
        message = "No expiry and no job that deletes was found. What removes data that is no longer needed?"
        checks.append(answer_needed(facts, "deletion", message, fix="deletion.plan"))
    met = "Data that is no longer needed is deleted, and the deletion ran recently."
    return to_finding("res.delete_process", checks, met=met)


# --- Q18: reads -----------------------------------------------------------------------------------

_READS = ("services", "endpointslices", SCHEMA, VERBOSE, SCALARS)


@evidence("res.read_replicas", reads=_READS, tolerates=_READS)
def read_replicas(facts: ClusterFacts, settings: Settings) -> Finding:
    """Several replicas to read from, and reads that are distributed over them."""
    checks = [several_replicas(facts), *_client_endpoints(facts)]
    if settings.read_heavy is False:
        message = "Not judged: the settings declare that the workload is not read-heavy."
        shown = [Subject(check.ref, check.source).info(check.field, check.seen) for check in checks]
        return to_finding("res.read_replicas", shown, met="", failed=message)
    if facts.weaviate.replicas > 1:
        checks += [*data_shape.read_factors(facts, settings.read_heavy), *data_shape.read_skew(facts, settings)]
    met = "Reads are distributed evenly over several replicas of each collection."
    return to_finding("res.read_replicas", checks, met=met)


def _client_endpoints(facts: ClusterFacts) -> list[Check]:
    """Ready endpoints of the Services for clients; the headless Service is for gossip between the pods."""
    found: list[Check] = []
    for service in facts.objects("services"):
        metadata, spec = service.metadata, service.spec
        if exposure.selects_nothing(facts, service):
            message = f"Service {metadata.name} selects no pod, so it leads nowhere."
            on = Subject.of("services", service)
            field, expected, fix = "selected pods", "1 or more", "services.correct"
            found.append(on.check(field, "none", expected, False, message=message, on_failure=PARTLY, fix=fix))
        if not exposure.leads_to_weaviate(facts, service):
            continue
        found += _dead_ports(facts, service)
        if spec.cluster_ip == "None" or facts.missing("endpointslices"):
            continue
        slices = [
            part
            for part in facts.objects("endpointslices")
            if part.metadata.namespace == metadata.namespace
            and part.metadata.labels.get("kubernetes.io/service-name") == metadata.name
        ]
        if not slices:  # Kubernetes makes one for every such Service, so the list is not complete
            continue
        ready = {
            address
            for part in slices
            for endpoint in part.endpoints
            if endpoint.conditions.ready is not False
            for address in endpoint.addresses or (endpoint.target_ref.name if endpoint.target_ref else "",)
        }
        on = Subject(Subject.of("services", service).ref, "endpointslices")
        message = f"Service {metadata.name} has {count(len(ready), 'ready endpoint')}: all reads go to one pod."
        field, expected, several = "ready endpoints", "2 or more", len(ready) > 1
        fix = "replicas.three" if facts.weaviate.replicas < 2 else "members.restore"
        found.append(on.check(field, len(ready), expected, several, message=message, on_failure=PARTLY, fix=fix))
    return found


def _dead_ports(facts: ClusterFacts, service: Service) -> list[Check]:
    """Ports of a Service that lead to no port of the pods; those of the headless Service serve only for names."""
    weaviate, on = facts.weaviate, Subject.of("services", service)
    checks = []
    for port in service.spec.ports if service.spec.cluster_ip != "None" else ():
        target = port.target_port or port.port
        number = exposure.container_port(target, weaviate.spec)
        if number not in exposure.listening_ports(weaviate):
            message = f"Port {port.port} of Service {service.metadata.name} leads to port {target} of the pods, where "
            message += "no container is known to listen."
            expected = "a port of the pods"
            checks.append(on.check("targetPort", target, expected, False, message=message, on_failure=PARTLY))
    return checks


# --- Q19, Q20: storage ----------------------------------------------------------------------------

_STORAGE = ("persistentvolumeclaims", "persistentvolumes", "storageclasses")


@evidence("res.storage_class", reads=(*_STORAGE, "nodes"), tolerates=(*_STORAGE, "nodes"))
def storage_class(facts: ClusterFacts, settings: Settings) -> Finding:
    """Block storage on SSD that outlives its claim; whether its IOPS suffice is for a person to judge."""
    question = "res.storage_class"
    without_claim = storage.without_claim(facts)
    if without_claim is not None:
        return to_finding(question, [without_claim], met="")
    found = storage.disks(facts)
    checks = []
    for key in _STORAGE:
        on = weaviate_subject(facts, key)
        checks += on.missing(facts, "storage", "block storage", f"Could not be read: {key}.")
    if not found and not checks:
        checks.append(storage.no_claim_found(facts))
    for disk in found:
        checks += storage.suitability(facts, disk)
    classes = names(disk.class_name or "none" for disk in found)
    met = f"The data is on block storage of class {classes}. Check that its IOPS are sufficient for your workload."
    return to_finding(question, storage.unique(checks), met=met)


def _expansion_of_known_classes(facts: ClusterFacts) -> list[Check]:
    check = storage.without_claim(facts)
    if check is not None:
        return [check]
    return storage.unique(
        check for disk in storage.disks(facts) if disk.storage_class for check in storage.expansion(facts, disk)
    )


@evidence("res.volume_expansion", reads=_STORAGE, tolerates=("persistentvolumes",), known=_expansion_of_known_classes)
def volume_expansion(facts: ClusterFacts, settings: Settings) -> Finding:
    """Every claim of the data has a class that allows expansion."""
    question = "res.volume_expansion"
    without_claim = storage.without_claim(facts)
    if without_claim is not None:
        return to_finding(question, [without_claim], met="")
    found = storage.disks(facts)
    checks = [check for disk in found for check in storage.expansion(facts, disk)]
    classes = names(disk.class_name or "none" for disk in found)
    met = f"The StorageClass {classes} of the volumes allows expansion."
    return to_finding(question, storage.unique(checks or [storage.no_claim_found(facts)]), met=met)


# --- Q21: backups of data and volumes -------------------------------------------------------------

_BACKED_UP = tuple(dict.fromkeys(("pods", "configmaps", "cronjobs", *weaviate_backups.READS, *volume_backups.READS)))


@evidence("res.data_backed_up", reads=_BACKED_UP, tolerates=_BACKED_UP)
def data_backed_up(facts: ClusterFacts, settings: Settings) -> Finding:
    """Weaviate's own backups, and snapshots of the volumes; snapshots alone are never consistent."""
    volumes, shown = volume_backups.snapshots(facts, settings)
    checks = [*_own_backups(facts, settings, PARTLY if volumes else None), *(informing(check) for check in shown)]
    field, expected = "snapshots of the volumes", f"of the last {settings.thresholds.snapshot_days} days"
    on = weaviate_subject(facts, "volumesnapshots")
    if volumes:
        checks.append(on.check(field, "recent", expected, True))
    elif volumes is None:
        missing = volume_backups.unread_sources(facts)
        message = f"Whether the volumes are backed up as well could not be read: {names(missing)}."
        ways = (weaviate_subject(facts, key).unread(field, expected, reason) for key, reason in missing.items())
        checks.append(msgspec.structs.replace(any_of(tuple(ways)), message=message))
    else:
        checks.append(on.info(field, "none found; automatic snapshots of the cloud are not visible"))
        message = "No recent snapshot of the volumes was found. Does your cloud make any outside the cluster?"
        checks.append(answer_needed(facts, field, message, expected, fix="volumes.snapshot"))
    return to_finding("res.data_backed_up", checks, met="Weaviate's own backups and the volume snapshots are recent.")


def _own_backups(facts: ClusterFacts, settings: Settings, most: Outcome | None) -> Iterator[Check]:
    """The finding on Weaviate's own backups as checks: its known lack, and what was not read.

    They fail as that finding does, or as `most`.
    """
    own, on = weaviate_backups.finding(facts, settings), weaviate_subject(facts, "weaviate/backups")
    field, expected = "Weaviate's own backups", "recent and complete"
    message = own.sentence
    for prefix in PREFIXES:
        message = message.removeprefix(prefix).lstrip()
    if own.outcome is not Outcome.UNKNOWN:
        seen, ok = f"{own.outcome.value.replace('_', ' ')}: {own.sentence}", own.outcome is Outcome.MET
        own_fix = next((check.fix for check in own.facts if check.fix and check.ok is False), "")
        failure = most or own.outcome
        yield on.check(field, seen, expected, ok, message=message, on_failure=failure, fix=own_fix)
    if own.reason is not None:
        yield on.unread(field, expected, own.reason, message=message, on_failure=most or NOT_MET)


# --- E15, E18: sharding and quantisation ----------------------------------------------------------

_SHARDING = ("configmaps", SCHEMA, VERBOSE)


@evidence("res.sharding", reads=_SHARDING, tolerates=_SHARDING)
def sharding(facts: ClusterFacts, settings: Settings) -> Finding:
    """Shards for all nodes, evenly filled; whether they suit the access pattern is for a person to say."""
    message = "Do the shards suit how the collections are read and written?"
    needed = answer_needed(facts, "access pattern", message, fix="sharding.review")
    checks = [*data_shape.sharding(facts, settings), needed]
    return to_finding("res.sharding", checks, met="")


_QUANTISATION = ("configmaps", SCHEMA, VERBOSE, SCALARS)


@evidence("res.quantization", reads=_QUANTISATION, tolerates=_QUANTISATION)
def quantisation(facts: ClusterFacts, settings: Settings) -> Finding:
    """Large collections have compressed vectors; small ones need none."""
    checks = data_shape.quantisation(facts, settings)
    small = {Outcome.UNKNOWN: "No collection is large enough to need compressed vectors."}
    decided = any(check.outcome is not None or check.reason is not None for check in checks)
    met = "The vectors of every large collection are compressed or on disk."
    return to_finding("res.quantization", checks, met=met, failed="" if decided else small)


# --- E16, E17: Go's own limit ---------------------------------------------------------------------


@evidence("res.gomemlimit", reads=("configmaps", SCALARS), tolerates=("configmaps", SCALARS))
def gomemlimit(facts: ClusterFacts, settings: Settings) -> Finding:
    """Go's memory limit is set: GOMEMLIMIT, which overrides LIMIT_RESOURCES where both are set."""
    return to_finding("res.gomemlimit", memory.guarded(facts), met="GOMEMLIMIT is set, and valid.")


_RATIO = ("configmaps", "nodes", "pods")


@evidence("res.gomemlimit_ratio", reads=_RATIO, tolerates=_RATIO)
def gomemlimit_ratio(facts: ClusterFacts, settings: Settings) -> Finding:
    """GOMEMLIMIT is 80 to 90 % of the memory that the container may use."""
    met = "GOMEMLIMIT is 80 to 90 % of the memory that the container may use."
    return to_finding("res.gomemlimit_ratio", [memory.ratio(facts)], met=met)
