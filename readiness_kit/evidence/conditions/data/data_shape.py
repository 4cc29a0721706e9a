"""The shape of the data: how much there is and how it grows, how it is cut, compressed, expired, and read."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.backups.weaviate_backups import job_line, says
from readiness_kit.evidence.conditions.data.replication import collection_ref, hold_data, no_schema
from readiness_kit.evidence.conditions.resources.memory import needed
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection, VectorIndex
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCHEMA, VERBOSE, SCALARS, TRAFFIC = (
    "weaviate/schema",
    "weaviate/nodes_verbose",
    "prometheus/weaviate",
    "prometheus/traffic",
)
TTL_SCHEDULE = "OBJECTS_TTL_DELETE_SCHEDULE"
DELETES = ("/v1/batch/objects", "delete_many", "delete_by_id", "tenants.remove", "/tenants")
WEEK = timedelta(days=7)


def objects(facts: ClusterFacts) -> dict[str, int]:
    """Unique objects by collection; a lower bound while shards are not loaded."""
    found: dict[str, int] = defaultdict(int)
    for one in facts.shards:
        found[one.collection] += one.objects
    return dict(found)


def consumption(facts: ClusterFacts) -> list[Check]:
    """Q14: objects, growth, writes and reads, as far as they are known. It informs; a person confirms."""
    history = facts.history
    lines = []
    for name, number in sorted(objects(facts).items(), key=lambda item: -item[1])[:5]:
        lines.append(Subject(collection_ref(name), VERBOSE).info("objects", f"{number:,}"))
    if facts.shards:
        lines.append(weaviate_subject(facts, VERBOSE).info("shards", len(facts.shards)))
    on = weaviate_subject(facts, SCALARS)
    for field, name, unit in (
        ("objects more than a week ago", "object_growth_7d", ",.0f"),
        ("objects put in by batches, 7 days", "processed_7d", ",.0f"),
        ("queries a second, last hour", "queries_1h", ".1f"),
    ):
        value = history.scalar(name)
        if value is not None:
            lines.append(on.info(field, format(value, unit)))
    for one in history.samples("schema_shards"):
        lines.append(on.info(f"shards (tenants), {one.labels.get('status', '')}", f"{one.value:,.0f}"))
    return lines


# --- deletion -------------------------------------------------------------------------------------


def deletion(facts: ClusterFacts) -> list[Check]:
    """Q17: objects that expire, on a schedule that runs; or a job that deletes and succeeds."""
    jobs = [one for one in facts.objects("cronjobs") if says(one, *DELETES)]
    lines = [job_line(one, "a job that deletes") for one in jobs]
    fresh = [
        one
        for one in jobs
        if not one.spec.suspend
        and one.status.last_successful_time is not None
        and facts.as_of - one.status.last_successful_time <= WEEK
    ]
    if fresh:
        ref, field = lines[0].ref, "deletion jobs that succeeded within 7 days"
        lines.append(Subject(ref, "cronjobs").check(field, len(fresh), "1 or more", True))
    expiring = [one for one in facts.collections if one.ttl]
    if expiring:
        return [*lines, *_expiry(facts, expiring)]
    return [*lines, *_traffic(facts)]


def _expiry(facts: ClusterFacts, expiring: list[Collection]) -> list[Check]:
    """Objects that are to expire are deleted only where the server has a schedule for it."""
    weaviate = facts.weaviate
    field = f"env {TTL_SCHEDULE}"
    lines = [
        Subject(collection_ref(one.name), SCHEMA).info("objectTtlConfig", f"{one.ttl_seconds} seconds")
        for one in expiring
    ]
    value = weaviate.env(TTL_SCHEDULE)
    listed = names(one.name for one in expiring)
    on = weaviate_subject(facts)
    if not value.known and value.state != "secret":
        message = f"Objects of {listed} are to expire, but whether that runs could not be read ({value.origin})."
        return [*lines, on.unread(field, "a schedule", value.reason or Reason.NOT_OBSERVABLE, message=message)]
    if not value.value and value.state != "secret":
        message = f"Objects of {listed} are to expire, but {TTL_SCHEDULE} is empty: nothing is ever deleted."
        return [*lines, on.check(field, "not set", "a schedule", False, message=message)]
    lines.append(on.check(field, value.value or value.origin, "a schedule", True))
    runs, field = facts.history.scalar("ttl_runs_7d"), "runs of the deletion, 7 days"
    on_scalars = weaviate_subject(facts, SCALARS)
    if runs is None:
        why = facts.history.missing(SCALARS) or Reason.NOT_OBSERVABLE
        message = "Whether the deletion of expired objects runs was not read from Prometheus."
        return [*lines, on_scalars.unread(field, "1 or more", why, message=message)]
    message = "The deletion of expired objects did not run within seven days."
    lines.append(on_scalars.check(field, f"{runs:.0f}", "1 or more", runs >= 1, message=message, on_failure=PARTLY))
    failed = facts.history.scalar("ttl_failures_7d")
    if failed:
        lines.append(on_scalars.info("runs that failed, 7 days", f"{failed:.0f}", "0", False))
    return lines


def _traffic(facts: ClusterFacts) -> list[Check]:
    """Deletions that were seen and growth: who deletes, and by which rule, is for a person to say."""
    lines = []
    for field, name in (
        ("deletions in vector indexes, last day", "index_deletes_1d"),
        ("batch deletions, last day", "batch_deletes_1d"),
        ("objects more than a week ago", "object_growth_7d"),
    ):
        value = facts.history.scalar(name)
        if value is not None:
            lines.append(weaviate_subject(facts, SCALARS).info(field, f"{value:,.0f}"))
    return lines


# --- reading --------------------------------------------------------------------------------------


def read_factors(facts: ClusterFacts, read_heavy: bool | None) -> list[Check]:
    """Q18: three copies of each collection (two where it is said that reading is all that counts)."""
    least = 2 if read_heavy else 3
    expected = f"{least} or more"
    lines = no_schema(
        facts, "replication factor of each collection", expected, "Not read: how many copies collections have."
    )
    data = hold_data(facts)
    if data and all(one.factor <= 1 for one in data):
        message = "No collection has more than one copy: all reads of a shard go to one pod."
        return [
            *lines,
            weaviate_subject(facts, SCHEMA).check("replication factor", 1, expected, False, message=message),
        ]
    for one in data:
        message = f"{one.name} has {count(one.factor, 'copy', 'copies')} to read from."
        ok = one.factor >= least
        ref = collection_ref(one.name)
        lines.append(
            Subject(ref, SCHEMA).check(
                "replication factor", one.factor, expected, ok, message=message, on_failure=PARTLY
            )
        )
    return lines


def read_skew(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How evenly reads are spread; a plain Service pins the long-lived connections of gRPC to one pod."""
    most = settings.thresholds.read_skew_maximum
    field, expected = "reads of the busiest pod / average", f"less than {most:g}"
    why = facts.history.missing(SCALARS)
    values = [one.value for one in facts.history.samples("queries_by_pod")]
    on = weaviate_subject(facts, SCALARS)
    if why is not None or not values:
        message = "Not read: how evenly reads are spread over the pods."
        return [on.unread(field, expected, why or Reason.NOT_OBSERVABLE, message=message)]
    average = sum(values) / max(len(values), facts.weaviate.replicas, 1)
    if average == 0:
        return [on.info(field, "no reads in half an hour", expected)]
    skew = max(values) / average
    message = f"One pod answers {skew:.1f} times the average number of reads."
    return [on.check(field, f"{skew:.2f}", expected, skew < most, message=message, on_failure=PARTLY)]


# --- sharding -------------------------------------------------------------------------------------


def sharding(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E15: as many shards as there are nodes to use, evenly filled, and not a collection for each customer."""
    lines = no_schema(
        facts, "shards of each collection", "fitting", "How collections are cut was not read from Weaviate."
    )
    if lines:
        return lines
    why = facts.missing(VERBOSE)
    if why is not None:
        message = "How many objects each shard holds was not read from Weaviate."
        lines.append(
            weaviate_subject(facts, VERBOSE).unread("objects of each shard", "evenly spread", why, message=message)
        )
    sizes = objects(facts)
    for one in facts.collections:
        if one.multi_tenant:  # there each tenant is a shard
            continue
        lines += _cut(facts, settings, one, sizes.get(one.name, 0))
    return [*lines, *_many(facts, settings)]


def _cut(facts: ClusterFacts, settings: Settings, one: Collection, number: int) -> list[Check]:
    limits, replicas, ref = settings.thresholds, facts.weaviate.replicas, collection_ref(one.name)
    on = Subject(ref, SCHEMA)
    lines = [on.info("shardingConfig.actualCount", one.shards)]
    if one.shards == 1 and replicas >= 3 and number > limits.shard_objects_maximum:
        message = f"{one.name} holds {number:,} objects in one shard: one node at a time indexes all of it."
        lines.append(on.check("shards", 1, "more than 1", False, message=message, on_failure=PARTLY))
    elif 0 < one.shards * max(one.factor, 1) < replicas:
        message = f"{one.name} has fewer replicas of shards than there are nodes: some hold nothing of it."
        seen, expected = one.shards * one.factor, f"{replicas} or more"
        lines.append(on.check("replicas of shards", seen, expected, False, message=message, on_failure=PARTLY))
    counts = [shard.objects for shard in facts.shards if shard.collection == one.name and shard.countable]
    if len(counts) > 1 and any(counts):
        skew = max(counts) / (sum(counts) / len(counts))
        expected, ok = f"{limits.shard_skew_maximum:g} or less", skew <= limits.shard_skew_maximum
        message = f"The fullest shard of {one.name} holds {skew:.1f} times the average."
        field = "objects of the fullest shard / average"
        lines.append(
            Subject(ref, VERBOSE).check(field, f"{skew:.2f}", expected, ok, message=message, on_failure=PARTLY)
        )
    return lines


def _many(facts: ClusterFacts, settings: Settings) -> list[Check]:
    weaviate, most = facts.weaviate, settings.thresholds.collections_maximum
    single = [one for one in facts.collections if not one.multi_tenant]
    message = f"{len(single)} collections without tenants: each costs memory and files of its own."
    ok = len(single) <= most
    field, expected = "collections without tenants", f"{most} or fewer"
    on = weaviate_subject(facts, SCHEMA)
    lines = [on.check(field, len(single), expected, ok, message=message, on_failure=PARTLY)]
    cap = weaviate.env("MAXIMUM_ALLOWED_COLLECTIONS_COUNT")
    if cap.known and cap.value.isdigit() and int(cap.value) > 0:
        number = len(facts.collections)
        message = f"{number} of {cap.value} collections that the server allows are there."
        near = number > 0.8 * int(cap.value)
        lines.append(
            on.check(f"env {cap.name}", cap.value, "not nearly reached", not near, message=message, on_failure=PARTLY)
        )
    return lines


# --- quantisation ---------------------------------------------------------------------------------


def quantisation(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E18: vectors of large collections are compressed, each named vector for itself, and really so."""
    expected = "compressed, where there are many"
    lines = no_schema(facts, "quantisation", expected, "Whether vectors are compressed was not read from Weaviate.")
    if lines:
        return lines
    why = facts.missing(VERBOSE)
    if why is not None:
        message = "How many objects each collection holds was not read from Weaviate."
        lines.append(
            weaviate_subject(facts, VERBOSE).unread("objects of each collection", "counted", why, message=message)
        )
    sizes = objects(facts)
    for one in facts.collections:
        for index in one.indexes:
            lines += _index(facts, settings, one, index, sizes.get(one.name, 0))
    return lines


def _in_use(index: VectorIndex, number: int) -> VectorIndex:
    """A dynamic index is the flat one until it has grown."""
    return index.later if index.kind == "dynamic" and index.later is not None and number > index.threshold else index


def _stuck(facts: ClusterFacts, one: Collection, index: VectorIndex, number: int) -> list[Check]:
    """A dynamic index that is due to change and cannot: it silently stays a flat one, which searches all of it."""
    weaviate, name = facts.weaviate, "ASYNC_INDEXING"
    if index.kind != "dynamic" or number <= index.threshold or weaviate.is_enabled(name) is not False:
        return []
    message = (
        f"The dynamic index of {one.name} stays flat for want of {name}, with {number:,} objects to search through."
    )
    return [weaviate_subject(facts).check(f"env {name}", "not on", "true", False, message=message, on_failure=PARTLY)]


def _index(facts: ClusterFacts, settings: Settings, one: Collection, index: VectorIndex, number: int) -> list[Check]:
    stuck = _stuck(facts, one, index, number)
    if stuck:
        return stuck
    many = settings.thresholds.quantisation_objects
    ref, used = collection_ref(one.name), _in_use(index, number)
    field = f"vector {index.name}" if index.name else "vector"
    way = f"{used.quantisation}{f' {used.bits} bits' if used.bits else ''}" if used.quantisation else "not compressed"
    seen, expected = f"{used.kind}, {way}, {number:,} objects", f"compressed above {many:,} objects"
    on = Subject(ref, SCHEMA)
    if used.kind != "hnsw":
        return [on.check(field, seen, expected, True)] if number > many else [on.info(field, seen)]
    if used.quantisation:
        return _compressed(facts, one, field, seen)
    if number <= many:
        return [on.info(field, seen, expected)]
    outcome, message = PARTLY, f"{one.name} holds {number:,} objects and its vectors are not compressed."
    found, why = needed(facts), facts.history.missing(SCALARS)
    if found is not None and found[0].high > settings.thresholds.model_memory_share * found[1]:
        outcome, message = NOT_MET, f"{message[:-1]}: by the model they do not fit into the memory that is there."
    lines = [on.check(field, seen, expected, False, message=message, on_failure=outcome)]
    if found is None and why is not None:  # whether they fit decides between a warning and a failure
        message = "Whether they fit into memory was not read: dimensions come from Prometheus."
        lines.append(
            Subject(ref, SCALARS).unread("memory for vectors by the model", "below the limit", why, message=message)
        )
    return lines


def _compressed(facts: ClusterFacts, one: Collection, field: str, seen: str) -> list[Check]:
    """Configured is not done: PQ and SQ are trained first. `compressed` is of any vector index of a shard."""
    ref = collection_ref(one.name)
    loaded = [shard for shard in facts.replicas if shard.collection == one.name and shard.loaded and shard.objects]
    waiting = [shard for shard in loaded if not shard.compressed]
    if not waiting:
        return [Subject(ref, SCHEMA).check(field, seen, "compressed", True)]
    number = len(waiting)
    message = (
        f"{count(number, 'shard')} of {one.name} {agree(number, 'is', 'are')} configured for it and not compressed yet."
    )
    shown = f"{seen}; {number} of {len(loaded)} not compressed"
    return [Subject(ref, VERBOSE).check(field, shown, "compressed", False, message=message, on_failure=PARTLY)]
