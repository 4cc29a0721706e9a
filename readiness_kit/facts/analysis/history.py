"""Usage history from Prometheus as frames: `facts.history`.

    history.missing("usage")              why it is unknown, or None ("usage" and "prometheus/usage" are the same)
    history.containers                    one row a container; `enough` where the history suffices for a judgement
    history.series("weaviate-0", "rss")   (times, values), the maximum of each hour
    history.volumes                       one row a claim, with the trend and the days until both thresholds
    history.scalar("raft_lag")            a float; None, not zero, where there is no such series

A missing series is "not assessed", never a pass. Frames always have all columns, also when empty.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from readiness_kit.facts.analysis import sizing, trends
from readiness_kit.kinds.prometheus import (
    TRAFFIC,
    Alertmanagers,
    Build,
    Grid,
    Labels,
    NodeUsage,
    Numbers,
    Rule,
    Sample,
    Samples,
    ScrapeTarget,
    Traffic,
    Usage,
    VolumeUsage,
)
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

T = TypeVar("T")
Times = np.ndarray
"""datetime64[s], in UTC."""

WARNING_PERCENTAGE, READONLY_PERCENTAGE = 80.0, 90.0
"""Weaviate's defaults of DISK_USE_WARNING_PERCENTAGE and DISK_USE_READONLY_PERCENTAGE."""
_FIGURES = (
    "cpu_p50 cpu_p95 cpu_max throttled rss_p50 rss_p95 rss_max working_set_max heap_max gomemlimit oom restarts samples"
).split()
_RESOURCES = ("cpu_request", "cpu_limit", "memory_request", "memory_limit", "weaviate")


class History:
    """The answers of `prometheus/…` in a snapshot; empty where none was read, so check `missing` first."""

    def __init__(self, facts: ClusterFacts) -> None:
        self._facts = facts

    def missing(self, key: str) -> Reason | None:
        """Why an answer (`usage`, `volumes`, `rules` …) is not completely known; None where it is."""
        return self._facts.missing(key if "/" in key else f"prometheus/{key}")

    def _answer(self, key: str, empty: T) -> T:
        found: T | None = self._facts.snapshot.answer(f"prometheus/{key}")
        return empty if found is None else found

    # --- the server -----------------------------------------------------------------------------

    @property
    def build(self) -> Build:
        """Version and build of the server."""
        return self._answer("buildinfo", Build())

    @property
    def labels(self) -> Labels:
        """The result of the label discovery; empty `Names` for a family that is not scraped."""
        return self._answer("labels", Labels())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The alerting rules of the whole server."""
        return self._answer("rules", ())

    @property
    def alertmanagers(self) -> Alertmanagers:
        """The Alertmanagers that the server sends alerts to."""
        return self._answer("alertmanagers", Alertmanagers())

    @property
    def targets(self) -> tuple[ScrapeTarget, ...]:
        """The scrape targets in Weaviate's namespace."""
        return self._answer("targets", ())

    @cached_property
    def targets_up(self) -> dict[str, bool]:
        """Pod of Weaviate -> whether its last scrape succeeded; pods that are not scraped have no entry."""
        up: dict[str, bool] = {}
        samples: tuple[Sample, ...] = self._answer("up", ())
        for sample in samples:
            up[sample.pod] = up.get(sample.pod, False) or sample.value == 1
        return up

    # --- single values --------------------------------------------------------------------------

    @cached_property
    def weaviate(self) -> Samples:
        """Name (of `kinds.prometheus.SCALARS`) -> samples. A missing name was not read; an empty tuple: no series."""
        now: Samples = self._answer("weaviate", {})
        past: Samples = self._answer("history", {})
        return {**now, **past}

    def samples(self, name: str) -> tuple[Sample, ...]:
        """The samples of a name; empty means unknown, never zero."""
        return self.weaviate.get(name, ())

    def scalar(self, name: str, pod: str = "", **labels: str) -> float | None:
        """The value of a name (for a pod, with these labels), or the sum of several; None where unknown."""
        matching = [
            sample.value
            for sample in self.samples(name)
            if (not pod or sample.pod == pod) and all(sample.labels.get(key) == value for key, value in labels.items())
        ]
        return float(sum(matching)) if matching else None

    # --- containers -----------------------------------------------------------------------------

    @property
    def usage(self) -> Usage:
        """The raw columns and series behind `containers` and `series`."""
        return self._answer("usage", Usage())

    @cached_property
    def containers(self) -> pd.DataFrame:
        """One row a container of Weaviate's namespace with samples in the window, deleted pods included.

        namespace, pod, container; cpu_p50, cpu_p95, cpu_max (cores; five-minute averages); throttled (share of periods,
        0 to 1; NaN without a series, as for containers without a CPU limit); rss_p50, rss_p95, rss_max,
        working_set_max, heap_max (bytes; peaks over every sample); gomemlimit (bytes; inf: no limit, NaN: unknown);
        oom, restarts (counts); samples; window_days: days with samples; enough: sufficient for a judgement;
        memory_needed: rss_max plus a reserve; current: the pod exists now; cpu_request, cpu_limit, memory_request,
        memory_limit, weaviate: as in `facts.containers`, NaN and False for deleted pods.
        """
        answer = self.usage
        columns: dict[str, Any] = {
            "namespace": pd.Series(answer.namespace, dtype="object"),
            "pod": pd.Series(answer.pod, dtype="object"),
            "container": pd.Series(answer.container, dtype="object"),
        }
        columns |= {name: _column(getattr(answer, name), len(answer.pod)) for name in _FIGURES}
        frame = pd.DataFrame(columns)
        frame.loc[frame["gomemlimit"] >= trends.NO_LIMIT, "gomemlimit"] = math.inf
        frame["window_days"] = _column(answer.hours, len(answer.pod)) / 24
        frame["enough"] = [
            trends.enough(days, samples) for days, samples in zip(frame["window_days"], frame["samples"], strict=True)
        ]
        frame["enough"] = frame["enough"].astype(bool)
        frame["memory_needed"] = sizing.memory_needed(frame["rss_max"])
        return self._with_resources(frame)

    def _with_resources(self, frame: pd.DataFrame) -> pd.DataFrame:
        keys = ["namespace", "pod", "container"]
        current = self._facts.containers
        current = current[~current["init"]].drop_duplicates(keys)[[*keys, *_RESOURCES]].assign(current=True)
        if (frame["container"] == "").any():
            current = pd.concat([current, _whole_pods(current)])
        joined = frame.merge(current, how="left", on=keys)
        for flag in ("weaviate", "current"):
            joined[flag] = joined[flag].eq(True)
        return joined

    def series(self, pod: str, metric: str, container: str = "") -> tuple[Times, np.ndarray]:
        """Times and values of one container: the maximum of each hour, NaN for an hour without samples.

        metric: cpu (cores), rss, working_set or heap (bytes). Without `container`: the Weaviate server, or the first
        container of the pod. Two empty arrays where there is no series. Raises KeyError for an unknown metric.
        """
        if metric not in ("cpu", "rss", "working_set", "heap"):
            raise KeyError(metric)
        answer = self.usage
        rows = [row for row, name in enumerate(answer.pod) if name == pod]
        selected = container or self._facts.weaviate.container.name
        row = next(
            (row for row in rows if answer.container[row] == selected), rows[0] if rows and not container else -1
        )
        arrays = answer.series.get(metric, ())
        if row < 0 or row >= len(arrays) or not arrays[row]:
            return _times(Grid()), np.array([], float)
        return _times(answer.grid), _array(arrays[row])

    # --- volumes --------------------------------------------------------------------------------

    @property
    def volume_usage(self) -> VolumeUsage:
        """The raw columns behind `volumes`."""
        return self._answer("volumes", VolumeUsage())

    @cached_property
    def marks(self) -> tuple[float, float]:
        """The configured shares (0 to 1) of a volume at which Weaviate warns and becomes read-only."""
        return (
            self._percentage("DISK_USE_WARNING_PERCENTAGE", WARNING_PERCENTAGE),
            self._percentage("DISK_USE_READONLY_PERCENTAGE", READONLY_PERCENTAGE),
        )

    def _percentage(self, name: str, default: float) -> float:
        variable = self._facts.weaviate.env(name)
        try:
            return float(variable.value) / 100 if variable.state == "literal" else default / 100
        except ValueError:
            return default / 100

    @cached_property
    def volumes(self) -> pd.DataFrame:
        """One row a claim of Weaviate's namespace.

        namespace, claim; used, capacity (bytes, now; Weaviate calculates from the free space, which gives a few percent
        more); used_share (0 to 1); slope_low, slope, slope_high (bytes a day); warning_low, warning, warning_high and
        readonly_low, readonly, readonly_high: days until the configured thresholds, soonest first (0: reached, inf: not
        within ten years); inodes_free_share; window_days: days with samples; enough; weaviate: a claim of its pods.
        Trend and days are NaN where not `enough`.
        """
        answer = self.volume_usage
        days = np.arange(answer.grid.count, dtype=float) * answer.grid.step / trends.DAY
        weaviate_claims = {
            (self._facts.weaviate.namespace, claim.metadata.name) for claim in self._facts.weaviate.claims
        }
        rows = []
        for row, key in enumerate(zip(answer.namespace, answer.claim, strict=True)):
            daily = _array(answer.daily[row]) if row < len(answer.daily) else np.array([], float)
            rows.append({**self._volume(answer, row, days[: len(daily)], daily), "weaviate": key in weaviate_claims})
        frame = pd.DataFrame(rows, columns=_VOLUME_COLUMNS)
        types = {"namespace": "object", "claim": "object", "enough": bool, "weaviate": bool}
        return frame.astype({name: types.get(name, float) for name in _VOLUME_COLUMNS})

    def _volume(self, answer: VolumeUsage, row: int, days: np.ndarray, daily: np.ndarray) -> dict[str, Any]:
        used, capacity = _at(answer.used, row), _at(answer.capacity, row)
        inodes, inodes_used = _at(answer.inodes, row), _at(answer.inodes_used, row)
        valid = daily[~np.isnan(daily)]
        enough = trends.enough(float(len(valid)))
        growth = trends.slope(days, daily) if enough else trends.UNKNOWN
        last = float(valid[-1]) if len(valid) else math.nan
        warning, readonly = (trends.days_to(mark * capacity, last, growth) for mark in self.marks)
        return {
            "namespace": answer.namespace[row],
            "claim": answer.claim[row],
            "used": used,
            "capacity": capacity,
            "used_share": used / capacity if capacity else math.nan,
            **dict(zip(("slope_low", "slope", "slope_high"), growth, strict=True)),
            **dict(zip(("warning_low", "warning", "warning_high"), warning, strict=True)),
            **dict(zip(("readonly_low", "readonly", "readonly_high"), readonly, strict=True)),
            "inodes_free_share": 1 - inodes_used / inodes if inodes else math.nan,
            "window_days": float(len(valid)),
            "enough": enough,
        }

    def volume_series(self, claim: str) -> tuple[Times, np.ndarray]:
        """Days and the 90th percentile of used bytes on each; two empty arrays where there is no series."""
        answer = self.volume_usage
        row = answer.claim.index(claim) if claim in answer.claim else -1
        if row < 0 or row >= len(answer.daily) or not answer.daily[row]:
            return _times(Grid()), np.array([], float)
        return _times(answer.grid), _array(answer.daily[row])

    # --- nodes and traffic ----------------------------------------------------------------------

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """The rows of `facts.nodes` with their measured usage.

        Further columns: cpu_p50, cpu_p95, cpu_max (cores, hourly averages), memory_p95, memory_max
        (bytes of working set), window_days, and cpu_requested, memory_requested (of the current pods).
        """
        answer = self._answer("nodes", NodeUsage())
        names = ("cpu_p50", "cpu_p95", "cpu_max", "memory_p95", "memory_max")
        measured = pd.DataFrame(
            {
                "name": pd.Series(answer.node, dtype="object"),
                **{name: _column(getattr(answer, name), len(answer.node)) for name in names},
                "window_days": _column(answer.hours, len(answer.node)) / 24,
            }
        )
        containers = self._facts.containers
        running = containers[~containers["init"] & (containers["node"] != "")]
        requested = running.groupby("node")[["cpu_request", "memory_request"]].sum()
        requested.columns = pd.Index(["cpu_requested", "memory_requested"])
        frame = self._facts.nodes.merge(measured, how="left", on="name")
        return frame.merge(requested, how="left", left_on="name", right_index=True)

    def traffic(self, name: str, pod: str | None = None) -> tuple[Times, np.ndarray]:
        """Times and values of a track (of `kinds.prometheus.TRAFFIC`) for one pod, or the sum over all pods.

        Two empty arrays where there is no series. Raises KeyError for an unknown track.
        """
        if name not in TRAFFIC:
            raise KeyError(name)
        answer = self._answer("traffic", Traffic())
        found = [_array(track.values) for track in answer.tracks.get(name, ()) if pod is None or track.pod == pod]
        if not found:
            return _times(Grid()), np.array([], float)
        table = np.vstack(found)
        summed = np.where(np.isnan(table).all(axis=0), np.nan, np.nansum(table, axis=0))
        return _times(answer.grid), summed


def _whole_pods(containers: pd.DataFrame) -> pd.DataFrame:
    """One row a pod, for servers whose series name no containers; without a limit where a container has none."""
    grouped = containers.groupby(["namespace", "pod"], as_index=False)
    sums = grouped[list(_RESOURCES[:-1])].agg(lambda column: column.sum(skipna=False))
    flags = grouped[["weaviate", "current"]].any()
    return sums.merge(flags, on=["namespace", "pod"]).assign(container="")


_VOLUME_COLUMNS = (
    "namespace claim used capacity used_share slope_low slope slope_high warning_low warning warning_high readonly_low"
    " readonly readonly_high inodes_free_share window_days enough weaviate"
).split()


def _array(values: Numbers) -> np.ndarray:
    return np.array([math.nan if value is None else value for value in values], float)


def _column(values: Numbers, length: int) -> pd.Series:
    """A column of floats; all NaN where it was not read."""
    return pd.Series(_array(values) if values else np.full(length, math.nan), dtype="float64")


def _at(values: Numbers, row: int) -> float:
    value = values[row] if row < len(values) else None
    return math.nan if value is None else value


def _times(grid: Grid) -> Times:
    return (grid.start + grid.step * np.arange(grid.count)).astype("datetime64[s]")
