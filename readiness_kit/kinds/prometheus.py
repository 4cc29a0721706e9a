"""The kept answers of a Prometheus-compatible server: values as columns, rules by name, no free-form labels.

Series are arrays on a grid of times, and only the labels named here are kept, so that a snapshot of fifty pods over
fourteen days stays small. Times are Unix seconds, memory and volumes bytes, CPU cores. None in an array means that
there is no sample.
"""

from __future__ import annotations

import msgspec

Numbers = tuple[float | None, ...]


class Answer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Base of all answers; unknown fields are dropped."""


class Build(Answer, frozen=True, gc=False):
    """`flavour`: prometheus, thanos, mimir, victoriametrics, or "" where unknown."""

    version: str = ""
    flavour: str = ""


class Names(Answer, frozen=True, gc=False):
    """The labels by which a family of series names its objects; "" for labels that it does not have."""

    namespace: str = ""
    pod: str = ""
    container: str = ""
    jobs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.namespace or self.pod)


class Labels(Answer, frozen=True, gc=False):
    """The result of the label discovery. A family that is not scraped has empty names.

    grouped:  Weaviate's collection labels are `n/a` (PROMETHEUS_MONITORING_GROUP), so there are no values for single
              collections; None where unknown
    metrics:  names of the relevant series that the server has
    listed:   False where the server did not list its series, so that `metrics` is inconclusive
    selector: the matchers added to every selector
    placed:   (pod, node) of the workload's pods as the series have them, node "" where they name none
    uids:     (pod, uid) of these pods, where the series carry it (kube-state-metrics)
    """

    weaviate: Names = Names()
    cadvisor: Names = Names()
    kube_state: Names = Names()
    kubelet: Names = Names()
    grouped: bool | None = None
    metrics: tuple[str, ...] = ()
    listed: bool = False
    selector: str = ""
    placed: tuple[tuple[str, str], ...] = ()
    uids: tuple[tuple[str, str], ...] = ()


class Rule(Answer, frozen=True, gc=False):
    """An alerting rule as loaded. `for_seconds`: its pending duration; `health`: ok, err or unknown."""

    name: str
    query: str = ""
    state: str = ""
    health: str = ""
    severity: str = ""
    for_seconds: float = 0
    group: str = ""


class Alertmanagers(Answer, frozen=True, gc=False):
    """`active`: host and port of each Alertmanager, without path and credentials."""

    active: tuple[str, ...] = ()
    dropped: int = 0


class ScrapeTarget(Answer, frozen=True, gc=False):
    """A target in Weaviate's namespace. `health`: up, down or unknown; `error`: why the last scrape failed."""

    job: str = ""
    namespace: str = ""
    pod: str = ""
    instance: str = ""
    health: str = ""
    error: str = ""


class Sample(Answer, frozen=True, gc=False):
    """One value of a pod ("" for all pods together), with the labels of `SAMPLE_LABELS` that distinguish it."""

    value: float
    pod: str = ""
    labels: dict[str, str] = {}


SAMPLE_LABELS = frozenset("class_name job kind module operation process query_type status status_code version".split())

Samples = dict[str, tuple[Sample, ...]]
"""Name (of `SCALARS`) -> samples. A missing name was not read; an empty tuple means that the server has no such series.
Neither means zero."""


class Grid(Answer, frozen=True, gc=False):
    """`count` times from `start`, `step` seconds apart; a value covers the step that ends at its time."""

    start: int = 0
    step: int = 3600
    count: int = 0


class Usage(Answer, frozen=True, gc=False):
    """One row a container, over `days` before `end`: the columns are parallel.

    Exact over every stored sample: `rss_max`, `working_set_max`, `heap_max`, and `rss_p50`, `rss_p95` but for restarted
    containers, whose series are sampled each `resolution` seconds. Of averages over `resolution` seconds: `cpu_*`.
    `throttled`: share of CFS periods (0 to 1). `gomemlimit`: bytes; 9.2e18 is "no limit". `restarts`, `oom`: counts in
    the window. `samples`: stored samples of the memory series; `hours`: hours of the window that have any.
    `series`: metric (`SERIES`) -> one array a row on `grid`, the most of each hour; an empty array: no such series.
    `truncated`: how many containers were left out because they were too many.
    """

    end: int = 0
    days: float = 14
    resolution: int = 300
    namespace: tuple[str, ...] = ()
    pod: tuple[str, ...] = ()
    container: tuple[str, ...] = ()
    cpu_p50: Numbers = ()
    cpu_p95: Numbers = ()
    cpu_max: Numbers = ()
    throttled: Numbers = ()
    rss_p50: Numbers = ()
    rss_p95: Numbers = ()
    rss_max: Numbers = ()
    working_set_max: Numbers = ()
    heap_max: Numbers = ()
    gomemlimit: Numbers = ()
    oom: Numbers = ()
    restarts: Numbers = ()
    samples: Numbers = ()
    hours: Numbers = ()
    grid: Grid = Grid()
    series: dict[str, tuple[Numbers, ...]] = {}
    truncated: int = 0


SERIES = ("cpu", "rss", "working_set", "heap")


class VolumeUsage(Answer, frozen=True, gc=False):
    """One row a claim.

    `used`, `capacity` and inodes at `end`; `daily`: on `grid` (a day a step) the 90th percentile
    of used bytes of each day.
    """

    end: int = 0
    namespace: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    used: Numbers = ()
    capacity: Numbers = ()
    inodes: Numbers = ()
    inodes_used: Numbers = ()
    grid: Grid = Grid(step=86_400)
    daily: tuple[Numbers, ...] = ()


class NodeUsage(Answer, frozen=True, gc=False):
    """One row a node, of averages over an hour (`cpu_*`) and of every sample (`memory_max`, the working set)."""

    end: int = 0
    days: float = 14
    node: tuple[str, ...] = ()
    cpu_p50: Numbers = ()
    cpu_p95: Numbers = ()
    cpu_max: Numbers = ()
    memory_p95: Numbers = ()
    memory_max: Numbers = ()
    hours: Numbers = ()


class Track(Answer, frozen=True, gc=False):
    pod: str
    values: Numbers


class Traffic(Answer, frozen=True, gc=False):
    """`tracks`: name of `TRAFFIC` -> one array a pod ("" for all) on `grid`; names without series are absent."""

    grid: Grid = Grid()
    tracks: dict[str, tuple[Track, ...]] = {}


TRAFFIC = {
    "queries": "queries per second, hourly average, by pod",
    "processed": "objects imported in batches per second, hourly average, by pod",
    "objects": "stored objects, by pod (each replica counts)",
    "queue": "vectors waiting to be indexed, total",
    "query_p95": "95th percentile of query time in milliseconds; coarse buckets, meaningless below 10",
    "http_p95": "95th percentile of HTTP request time in seconds",
}

SCALARS = {
    # prometheus/weaviate: at the end of the window, or over the days named
    "build": "1 a pod, with its version",
    "gomemlimit": "Go memory limit in bytes by pod; 9.2e18 means no limit",
    "gomaxprocs": "processors used by the Go runtime, by pod",
    "heap_peak_7d": "peak Go heap in use in bytes, by pod",
    "readonly_shards": "READONLY shards, all pods",
    "index_shards": "shards by status",
    "raft_lag": "highest minus lowest applied Raft index",
    "replication_failed_1d": "failed coordinator reads and writes (label kind)",
    "queue_size": "vectors waiting to be indexed",
    "queue_slope_6h": "growth of the queue, vectors per second",
    "query_p95_ms": "95th percentile of query time by query_type; coarse buckets, meaningless below 10 ms",
    "http_p95_s": "95th percentile of HTTP request time in seconds",
    "grpc_p95_s": "95th percentile of gRPC request time in seconds",
    "error_ratio": "share of requests with a server error, 5 minutes",
    "runtime_config_ok": "1: the last load of runtime overrides succeeded",
    "allocation_rejected_1d": "writes rejected because memory was short",
    "allocation_rejected_7d": "writes rejected because memory was short",
    "background_failures_7d": "failures by process",
    "module_errors_1d": "failed calls by module and status_code",
    "schema_shards": "shards (tenants) by status HOT, COLD, FROZEN",
    "schema_collections": "number of collections",
    "startup_loaded": "share of shards loaded since the start",
    "tombstones": "tombstones in vector indexes",
    "tombstones_unexpected_1d": "unexpected tombstones",
    "tombstones_cleaned_1d": "tombstones cleaned",
    "objects": "stored objects, every replica",
    "objects_by_class": "stored objects by class_name; absent where the metrics are grouped",
    "dimensions_by_class": "sum of vector dimensions by class_name",
    "segments_by_class": "bytes of compressed vectors by class_name",
    "object_growth_1d": "growth of stored objects in a day",
    "object_growth_7d": "growth of stored objects in seven days",
    "processed_1d": "objects imported in batches",
    "processed_7d": "objects imported in batches",
    "puts_1d": "objects imported individually",
    "index_deletes_1d": "deletions in vector indexes",
    "batch_deletes_1d": "batch deletions",
    "index_operations_1d": "operations of the vector indexes by operation",
    "queries_1h": "queries per second, by query_type",
    "queries_by_pod": "queries per second over 30 minutes, by pod",
    "ttl_runs_7d": "runs of the deletion of expired objects",
    "ttl_failures_7d": "failed runs of the deletion of expired objects",
    "ttl_deleted_7d": "expired objects deleted",
    "memory_maps": "memory mappings of the process, by pod",
    # prometheus/history
    "ready_least_90d": "lowest number of ready replicas of the workload",
    "ready_now": "ready replicas of the workload",
    "pods_seen_90d": "number of pods, by pod name (each replacement counts)",
    "restarts_7d": "container restarts by pod",
    "oom_last": "1: the last termination of the container was an OOM kill, by pod (of any date)",
    "oom_events_7d": "OOM kills that the kubelet counted, by pod",
}
"""Name -> what the samples mean and their unit."""
