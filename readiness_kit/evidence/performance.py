"""Performance: how data comes in and is asked for, as Prometheus measured it and as the server is set up.

Much of this section is for people to decide: what was measured stands beside the question and settles it seldom.
"""

from __future__ import annotations

import math

from readiness_kit.evidence.checks import to_finding, weaviate_subject
from readiness_kit.evidence.conditions.data import copies, ingestion
from readiness_kit.evidence.conditions.observability import metrics, querying
from readiness_kit.evidence.conditions.observability.metrics import HISTORY, SAMPLES, TRAFFIC
from readiness_kit.evidence.registry import evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.locate import workload_key
from readiness_kit.model import Finding, Settings

# --- E5 -------------------------------------------------------------------------------------------

HEAVY = ("configmaps", SAMPLES, HISTORY, "weaviate/nodes_verbose")


@evidence("perf.heavy_ingestion", reads=HEAVY, tolerates=HEAVY)
def heavy_ingestion(facts: ClusterFacts, settings: Settings) -> Finding:
    """A queue that drains, no shard turned read-only, no pod killed. The plan itself is for an answer to tell."""
    checks = [*ingestion.settings_of(facts), *ingestion.backlog(facts), *ingestion.harm(facts)]
    checks += ingestion.plan(facts, checks)
    return to_finding("perf.heavy_ingestion", checks, met="")


# --- E6 -------------------------------------------------------------------------------------------


@evidence("perf.index_query_split", reads=("configmaps",), tolerates=("configmaps",))
def index_query_split(facts: ClusterFacts, settings: Settings) -> Finding:
    """There is no single knob: what limits each of them, as it is set."""
    weaviate = facts.weaviate
    checks = metrics.variables(
        facts,
        workload_key(weaviate.kind),
        MAXIMUM_CONCURRENT_GET_REQUESTS="no limit",
        MAX_IMPORT_GOROUTINES_FACTOR="1.5",
        TOMBSTONE_DELETION_CONCURRENCY="half of the cores",
        ASYNC_INDEXING="off",
        ASYNC_REPLICATION_SCHEDULER_WORKERS="the server's own",
        REPLICATION_ENGINE_MAX_WORKERS="10",
        GOMAXPROCS="by the server",
    )
    sentence = "Only an answer says how indexing and queries are meant to share; the facts show the limits in force."
    return to_finding("perf.index_query_split", checks, met="", failed=sentence)


# --- E7 -------------------------------------------------------------------------------------------


@evidence("perf.dedup", reads=(SAMPLES,), tolerates=(SAMPLES,))
def deduplication(facts: ClusterFacts, settings: Settings) -> Finding:
    """A hint only: objects written again under their id do not make the collection grow."""
    checks = metrics.measured(facts, "processed_7d", "object_growth_7d")
    sentence = "Only an answer says whether data is cleaned before it is imported; what was measured is a hint."
    return to_finding("perf.dedup", checks, met="", failed=sentence)


# --- E8, E9 ---------------------------------------------------------------------------------------


@evidence("perf.change_rate", reads=(SAMPLES,))
def change_rate(facts: ClusterFacts, settings: Settings) -> Finding:
    """What came, went and grew within a day. A measurement, which is neither good nor bad."""
    names = ("processed_1d", "puts_1d", "object_growth_1d", "index_deletes_1d", "batch_deletes_1d")
    checks = metrics.measured(facts, *names)
    if not checks:
        message = "Prometheus has no series of Weaviate that tell how much data changes."
        checks = [metrics.untold(facts, "changes in a day", "measured", message)]
        return to_finding("perf.change_rate", checks, met="")
    return to_finding("perf.change_rate", checks, met="", failed=ingestion.day(facts))


@evidence("perf.inplace_or_append", reads=(SAMPLES,))
def inplace_or_append(facts: ClusterFacts, settings: Settings) -> Finding:
    """Growth for each object written within a week: near 1 is append-only, near 0 is in place."""
    checks = metrics.measured(facts, "processed_7d", "object_growth_7d")
    ratio = ingestion.growth_ratio(facts)
    if math.isnan(ratio):
        message = "How much the data grows for each object written could not be measured: no batch writes were seen."
        checks.append(metrics.untold(facts, "object_growth_7d / processed_7d", "measured", message))
        return to_finding("perf.inplace_or_append", checks, met="")
    checks.append(weaviate_subject(facts, SAMPLES).info("object_growth_7d / processed_7d", f"{ratio:.2f}"))
    return to_finding("perf.inplace_or_append", checks, met="", failed=ingestion.habit(ratio))


# --- E10 ------------------------------------------------------------------------------------------


@evidence(
    "perf.gc_deletes", reads=(SAMPLES, "weaviate/schema", "configmaps"), tolerates=("weaviate/schema", "configmaps")
)
def cleanup(facts: ClusterFacts, settings: Settings) -> Finding:
    """Tombstones against objects, and those that were met where none should be."""
    checks = ingestion.cleanup_checks(facts, settings)
    met = f"Deletions are cleaned up in time: {ingestion.tombstones_said(facts)}."
    return to_finding("perf.gc_deletes", checks, met=met)


# --- E11, E12 -------------------------------------------------------------------------------------

SCHEDULE = tuple(sorted({"cronjobs", TRAFFIC, *DETECTOR_READS["ingestion"]}))
LOAD = tuple(sorted({TRAFFIC, *DETECTOR_READS["load_test"]}))


@evidence("perf.ingestion_schedule", reads=SCHEDULE, tolerates=SCHEDULE)
def ingestion_schedule(facts: ClusterFacts, settings: Settings) -> Finding:
    """Hints: what runs by a schedule, and at which hours most objects come in."""
    sentence = "Only an answer says how large imports are scheduled; the facts are hints."
    return to_finding("perf.ingestion_schedule", ingestion.schedule_hints(facts), met="", failed=sentence)


@evidence("perf.load_tested", reads=LOAD, tolerates=LOAD)
def load_tested(facts: ClusterFacts, settings: Settings) -> Finding:
    """Hints: the busiest hour against the usual one, and tools for load tests."""
    sentence = "Only an answer says whether queries were tested under load; a test has to reach the peak shown here."
    return to_finding("perf.load_tested", querying.load_hints(facts), met="", failed=sentence)


# --- E13 ------------------------------------------------------------------------------------------


@evidence("perf.query_monitored", reads=querying.READS, tolerates=querying.READS)
def query_monitored(facts: ClusterFacts, settings: Settings) -> Finding:
    """Series of query times that come in, and a dashboard or an alert that looks at them."""
    met = "Query times are recorded, and a dashboard or an alert looks at them."
    return to_finding("perf.query_monitored", querying.watched(facts), met=met)


# --- E14 ------------------------------------------------------------------------------------------


@evidence("perf.replica_shards", reads=copies.READS, tolerates=copies.READS)
def replica_shards(facts: ClusterFacts, settings: Settings) -> Finding:
    """Copies of each shard, counted by the machines they lie on. One pod can hold one copy only."""
    met = "Every shard has three copies or more, each on a machine of its own."
    return to_finding("perf.replica_shards", copies.checks(facts), met=met)
