"""Performance: ingestion and queries, as measured by Prometheus and configured on the server.

Many questions of this section require an answer; measurements are shown with the question and rarely decide it.
"""

from __future__ import annotations

import math

from readiness_kit.evidence.checks import answer_needed, to_finding, weaviate_subject
from readiness_kit.evidence.conditions.data import agreement, copies, ingestion
from readiness_kit.evidence.conditions.observability import metrics, querying
from readiness_kit.evidence.conditions.observability.metrics import HISTORY, SAMPLES, TRAFFIC
from readiness_kit.evidence.registry import evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.model import Finding, Settings

PLEASE_ANSWER = "cannot be read from the cluster; please answer."
HEAVY = ("pods", "configmaps", SAMPLES, HISTORY, "weaviate/nodes_verbose")


@evidence("perf.heavy_ingestion", reads=HEAVY, tolerates=HEAVY)
def heavy_ingestion(facts: ClusterFacts, settings: Settings) -> Finding:
    """A vector queue that drains, no read-only shard, no OOM kill. The ingestion plan itself requires an answer."""
    checks = [*ingestion.settings_of(facts), *ingestion.backlog(facts), *ingestion.harm(facts)]
    checks += ingestion.plan(facts)
    return to_finding("perf.heavy_ingestion", checks, met="")


@evidence("perf.index_query_split", reads=("configmaps",), tolerates=("configmaps",))
def index_query_split(facts: ClusterFacts, settings: Settings) -> Finding:
    """There is no single setting: the limits of each are shown."""
    checks = metrics.variables(
        facts,
        MAXIMUM_CONCURRENT_GET_REQUESTS="no limit",
        MAX_IMPORT_GOROUTINES_FACTOR="1.5",
        TOMBSTONE_DELETION_CONCURRENCY="half of the cores",
        ASYNC_INDEXING="off",
        ASYNC_REPLICATION_SCHEDULER_WORKERS="set by the server",
        REPLICATION_ENGINE_MAX_WORKERS="10",
        GOMAXPROCS="set by the server",
    )
    message = "Have you decided how indexing and queries share the CPU and memory?"
    checks.append(answer_needed(facts, "shares of indexing and queries", message, fix="queries.limit"))
    failed = f"How indexing and queries share resources {PLEASE_ANSWER} The facts show the limits in force."
    return to_finding("perf.index_query_split", checks, met="", failed=failed)


@evidence("perf.dedup", reads=(SAMPLES,), tolerates=(SAMPLES,))
def deduplication(facts: ClusterFacts, settings: Settings) -> Finding:
    """Indicative only: an object written again with the same id does not increase the number of objects."""
    checks = metrics.measured(facts, "processed_7d", "object_growth_7d")
    message = "Is data deduplicated before import?"
    checks.append(answer_needed(facts, "deduplication", message, fix="imports.deduplicate"))
    failed = f"Whether data is deduplicated before import {PLEASE_ANSWER} Measurements are indicative only."
    return to_finding("perf.dedup", checks, met="", failed=failed)


@evidence("perf.change_rate", reads=(SAMPLES,))
def change_rate(facts: ClusterFacts, settings: Settings) -> Finding:
    """Objects written, deleted and added within a day: a measurement, neither good nor bad."""
    names = ("processed_1d", "puts_1d", "object_growth_1d", "index_deletes_1d", "batch_deletes_1d")
    checks = metrics.measured(facts, *names)
    message = "Do you know how many objects are added, updated and deleted in a day?"
    needed = answer_needed(facts, "changes in a day", message, fix="consumption.record")
    if not checks:
        message = "Prometheus has no series of Weaviate that show how much data changes."
        checks = [metrics.unmeasured(facts, "changes in a day", "measured", message), needed]
        return to_finding("perf.change_rate", checks, met="")
    return to_finding("perf.change_rate", [*checks, needed], met="", failed=ingestion.day(facts))


@evidence("perf.inplace_or_append", reads=(SAMPLES,))
def inplace_or_append(facts: ClusterFacts, settings: Settings) -> Finding:
    """Growth per object written within a week: near 1 means append-only, near 0 in-place updates."""
    checks = metrics.measured(facts, "processed_7d", "object_growth_7d")
    ratio = ingestion.growth_ratio(facts)
    if math.isnan(ratio):
        message = "Growth per written object could not be measured: there were no batch writes."
        checks.append(metrics.unmeasured(facts, "object_growth_7d / processed_7d", "measured", message))
        return to_finding("perf.inplace_or_append", checks, met="")
    checks.append(weaviate_subject(facts, SAMPLES).info("object_growth_7d / processed_7d", f"{ratio:.2f}"))
    message = "Do you know whether objects are updated in place or appended?"
    checks.append(answer_needed(facts, "updates or appends", message, fix="consumption.record"))
    return to_finding("perf.inplace_or_append", checks, met="", failed=ingestion.habit(ratio))


@evidence(
    "perf.gc_deletes", reads=(SAMPLES, "weaviate/schema", "configmaps"), tolerates=("weaviate/schema", "configmaps")
)
def cleanup(facts: ClusterFacts, settings: Settings) -> Finding:
    """Tombstones relative to objects, and tombstones where none are expected."""
    checks = ingestion.cleanup_checks(facts, settings)
    met = f"Deletions are cleaned up in time: {ingestion.tombstones_said(facts)}."
    return to_finding("perf.gc_deletes", checks, met=met)


SCHEDULE = tuple(sorted({"cronjobs", TRAFFIC, *DETECTOR_READS["ingestion"]}))
LOAD = tuple(sorted({TRAFFIC, *DETECTOR_READS["load_test"]}))


@evidence("perf.ingestion_schedule", reads=SCHEDULE, tolerates=SCHEDULE)
def ingestion_schedule(facts: ClusterFacts, settings: Settings) -> Finding:
    """Indicative only: scheduled jobs, and the hours in which most objects are imported."""
    failed = f"How large imports are scheduled {PLEASE_ANSWER} The facts are indicative only."
    message = "How are large imports scheduled?"
    needed = answer_needed(facts, "schedule of imports", message, fix="imports.schedule")
    checks = [*ingestion.schedule_hints(facts), needed]
    return to_finding("perf.ingestion_schedule", checks, met="", failed=failed)


@evidence("perf.load_tested", reads=LOAD, tolerates=LOAD)
def load_tested(facts: ClusterFacts, settings: Settings) -> Finding:
    """Indicative only: the busiest and the median hour, and tools for load tests."""
    failed = f"Whether queries were load-tested {PLEASE_ANSWER} A test has to reach the peak shown here."
    message = "When were queries last tested under load?"
    checks = [*querying.load_hints(facts), answer_needed(facts, "last load test", message, fix="queries.load_test")]
    return to_finding("perf.load_tested", checks, met="", failed=failed)


@evidence("perf.query_monitored", reads=querying.READS, tolerates=querying.READS)
def query_monitored(facts: ClusterFacts, settings: Settings) -> Finding:
    """Recorded query latency, and a dashboard or an alert on it."""
    met = "Query latency is recorded, and a dashboard or an alert uses it."
    return to_finding("perf.query_monitored", querying.checks(facts), met=met)


@evidence("perf.replica_shards", reads=copies.READS, tolerates=copies.READS)
def replica_shards(facts: ClusterFacts, settings: Settings) -> Finding:
    """Replicas per shard, counted by the node that holds them. A pod holds at most one replica of a shard."""
    met = "Every shard has three or more replicas on different nodes."
    return to_finding("perf.replica_shards", [*copies.checks(facts), *agreement.checks(facts, settings)], met=met)
