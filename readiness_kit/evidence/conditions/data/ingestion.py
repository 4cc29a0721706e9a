"""How data comes in, changes and goes: the queue of vectors, what an import does harm to, growth, tombstones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
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
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
VERBOSE = "weaviate/nodes_verbose"
APPENDED, REWRITTEN = 0.8, 0.2
"""Growth for each object written from which on, and up to which, the habit is clear enough to be named."""
MAX_LISTED = 5


# --- E5 -------------------------------------------------------------------------------------------


def settings_of(facts: ClusterFacts) -> list[Check]:
    return variables(
        facts,
        ASYNC_INDEXING="off",
        PERSISTENCE_MEMTABLES_MAX_SIZE_MB="200",
        MAX_IMPORT_GOROUTINES_FACTOR="1.5",
    )


def backlog(facts: ClusterFacts) -> list[Check]:
    """Vectors that wait for the index: growing over six hours, or not. REST only tells the moment."""
    waiting, slope = value(facts, "queue_size"), value(facts, "queue_slope_6h")
    field, expected = "queue_slope_6h", "not growing"
    lines = [*measured(facts, "queue_size"), *_waiting(facts)]
    if waiting is None or slope is None:
        message = "Whether the queue of vectors that wait for the index drains was not read from Prometheus."
        return [*lines, unmeasured(facts, field, expected, message)]
    grows = slope > 0 and waiting > 0
    message = (
        f"The queue of vectors that wait for the index has been growing for six hours: "
        f"{number(waiting)} now, {number(slope * 3600)} more an hour."
    )
    seen = f"{number(slope * 3600)} vectors an hour, {number(waiting)} wait"
    return [
        *lines,
        weaviate_subject(facts, SAMPLES).check(field, seen, expected, not grows, message=message, on_failure=PARTLY),
    ]


def _waiting(facts: ClusterFacts) -> list[Check]:
    waiting = sum(one.queue for one in facts.replicas)
    if facts.missing(VERBOSE) is not None:
        return []
    return [weaviate_subject(facts, VERBOSE).info("vectorQueueLength of all shards", number(waiting))]


def harm(facts: ClusterFacts) -> list[Check]:
    """Shards that refuse writes, and pods killed for memory within a week in which objects came in."""
    checks: list[Check] = []
    closed = sorted(
        {f"{one.collection} ({one.place.weaviate_node})" for one in facts.replicas if one.status == "READONLY"}
    )
    measured_closed = value(facts, "readonly_shards")
    if closed or facts.missing(VERBOSE) is None:
        message = f"Shards refuse writes: READONLY are {names(closed)}."
        seen = names(closed) or "none"
        checks.append(
            weaviate_subject(facts, VERBOSE).check(
                "shards that are READONLY", seen, "none", not closed, message=message
            )
        )
    elif measured_closed is not None:
        message = f"{count(int(measured_closed), 'shard')} refuse writes: they are READONLY."
        seen = number(measured_closed)
        checks.append(
            weaviate_subject(facts, SAMPLES).check("readonly_shards", seen, "0", not measured_closed, message=message)
        )
    else:
        message = "Whether shards refuse writes (READONLY) was not read."
        checks.append(unmeasured(facts, "readonly_shards", "0", message))
    return [*checks, *_killed(facts)]


def _killed(facts: ClusterFacts) -> list[Check]:
    """A kill beside an import is a reason to look, no proof that the import was it."""
    kills, written = value(facts, "oom_events_7d"), value(facts, "processed_7d")
    if not kills or not written:
        return []
    message = (
        f"Within a week pods were killed for memory {number(kills)} times, while {number(written)} objects came in."
    )
    seen = number(kills)
    return [
        weaviate_subject(facts, HISTORY).check("oom_events_7d", seen, "0", False, message=message, on_failure=PARTLY)
    ]


def plan(facts: ClusterFacts, checks: Iterable[Check]) -> list[Check]:
    field, expected = "plan for heavy imports", "agreed"
    on = weaviate_subject(facts, "")
    if any(check.outcome in (PARTLY, NOT_MET) or check.reason for check in checks):
        return [on.info(field, "has to be told", expected)]
    message = "The queue drains and nothing was harmed; which plan there is for heavy imports, an answer has to say."
    return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]


# --- E8, E9 ---------------------------------------------------------------------------------------


def day(facts: ClusterFacts) -> str:
    """One sentence on the last day."""
    processed, puts = value(facts, "processed_1d"), value(facts, "puts_1d")
    growth = value(facts, "object_growth_1d")
    deletes = [one for one in (value(facts, "index_deletes_1d"), value(facts, "batch_deletes_1d")) if one is not None]
    written = [f"{number(processed)} objects by batches" if processed is not None else ""]
    written.append(f"{number(puts)} one by one" if puts is not None else "")
    parts = [" and ".join(filter(None, written)) + " were written"] if any(written) else []
    if growth is not None:
        parts.append(f"the number of objects held changed by {number(growth)} (every replica counts)")
    if deletes:
        parts.append(f"{number(max(deletes))} deletions were counted")
    return f"Within a day {'; '.join(parts)}."


def growth_ratio(facts: ClusterFacts) -> float:
    """Growth of objects for each object written within seven days; NaN where nothing was written or measured."""
    processed, growth = value(facts, "processed_7d"), value(facts, "object_growth_7d")
    return growth / processed if processed and growth is not None else math.nan


def habit(ratio: float) -> str:
    if ratio >= APPENDED:
        word = "mostly appended"
    elif ratio <= REWRITTEN:
        word = "mostly written again in place, or deleted as fast as it comes"
    else:
        word = "partly appended, partly written again"
    return f"Data is {word}: the objects held grew by {ratio:.2f} for each object written within a week."


# --- E10 ------------------------------------------------------------------------------------------


def cleanup_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    waiting, held = value(facts, "tombstones"), value(facts, "objects")
    most = settings.thresholds.tombstone_share
    expected = f"{most:.0%} or less of the objects (kit default)"
    checks = [*measured(facts, "tombstones_cleaned_1d"), *_intervals(facts)]
    checks += variables(facts, TOMBSTONE_DELETION_CONCURRENCY="half of the cores")
    on = weaviate_subject(facts, SAMPLES)
    if waiting is None or held is None:
        message = "How many tombstones wait in the vector indexes was not measured."
        checks.append(unmeasured(facts, "tombstones", expected, message))
    else:
        share = waiting / held if held else 0.0
        message = (
            f"{number(waiting)} tombstones wait for {number(held)} objects ({share:.0%}): the cleanup falls behind."
        )
        seen = f"{number(waiting)} of {number(held)} objects ({share:.1%})"
        checks.append(on.check("tombstones", seen, expected, share <= most, message=message, on_failure=PARTLY))
    unexpected = value(facts, "tombstones_unexpected_1d")
    if unexpected is not None:
        message = f"Within a day {number(unexpected)} tombstones were met where none should be."
        seen = number(unexpected)
        checks.append(
            on.check("tombstones_unexpected_1d", seen, "0", unexpected < 1, message=message, on_failure=PARTLY)
        )
    return checks


def tombstones_said(facts: ClusterFacts) -> str:
    return (
        f"{number(value(facts, 'tombstones') or 0)} tombstones wait for {number(value(facts, 'objects') or 0)} objects"
    )


def _intervals(facts: ClusterFacts) -> Iterator[Check]:
    """Collections whose cleanup runs at another interval than the server's 300 seconds."""
    for one in facts.collections:
        other = {index.cleanup_seconds for index in one.indexes if index.cleanup_seconds not in (0, 300)}
        for seconds in sorted(other):
            yield Subject(Ref("Collection", one.name), "weaviate/schema").info("cleanupIntervalSeconds", seconds)


# --- E11 ------------------------------------------------------------------------------------------


def schedule_hints(facts: ClusterFacts) -> list[Check]:
    checks = []
    mine = [one for one in facts.objects("cronjobs") if one.metadata.namespace == facts.weaviate.namespace]
    for one in mine[:MAX_LISTED]:
        state = ", suspended" if one.spec.suspend else ""
        ref = Ref("CronJob", one.metadata.name, one.metadata.namespace)
        checks.append(Subject(ref, "cronjobs").info("spec.schedule", f"{one.spec.schedule}{state}"))
    for one in facts.objects("cronworkflows"):
        if one.metadata.namespace == facts.weaviate.namespace:
            ref = Ref(KINDS["cronworkflows"].kind, one.metadata.name, one.metadata.namespace)
            seen = ", ".join(filter(None, (one.spec.schedule, *one.spec.schedules)))
            checks.append(Subject(ref, "cronworkflows").info("spec.schedule", seen))
    checks += [tool(one) for one in facts.detected("ingestion")]
    return [*checks, *_busiest_hours(facts)]


def _busiest_hours(facts: ClusterFacts) -> list[Check]:
    """The three hours of the day (UTC) in which most objects come in, on average over the window."""
    if facts.missing(TRAFFIC) is not None:
        return []
    times, values = facts.history.traffic("processed")
    by_hour: dict[int, list[float]] = {}
    for time, one in zip(times.astype("datetime64[h]").astype(int), values, strict=True):
        if not math.isnan(one):
            # A value speaks for the hour that ends at its time.
            by_hour.setdefault((int(time) - 1) % 24, []).append(float(one))
    means = {hour: sum(listed) / len(listed) for hour, listed in by_hour.items()}
    if not means or not max(means.values()):
        return []
    top = sorted(means, key=lambda hour: -means[hour])[:3]
    seen = ", ".join(f"{hour:02}:00 ({means[hour]:.3g} objects a second)" for hour in top)
    return [weaviate_subject(facts, TRAFFIC).info("processed, busiest hours (UTC)", seen)]
