"""The shape of the data: how much there is and how it grows, how it is cut, compressed, expired, and read."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.conditions.backups.weaviate_backups import job_line, says
from readiness_kit.evidence.conditions.data.replication import collection_ref, hold_data, no_schema
from readiness_kit.evidence.conditions.resources.memory import needed
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection, VectorIndex
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Settings

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
    ref, history = facts.weaviate.ref, facts.history
    lines = []
    for name, number in sorted(objects(facts).items(), key=lambda item: -item[1])[:5]:
        lines.append(note(collection_ref(name), "objects", f"{number:,}", VERBOSE))
    if facts.shards:
        lines.append(note(ref, "shards", len(facts.shards), VERBOSE))
    for field, name, unit in (
        ("objects more than a week ago", "object_growth_7d", ",.0f"),
        ("objects put in by batches, 7 days", "processed_7d", ",.0f"),
        ("queries a second, last hour", "queries_1h", ".1f"),
    ):
        value = history.scalar(name)
        if value is not None:
            lines.append(note(ref, field, format(value, unit), SCALARS))
    for one in history.samples("schema_shards"):
        lines.append(note(ref, f"shards (tenants), {one.labels.get('status', '')}", f"{one.value:,.0f}", SCALARS))
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
        ref, field = lines[0].fact.ref, "deletion jobs that succeeded within 7 days"
        lines.append(want(ref, field, len(fresh), "1 or more", True, "cronjobs"))
    expiring = [one for one in facts.collections if one.ttl]
    if expiring:
        return [*lines, *_expiry(facts, expiring)]
    return [*lines, *_traffic(facts)]


def _expiry(facts: ClusterFacts, expiring: list[Collection]) -> list[Check]:
    """Objects that are to expire are deleted only where the server has a schedule for it."""
    weaviate = facts.weaviate
    key, field = workload_key(weaviate.kind), f"env {TTL_SCHEDULE}"
    lines = [
        note(collection_ref(one.name), "objectTtlConfig", f"{one.ttl_seconds} seconds", SCHEMA) for one in expiring
    ]
    value = weaviate.env(TTL_SCHEDULE)
    listed = names(one.name for one in expiring)
    if not value.known and value.state != "secret":
        say = f"Objects of {listed} are to expire, but whether that runs could not be read ({value.origin})."
        return [*lines, unread(weaviate.ref, field, "a schedule", value.reason or Reason.NOT_OBSERVABLE, key, say=say)]
    if not value.value and value.state != "secret":
        say = f"Objects of {listed} are to expire, but {TTL_SCHEDULE} is empty: nothing is ever deleted."
        return [*lines, want(weaviate.ref, field, "not set", "a schedule", False, key, say=say)]
    lines.append(want(weaviate.ref, field, value.value or value.origin, "a schedule", True, key))
    runs, ref, field = facts.history.scalar("ttl_runs_7d"), weaviate.ref, "runs of the deletion, 7 days"
    if runs is None:
        why = facts.history.missing(SCALARS) or Reason.NOT_OBSERVABLE
        say = "Whether the deletion of expired objects runs was not read from Prometheus."
        return [*lines, unread(ref, field, "1 or more", why, SCALARS, say=say)]
    say = "The deletion of expired objects did not run within seven days."
    lines.append(want(ref, field, f"{runs:.0f}", "1 or more", runs >= 1, SCALARS, otherwise=PARTLY, say=say))
    failed = facts.history.scalar("ttl_failures_7d")
    if failed:
        lines.append(note(ref, "runs that failed, 7 days", f"{failed:.0f}", SCALARS, "0", False))
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
            lines.append(note(facts.weaviate.ref, field, f"{value:,.0f}", SCALARS))
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
        say = "No collection has more than one copy: all reads of a shard go to one pod."
        return [*lines, want(facts.weaviate.ref, "replication factor", 1, expected, False, SCHEMA, say=say)]
    for one in data:
        say = f"{one.name} has {count(one.factor, 'copy', 'copies')} to read from."
        ok = one.factor >= least
        ref = collection_ref(one.name)
        lines.append(want(ref, "replication factor", one.factor, expected, ok, SCHEMA, otherwise=PARTLY, say=say))
    return lines


def read_skew(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How evenly reads are spread; a plain Service pins the long-lived connections of gRPC to one pod."""
    ref, most = facts.weaviate.ref, settings.thresholds.read_skew_maximum
    field, expected = "reads of the busiest pod / average", f"less than {most:g}"
    why = facts.history.missing(SCALARS)
    values = [one.value for one in facts.history.samples("queries_by_pod")]
    if why is not None or not values:
        say = "Not read: how evenly reads are spread over the pods."
        return [unread(ref, field, expected, why or Reason.NOT_OBSERVABLE, SCALARS, say=say)]
    average = sum(values) / max(len(values), facts.weaviate.replicas, 1)
    if average == 0:
        return [note(ref, field, "no reads in half an hour", SCALARS, expected)]
    skew = max(values) / average
    say = f"One pod answers {skew:.1f} times the average number of reads."
    return [want(ref, field, f"{skew:.2f}", expected, skew < most, SCALARS, otherwise=PARTLY, say=say)]


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
        say = "How many objects each shard holds was not read from Weaviate."
        lines.append(unread(facts.weaviate.ref, "objects of each shard", "evenly spread", why, VERBOSE, say=say))
    sizes = objects(facts)
    for one in facts.collections:
        if one.multi_tenant:  # there each tenant is a shard
            continue
        lines += _cut(facts, settings, one, sizes.get(one.name, 0))
    return [*lines, *_many(facts, settings)]


def _cut(facts: ClusterFacts, settings: Settings, one: Collection, number: int) -> list[Check]:
    limits, replicas, ref = settings.thresholds, facts.weaviate.replicas, collection_ref(one.name)
    lines = [note(ref, "shardingConfig.actualCount", one.shards, SCHEMA)]
    if one.shards == 1 and replicas >= 3 and number > limits.shard_objects_maximum:
        say = f"{one.name} holds {number:,} objects in one shard: one node at a time indexes all of it."
        lines.append(want(ref, "shards", 1, "more than 1", False, SCHEMA, otherwise=PARTLY, say=say))
    elif 0 < one.shards * max(one.factor, 1) < replicas:
        say = f"{one.name} has fewer replicas of shards than there are nodes: some hold nothing of it."
        seen, expected = one.shards * one.factor, f"{replicas} or more"
        lines.append(want(ref, "replicas of shards", seen, expected, False, SCHEMA, otherwise=PARTLY, say=say))
    counts = [shard.objects for shard in facts.shards if shard.collection == one.name and shard.countable]
    if len(counts) > 1 and any(counts):
        skew = max(counts) / (sum(counts) / len(counts))
        expected, ok = f"{limits.shard_skew_maximum:g} or less", skew <= limits.shard_skew_maximum
        say = f"The fullest shard of {one.name} holds {skew:.1f} times the average."
        field = "objects of the fullest shard / average"
        lines.append(want(ref, field, f"{skew:.2f}", expected, ok, VERBOSE, otherwise=PARTLY, say=say))
    return lines


def _many(facts: ClusterFacts, settings: Settings) -> list[Check]:
    weaviate, most = facts.weaviate, settings.thresholds.collections_maximum
    single = [one for one in facts.collections if not one.multi_tenant]
    say = f"{len(single)} collections without tenants: each costs memory and files of its own."
    ok = len(single) <= most
    field, expected = "collections without tenants", f"{most} or fewer"
    lines = [want(weaviate.ref, field, len(single), expected, ok, SCHEMA, otherwise=PARTLY, say=say)]
    cap = weaviate.env("MAXIMUM_ALLOWED_COLLECTIONS_COUNT")
    if cap.known and cap.value.isdigit() and int(cap.value) > 0:
        number = len(facts.collections)
        say = f"{number} of {cap.value} collections that the server allows are there."
        near = number > 0.8 * int(cap.value)
        lines.append(
            want(
                weaviate.ref,
                f"env {cap.name}",
                cap.value,
                "not nearly reached",
                not near,
                SCHEMA,
                otherwise=PARTLY,
                say=say,
            )
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
        say = "How many objects each collection holds was not read from Weaviate."
        lines.append(unread(facts.weaviate.ref, "objects of each collection", "counted", why, VERBOSE, say=say))
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
    say = f"The dynamic index of {one.name} stays flat for want of {name}, with {number:,} objects to search through."
    source = workload_key(weaviate.kind)
    return [want(weaviate.ref, f"env {name}", "not on", "true", False, source, otherwise=PARTLY, say=say)]


def _index(facts: ClusterFacts, settings: Settings, one: Collection, index: VectorIndex, number: int) -> list[Check]:
    stuck = _stuck(facts, one, index, number)
    if stuck:
        return stuck
    many = settings.thresholds.quantisation_objects
    ref, used = collection_ref(one.name), _in_use(index, number)
    field = f"vector {index.name}" if index.name else "vector"
    way = f"{used.quantisation}{f' {used.bits} bits' if used.bits else ''}" if used.quantisation else "not compressed"
    seen, expected = f"{used.kind}, {way}, {number:,} objects", f"compressed above {many:,} objects"
    if used.kind != "hnsw":
        return [want(ref, field, seen, expected, True, SCHEMA)] if number > many else [note(ref, field, seen, SCHEMA)]
    if used.quantisation:
        return _compressed(facts, one, field, seen)
    if number <= many:
        return [note(ref, field, seen, SCHEMA, expected)]
    outcome, say = PARTLY, f"{one.name} holds {number:,} objects and its vectors are not compressed."
    found, why = needed(facts), facts.history.missing(SCALARS)
    if found is not None and found[0].high > settings.thresholds.model_memory_share * found[1]:
        outcome, say = NOT_MET, f"{say[:-1]}: by the model they do not fit into the memory that is there."
    lines = [want(ref, field, seen, expected, False, SCHEMA, otherwise=outcome, say=say)]
    if found is None and why is not None:  # whether they fit decides between a warning and a failure
        say = "Whether they fit into memory was not read: dimensions come from Prometheus."
        lines.append(unread(ref, "memory for vectors by the model", "below the limit", why, SCALARS, say=say))
    return lines


def _compressed(facts: ClusterFacts, one: Collection, field: str, seen: str) -> list[Check]:
    """Configured is not done: PQ and SQ are trained first. `compressed` is of any vector index of a shard."""
    ref = collection_ref(one.name)
    loaded = [shard for shard in facts.replicas if shard.collection == one.name and shard.loaded and shard.objects]
    waiting = [shard for shard in loaded if not shard.compressed]
    if not waiting:
        return [want(ref, field, seen, "compressed", True, SCHEMA)]
    number = len(waiting)
    say = (
        f"{count(number, 'shard')} of {one.name} {agree(number, 'is', 'are')} configured for it and not compressed yet."
    )
    shown = f"{seen}; {number} of {len(loaded)} not compressed"
    return [want(ref, field, shown, "compressed", False, VERBOSE, otherwise=PARTLY, say=say)]
