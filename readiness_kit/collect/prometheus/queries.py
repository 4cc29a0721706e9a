"""Every query that is sent to Prometheus, as data: what `readiness collect --prometheus-dry-run` prints.

Queries are batched by metric, never by pod. Peaks come from `max_over_time` over plain range vectors, percentiles from
one range query at `resolution`. `union` sends several terms as one query, each tagged with its name.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readiness_kit.collect.prometheus.terms import METRIC_NAME, TERMS_OF, TRACK_TERMS
from readiness_kit.kinds.prometheus import Labels, Names

DAY, HOUR, RESOLUTION = 86_400, 3_600, 300
MAX_POINTS = 500_000
"""Of one range query; more rows are read at a coarser resolution."""
MAX_ROWS = 400
"""Containers; in a larger namespace only Weaviate's own pods are read."""
TERMS, TAG = 8, "kit"
"""Terms of one union, and the label with their names: few queries, and an error affects few answers."""


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
    """The series to read: the workload, its pods as a pattern, and how the series name them."""

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
        """Weaviate's own series; by job as well, since a sidecar may export the metrics of its Go runtime too."""
        names = self.labels.weaviate
        jobs = [f"job=~{quoted('|'.join(map(literal, names.jobs)))}"] if names.jobs else []
        pods = [f"{names.pod}=~{quoted(self.pods)}"] if names.pod and names.pod != "instance" else []
        return self._selector(names, *pods, *jobs)

    @property
    def cadvisor(self) -> str:
        """The selector of the series of cAdvisor, without pause containers."""
        names = self.labels.cadvisor
        narrow = [f"{names.pod}=~{quoted(self.pods)}"] if self.narrow else []
        inner = [f'{names.container}!=""', f'{names.container}!="POD"'] if names.container else []
        return self._selector(names, *narrow, *inner)

    @property
    def kube(self) -> str:
        """The selector of the series of kube-state-metrics."""
        names = self.labels.kube_state
        return self._selector(names, *([f"{names.pod}=~{quoted(self.pods)}"] if self.narrow else []))

    @property
    def kubelet(self) -> str:
        """The selector of the series of the kubelet."""
        return self._selector(self.labels.kubelet)


def usual_labels(selector: str = "") -> Labels:
    """The labels of most scrape configurations, for queries that are shown but not sent."""
    names = Names("namespace", "pod", "container")
    return Labels(names, names, names, names, selector=selector)


def usual_scope(namespace: str, workload: str = "weaviate", pods: str = ".+") -> Scope:
    """The scope of a namespace by the usual labels."""
    return Scope(namespace, workload, pods, usual_labels())


@dataclass(frozen=True)
class Window:
    """`days` before `end` (Unix seconds), for so many `rows`."""

    end: int
    days: float
    rows: int = 1

    @property
    def text(self) -> str:
        """The length as a PromQL duration, such as `14d` or `36h`."""
        return f"{round(self.days * 24)}h" if self.days % 1 else f"{round(self.days)}d"

    @property
    def resolution(self) -> int:
        """Seconds: five minutes, or more where `rows` would give too many points."""
        return max(RESOLUTION, math.ceil(self.rows * self.days * DAY / MAX_POINTS / 60) * 60)

    def hourly(self, name: str, promql: str) -> Query:
        """A range query with a step of one hour."""
        return Query(name, promql, self.end, self.end - round(self.days * DAY) + HOUR, HOUR)

    def fine(self, name: str, promql: str) -> Query:
        """A range query with a step of `resolution` seconds."""
        step = self.resolution
        return Query(name, promql, self.end, self.end - (round(self.days * DAY) // step - 1) * step, step)

    def now(self, name: str, promql: str) -> Query:
        """An instant query at the end of the window."""
        return Query(name, promql, self.end)


def quoted(text: str) -> str:
    """A PromQL string: its escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def literal(text: str) -> str:
    """A text as a regular expression of RE2 that matches nothing else."""
    return re.sub(r"[^\w/-]", lambda found: f"[{found[0]}]" if found[0] not in "^[]\\" else f"\\{found[0]}", text)


# --- discovery ------------------------------------------------------------------------------------

NAMESPACE_LABELS = ("exported_namespace", "namespace", "kubernetes_namespace", "k8s_namespace_name")
"""`exported_…` first: where a scrape renames labels, the plain one is that of the exporter itself."""
POD_LABELS = ("exported_pod", "pod", "kubernetes_pod_name", "k8s_pod_name", "pod_name", "instance")
CONTAINER_LABELS = ("exported_container", "container", "container_name", "k8s_container_name")
CLUSTER_LABELS = ("cluster", "cluster_name", "k8s_cluster_name")
FAMILIES = {
    "cadvisor": "container_memory_rss",
    "kube_state": "kube_pod_container_status_restarts_total",
    "kubelet": "kubelet_volume_stats_used_bytes",
}
"""Family -> the series by which it is recognised."""


def weaviate_there(end: int, selector: str) -> tuple[Query, ...]:
    """Series of Weaviate servers: `weaviate_build_info` since 1.27, earlier `go_info` together with `object_count`."""
    info = f"last_over_time(weaviate_build_info{{{selector}}}[1d])"
    older = f"last_over_time(go_info{{{selector}}}[1d]) and on (job, instance) object_count{{{selector}}}"
    return Query("weaviate", info, end), Query("weaviate before 1.27", older, end)


def family_there(metric: str, label: str, namespace: str, selector: str, end: int) -> Query:
    """One series for each job and cluster of a family in the namespace, preferably one that names its container."""
    by = f"topk by (job, {', '.join(CLUSTER_LABELS)})"
    base = ",".join(filter(None, [f"{label}={quoted(namespace)}", selector]))
    with_container = [f'{metric}{{{base},{name}!=""}}' for name in CONTAINER_LABELS]
    series = (*(with_container if metric.startswith("container") else ()), f"{metric}{{{base}}}")
    terms = [f"{by} (1, {selected})" for selected in series]
    return Query(f"{metric} by {label}", "\nor ".join(terms), end)


def placed(scope: Scope, end: int) -> Query | None:
    """The nodes and uids of the workload's pods; None where neither kube-state-metrics nor cAdvisor are scraped."""
    labels = scope.labels
    for metric, names in (("kube_pod_info", labels.kube_state), ("container_memory_rss", labels.cadvisor)):
        if names.pod:
            chosen = f"{names.namespace}={quoted(scope.namespace)},{names.pod}=~{quoted(scope.pods)}"
            chosen = ",".join(filter(None, [chosen, labels.selector]))
            by = f"{names.pod}, uid, node, kubernetes_io_hostname"
            return Query("placed", f"count by ({by}) (last_over_time({metric}{{{chosen}}}[1h]))", end)
    return None


# --- usage, volumes, nodes ------------------------------------------------------------------------


QUANTILES = {"p50": 0.5, "p95": 0.95}


def usage(scope: Scope, window: Window) -> dict[str, Query]:
    """By column or series of `kinds.prometheus.Usage`; only of the families that exist."""
    return {query.name: query for query in (*_cadvisor(scope, window), *_kube(scope, window), *_heap(scope, window))}


def _by(names: Names, *more: str) -> str:
    return f"by ({', '.join(filter(None, (names.namespace, names.pod, names.container, *more)))})"


def _cadvisor(scope: Scope, window: Window) -> tuple[Query, ...]:
    """A container in two scrape jobs counts once, by the greater value; a restarted one is one row."""
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
    """Memory of containers with several series, one for each restart, which have a percentile only together."""
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
    # The reason stays until the next termination: it belongs to the window if it is true now or was not at its start.
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


def _volume_terms(scope: Scope) -> tuple[dict[str, str], str]:
    """The values of now, by column, and the one of each day."""
    by, chosen = f"by ({scope.labels.kubelet.namespace}, persistentvolumeclaim)", scope.kubelet
    now = {column: f"max {by} ({metric}{{{chosen}}})" for metric, column in VOLUME_METRICS.items()}
    return now, f"max {by} (quantile_over_time(0.9, kubelet_volume_stats_used_bytes{{{chosen}}}[1d]))"


def volumes(scope: Scope, window: Window) -> dict[str, Query]:
    """`now` for all columns, `daily` for the use of each day; empty where the kubelet is not scraped."""
    if not scope.labels.kubelet:
        return {}
    now, daily = _volume_terms(scope)
    days = max(1, round(window.days))
    return {
        "now": window.now("now", union(now)),
        "daily": Query("daily", daily, window.end, window.end - (days - 1) * DAY, DAY),
    }


NODE_LABELS = ("node", "kubernetes_io_hostname", "instance")


def nodes(scope: Scope, window: Window) -> dict[str, Query]:
    """CPU and memory of the root cgroup of each node; the answer shows which label names the node."""
    by = f"max by ({', '.join(NODE_LABELS)})"
    chosen = ",".join(filter(None, ['id="/"', scope.labels.selector]))
    return {
        "cpu": window.hourly("cpu", f"{by} (rate(container_cpu_usage_seconds_total{{{chosen}}}[1h]))"),
        "memory": window.hourly("memory", f"{by} (max_over_time(container_memory_working_set_bytes{{{chosen}}}[1h]))"),
    }


# --- Weaviate's own metrics -----------------------------------------------------------------------


def _filled(term: str, scope: Scope) -> str:
    pod = scope.labels.weaviate.pod or "instance"
    return re.sub(r"\bPOD\b", pod, term.replace("{W", "{" + scope.weaviate).replace(",W}", f",{scope.weaviate}}}"))


def _there(term: str, labels: Labels) -> bool:
    """Whether the server has the series of a term; True where it does not list its series."""
    return not labels.listed or all(name in labels.metrics for name in METRIC_NAME.findall(term))


def weaviate(scope: Scope, window: Window) -> tuple[dict[str, str], tuple[Query, ...]]:
    """The terms of all scalars whose series exist, by name, and the queries for them."""
    terms = {name: _filled(term, scope) for name, term in TERMS_OF.items() if _there(term, scope.labels)}
    return terms, unions(terms, window)


def _tracks(scope: Scope) -> dict[str, str]:
    return {name: _filled(term, scope) for name, term in TRACK_TERMS.items() if _there(term, scope.labels)}


def traffic(scope: Scope, window: Window) -> tuple[Query, ...]:
    """The query for all tracks whose series exist; none without them."""
    terms = _tracks(scope)
    return (window.hourly("traffic", union(terms)),) if terms else ()


def up(scope: Scope, window: Window) -> Query:
    """`up` of the targets by the labels of Weaviate's own series; by the usual labels where it has none."""
    usual = f"namespace={quoted(scope.namespace)},pod=~{quoted(scope.pods)}"
    chosen = scope.weaviate if scope.labels.weaviate else ",".join(filter(None, [usual, scope.labels.selector]))
    return window.now("up", f"up{{{chosen}}}")


def history(scope: Scope, window: Window) -> tuple[dict[str, str], tuple[Query, ...]]:
    """Terms and queries of kube-state-metrics and cAdvisor on Weaviate's pods over a week and a quarter."""
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
    """One query for several terms: each series has its term's name in the label `kit`."""
    return "\nor ".join(f'label_replace({term}, "{TAG}", "{name}", "", "")' for name, term in terms.items())


def unions(terms: Mapping[str, str], window: Window) -> tuple[Query, ...]:
    """The terms in as few instant queries as possible, each of at most TERMS terms."""
    items = list(terms.items())
    parts = [dict(items[place : place + TERMS]) for place in range(0, len(items), TERMS)]
    return tuple(window.now(", ".join(part), union(part)) for part in parts)


_REQUIRED = {
    "prometheus/usage": "cadvisor",
    "prometheus/volumes": "kubelet",
    "prometheus/weaviate": "weaviate",
    "prometheus/traffic": "weaviate",
}
"""The family of series without which the queries of an answer are not sent."""


def promql_of(key: str, scope: Scope, window: Window) -> dict[str, str]:
    """Figure -> PromQL, as it is sent for one answer; {} for an answer that comes from no query.

    key: `prometheus/` and one of usage, volumes, nodes, weaviate, history, traffic, up
    """
    family = _REQUIRED.get(key)
    if family and not getattr(scope.labels, family):
        return {}
    match key:
        case "prometheus/usage":
            return {name: query.promql for name, query in usage(scope, window).items()}
        case "prometheus/volumes":
            now, daily = _volume_terms(scope)
            return {**now, "daily": daily}
        case "prometheus/nodes":
            return {name: query.promql for name, query in nodes(scope, window).items()}
        case "prometheus/weaviate" | "prometheus/history":
            return (weaviate if key.endswith("weaviate") else history)(scope, window)[0]
        case "prometheus/traffic":
            return _tracks(scope)
        case "prometheus/up":
            return {"up": up(scope, window).promql}
    return {}
