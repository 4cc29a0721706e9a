"""Sizing advice for Weaviate: a ratio, a reason, and the Helm values to use.

Advice compares measured usage with requests and limits, never absolute amounts; a history that is too short gives none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis import sizing

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts import ClusterFacts

GIB = 2.0**30
GOMEMLIMIT_LOW, GOMEMLIMIT_HIGH = sizing.GO_SHARES
WASTE, THROTTLED, CPU_HIGH, CPU_LOW = 0.30, 0.25, 0.80, 0.20
"""Kit defaults: peak memory over the limit, share of throttled periods, 95th percentile of CPU over the bound."""


class Advice(msgspec.Struct, frozen=True):
    """One piece of advice. `ratio` is usage over limit; `helm` is "" where no value has to change."""

    subject: str
    ratio: float
    reason: str
    helm: str = ""


def advice(facts: ClusterFacts) -> tuple[Advice, ...]:
    """The advice that the history supports, by descending ratio; empty where the history is too short."""
    history = facts.history
    if history.missing("usage") is not None:
        return ()
    frame = history.containers
    rows = frame[frame["weaviate"] & frame["current"] & frame["enough"]]
    if rows.empty:
        return ()
    found = [
        *_memory(rows, sizing.recommended(facts)),
        *_guarantee(rows, sizing.recommended(facts)),
        *_gomemlimit(rows, sizing.recommended(facts)),
        *_cpu(rows),
        *_disk(facts),
    ]
    return tuple(sorted(found, key=lambda item: -item.ratio if math.isfinite(item.ratio) else 1.0))


def _memory(rows: pd.DataFrame, target: int) -> list[Advice]:
    worst = rows.loc[rows["rss_max"].idxmax()]
    limit, peak, needed = worst["memory_limit"], worst["rss_max"], worst["memory_needed"]
    helm = f"resources:\n  requests:\n    memory: {target}Gi\n  limits:\n    memory: {target}Gi\n"
    reserve = f"{sizing.PAGE_CACHE_RESERVE * 100:.0f} %"
    if not math.isfinite(limit):
        reason = (
            f"{worst['pod']} has no memory limit. Set it to peak anonymous memory plus {reserve} for the page cache."
        )
        return [Advice("Memory limit", math.nan, reason, helm)]
    ratio = peak / limit
    if needed > limit:
        peaked = f"Anonymous memory peaked at {ratio * 100:.0f} % of the limit on {worst['pod']}"
        reason = f"{peaked}; this leaves less than {reserve} for the page cache."
        return [Advice("Memory limit", ratio, reason, helm)]
    if ratio < WASTE:
        reason = f"Peak memory is {ratio * 100:.0f} % of the limit; the remainder is unused."
        return [Advice("Memory limit", ratio, reason, helm)]
    return []


def _guarantee(rows: pd.DataFrame, target: int) -> list[Advice]:
    short = rows[rows["memory_request"].fillna(0) < rows["memory_limit"]]
    if short.empty:
        return []
    worst = short.iloc[0]
    ratio = worst["memory_request"] / worst["memory_limit"] if worst.notna()["memory_request"] else 0.0
    limit = f"{max(worst['memory_limit'] / GIB, target):.0f}Gi"
    reason = "The request is lower than the limit: under node memory pressure the pod is among the first to be evicted."
    return [Advice("Memory request", 1 - ratio, reason, f"resources:\n  requests:\n    memory: {limit}\n")]


def _gomemlimit(rows: pd.DataFrame, target: int) -> list[Advice]:
    worst = rows.iloc[0]
    limit, go = worst["memory_limit"], worst["gomemlimit"]
    if not math.isfinite(limit):
        return []
    helm = f"env:\n  GOMEMLIMIT: {sizing.go_limit(max(limit, target * GIB))}\n"
    if go == math.inf:
        reason = "GOMEMLIMIT is not set: Weaviate's safeguards against running out of memory do not take effect."
        return [Advice("GOMEMLIMIT", 1.0, reason, helm)]
    ratio = go / limit
    if ratio != ratio or GOMEMLIMIT_LOW <= ratio <= GOMEMLIMIT_HIGH:
        return []
    reason = f"GOMEMLIMIT is {ratio * 100:.0f} % of the memory limit; 80 to 90 % is recommended."
    return [Advice("GOMEMLIMIT", ratio, reason, helm)]


def _cpu(rows: pd.DataFrame) -> list[Advice]:
    bound = rows["cpu_limit"].fillna(rows["cpu_request"])
    share = rows["cpu_p95"] / bound
    throttled = rows["throttled"].max()
    worst = rows.loc[share.idxmax()] if share.notna().any() else rows.loc[rows["cpu_p95"].idxmax()]
    cores = sizing.cpu_request(float(worst["cpu_p95"]))
    helm = f'resources:\n  requests:\n    cpu: "{cores:g}"\n'
    if throttled == throttled and throttled > THROTTLED:
        reason = f"CPU was throttled in {throttled * 100:.0f} % of periods: raise or remove the CPU limit."
        return [Advice("CPU limit", throttled, reason, helm)]
    ratio = share.max()
    if ratio != ratio:
        return [Advice("CPU request", math.nan, "No CPU request is set: the scheduler reserves no CPU.", helm)]
    reason = f"The 95th percentile of CPU usage is {ratio * 100:.0f} % of the reserved CPU"
    if ratio > CPU_HIGH:
        return [Advice("CPU request", ratio, f"{reason}.", helm)]
    if ratio < CPU_LOW:
        return [Advice("CPU request", ratio, f"{reason}; most of it is unused.", helm)]
    return []


def _disk(facts: ClusterFacts) -> list[Advice]:
    if facts.history.missing("volumes") is not None:
        return []
    volumes = facts.history.volumes
    rows = volumes[volumes["weaviate"] & volumes["enough"] & volumes["readonly"].notna()]
    soon = rows[rows["readonly"] < 30]
    if soon.empty:
        return []
    worst = soon.sort_values("readonly").iloc[0]
    reason = (
        f"{worst['claim']} reaches the read-only threshold in about {worst['readonly']:.0f} days. Resize the claims:"
        " the chart's storage.size cannot be changed on an existing StatefulSet."
    )
    return [Advice("Volumes", float(worst["used_share"]), reason)]
