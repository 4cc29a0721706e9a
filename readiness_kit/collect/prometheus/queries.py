"""Every query that is sent to Prometheus, as data: what `readiness collect --prometheus-dry-run` prints.

Queries are batched by metric, never by pod. Peaks come from `max_over_time` over plain range vectors, which reads
every stored sample; percentiles from one range query at `resolution`. Many small questions go as one: `union` tags
each term with its name and joins them by `or`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readiness_kit.kinds.prometheus import Labels, Names

DAY, HOUR = 86_400, 3_600
RESOLUTION = 300
MAX_POINTS = 500_000
"""Of one range query: more rows are asked for at a coarser resolution."""
MAX_ROWS = 400
"""Containers; in a larger namespace only Weaviate's own pods are asked for."""
TERMS = 8
"""Terms of one union: few queries, and an error takes few answers with it."""
TAG = "kit"


@dataclass(frozen=True)
class Query:
    """`step` 0: an instant query at `end`; else a range query, all in seconds."""

    name: str
    promql: str
    end: int
    start: int = 0
    step: int = 0

    @property
    def count(self) -> int:
        """Points a series."""
        return (self.end - self.start) // self.step + 1 if self.step else 1


@dataclass(frozen=True)
class Scope:
    """Whose series: the workload, its pods as a pattern, and how the series name them."""

    namespace: str
    workload: str
    pods: str
    labels: Labels
    narrow: bool = False
    """Only Weaviate's pods, not all of the namespace."""

    def _selector(self, names: Names, *more: str) -> str:
        parts = [f"{names.namespace}={quoted(self.namespace)}"] if names.namespace else []
        return ",".join([*parts, *more, *filter(None, [self.labels.selector])])

    @property
    def weaviate(self) -> str:
        """Weaviate's own series: by job as well, since a sidecar may export Go's metrics too."""
        names = self.labels.weaviate
        jobs = [f"job=~{quoted('|'.join(map(literal, names.jobs)))}"] if names.jobs else []
        pods = [f"{names.pod}=~{quoted(self.pods)}"] if names.pod and names.pod != "instance" else []
        return self._selector(names, *pods, *jobs)

    @property
    def cadvisor(self) -> str:
        names = self.labels.cadvisor
        narrow = [f"{names.pod}=~{quoted(self.pods)}"] if self.narrow else []
        inner = [f'{names.container}!=""', f'{names.container}!="POD"'] if names.container else []
        return self._selector(names, *narrow, *inner)

    @property
    def kube(self) -> str:
        names = self.labels.kube_state
        return self._selector(names, *([f"{names.pod}=~{quoted(self.pods)}"] if self.narrow else []))

    @property
    def kubelet(self) -> str:
        return self._selector(self.labels.kubelet)


@dataclass(frozen=True)
class Window:
    end: int
    days: float
    rows: int = 1

    @property
    def text(self) -> str:
        return f"{round(self.days * 24)}h" if self.days % 1 else f"{round(self.days)}d"

    @property
    def resolution(self) -> int:
        """Seconds: five minutes, coarser where `rows` would make too many points of that."""
        return max(RESOLUTION, math.ceil(self.rows * self.days * DAY / MAX_POINTS / 60) * 60)

    def hourly(self, name: str, promql: str) -> Query:
        return Query(name, promql, self.end, self.end - round(self.days * DAY) + HOUR, HOUR)

    def fine(self, name: str, promql: str) -> Query:
        step = self.resolution
        return Query(name, promql, self.end, self.end - (round(self.days * DAY) // step - 1) * step, step)

    def now(self, name: str, promql: str) -> Query:
        return Query(name, promql, self.end)


def quoted(text: str) -> str:
    """A PromQL string: its escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def literal(text: str) -> str:
    """A text as a regular expression of RE2 that matches just it."""
    return re.sub(r"[^\w/-]", lambda found: f"[{found[0]}]" if found[0] not in "^[]\\" else f"\\{found[0]}", text)


# --- what there is --------------------------------------------------------------------------------

NAMESPACE_LABELS = ("exported_namespace", "namespace", "kubernetes_namespace", "k8s_namespace_name")
"""`exported_…` first: where a scrape renames, the plain label is that of the exporter itself."""
POD_LABELS = ("exported_pod", "pod", "kubernetes_pod_name", "k8s_pod_name", "pod_name", "instance")
CONTAINER_LABELS = ("exported_container", "container", "container_name", "k8s_container_name")
CLUSTER_LABELS = ("cluster", "cluster_name", "k8s_cluster_name")
FAMILIES = {
    "cadvisor": "container_memory_rss",
    "kube_state": "kube_pod_container_status_restarts_total",
    "kubelet": "kubelet_volume_stats_used_bytes",
}
"""Family -> the series by which it is known."""


def weaviate_there(end: int, selector: str) -> tuple[Query, ...]:
    """Series of the Weaviate servers: `weaviate_build_info` since 1.27, before it `go_info` beside `object_count`."""
    info = f"last_over_time(weaviate_build_info{{{selector}}}[1d])"
    older = f"last_over_time(go_info{{{selector}}}[1d]) and on (job, instance) object_count{{{selector}}}"
    return Query("weaviate", info, end), Query("weaviate before 1.27", older, end)


def family_there(metric: str, label: str, namespace: str, selector: str, end: int) -> Query:
    """One series a job and cluster of a family in the namespace, rather one that names its container."""
    by = f"topk by (job, {', '.join(CLUSTER_LABELS)})"
    base = ",".join(filter(None, [f"{label}={quoted(namespace)}", selector]))
    narrowed = [f'{metric}{{{base},{one}!=""}}' for one in CONTAINER_LABELS] if metric.startswith("container") else []
    terms = [f"{by} (1, {one})" for one in (*narrowed, f"{metric}{{{base}}}")]
    return Query(f"{metric} by {label}", "\nor ".join(terms), end)


# --- use, volumes, nodes --------------------------------------------------------------------------


QUANTILES = {"p50": 0.5, "p95": 0.95}


def usage(scope: Scope, window: Window) -> dict[str, Query]:
    """By column or series of `kinds.prometheus.Usage`; only of the families that are there."""
    return {query.name: query for query in (*_cadvisor(scope, window), *_kube(scope, window), *_heap(scope, window))}


def _by(names: Names, *more: str) -> str:
    return f"by ({', '.join(filter(None, (names.namespace, names.pod, names.container, *more)))})"


def _cadvisor(scope: Scope, window: Window) -> tuple[Query, ...]:
    """The same container twice (two scrape jobs) counts once: the greater; a restarted one is one row."""
    names, chosen, days = scope.labels.cadvisor, scope.cadvisor, window.text
    if not names:
        return ()
    by, each = _by(names), _by(names, "id", "name") if names.container else _by(names)
    periods = f"sum {by} (increase(container_cpu_cfs_periods_total{{{chosen}}}[{days}]))"
    throttled = f"sum {by} (increase(container_cpu_cfs_throttled_periods_total{{{chosen}}}[{days}]))"
    events = f"max {each} (increase(container_oom_events_total{{{chosen}}}[{days}]))"
    stored = f"container_memory_rss{{{chosen}}}[{days}]"
    quantiles = {name: f"max {each} (quantile_over_time({part}, {stored}))" for name, part in QUANTILES.items()}
    rate = f"max {by} (rate(container_cpu_usage_seconds_total{{{chosen}}}[{window.resolution}s]))"
    return (
        window.fine("cpu", rate),
        window.now("rss", union(quantiles)),
        window.hourly("rss_max", f"max {by} (max_over_time(container_memory_rss{{{chosen}}}[1h]))"),
        window.hourly(
            "working_set_max", f"max {by} (max_over_time(container_memory_working_set_bytes{{{chosen}}}[1h]))"
        ),
        window.now("throttled", f"{throttled} / ({periods} > 0)"),
        window.now("samples", f"max {each} (count_over_time({stored}))"),
        window.now("oom_events", f"sum {by} ({events})"),
    )


def restarted(scope: Scope, window: Window, pods: Iterable[str]) -> Query:
    """Memory of containers that are several series, one after the other: only together have they percentiles."""
    names = scope.labels.cadvisor
    only = f"{names.pod}=~{quoted('|'.join(map(literal, sorted(pods))))}"
    return window.fine("restarted", f"max {_by(names)} (container_memory_rss{{{scope.cadvisor},{only}}})")


def _kube(scope: Scope, window: Window) -> tuple[Query, ...]:
    names, chosen, days = scope.labels.kube_state, scope.kube, window.text
    if not names:
        return ()
    by = _by(names)
    increase = f"round(increase(kube_pod_container_status_restarts_total{{{chosen}}}[{days}]))"
    killed = f'kube_pod_container_status_last_terminated_reason{{{chosen},reason="OOMKilled"}}'
    # The reason stays until the next end, so only what is so now, or was not so at the start, is of this window.
    appeared = f"max {by} (max_over_time({killed}[{days}]) == 1 unless {killed} offset {days} == 1)"
    return (
        window.now("restarts", f"sum {by} (max {_by(names, 'uid')} ({increase}))"),
        window.now("oom_reason", f"max {by} ({killed} == 1)\nor {appeared}"),
    )


def _heap(scope: Scope, window: Window) -> tuple[Query, ...]:
    names, chosen = scope.labels.weaviate, scope.weaviate
    if not names.pod:
        return ()
    by = f"by ({names.pod})"
    return (
        window.hourly("heap_max", f"max {by} (max_over_time(go_memstats_heap_inuse_bytes{{{chosen}}}[1h]))"),
        window.now("gomemlimit", f"max {by} (go_gc_gomemlimit_bytes{{{chosen}}})"),
    )


VOLUME_METRICS = {
    "kubelet_volume_stats_used_bytes": "used",
    "kubelet_volume_stats_capacity_bytes": "capacity",
    "kubelet_volume_stats_inodes": "inodes",
    "kubelet_volume_stats_inodes_used": "inodes_used",
}


def volumes(scope: Scope, window: Window) -> dict[str, Query]:
    names, chosen = scope.labels.kubelet, scope.kubelet
    if not names:
        return {}
    by = f"by ({names.namespace}, persistentvolumeclaim)"
    now = {column: f"max {by} ({metric}{{{chosen}}})" for metric, column in VOLUME_METRICS.items()}
    daily = f"max {by} (quantile_over_time(0.9, kubelet_volume_stats_used_bytes{{{chosen}}}[1d]))"
    days = max(1, round(window.days))
    return {
        "now": window.now("now", union(now)),
        "daily": Query("daily", daily, window.end, window.end - (days - 1) * DAY, DAY),
    }


NODE_LABELS = ("node", "kubernetes_io_hostname", "instance")


def nodes(scope: Scope, window: Window) -> dict[str, Query]:
    """The root cgroup of each node; the label that names the node is found in the answer."""
    by = f"max by ({', '.join(NODE_LABELS)})"
    chosen = ",".join(filter(None, ['id="/"', scope.labels.selector]))
    return {
        "cpu": window.hourly("cpu", f"{by} (rate(container_cpu_usage_seconds_total{{{chosen}}}[1h]))"),
        "memory": window.hourly("memory", f"{by} (max_over_time(container_memory_working_set_bytes{{{chosen}}}[1h]))"),
    }


# --- Weaviate's own metrics -----------------------------------------------------------------------
# `{W}` is Weaviate's selector, `POD` the label that names its pod. Several terms of one scalar are joined.

_FAILED = 'sum(increase({__name__=~"(weaviate_)?replication_coordinator_%ss_failed",W}[1d]))'

TERMS_OF: dict[str, str] = {
    "build": "max by (POD, version) (weaviate_build_info{W})",
    "gomemlimit": "max by (POD) (go_gc_gomemlimit_bytes{W})",
    "gomaxprocs": "max by (POD) (go_sched_gomaxprocs_threads{W})",
    "heap_peak_7d": "max by (POD) (max_over_time(go_memstats_heap_inuse_bytes{W}[7d]))",
    "readonly_shards": 'sum(weaviate_index_shards_total{W,status="READONLY"})',
    "index_shards": "sum by (status) (weaviate_index_shards_total{W})",
    "raft_lag": "max(weaviate_cluster_store_raft_last_applied_index{W})"
    " - min(weaviate_cluster_store_raft_last_applied_index{W})",
    "replication_failed_1d": f'label_replace({_FAILED % "write"}, "kind", "writes", "", "")'
    f' or label_replace({_FAILED % "read"}, "kind", "reads", "", "")',
    "queue_size": "sum(queue_size{W})",
    "queue_slope_6h": "sum(deriv(queue_size{W}[6h]))",
    "query_p95_ms": "histogram_quantile(0.95, sum by (le, query_type) (rate(queries_durations_ms_bucket{W}[5m])))",
    "http_p95_s": "histogram_quantile(0.95, sum by (le) (rate(weaviate_http_request_duration_seconds_bucket{W}[5m])))",
    "grpc_p95_s": "histogram_quantile(0.95,"
    " sum by (le) (rate(weaviate_grpc_server_request_duration_seconds_bucket{W}[5m])))",
    # No series of errors beside others is no error; no series at all stays unknown.
    "error_ratio": '(sum(rate(requests_total{W,status="server_error"}[5m])) or sum(rate(requests_total{W}[5m])) * 0)'
    " / sum(rate(requests_total{W}[5m]))",
    "runtime_config_ok": "min(weaviate_runtime_config_last_load_success{W})",
    "allocation_rejected_1d": "sum(increase(weaviate_vector_index_memory_allocation_rejected_total{W}[1d]))",
    "allocation_rejected_7d": "sum(increase(weaviate_vector_index_memory_allocation_rejected_total{W}[7d]))",
    "background_failures_7d": "sum by (process) (increase(weaviate_background_process_failures_total{W}[7d]))",
    "module_errors_1d": "sum by (module, status_code) (increase(weaviate_module_call_error_total{W}[1d]))",
    "schema_shards": "max by (status) (sum by (POD, status) (weaviate_schema_shards{W}))",
    "schema_collections": "max(weaviate_schema_collections{W})",
    "startup_loaded": "min(weaviate_startup_shards_loaded{W} / (weaviate_startup_shards_to_load{W} > 0))",
    "tombstones": "sum(vector_index_tombstones{W})",
    "tombstones_unexpected_1d": "sum(increase(vector_index_tombstone_unexpected_total{W}[1d]))",
    "tombstones_cleaned_1d": "sum(increase(vector_index_tombstone_cleaned{W}[1d]))",
    "objects": "sum(object_count{W})",
    "objects_by_class": 'sum by (class_name) (object_count{W,class_name!="",class_name!="n/a"})',
    "dimensions_by_class": 'sum by (class_name) (vector_dimensions_sum{W,class_name!="",class_name!="n/a"})',
    "segments_by_class": 'sum by (class_name) (vector_segments_sum{W,class_name!="",class_name!="n/a"})',
    "object_growth_1d": "sum(object_count{W}) - sum(object_count{W} offset 1d)",
    "object_growth_7d": "sum(object_count{W}) - sum(object_count{W} offset 7d)",
    "processed_1d": "sum(increase(batch_objects_processed_total{W}[1d]))",
    "processed_7d": "sum(increase(batch_objects_processed_total{W}[7d]))",
    "puts_1d": 'sum(increase(objects_durations_ms_count{W,operation="put"}[1d]))',
    "index_deletes_1d": "sum(increase(vector_index_queue_delete_count{W}[1d]))",
    "batch_deletes_1d": "sum(increase(batch_delete_durations_ms_count{W}[1d]))",
    "index_operations_1d": "sum by (operation) (increase(vector_index_operations{W}[1d]))",
    "queries_1h": "sum by (query_type) (rate(queries_durations_ms_count{W}[1h]))",
    "queries_by_pod": "sum by (POD) (rate(queries_durations_ms_count{W}[30m]))",
    "ttl_runs_7d": "sum(increase(weaviate_objects_ttl_deletion_db_count{W}[7d]))",
    "ttl_failures_7d": "sum(increase(weaviate_objects_ttl_deletion_db_failure_count{W}[7d]))",
    "ttl_deleted_7d": "sum(increase(weaviate_objects_ttl_deletion_db_objects_deleted{W}[7d]))",
    "memory_maps": "max by (POD) (mmap_proc_maps{W})",
}
TRACK_TERMS: dict[str, str] = {
    "queries": "sum by (POD) (rate(queries_durations_ms_count{W}[1h]))",
    "processed": "sum by (POD) (rate(batch_objects_processed_total{W}[1h]))",
    "objects": "sum by (POD) (object_count{W})",
    "queue": "sum(queue_size{W})",
    "query_p95": "histogram_quantile(0.95, sum by (le) (rate(queries_durations_ms_bucket{W}[1h])))",
    "http_p95": "histogram_quantile(0.95, sum by (le) (rate(weaviate_http_request_duration_seconds_bucket{W}[1h])))",
}
_METRIC = re.compile(r"\b([a-z_]\w*)\{")
_ALL_TERMS = (*TERMS_OF.values(), *TRACK_TERMS.values())

METRICS = tuple(sorted({name for term in _ALL_TERMS for name in _METRIC.findall(term)}))
"""The names of Weaviate's series that any query reads."""


def _filled(term: str, scope: Scope) -> str:
    pod = scope.labels.weaviate.pod or "instance"
    return re.sub(r"\bPOD\b", pod, term.replace("{W", "{" + scope.weaviate).replace(",W}", f",{scope.weaviate}}}"))


def _there(term: str, labels: Labels) -> bool:
    """Whether the server knows the series of a term; where it would not list them, all are asked for."""
    return not labels.listed or all(name in labels.metrics for name in _METRIC.findall(term))


def weaviate(scope: Scope, window: Window) -> tuple[dict[str, str], tuple[Query, ...]]:
    """Scalars that can be asked for, by name, and the unions that ask for them."""
    terms = {name: _filled(term, scope) for name, term in TERMS_OF.items() if _there(term, scope.labels)}
    return terms, unions(terms, window)


def traffic(scope: Scope, window: Window) -> tuple[Query, ...]:
    terms = {name: _filled(term, scope) for name, term in TRACK_TERMS.items() if _there(term, scope.labels)}
    return (window.hourly("traffic", union(terms)),) if terms else ()


def history(scope: Scope, window: Window) -> tuple[dict[str, str], tuple[Query, ...]]:
    """What kube-state-metrics and cAdvisor say of Weaviate's pods over a week and a quarter."""
    terms: dict[str, str] = {}
    kube, inner = scope.labels.kube_state, scope.labels.cadvisor
    if kube:
        plain = f"{kube.namespace}={quoted(scope.namespace)}"
        chosen = ",".join(filter(None, [plain, f"{kube.pod}=~{quoted(scope.pods)}", scope.labels.selector]))
        owner = ",".join(filter(None, [plain, f"statefulset={quoted(scope.workload)}", scope.labels.selector]))
        ready = f"kube_statefulset_status_replicas_ready{{{owner}}}"
        killed = f'kube_pod_container_status_last_terminated_reason{{{chosen},reason="OOMKilled"}}'
        terms |= {
            "ready_least_90d": f"min(min_over_time({ready}[90d]))",
            "ready_now": f"max({ready})",
            "pods_seen_90d": f"count by ({kube.pod}) (max by ({kube.pod}, uid)"
            f" (max_over_time(kube_pod_info{{{chosen}}}[90d])))",
            "restarts_7d": f"sum by ({kube.pod}) (max {_by(kube, 'uid')}"
            f" (round(increase(kube_pod_container_status_restarts_total{{{chosen}}}[7d]))))",
            "oom_last": f"max by ({kube.pod}) ({killed})",
        }
    if inner:
        chosen = ",".join([scope.cadvisor, f"{inner.pod}=~{quoted(scope.pods)}"])
        terms["oom_events_7d"] = f"sum by ({inner.pod}) (increase(container_oom_events_total{{{chosen}}}[7d]))"
    return terms, unions(terms, window)


def union(terms: Mapping[str, str]) -> str:
    """One query for several: each series carries its term's name in the label `kit`."""
    return "\nor ".join(f'label_replace({term}, "{TAG}", "{name}", "", "")' for name, term in terms.items())


def unions(terms: Mapping[str, str], window: Window) -> tuple[Query, ...]:
    items = list(terms.items())
    parts = [dict(items[place : place + TERMS]) for place in range(0, len(items), TERMS)]
    return tuple(window.now(", ".join(part), union(part)) for part in parts)
