"""Label discovery: how this server's series name namespaces, pods and containers.

Weaviate itself adds no such labels, and scrape configurations name them differently; so whatever a query can show is
not assumed. Where several clusters share a server and no label separates them, nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.prometheus.client import Row, Server
from readiness_kit.collect.prometheus.queries import (
    CLUSTER_LABELS,
    CONTAINER_LABELS,
    FAMILIES,
    NAMESPACE_LABELS,
    POD_LABELS,
    Query,
    Scope,
    family_there,
    placed,
    weaviate_there,
)
from readiness_kit.collect.prometheus.terms import METRICS
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError
from readiness_kit.kinds.prometheus import Labels, Names


def discover(server: Server, namespace: str, pods: str, replicas: int, end: int, selector: str = "") -> Labels:
    """The labels of each family of series; empty `Names` where the family does not exist.

    pods: a pattern of the workload's pods; replicas: their intended number; end: in Unix seconds. Raises ConfigError
    where series of several clusters answer, and what `Server.ask` raises.
    """
    names = _weaviate(server, namespace, pods, replicas, end, selector)
    found = {family: _family(server, metric, namespace, end, selector) for family, metric in FAMILIES.items()}
    listed, metrics = _metrics(server, end)
    families = found["cadvisor"], found["kube_state"], found["kubelet"]
    labels = Labels(names, *families, metrics=metrics, listed=listed, selector=selector)
    scope = Scope(namespace, "", pods, labels)
    labels = _with_pods(server, scope, labels, end)
    return msgspec.structs.replace(labels, grouped=_grouped(server, scope, end)) if names.pod else labels


def _with_pods(server: Server, scope: Scope, labels: Labels, end: int) -> Labels:
    """The pods of the workload with nodes and uids, by which a Prometheus of another cluster is recognised."""
    query = placed(scope, end)
    rows = server.ask(query) if query else ()
    named = [(pod, row) for row in rows for name in POD_LABELS[:-1] if (pod := row.labels.get(name, ""))]
    nodes = {(pod, _node(row)) for pod, row in named}
    uids = {(pod, uid) for pod, row in named if (uid := row.labels.get("uid", ""))}
    return msgspec.structs.replace(labels, placed=tuple(sorted(nodes)), uids=tuple(sorted(uids)))


def _node(row: Row) -> str:
    return next((value for name in ("node", "kubernetes_io_hostname") if (value := row.labels.get(name, ""))), "")


def _weaviate(server: Server, namespace: str, pods: str, replicas: int, end: int, selector: str) -> Names:
    pattern = re.compile(pods)
    for query in weaviate_there(end, selector):
        rows = server.ask(query)
        for label in NAMESPACE_LABELS:
            mine = [row for row in rows if row.labels.get(label) == namespace]
            pod = next((name for name in POD_LABELS if any(_names(name, row, pattern) for row in mine)), "")
            if pod:
                mine = [row for row in mine if _names(pod, row, pattern)]
                _one_cluster(mine)
                return Names(label, pod, jobs=_jobs(mine))
        # Series without a namespace belong to this Weaviate only where there is no other on this server.
        alone = [row for row in rows if not set(NAMESPACE_LABELS) & set(row.labels)]
        if alone and len(alone) == len(rows) and len({row.labels.get("instance") for row in alone}) <= replicas:
            _one_cluster(alone)
            return Names("", "instance", jobs=_jobs(alone))
    return Names()


def _names(label: str, row: Row, pattern: re.Pattern[str]) -> bool:
    value = row.labels.get(label, "")
    return bool(value) if label == "instance" else bool(pattern.fullmatch(value))


def _jobs(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({row.labels["job"] for row in rows if row.labels.get("job")}))


def _family(server: Server, metric: str, namespace: str, end: int, selector: str) -> Names:
    for label in NAMESPACE_LABELS:
        rows = server.ask(family_there(metric, label, namespace, selector, end))
        if rows:
            _one_cluster(rows)
            return _family_names(label, rows)
    return Names()


def _family_names(namespace: str, rows: Iterable[Row]) -> Names:
    there = {label for row in rows for label, value in row.labels.items() if value}
    renamed = namespace.startswith("exported_")

    def first(candidates: tuple[str, ...]) -> str:
        allowed = (name for name in candidates if renamed or not name.startswith("exported_"))
        return next((name for name in allowed if name in there), "")

    return Names(namespace, first(POD_LABELS[:-1]), first(CONTAINER_LABELS), _jobs(rows))


def _one_cluster(rows: Iterable[Row]) -> None:
    for label in CLUSTER_LABELS:
        values = sorted({row.labels[label] for row in rows if row.labels.get(label)})
        if len(values) > 1:
            shown = ", ".join(values[:10])
            raise ConfigError(
                f"this Prometheus holds the same namespace of {len(values)} clusters ({label}: {shown})",
                f"choose one with `--prometheus-selector '{label}=\"{values[0]}\"'`",
            )


def _grouped(server: Server, scope: Scope, end: int) -> bool | None:
    """Whether all series of Weaviate have `n/a` in place of the collection's name; None without such series."""
    rows = server.ask(Query("grouped", f"count by (class_name) (object_count{{{scope.weaviate}}})", end))
    classes = {row.labels["class_name"] for row in rows if row.labels.get("class_name")}
    return classes <= {"n/a"} if classes else None


def _metrics(server: Server, end: int) -> tuple[bool, tuple[str, ...]]:
    """Whether the server lists the names of its series, and those of METRICS that it had in the last day."""
    match = '{__name__=~"' + "|".join(METRICS) + '"}'
    params = {"match[]": match, "start": str(end - 86_400), "end": str(end)}
    try:
        body = server.get("/api/v1/label/__name__/values", params)
        known = set(decoder(_Values).decode(body).data)
    except (StatusError, *UNDECODABLE):
        return False, ()
    return True, tuple(name for name in METRICS if name in known)


class _Values(msgspec.Struct):
    data: list[str]


def pod_of(value: str, pods: Mapping[str, object] | frozenset[str]) -> str:
    """The pod that a label value names: the value itself, or the host of an instance (`weaviate-0.weaviate:2112`)."""
    host = value.partition(":")[0].partition(".")[0]
    return host if value not in pods and host in pods else value
