"""Memory and CPU of the Weaviate containers over the days that Prometheus holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.panels import Event, Line, Mark, Panel, panel_figure, shown_of
from readiness_kit.charts.style import GOOD, QUIET, USAGE, WARN
from readiness_kit.charts.units import GIB, cpu_text, memory_text, natural
from readiness_kit.facts.analysis import sizing
from readiness_kit.labels import REASON_WORDS, count, percent

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

MEMORY, CPU = "memory_over_time", "cpu_over_time"
THROTTLED = 0.25
"""Share of throttled CPU periods from which throttling is the finding."""


def memory_over_time(facts: ClusterFacts) -> Chart | NoChart:
    """RSS and working set of each Weaviate pod, with request, limit, GOMEMLIMIT, OOM kills, and median to p95."""
    rows = _rows(facts, "rss_max")
    if isinstance(rows, str):
        return NoChart(MEMORY, "Memory over time", rows)
    rows = _worst_first(rows.assign(share=rows["rss_max"] / rows["memory_limit"]), "rss_max")
    panels = [_memory_panel(facts, row) for row in rows.to_dict("records")]
    figure = panel_figure(panels, " GiB", "median to p95 of RSS")
    table = pd.DataFrame(
        {
            "pod": rows["pod"],
            "RSS p50 (GiB)": rows["rss_p50"] / GIB,
            "RSS p95 (GiB)": rows["rss_p95"] / GIB,
            "RSS peak (GiB)": rows["rss_max"] / GIB,
            "working set peak (GiB)": rows["working_set_max"] / GIB,
            "Go heap peak (GiB)": rows["heap_max"] / GIB,
            "GOMEMLIMIT (GiB)": rows["gomemlimit"].replace(math.inf, math.nan) / GIB,
            "request (GiB)": rows["memory_request"] / GIB,
            "limit (GiB)": rows["memory_limit"] / GIB,
            "OOM kills": rows["oom"],
            "samples": rows["samples"],
        }
    )
    title = _memory_title(rows)
    return Chart(MEMORY, title, alt_text(title, table, 8, rows=1), figure, table, _note(facts, rows))


def cpu_over_time(facts: ClusterFacts) -> Chart | NoChart:
    """CPU of each Weaviate pod, with request and limit, and the share of periods in which it was throttled."""
    rows = _rows(facts, "cpu_max")
    if isinstance(rows, str):
        return NoChart(CPU, "CPU over time", rows)
    rows = rows.assign(bound=["limit" if math.isfinite(limit) else "request" for limit in rows["cpu_limit"]])
    share = rows["cpu_p95"] / rows["cpu_limit"].fillna(rows["cpu_request"])
    rows = _worst_first(rows.assign(share=share), "cpu_p95")
    panels = [_cpu_panel(facts, row) for row in rows.to_dict("records")]
    figure = panel_figure(panels)
    table = pd.DataFrame(
        {
            "pod": rows["pod"],
            "CPU p50 (cores)": rows["cpu_p50"],
            "CPU p95 (cores)": rows["cpu_p95"],
            "CPU peak (cores)": rows["cpu_max"],
            "request (cores)": rows["cpu_request"],
            "limit (cores)": rows["cpu_limit"],
            "throttled (%)": rows["throttled"] * 100,
            "samples": rows["samples"],
        }
    )
    title = _cpu_title(rows)
    return Chart(CPU, title, alt_text(title, table, 8, rows=1), figure, table, _note(facts, rows))


def _rows(facts: ClusterFacts, column: str) -> pd.DataFrame | str:
    """The Weaviate containers with a value in the column, or why there are none."""
    if (reason := facts.history.missing("usage")) is not None:
        return f"Prometheus: {REASON_WORDS[reason]}"
    frame = facts.history.containers
    rows = frame[frame["weaviate"] & frame[column].notna()]
    return rows if len(rows) else "no series of the Weaviate containers were found"


def _worst_first(rows: pd.DataFrame, amount: str) -> pd.DataFrame:
    """Highest `share` of the bound first, then highest amount; pods without a bound last; equals by name."""
    rows = rows.sort_values("pod", key=lambda names: names.map(natural), kind="stable")
    return rows.sort_values(["share", amount], ascending=False, na_position="last", ignore_index=True)


def _memory_panel(facts: ClusterFacts, row: dict[str, Any]) -> Panel:
    lines = (
        Line("working set, with page cache", QUIET, *_series(facts, row, "working_set", GIB), 0.6),
        Line("RSS", USAGE, *_series(facts, row, "rss", GIB)),
    )
    limit, request = row["memory_limit"], row["memory_request"]
    gomemlimit, peak = row["gomemlimit"], row["rss_max"]
    bounds = [Mark(limit / GIB, f"limit {memory_text(limit)}"), Mark(request / GIB, f"request {memory_text(request)}")]
    if limit == request:
        bounds = [Mark(limit / GIB, f"request = limit {memory_text(limit)}")]
    recommended = sizing.recommended(facts) * GIB
    if recommended > limit:
        bounds.append(Mark(recommended / GIB, f"recommended {memory_text(recommended)}", GOOD, dashed=True))
    marks = (
        *bounds,
        Mark(gomemlimit / GIB, f"GOMEMLIMIT {memory_text(gomemlimit)}", WARN, dashed=True),
        Mark(peak / GIB, f"peak {memory_text(peak)}", USAGE, dashed=True),
    )
    remark = f"peak at {percent(row['share'])} of the limit" if math.isfinite(row["share"]) else "no memory limit"
    if row["oom"] > 0:
        remark += f", {count(int(row['oom']), 'OOM kill')}"
    band = (row["rss_p50"] / GIB, row["rss_p95"] / GIB) if math.isfinite(row["rss_p50"]) else None
    return Panel(row["pod"], remark, lines, marks, band, events=tuple(_kills(facts, row, lines[-1].times)))


def _kills(facts: ClusterFacts, row: dict[str, Any], times: np.ndarray) -> Iterator[Event]:
    """The last OOM kill of a container, where its time is known and within the days that are drawn."""
    for pod in facts.weaviate.pods:
        for status in pod.status.container_statuses if pod.metadata.name == row["pod"] else ():
            ended = status.state.terminated or status.last_state.terminated
            killed = ended is not None and ended.reason == "OOMKilled" and status.name == row["container"]
            if not killed or ended is None or ended.finished_at is None or not len(times):
                continue
            at = np.datetime64(ended.finished_at.astimezone(UTC).replace(tzinfo=None))
            if times[0] <= at:
                yield Event(ended.finished_at, f"last OOM kill {ended.finished_at.day} {ended.finished_at:%b}")


def _series(facts: ClusterFacts, row: dict[str, Any], name: str, size: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    times, values = facts.history.series(row["pod"], name)
    return times, values / size


def _cpu_panel(facts: ClusterFacts, row: dict[str, Any]) -> Panel:
    limit, request = row["cpu_limit"], row["cpu_request"]
    p95 = Mark(row["cpu_p95"], f"p95 {cpu_text(row['cpu_p95'])}", USAGE, dashed=True)
    bounds = [Mark(limit, f"limit {cpu_text(limit)}"), Mark(request, f"request {cpu_text(request)}", WARN)]
    if limit == request:
        bounds = [Mark(limit, f"request = limit {cpu_text(limit)}")]
    known = math.isfinite(row["share"])
    remark = f"p95 at {percent(row['share'])} of the {row['bound']}" if known else "neither request nor limit"
    if row["throttled"] == row["throttled"]:
        remark += f", throttled in {percent(row['throttled'])} of periods"
    line = Line("cores used, maximum of each hour", USAGE, *_series(facts, row, "cpu"))
    return Panel(row["pod"], remark, (line,), (*bounds, p95))


def _memory_title(rows: pd.DataFrame) -> str:
    worst = rows.iloc[0]
    killed = rows[rows["oom"] > 0]["pod"].tolist()
    rest = f", and {killed[0]} was OOM-killed" if killed else ""
    if math.isfinite(worst["share"]):
        return f"Memory peaked at {percent(worst['share'])} of the limit on {worst['pod']}{rest}"
    return f"Memory peaked at {memory_text(worst['rss_max'])} on {worst['pod']}, which has no limit{rest}"


def _cpu_title(rows: pd.DataFrame) -> str:
    worst = rows.iloc[0]
    if (rows["throttled"] > THROTTLED).any():
        worst = rows.loc[rows["throttled"].idxmax()]
        return f"{worst['pod']} was throttled in {percent(worst['throttled'])} of its CPU periods"
    if math.isfinite(worst["share"]):
        return f"The 95th percentile of CPU is {percent(worst['share'])} of the {worst['bound']} on {worst['pod']}"
    return f"The 95th percentile of CPU is {cpu_text(worst['cpu_p95'])} cores on {worst['pod']}"


def _note(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    few = int((~rows["enough"]).sum())
    text = (
        f"Samples on {rows['window_days'].max():.0f} of {facts.history.usage.days:.0f} days;"
        " a peak is the maximum of all stored samples."
    )
    if few:
        text += f" Not enough history to assess {few} of {count(len(rows), 'container')}."
    return text + shown_of(len(rows))
