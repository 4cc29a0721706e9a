"""How data is imported, changed and deleted: the vector queue, effects of imports, growth, tombstones, schedules."""

from __future__ import annotations

import math
from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.data.replication import collection
from readiness_kit.evidence.conditions.observability.metrics import (
    HISTORY,
    SAMPLES,
    TRAFFIC,
    measured,
    number,
    tool,
    unmeasured,
    value,
    variables,
)
from readiness_kit.evidence.conditions.resources.memory import oom_kills
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.labels import count, percent
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY = Outcome.PARTLY
VERBOSE = "weaviate/nodes_verbose"
APPENDED, REWRITTEN = 0.8, 0.2
"""Growth per written object, from which on data counts as appended and up to which it counts as rewritten."""
CLEANUP_SECONDS = 300
"""The server's default interval of the tombstone cleanup."""
MAX_LISTED = 5


# --- E5: imports ----------------------------------------------------------------------------------


def settings_of(facts: ClusterFacts) -> list[Check]:
    """The variables that govern imports."""
    return variables(
        facts,
        ASYNC_INDEXING="off",
        PERSISTENCE_MEMTABLES_MAX_SIZE_MB="200",
        MAX_IMPORT_GOROUTINES_FACTOR="1.5",
    )


def backlog(facts: ClusterFacts) -> list[Check]:
    """Whether the queue of vectors to be indexed grew over six hours; REST shows only its length."""
    waiting, slope = value(facts, "queue_size"), value(facts, "queue_slope_6h")
    field, expected = "queue_slope_6h", "not growing"
    checks = measured(facts, "queue_size")
    if facts.missing(VERBOSE) is None:
        length = sum(replica.queue for replica in facts.replicas)
        checks.append(weaviate_subject(facts, VERBOSE).info("vectorQueueLength of all shards", number(length)))
    if waiting is None or slope is None:
        message = "Whether the queue of vectors to be indexed drains was not read from Prometheus."
        return [*checks, unmeasured(facts, field, expected, message)]
    per_hour = number(slope * 3600)
    message = (
        "The queue of vectors to be indexed has been growing for six hours: "
        f"{number(waiting)} vectors now, {per_hour} more per hour."
    )
    seen, ok = f"{per_hour} vectors per hour, {number(waiting)} waiting", not (slope > 0 and waiting > 0)
    on = weaviate_subject(facts, SAMPLES)
    fix = "imports.slow_down"
    return [*checks, on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)]


def harm(facts: ClusterFacts) -> list[Check]:
    """Shards that refuse writes, and pods that ran out of memory in a week with imports."""
    closed = {
        f"{shard.collection} ({shard.place.weaviate_node})" for shard in facts.replicas if shard.status == "READONLY"
    }
    counted = value(facts, "readonly_shards")
    if closed or facts.missing(VERBOSE) is None:
        message, on = f"Shards refuse writes (READONLY): {names(closed)}.", weaviate_subject(facts, VERBOSE)
        field, fix = "READONLY shards", "shards.reopen"
        check = on.check(field, names(closed) or "none", "none", not closed, message=message, fix=fix)
    elif counted is not None:
        message, on = f"{count(int(counted), 'shard')} refuse writes (READONLY).", weaviate_subject(facts, SAMPLES)
        field, fix = "readonly_shards", "shards.reopen"
        check = on.check(field, number(counted), "0", not counted, message=message, fix=fix)
    else:
        check = unmeasured(facts, "readonly_shards", "0", "Whether shards refuse writes (READONLY) was not read.")
    return [check, *_out_of_memory(facts)]


def _out_of_memory(facts: ClusterFacts) -> list[Check]:
    """OOM kills in a week with imports: a reason to investigate, not a proof that the imports caused them."""
    kills, written = oom_kills(facts), value(facts, "processed_7d")
    if not kills or not written:
        return []
    message = (
        f"Pods ran out of memory (OOM-killed) {count(kills, 'time')} within a week, "
        f"while {number(written)} objects were imported."
    )
    on = weaviate_subject(facts, HISTORY).queried("oom_events_7d")
    field, fix = "OOM kills, 7 days", "memory.size"
    return [on.check(field, str(kills), "0", False, message=message, on_failure=PARTLY, fix=fix)]


def plan(facts: ClusterFacts) -> list[Check]:
    """The plan for heavy imports, which only a person can describe."""
    on, field, expected = weaviate_subject(facts, ""), "plan for heavy imports", "agreed"
    message = "What is the plan for heavy imports?"
    return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="imports.plan")]


# --- E8, E9: growth -------------------------------------------------------------------------------


def day(facts: ClusterFacts) -> str:
    """One sentence on writes, growth and deletions of the last day."""
    processed, puts = value(facts, "processed_1d"), value(facts, "puts_1d")
    growth = value(facts, "object_growth_1d")
    deletes = [found for name in ("index_deletes_1d", "batch_deletes_1d") if (found := value(facts, name)) is not None]
    written = [f"{number(processed)} objects in batches"] if processed is not None else []
    written += [f"{number(puts)} individually"] if puts is not None else []
    parts = [f"{' and '.join(written)} were written"] if written else []
    if growth is not None:
        parts.append(f"the number of stored objects changed by {number(growth)} (all replicas counted)")
    if deletes:
        parts.append(f"{number(max(deletes))} deletions were counted")
    return f"Within a day {'; '.join(parts)}."


def growth_ratio(facts: ClusterFacts) -> float:
    """Growth in objects per object written within seven days; NaN where nothing was written or measured."""
    processed, growth = value(facts, "processed_7d"), value(facts, "object_growth_7d")
    return growth / processed if processed and growth is not None else math.nan


def habit(ratio: float) -> str:
    """One sentence on whether data is appended or rewritten, from `growth_ratio`."""
    if ratio >= APPENDED:
        way = "mostly appended"
    elif ratio <= REWRITTEN:
        way = "mostly rewritten in place, or deleted as fast as it is imported"
    else:
        way = "partly appended and partly rewritten"
    return f"Data is {way}: stored objects grew by {ratio:.2f} per object written within a week."


# --- E10: tombstones ------------------------------------------------------------------------------


def cleanup_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Tombstones as a share of the objects, and tombstones where there should be none."""
    tombstones, held = value(facts, "tombstones"), value(facts, "objects")
    most, on = settings.thresholds.tombstone_share, weaviate_subject(facts, SAMPLES)
    expected = f"{percent(most)} or less of the objects (kit default)"
    checks = [*measured(facts, "tombstones_cleaned_1d"), *_intervals(facts)]
    checks += variables(facts, TOMBSTONE_DELETION_CONCURRENCY="half of the cores")
    if tombstones is None or held is None:
        message = "The number of tombstones in the vector indexes was not read from Prometheus."
        checks.append(unmeasured(facts, "tombstones", expected, message))
    else:
        share = tombstones / held if held else 0.0
        seen, ok = f"{number(tombstones)} of {number(held)} objects ({percent(share)})", share <= most
        message = f"{tombstones_said(facts)} ({percent(share)}): cleanup falls behind."
        fix = "deletion.cleanup"
        checks.append(on.check("tombstones", seen, expected, ok, message=message, on_failure=PARTLY, fix=fix))
    unexpected = value(facts, "tombstones_unexpected_1d")
    if unexpected is not None:
        message = f"{number(unexpected)} unexpected tombstones were found within a day."
        field, ok, fix = "tombstones_unexpected_1d", unexpected < 1, "deletion.cleanup"
        checks.append(on.check(field, number(unexpected), "0", ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def tombstones_said(facts: ClusterFacts) -> str:
    """The number of tombstones and objects, as part of a sentence."""
    tombstones, held = value(facts, "tombstones") or 0, value(facts, "objects") or 0
    return f"{number(tombstones)} tombstones for {number(held)} objects"


def _intervals(facts: ClusterFacts) -> Iterator[Check]:
    """Collections with a cleanup interval other than the default."""
    for item in facts.collections:
        for seconds in sorted({index.cleanup_seconds for index in item.indexes} - {0, CLEANUP_SECONDS}):
            yield collection(item.name).info("cleanupIntervalSeconds", seconds)


# --- E11: schedules -------------------------------------------------------------------------------


def schedule_hints(facts: ClusterFacts) -> list[Check]:
    """Scheduled jobs of the namespace, import tools, and the hours with most imports."""
    namespace = facts.weaviate.namespace
    jobs = [job for job in facts.objects("cronjobs") if job.metadata.namespace == namespace]
    checks = [
        Subject.of("cronjobs", job).info(
            "spec.schedule", f"{job.spec.schedule}{', suspended' if job.spec.suspend else ''}"
        )
        for job in jobs[:MAX_LISTED]
    ]
    for workflow in facts.objects("cronworkflows"):
        if workflow.metadata.namespace == namespace:
            seen = ", ".join(filter(None, (workflow.spec.schedule, *workflow.spec.schedules)))
            checks.append(Subject.of("cronworkflows", workflow).info("spec.schedule", seen))
    checks += [tool(detection) for detection in facts.detected("ingestion")]
    return [*checks, *_busiest_hours(facts)]


def _busiest_hours(facts: ClusterFacts) -> list[Check]:
    """The three hours of the day (UTC) with most imported objects, on average over the window."""
    if facts.missing(TRAFFIC) is not None:
        return []
    times, values = facts.history.traffic("processed")
    by_hour: dict[int, list[float]] = {}
    for time, rate in zip(times.astype("datetime64[h]").astype(int), values, strict=True):
        if not math.isnan(rate):
            # A value covers the hour that ends at its time.
            by_hour.setdefault((int(time) - 1) % 24, []).append(float(rate))
    means = {hour: sum(rates) / len(rates) for hour, rates in by_hour.items()}
    if not any(means.values()):
        return []
    busiest = sorted(means, key=lambda hour: -means[hour])[:3]
    seen = ", ".join(f"{hour:02}:00 ({means[hour]:.3g} objects per second)" for hour in busiest)
    return [weaviate_subject(facts, TRAFFIC).queried("processed").info("processed, busiest hours (UTC)", seen)]
