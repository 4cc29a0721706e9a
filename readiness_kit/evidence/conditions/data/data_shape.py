"""The shape of the data: consumption, deletion, reads, sharding and quantisation of the collections."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.backups.weaviate_backups import job_status, mentions
from readiness_kit.evidence.conditions.data.replication import SCHEMA, VERBOSE, collection, no_schema, with_data
from readiness_kit.evidence.conditions.resources.memory import needed
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection, VectorIndex
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCALARS = "prometheus/weaviate"
TTL_SCHEDULE = "OBJECTS_TTL_DELETE_SCHEDULE"
DELETES = ("/v1/batch/objects", "delete_many", "delete_by_id", "tenants.remove", "/tenants")
WEEK = timedelta(days=7)
MAX_LISTED = 5


def objects(facts: ClusterFacts) -> Counter[str]:
    """Unique objects by collection; a lower bound while shards are not loaded."""
    found: Counter[str] = Counter()
    for shard in facts.shards:
        found[shard.collection] += shard.objects
    return found


def consumption(facts: ClusterFacts) -> list[Check]:
    """Q14: objects, growth, writes and reads, as far as they are known, for a person to confirm."""
    on = weaviate_subject(facts, SCALARS)
    checks = [
        collection(name, VERBOSE).info("objects", f"{number:,}")
        for name, number in objects(facts).most_common(MAX_LISTED)
    ]
    if facts.shards:
        checks.append(weaviate_subject(facts, VERBOSE).info("shards", len(facts.shards)))
    checks += _scalars(
        facts,
        ("objects more than a week ago", "object_growth_7d", ",.0f"),
        ("objects imported in batches, 7 days", "processed_7d", ",.0f"),
        ("queries per second, last hour", "queries_1h", ".1f"),
    )
    for sample in facts.history.samples("schema_shards"):
        checks.append(
            on.queried("schema_shards").info(
                f"shards (tenants), {sample.labels.get('status', '')}", f"{sample.value:,.0f}"
            )
        )
    return checks


def _scalars(facts: ClusterFacts, *rows: tuple[str, str, str]) -> list[Check]:
    """The known values of (field, name of the scalar, number format)."""
    return [
        weaviate_subject(facts, SCALARS).queried(name).info(field, format(value, unit))
        for field, name, unit in rows
        if (value := facts.history.scalar(name)) is not None
    ]


# --- deletion -------------------------------------------------------------------------------------


def deletion(facts: ClusterFacts) -> list[Check]:
    """Q17: objects that expire, on a schedule that runs; or a job that deletes and succeeds."""
    jobs = [job for job in facts.objects("cronjobs") if mentions(job, *DELETES)]
    checks = [job_status(facts, job, "a job that deletes") for job in jobs]
    recent = sum(
        not job.spec.suspend
        and job.status.last_successful_time is not None
        and facts.as_of - job.status.last_successful_time <= WEEK
        for job in jobs
    )
    if recent:
        on = Subject.of("cronjobs", jobs[0])
        checks.append(on.check("deletion jobs that succeeded within 7 days", recent, "1 or more", True))
    expiring = [item for item in facts.collections if item.ttl]
    if expiring:
        return [*checks, *_expiry(facts, expiring)]
    # Deletions and growth show that something deletes; who does and by which rule, only a person knows.
    return checks + _scalars(
        facts,
        ("deletions in vector indexes, last day", "index_deletes_1d", ",.0f"),
        ("batch deletions, last day", "batch_deletes_1d", ",.0f"),
        ("objects more than a week ago", "object_growth_7d", ",.0f"),
    )


def _expiry(facts: ClusterFacts, expiring: list[Collection]) -> list[Check]:
    """Expired objects are deleted only where the server has a schedule for it."""
    on, field, expected = weaviate_subject(facts), f"env {TTL_SCHEDULE}", "a schedule"
    checks = [collection(item.name).info("objectTtlConfig", f"{item.ttl_seconds} seconds") for item in expiring]
    value = facts.weaviate.env(TTL_SCHEDULE)
    listed = names(item.name for item in expiring)
    if value.state != "secret" and not value.known:
        message = f"Objects of {listed} expire, but the schedule of their deletion could not be read ({value.origin})."
        return [*checks, on.unread(field, expected, value.reason or Reason.NOT_OBSERVABLE, message=message)]
    if value.state != "secret" and not value.value:
        message = f"Objects of {listed} expire, but {TTL_SCHEDULE} is not set: they are never deleted."
        return [*checks, on.check(field, "not set", expected, False, message=message, fix="deletion.schedule")]
    checks.append(on.check(field, value.value or value.origin, expected, True))
    runs, on = facts.history.scalar("ttl_runs_7d"), weaviate_subject(facts, SCALARS).queried("ttl_runs_7d")
    field, expected = "runs of the deletion, 7 days", "1 or more"
    if runs is None:
        reason = facts.missing(SCALARS) or Reason.NOT_OBSERVABLE
        message = "Whether expired objects are deleted was not read from Prometheus."
        return [*checks, on.unread(field, expected, reason, message=message)]
    message = "The deletion of expired objects did not run within seven days."
    ok, fix = runs >= 1, "deletion.repair"
    checks.append(on.check(field, f"{runs:.0f}", expected, ok, message=message, on_failure=PARTLY, fix=fix))
    failed = facts.history.scalar("ttl_failures_7d")
    if not failed:
        return checks
    message = "Runs of the deletion of expired objects failed within seven days."
    field, on = "runs that failed, 7 days", on.queried("ttl_failures_7d")
    return [*checks, on.check(field, f"{failed:.0f}", "0", False, message=message, on_failure=PARTLY, fix=fix)]


# --- reads ----------------------------------------------------------------------------------------


def read_factors(facts: ClusterFacts, read_heavy: bool | None) -> list[Check]:
    """Q18: three replicas of each collection; two where the settings declare the workload read-heavy."""
    least = 2 if read_heavy else 3
    field, expected = "replication factor", f"{least} or more"
    message = "Replication factors were not read from Weaviate."
    checks = no_schema(facts, "replication factor of each collection", expected, message)
    data = with_data(facts)
    if data and all(item.factor <= 1 for item in data):
        message = "No collection has more than one replica: all reads of a shard go to one pod."
        on = weaviate_subject(facts, SCHEMA)
        return [*checks, on.check(field, 1, expected, False, message=message, fix="replication.three")]
    for item in data:
        message = f"{item.name} has {count(item.factor, 'replica')} to read from."
        on, ok = collection(item.name), item.factor >= least
        fix = "replication.three"
        checks.append(on.check(field, item.factor, expected, ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def read_skew(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How evenly reads are distributed; a plain Service pins the long-lived connections of gRPC to one pod."""
    most = settings.thresholds.read_skew_maximum
    on = weaviate_subject(facts, SCALARS).queried("queries_by_pod")
    field, expected = "reads of the busiest pod / average", f"less than {most:g}"
    reason = facts.missing(SCALARS)
    values = [sample.value for sample in facts.history.samples("queries_by_pod")]
    if reason is not None or not values:
        message = "The distribution of reads over the pods was not read from Prometheus."
        return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]
    average = sum(values) / max(len(values), facts.weaviate.replicas, 1)
    if average == 0:
        return [on.info(field, "no reads in half an hour", expected)]
    skew = max(values) / average
    message = f"One pod answers {skew:.1f} times the average number of reads."
    ok, fix = skew < most, "reads.balance"
    return [on.check(field, f"{skew:.2f}", expected, ok, message=message, on_failure=PARTLY, fix=fix)]


# --- sharding -------------------------------------------------------------------------------------


def sharding(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E15: as many shards as nodes can use, evenly filled, and not one collection for each customer."""
    field, message = "shards of each collection", "The shards of the collections were not read from Weaviate."
    if unread := no_schema(facts, field, "appropriate", message):
        return unread
    message = "The number of objects in each shard was not read from Weaviate."
    checks = weaviate_subject(facts, VERBOSE).missing(facts, "objects of each shard", "evenly distributed", message)
    for item in facts.collections:
        if not item.multi_tenant:  # in a multi-tenant collection each tenant is a shard
            checks += _shards(facts, settings, item)
    return [*checks, *_many_collections(facts, settings)]


def _shards(facts: ClusterFacts, settings: Settings, item: Collection) -> list[Check]:
    limits, replicas, number = settings.thresholds, facts.weaviate.replicas, objects(facts)[item.name]
    on = collection(item.name)
    checks = [on.info("shardingConfig.actualCount", item.shards)]
    if item.shards == 1 and replicas >= 3 and number > limits.shard_objects_maximum:
        message = f"{item.name} has {number:,} objects in one shard, which a single node indexes."
        field, expected, fix = "shards", "more than 1", "sharding.recreate"
        checks.append(on.check(field, 1, expected, False, message=message, on_failure=PARTLY, fix=fix))
    elif 0 < item.shards * max(item.factor, 1) < replicas:
        message = f"{item.name} has fewer shard replicas than there are nodes: some nodes hold none of its data."
        field, seen, expected = "shard replicas", item.shards * item.factor, f"{replicas} or more"
        enough = item.factor < 3 and item.shards * 3 >= replicas
        fix = "replication.three" if enough else "sharding.recreate"
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix))
    counts = [shard.objects for shard in facts.shards if shard.collection == item.name and shard.countable]
    if len(counts) > 1 and any(counts):
        skew = max(counts) / (sum(counts) / len(counts))
        message = f"The largest shard of {item.name} has {skew:.1f} times the average number of objects."
        field, expected = "objects of the largest shard / average", f"{limits.shard_skew_maximum:g} or less"
        on, ok, fix = collection(item.name, VERBOSE), skew <= limits.shard_skew_maximum, "sharding.recreate"
        checks.append(on.check(field, f"{skew:.2f}", expected, ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _many_collections(facts: ClusterFacts, settings: Settings) -> list[Check]:
    most, on = settings.thresholds.collections_maximum, weaviate_subject(facts, SCHEMA)
    number = sum(not item.multi_tenant for item in facts.collections)
    message = f"There are {number} collections without multi-tenancy; each uses memory and files."
    field, expected = "collections without multi-tenancy", f"{most} or fewer"
    ok, fix = number <= most, "tenants.migrate"
    checks = [on.check(field, number, expected, ok, message=message, on_failure=PARTLY, fix=fix)]
    cap = facts.weaviate.env("MAXIMUM_ALLOWED_COLLECTIONS_COUNT")
    if cap.known and cap.value.isdigit() and int(cap.value) > 0:
        total = len(facts.collections)
        message = f"The server has {total} of the {cap.value} collections that it allows."
        field, expected, ok = f"env {cap.name}", "not nearly reached", total <= 0.8 * int(cap.value)
        checks.append(on.check(field, cap.value, expected, ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


# --- quantisation ---------------------------------------------------------------------------------


def quantisation(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E18: the vectors of large collections are compressed, for each named vector, and in effect."""
    message = "Whether vectors are compressed was not read from Weaviate."
    if unread := no_schema(facts, "quantisation", "compressed in large collections", message):
        return unread
    message = "The number of objects in each collection was not read from Weaviate."
    checks = weaviate_subject(facts, VERBOSE).missing(facts, "objects of each collection", "counted", message)
    sizes = objects(facts)
    for item in facts.collections:
        for index in item.indexes:
            number = sizes[item.name]
            checks += _stuck(facts, item, index, number) or _index(facts, settings, item, index, number)
    return checks


def in_use(index: VectorIndex, number: int) -> VectorIndex:
    """A dynamic index is flat until it reaches its threshold."""
    return index.later if index.kind == "dynamic" and index.later is not None and number > index.threshold else index


def _stuck(facts: ClusterFacts, item: Collection, index: VectorIndex, number: int) -> list[Check]:
    """A dynamic index above its threshold that stays flat, so that each search reads all vectors."""
    variable, on = "ASYNC_INDEXING", weaviate_subject(facts)
    if index.kind != "dynamic" or number <= index.threshold or facts.weaviate.is_enabled(variable) is not False:
        return []
    message = f"The dynamic index of {item.name} stays flat at {number:,} objects because {variable} is off."
    field, fix = f"env {variable}", "indexing.asynchronous"
    return [on.check(field, "not on", "true", False, message=message, on_failure=PARTLY, fix=fix)]


def _index(facts: ClusterFacts, settings: Settings, item: Collection, index: VectorIndex, number: int) -> list[Check]:
    many, on, used = settings.thresholds.quantisation_objects, collection(item.name), in_use(index, number)
    field = f"vector {index.name}" if index.name else "vector"
    bits = f" {used.bits} bits" if used.bits else ""
    way = f"{used.quantisation}{bits}" if used.quantisation else "not compressed"
    seen, expected = f"{used.kind}, {way}, {number:,} objects", f"compressed above {many:,} objects"
    if used.kind != "hnsw":
        return [on.check(field, seen, expected, True)] if number > many else [on.info(field, seen)]
    if used.quantisation:
        return _compressed(facts, item, field, seen)
    if number <= many:
        return [on.info(field, seen, expected)]
    outcome, message = PARTLY, f"{item.name} has {number:,} objects, and its vectors are not compressed."
    need, reason = needed(facts), facts.missing(SCALARS)
    if need is not None and need[0].high > settings.thresholds.model_memory_share * need[1]:
        outcome, message = NOT_MET, f"{message} By estimate they do not fit into the available memory."
    fix = "vectors.compress"
    checks = [on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix)]
    if need is None and reason is not None:  # whether they fit decides between partly and not met
        message, on = "Whether they fit into memory was not read from Prometheus.", collection(item.name, SCALARS)
        checks.append(on.unread("estimated memory for vectors", "below the limit", reason, message=message))
    return checks


def _compressed(facts: ClusterFacts, item: Collection, field: str, seen: str) -> list[Check]:
    """Whether the shards are compressed already: PQ and SQ are trained first."""
    loaded = [shard for shard in facts.replicas if shard.collection == item.name and shard.loaded and shard.objects]
    number = sum(not shard.compressed for shard in loaded)
    if not number:
        return [collection(item.name).check(field, seen, "compressed", True)]
    verb = agree(number, "is", "are")
    message = f"{count(number, 'shard')} of {item.name} {verb} configured for compression and not compressed yet."
    shown, on = f"{seen}; {number} of {len(loaded)} not compressed", collection(item.name, VERBOSE)
    fix = "vectors.finish_compression"
    return [on.check(field, shown, "compressed", False, message=message, on_failure=PARTLY, fix=fix)]
