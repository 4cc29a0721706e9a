"""From answers to columns: usage of containers, volumes and nodes, traffic, single values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from readiness_kit.collect.prometheus.client import Answer, Row
from readiness_kit.collect.prometheus.discovery import pod_of
from readiness_kit.collect.prometheus.queries import HOUR, NODE_LABELS, QUANTILES, TAG, Query, Scope, Window
from readiness_kit.kinds.prometheus import (
    SAMPLE_LABELS,
    Grid,
    Names,
    NodeUsage,
    Numbers,
    Sample,
    Samples,
    Track,
    Traffic,
    Usage,
    VolumeUsage,
)

Answers = Mapping[str, Answer]
Key = tuple[str, str, str]
_DIGITS = 6
"""Significant digits of values other than peaks; a chart shows three."""


def usage(scope: Scope, window: Window, answers: Answers, pods: frozenset[str], server: str, truncated: int) -> Usage:
    """`server` is the name of Weaviate's container, to which its own metrics belong. Empty without any container."""
    cadvisor, kube = scope.labels.cadvisor, scope.labels.kube_state
    inner = {name: _by_container(answers, name, cadvisor) for name in _CADVISOR}
    inner |= {name: _by_container(answers, name, kube) for name in ("restarts", "oom_reason")}
    keys = sorted({key for name in ("cpu", "rss_max", "working_set_max") for key in inner[name]})
    if not cadvisor.container:
        inner["restarts"], inner["oom_reason"] = _whole_pods(inner["restarts"]), _whole_pods(inner["oom_reason"])
    heaps = {name: _by_pod(answers, name, scope.labels.weaviate, pods) for name in ("heap_max", "gomemlimit")}
    stored = {name: _series_of(answers, "rss", cadvisor, name) for name in QUANTILES}
    counts = _series_of(answers, "samples", cadvisor)
    grid = _grid(window.hourly("", ""))
    cpu = {key: _fine_to_hours(row, window) for key, row in inner["cpu"].items()}
    hourly: dict[str, dict[Key, np.ndarray]] = {"cpu": cpu, "heap": {}}
    for name in ("rss", "working_set"):
        hourly[name] = {key: _on(grid, row) for key, row in inner[f"{name}_max"].items()}
    for key in keys:
        if key[2] in ("", server) and key[1] in heaps["heap_max"]:
            hourly["heap"][key] = _on(grid, heaps["heap_max"][key[1]])

    def each(figure: Callable[[Key], float | None]) -> Numbers:
        return tuple(figure(key) for key in keys)

    return Usage(
        end=window.end,
        days=window.days,
        resolution=window.resolution,
        namespace=tuple(key[0] for key in keys),
        pod=tuple(key[1] for key in keys),
        container=tuple(key[2] for key in keys),
        cpu_p50=each(lambda key: _percentile(inner["cpu"].get(key), 50)),
        cpu_p95=each(lambda key: _percentile(inner["cpu"].get(key), 95)),
        cpu_max=each(lambda key: _maximum(inner["cpu"].get(key))),
        throttled=each(lambda key: _value(inner["throttled"].get(key))),
        rss_p50=each(lambda key: _stored(stored["p50"].get(key, []), inner["restarted"].get(key), 50)),
        rss_p95=each(lambda key: _stored(stored["p95"].get(key, []), inner["restarted"].get(key), 95)),
        rss_max=each(lambda key: _maximum(inner["rss_max"].get(key))),
        working_set_max=each(lambda key: _maximum(inner["working_set_max"].get(key))),
        heap_max=each(lambda key: _maximum(heaps["heap_max"].get(key[1])) if key[2] in ("", server) else None),
        gomemlimit=each(lambda key: _value(heaps["gomemlimit"].get(key[1])) if key[2] in ("", server) else None),
        oom=each(lambda key: _oom(inner, key)),
        restarts=each(lambda key: _value(inner["restarts"].get(key))),
        samples=each(lambda key: sum(counts[key]) if key in counts else None),
        hours=each(lambda key: float(len(_there(inner["rss_max"].get(key))))),
        grid=grid,
        series={name: _series(keys, rows) for name, rows in sorted(hourly.items()) if rows},
        truncated=truncated,
    )


def _series(keys: list[Key], rows: Mapping[Key, np.ndarray]) -> tuple[Numbers, ...]:
    return tuple(_rounded(rows[key]) if key in rows else () for key in keys)


_CADVISOR = ("cpu", "restarted", "rss_max", "working_set_max", "throttled", "oom_events")


def _oom(inner: Mapping[str, Mapping[Key, Row]], key: Key) -> float | None:
    """OOM kills in the window: the kubelet's count, and at least one where a restart has that reason.

    The kubelet's counter ends with the container, so a count of 0 does not prove that there was none.
    """
    events, restarts = _value(inner["oom_events"].get(key)), _value(inner["restarts"].get(key))
    ended = 1.0 if key in inner["oom_reason"] and restarts else 0.0
    if events is None and restarts is None:
        return None
    return max(float(round(events or 0)), ended)


def _by_container(answers: Answers, name: str, names: Names) -> dict[Key, Row]:
    return {_key(row, names): row for row in answers.get(name, ())}


def _series_of(answers: Answers, name: str, names: Names, tag: str = "") -> dict[Key, list[float]]:
    """The values of each container's series: several where it was restarted."""
    found: dict[Key, list[float]] = {}
    for row in answers.get(name, ()):
        if row.labels.get(TAG, "") == tag and (value := _value(row)) is not None:
            found.setdefault(_key(row, names), []).append(value)
    return found


def restarted(scope: Scope, answers: Answers) -> frozenset[str]:
    """Pods with a container that is more than one series."""
    counts = _series_of(answers, "samples", scope.labels.cadvisor)
    return frozenset(key[1] for key, each in counts.items() if len(each) > 1)


def _stored(each: list[float], together: Row | None, percent: float) -> float | None:
    """A percentile: the server's own over all samples of a single series, otherwise that of several taken together."""
    if len(each) == 1:
        return each[0]
    return _percentile(together, percent)


def _key(row: Row, names: Names) -> Key:
    """Namespace, pod and container of a series, "" for what it does not name."""
    return row.labels.get(names.namespace, ""), row.labels.get(names.pod, ""), row.labels.get(names.container, "")


def _whole_pods(rows: Mapping[Key, Row]) -> dict[Key, Row]:
    """Rows of containers as rows of their pods, by the greatest value."""
    whole: dict[Key, Row] = {}
    for (namespace, pod, _), row in rows.items():
        key = (namespace, pod, "")
        if key not in whole or row.values[-1] > whole[key].values[-1]:
            whole[key] = row
    return whole


def _by_pod(answers: Answers, name: str, names: Names, pods: frozenset[str]) -> dict[str, Row]:
    return {pod_of(row.labels.get(names.pod, ""), pods): row for row in answers.get(name, ())}


def volumes(scope: Scope, window: Window, answers: Answers, daily: Query) -> VolumeUsage:
    """Empty without any claim. A day without a sample has no figure."""
    names = scope.labels.kubelet
    now: dict[str, dict[tuple[str, str], Row]] = {}
    for row in answers["now"]:
        now.setdefault(row.labels.get(TAG, ""), {})[_claim(row, names)] = row
    days = {_claim(row, names): row for row in answers["daily"]}
    keys = sorted({*days, *(key for rows in now.values() for key in rows)})
    grid = _grid(daily)

    def column(name: str) -> Numbers:
        return tuple(_value(now.get(name, {}).get(key)) for key in keys)

    return VolumeUsage(
        end=window.end,
        namespace=tuple(key[0] for key in keys),
        claim=tuple(key[1] for key in keys),
        used=column("used"),
        capacity=column("capacity"),
        inodes=column("inodes"),
        inodes_used=column("inodes_used"),
        grid=grid,
        daily=tuple(_rounded(_on(grid, days[key]), 8) if key in days else () for key in keys),
    )


def _claim(row: Row, names: Names) -> tuple[str, str]:
    return row.labels.get(names.namespace, ""), row.labels.get("persistentvolumeclaim", "")


def nodes(window: Window, answers: Answers, known: frozenset[str]) -> NodeUsage:
    """The nodes of the cluster, by whichever label names them; other nodes on the same server are left out."""
    named = {name: _by_node(answer, known) for name, answer in answers.items()}
    cpu, memory = named["cpu"], named["memory"]
    keys = sorted({*cpu, *memory})
    return NodeUsage(
        end=window.end,
        days=window.days,
        node=tuple(keys),
        cpu_p50=tuple(_percentile(cpu.get(key), 50) for key in keys),
        cpu_p95=tuple(_percentile(cpu.get(key), 95) for key in keys),
        cpu_max=tuple(_maximum(cpu.get(key)) for key in keys),
        memory_p95=tuple(_percentile(memory.get(key), 95) for key in keys),
        memory_max=tuple(_maximum(memory.get(key)) for key in keys),
        hours=tuple(float(len(_there(cpu.get(key, memory.get(key))))) for key in keys),
    )


def _by_node(rows: Iterable[Row], known: frozenset[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        values = (row.labels.get(label, "") for label in NODE_LABELS)
        hosts = (host for value in values for host in (value, value.partition(":")[0]))
        name = next((host for host in hosts if host in known), "")
        if name and (name not in found or len(row.values) > len(found[name].values)):
            found[name] = row
    return found


def traffic(query: Query, answer: Answer, pod: str, pods: frozenset[str]) -> Traffic:
    """The tracks by name, on the grid of the query; `pod` is the label with the name of the pod."""
    grid = _grid(query)
    tracks: dict[str, list[Track]] = {}
    for row in sorted(answer, key=lambda row: sorted(row.labels.items())):
        values = _rounded(_on(grid, row))
        tracks.setdefault(row.labels.get(TAG, ""), []).append(Track(pod_of(row.labels.get(pod, ""), pods), values))
    return Traffic(grid, {name: tuple(found) for name, found in sorted(tracks.items())})


def samples(names: Iterable[str], answers: Iterable[Answer], pod: str, pods: frozenset[str]) -> Samples:
    """By name; an empty tuple for a name without series. NaN is left out."""
    found: dict[str, list[Sample]] = {name: [] for name in names}
    for answer in answers:
        for row in answer:
            if (value := _value(row)) is not None and row.labels.get(TAG) in found:
                found[row.labels[TAG]].append(sample(row, value, pod, pods))
    return {name: tuple(sorted(rows, key=lambda row: (row.pod, *row.labels.items()))) for name, rows in found.items()}


def sample(row: Row, value: float, pod: str, pods: frozenset[str]) -> Sample:
    """A sample with the labels of SAMPLE_LABELS only; `pod` is the label with the name of the pod."""
    labels = {name: row.labels[name] for name in sorted(SAMPLE_LABELS & set(row.labels))}
    return Sample(value, pod_of(row.labels.get(pod, ""), pods), labels)


# --- numbers --------------------------------------------------------------------------------------


def _grid(query: Query) -> Grid:
    return Grid(query.start, query.step, query.count)


def _on(grid: Grid, row: Row) -> np.ndarray:
    """The values of a row on a grid, NaN where there is none."""
    placed = np.full(grid.count, math.nan)
    at = np.rint((row.times - grid.start) / grid.step).astype(int)
    inside = (at >= 0) & (at < grid.count)
    placed[at[inside]] = row.values[inside]
    return placed


def _fine_to_hours(row: Row, window: Window) -> np.ndarray:
    """The greatest value of each hour; a value at a full hour belongs to the hour that ends there."""
    grid = _grid(window.hourly("", ""))
    placed = np.full(grid.count, -math.inf)
    at = np.ceil((row.times - grid.start) / HOUR).astype(int)
    inside = (at >= 0) & (at < grid.count) & ~np.isnan(row.values)
    np.maximum.at(placed, at[inside], row.values[inside])
    return np.where(np.isinf(placed), math.nan, placed)


def _there(row: Row | None) -> np.ndarray:
    return np.array([], float) if row is None else row.values[np.isfinite(row.values)]


def _percentile(row: Row | None, percent: float) -> float | None:
    values = _there(row)
    return _significant(float(np.percentile(values, percent)), 8) if len(values) else None


def _maximum(row: Row | None) -> float | None:
    values = _there(row)
    return float(values.max()) if len(values) else None


def _value(row: Row | None) -> float | None:
    values = _there(row)
    return float(values[-1]) if len(values) else None


def _significant(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")


def _rounded(values: np.ndarray, digits: int = _DIGITS) -> Numbers:
    return tuple(None if not math.isfinite(value) else _significant(value, digits) for value in values.tolist())
