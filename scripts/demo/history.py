"""The demonstration's Prometheus: fourteen days of invented usage, in the form that a collection keeps.

Three pods with a daily pattern; comments with "gap" mark the weaknesses. The ServiceMonitor is not selected, but an own
scrape configuration of the team finds the pods, so that Weaviate's metrics exist.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from readiness_kit.kinds.prometheus import (
    Alertmanagers,
    Build,
    Grid,
    Labels,
    Names,
    NodeUsage,
    Numbers,
    Rule,
    Sample,
    ScrapeTarget,
    Track,
    Traffic,
    Usage,
    VolumeUsage,
)
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Call, Read
from scripts.demo.history_values import history, weaviate
from scripts.demo.names import NAMESPACE, READ_AT, VERSION, ZONES, node_name

GIB = 2.0**30
HOURS, DAYS = 336, 14
PODS = ("weaviate-0", "weaviate-1", "weaviate-2")
KEYS = tuple(key for key in SOURCES if key.startswith("prometheus/"))
_END = int(datetime.fromisoformat(READ_AT).timestamp())
_GRID = Grid(_END - (HOURS - 1) * 3600, 3600, HOURS)
_JOB = "weaviate-pods"


def answers() -> dict[str, Any]:
    """Key of `kinds.sources.SOURCES` -> answer."""
    own_labels, kube = (
        Names("namespace", "pod", jobs=(_JOB,)),
        Names("namespace", "pod", "container", ("kube-state-metrics",)),
    )
    kubelet = Names("namespace", "", "", ("kubelet",))
    cadvisor = Names("namespace", "pod", "container", ("kubelet",))
    return {
        "prometheus/buildinfo": Build("3.7.3", "prometheus"),
        "prometheus/labels": Labels(own_labels, cadvisor, kube, kubelet, grouped=False),
        "prometheus/rules": tuple(_rules()),
        "prometheus/alertmanagers": Alertmanagers(("10.21.47.12:9093",)),
        "prometheus/targets": tuple(
            ScrapeTarget(_JOB, NAMESPACE, pod, f"10.{20 + place}.11.{40 + place}:2112", "up")
            for place, pod in enumerate(PODS)
        ),
        "prometheus/up": tuple(Sample(1.0, pod, {"job": _JOB}) for pod in PODS),
        "prometheus/weaviate": weaviate(PODS, VERSION),
        "prometheus/history": history(PODS),
        "prometheus/usage": _usage(),
        "prometheus/volumes": _volumes(),
        "prometheus/nodes": _nodes(),
        "prometheus/traffic": _traffic(),
    }


def reads() -> tuple[Read, ...]:
    """The read records of the answers."""
    return tuple(Read(key, count=_count(answer)) for key, answer in answers().items())


def calls() -> tuple[Call, ...]:
    """The requests of a corresponding collection."""
    calls = [("GET", "/api/v1/status/buildinfo", 206)]
    calls += [("POST", "/api/v1/query", 1_400)] * 18 + [("POST", "/api/v1/query_range", 26_000)] * 7
    calls += [
        ("GET", f"/api/v1/{path}", size)
        for path, size in (("rules?type=alert", 4_100), ("alertmanagers", 120), ("targets?state=active", 61_000))
    ]
    return tuple(
        Call("prometheus", method, path, 200, round(0.01 + size / 8e5, 3), size) for method, path, size in calls
    )


def _count(answer: Any) -> int:
    for name in ("pod", "claim", "node", "tracks", "active"):
        if isinstance(found := getattr(answer, name, None), tuple | dict):
            return len(found)
    return len(answer) if isinstance(answer, tuple | dict) else 1


# --- containers -----------------------------------------------------------------------------------

_ROLLED = 69  # the hour of the window in which the pods were recreated
_KILLS = (149, 233)  # gap: weaviate-1 is OOM-killed, the second time on 16 November at 03:12


def _usage() -> Usage:
    cpu = tuple(_hourly(place, _cpu(place), 4) for place in range(3))
    rss = tuple(_hourly(10 + place, _rss(place), 5) for place in range(3))
    working = tuple(_hourly(20 + place, _working_set(place), 5) for place in range(3))
    heap = tuple(_hourly(30 + place, _heap(place), 5) for place in range(3))
    return Usage(
        end=_END,
        days=float(DAYS),
        namespace=(NAMESPACE,) * 3,
        pod=PODS,
        container=("weaviate",) * 3,
        cpu_p50=tuple(_percentile(series, 50, 0.94) for series in cpu),
        cpu_p95=tuple(_percentile(series, 95, 0.98) for series in cpu),
        cpu_max=tuple(map(_most, cpu)),
        throttled=(None,) * 3,  # without a CPU limit there are no CFS periods
        rss_p50=tuple(_percentile(series, 50, 0.995) for series in rss),
        rss_p95=tuple(_percentile(series, 95, 0.998) for series in rss),
        rss_max=tuple(map(_most, rss)),
        working_set_max=tuple(map(_most, working)),
        heap_max=tuple(map(_most, heap)),
        gomemlimit=(42 * GIB,) * 3,
        oom=(0.0, 2.0, 0.0),
        restarts=(0.0, 2.0, 0.0),
        samples=(40_296.0, 40_281.0, 40_296.0),
        hours=(float(HOURS),) * 3,
        grid=_GRID,
        series={"cpu": cpu, "rss": rss, "working_set": working, "heap": heap},
    )


def _hour_of_day(hour: int) -> float:
    return ((_GRID.start + hour * 3600) % 86_400) / 3600


def _daily(hour: int, peak: float = 13.0) -> float:
    """Load of an hour of the day, from 0 (quietest) to 1 (busiest)."""
    return (1 + math.cos((_hour_of_day(hour) - peak) / 12 * math.pi)) / 2


def _importing(hour: int) -> bool:
    """Whether the catalogue is being imported (02:00 to 04:00)."""
    return 2 <= _hour_of_day(hour) < 4


def _cpu(place: int) -> Callable[[int], float]:
    # gap: weaviate-1 answers most of the queries, because gRPC connections are not rebalanced
    base, swing, importing = ((0.7, 1.3, 1.1), (1.3, 3.2, 1.9), (0.5, 0.9, 1.0))[place]
    return lambda hour: base + swing * _daily(hour) + (importing if _importing(hour) else 0)


def _since_start(place: int, hour: int) -> int:
    starts = (0, _ROLLED, *(kill + 1 for kill in _KILLS if place == 1))
    return hour - max(start for start in starts if start <= hour)


def _rss(place: int) -> Callable[[int], float]:
    low, room, hours = ((21.0, 8.4, 60.0), (24.0, 21.0, 45.0), (19.0, 7.6, 60.0))[place]

    def value(hour: int) -> float:
        if place == 1 and hour in _KILLS:
            return 48 * GIB  # the hour of the OOM kill
        filled = low + room * (1 - math.exp(-_since_start(place, hour) / hours))
        return (filled + 0.6 * _daily(hour) + (1.4 if _importing(hour) else 0)) * GIB

    return value


def _working_set(place: int) -> Callable[[int], float]:
    pages, rss = (9.4, 2.6, 9.0)[place] * GIB, _rss(place)

    def value(hour: int) -> float:
        cached = pages * (1 - math.exp(-(_since_start(place, hour) + 1) / 12))
        return min(rss(hour) + cached, 48.4 * GIB)

    return value


def _heap(place: int) -> Callable[[int], float]:
    rss = _rss(place)
    return lambda hour: rss(hour) * 0.845


def _hourly(seed: int, value: Callable[[int], float], digits: int) -> Numbers:
    """336 hourly values with reproducible noise."""
    chance = random.Random(seed)
    return tuple(_rounded(value(hour) * (1 - 0.012 * chance.random()), digits) for hour in range(HOURS))


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _percentile(values: Numbers, percent: int, share: float) -> float:
    """A percentile of hourly peaks, reduced slightly because the samples are lower than their peaks."""
    ordered = sorted(value for value in values if value is not None)
    return _rounded(ordered[round(percent / 100 * (len(ordered) - 1))] * share, 5)


def _most(values: Numbers) -> float:
    return max(value for value in values if value is not None)


# --- volumes, nodes, traffic, rules ---------------------------------------------------------------

_CAPACITY = 393.5 * GIB  # usable bytes of a 400 GiB file system
_FILLED = ((258.6, 1.41), (244.2, 1.33), (238.9, 1.28))
"""Used GiB on the last day, and growth a day. Gap: the first reaches the warning threshold in about forty days."""


def _volumes() -> VolumeUsage:
    daily = []
    for place, (last, growth) in enumerate(_FILLED):
        chance = random.Random(40 + place)
        noise = [0.35 * (chance.random() - 0.5) for _ in range(DAYS - 1)] + [0.0]
        daily.append(tuple(_rounded((last - growth * (13 - day) + noise[day]) * GIB, 6) for day in range(DAYS)))
    return VolumeUsage(
        end=_END,
        namespace=(NAMESPACE,) * 3,
        claim=tuple(f"weaviate-data-{pod}" for pod in PODS),
        used=tuple(_rounded((last - 0.4) * GIB, 6) for last, _ in _FILLED),
        capacity=(_CAPACITY,) * 3,
        inodes=(26_214_400.0,) * 3,
        inodes_used=(183_204.0, 179_881.0, 176_410.0),
        grid=Grid(_END - (DAYS - 1) * 86_400, 86_400, DAYS),
        daily=tuple(daily),
    )


def _nodes() -> NodeUsage:
    rows: list[tuple[str, float, float, float, float, float]] = []
    for zone in range(len(ZONES)):
        hot = 1.9 if zone == 1 else 1.0
        rows.append((node_name(zone, 0), 1.5 * hot, 2.6 * hot, 3.3 * hot, 43.0 * GIB, 52.1 * GIB))
        rows.append((node_name(zone, 1), 1.1, 1.8, 2.4, 7.4 * GIB, 8.1 * GIB))
        rows.append((node_name(zone, 2), 0.7, 1.2, 1.6, 6.2 * GIB, 6.9 * GIB))
    names, *columns = zip(*sorted(rows), strict=True)
    p50, p95, most, memory, memory_most = columns
    return NodeUsage(_END, float(DAYS), names, p50, p95, most, memory, memory_most, (float(HOURS),) * len(rows))


def _traffic() -> Traffic:
    share, objects = (0.27, 0.55, 0.18), (8.31e6, 8.30e6, 8.30e6)

    def by_pod(seed: int, value: Callable[[int, int], float]) -> tuple[Track, ...]:
        return tuple(
            Track(pod, _hourly(seed + place, lambda hour, place=place: value(place, hour), 4))  # type: ignore[misc]
            for place, pod in enumerate(PODS)
        )

    def together(seed: int, value: Callable[[int], float]) -> tuple[Track, ...]:
        return (Track("", _hourly(seed, value, 3)),)

    held = tuple(
        Track(pod, tuple(_rounded(objects[place] - 31_000 * (HOURS - 1 - hour) / 24, 6) for hour in range(HOURS)))
        for place, pod in enumerate(PODS)
    )
    return Traffic(
        _GRID,
        {
            "http_p95": together(62, lambda hour: 0.042 + 0.03 * _daily(hour)),
            "objects": held,
            "processed": by_pod(50, lambda place, hour: 64.0 if _importing(hour) else 0.8),
            "queries": by_pod(53, lambda place, hour: (24 + 196 * _daily(hour)) * share[place]),
            "query_p95": together(61, lambda hour: 46 + 38 * _daily(hour) + (31 if _importing(hour) else 0)),
            "queue": together(60, lambda hour: 5_400 if _importing(hour) else 12),
        },
    )


def _rules() -> Iterator[Rule]:
    """The rules of the monitoring stack; gap: none of them concerns Weaviate."""
    for name, seconds in (
        ("KubePodCrashLooping", 900),
        ("KubeStatefulSetReplicasMismatch", 900),
        ("KubePersistentVolumeFillingUp", 60),
        ("TargetDown", 600),
    ):
        yield Rule(name, _QUERIES[name], "inactive", "ok", "warning", float(seconds), "kubernetes")


_QUERIES = {
    "KubePodCrashLooping": 'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])'
    " >= 1",
    "KubeStatefulSetReplicasMismatch": "kube_statefulset_status_replicas_ready != kube_statefulset_replicas",
    "KubePersistentVolumeFillingUp": "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes"
    " < 0.03",
    "TargetDown": "100 * (count(up == 0) by (job, namespace) / count(up) by (job, namespace)) > 10",
}
