"""Label discovery: how this server's series name namespaces, pods and containers.

Weaviate itself adds no such labels, and every scrape configuration is free to call them what it likes; so nothing
is assumed that a query can tell. Where several clusters share a server and nothing tells them apart, nothing is read.
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
    METRICS,
    NAMESPACE_LABELS,
    POD_LABELS,
    Query,
    Scope,
    family_there,
    weaviate_there,
)
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError
from readiness_kit.kinds.prometheus import Labels, Names


def discover(server: Server, namespace: str, pods: str, replicas: int, end: int, selector: str = "") -> Labels:
    """What is there of each family; empty `Names` where nothing is.

    pods: a pattern of the workload's pods; replicas: how many are wanted. Raises ConfigError where several clusters
    answer, and what `Server.ask` raises.
    """
    names = _weaviate(server, namespace, pods, replicas, end, selector)
    found = {family: _family(server, metric, namespace, end, selector) for family, metric in FAMILIES.items()}
    listed, metrics = _metrics(server, end)
    families = found["cadvisor"], found["kube_state"], found["kubelet"]
    labels = Labels(names, *families, metrics=metrics, listed=listed, selector=selector)
    scope = Scope(namespace, "", pods, labels)
    return msgspec.structs.replace(labels, grouped=_grouped(server, scope, end)) if names.pod else labels


def _weaviate(server: Server, namespace: str, pods: str, replicas: int, end: int, selector: str) -> Names:
    pattern = re.compile(pods)
    for query in weaviate_there(end, selector):
        rows = server.ask(query).rows
        for label in NAMESPACE_LABELS:
            mine = [row for row in rows if row.labels.get(label) == namespace]
            pod = next((one for one in POD_LABELS if any(_names(one, row, pattern) for row in mine)), "")
            if pod:
                mine = [row for row in mine if _names(pod, row, pattern)]
                _one_cluster(mine)
                return Names(label, pod, jobs=_jobs(mine))
        # Without a namespace they can be told from another Weaviate's only where there is no other.
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
        rows = server.ask(family_there(metric, label, namespace, selector, end)).rows
        if rows:
            _one_cluster(rows)
            return _family_names(label, rows)
    return Names()


def _family_names(namespace: str, rows: Iterable[Row]) -> Names:
    there = {label for row in rows for label, value in row.labels.items() if value}
    renamed = namespace.startswith("exported_")

    def first(candidates: tuple[str, ...]) -> str:
        return next((one for one in candidates if one in there and (renamed or not one.startswith("exported_"))), "")

    return Names(namespace, first(POD_LABELS[:-1]), first(CONTAINER_LABELS), _jobs(rows))


def _one_cluster(rows: Iterable[Row]) -> None:
    for label in CLUSTER_LABELS:
        values = sorted({row.labels[label] for row in rows if row.labels.get(label)})
        if len(values) > 1:
            shown = ", ".join(values[:10])
            raise ConfigError(
                f"this Prometheus holds the same namespace of {len(values)} clusters ({label}: {shown})",
                f"say which one is meant with `--prometheus-selector '{label}=\"{values[0]}\"'`",
            )


def _grouped(server: Server, scope: Scope, end: int) -> bool | None:
    """Whether all series of Weaviate's say `n/a` where the collection's name belongs; None: none was seen."""
    rows = server.ask(Query("grouped", f"count by (class_name) (object_count{{{scope.weaviate}}})", end)).rows
    classes = {row.labels["class_name"] for row in rows if row.labels.get("class_name")}
    return classes <= {"n/a"} if classes else None


def _metrics(server: Server, end: int) -> tuple[bool, tuple[str, ...]]:
    """The names of interest that the server knows of the last day; False where it would not say."""
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
    """The pod that a label value names: itself, or the host name of an instance like `weaviate-0.weaviate:2112`."""
    host = value.partition(":")[0].partition(".")[0]
    return host if value not in pods and host in pods else value
