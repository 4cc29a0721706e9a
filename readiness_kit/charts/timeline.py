"""Memory and CPU of the Weaviate containers over the days that Prometheus remembers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.panels import Mark, Panel, left_out, sheet
from readiness_kit.charts.style import LIMIT, QUIET, USAGE, WARN_TEXT
from readiness_kit.charts.units import GIB, cpu_text, memory_text, natural
from readiness_kit.labels import REASON_WORDS

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

MEMORY, CPU = "memory_over_time", "cpu_over_time"
NO_HISTORY = "no series of the Weaviate containers were found"


def memory_over_time(facts: ClusterFacts) -> Chart | NoChart:
    """RSS and working set of each Weaviate pod, with its limit, GOMEMLIMIT and the band from median to p95."""
    rows = _rows(facts, "rss_max")
    if isinstance(rows, str):
        return NoChart(MEMORY, "Memory over time", rows)
    rows = rows.assign(share=rows["rss_max"] / rows["memory_limit"])
    rows = _worst_first(rows, "share", "rss_max")
    panels = [_memory_panel(facts, row) for row in rows.to_dict("records")]
    title = _memory_title(rows)
    page = sheet(
        panels,
        memory_text,
        [
            ("thin", USAGE, "RSS"),
            ("thin", QUIET, "working set, with page cache"),
            ("box", "#cfe3f0", "median to p95 of RSS"),
        ],
    )
    table = pd.DataFrame(
        {
            "pod": rows["pod"],
            "RSS p50 (GiB)": rows["rss_p50"] / GIB,
            "RSS p95 (GiB)": rows["rss_p95"] / GIB,
            "RSS peak (GiB)": rows["rss_max"] / GIB,
            "working set peak (GiB)": rows["working_set_max"] / GIB,
            "Go heap peak (GiB)": rows["heap_max"] / GIB,
            "GOMEMLIMIT (GiB)": [value / GIB if math.isfinite(value) else math.nan for value in rows["gomemlimit"]],
            "limit (GiB)": rows["memory_limit"] / GIB,
            "OOM kills": rows["oom"],
            "samples": rows["samples"],
        }
    )
    return Chart(MEMORY, title, _alt(title, table), page.figure, table, _note(facts, rows, len(panels)))


def cpu_over_time(facts: ClusterFacts) -> Chart | NoChart:
    """CPU of each Weaviate pod, with request and limit, and the share of periods in which it was throttled."""
    rows = _rows(facts, "cpu_max")
    if isinstance(rows, str):
        return NoChart(CPU, "CPU over time", rows)
    bound = rows["cpu_limit"].fillna(rows["cpu_request"])
    rows = _worst_first(rows.assign(bound=bound, share=rows["cpu_p95"] / bound), "share", "cpu_p95")
    panels = [_cpu_panel(facts, row) for row in rows.to_dict("records")]
    title = _cpu_title(rows)
    page = sheet(panels, cpu_text, [("thin", USAGE, "cores used, the most of each hour")])
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
    return Chart(CPU, title, _alt(title, table), page.figure, table, _note(facts, rows, len(panels)))


def _rows(facts: ClusterFacts, figure: str) -> pd.DataFrame | str:
    """The Weaviate containers that have the figure, or why there are none."""
    if (reason := facts.history.missing("usage")) is not None:
        return f"Prometheus: {REASON_WORDS[reason]}"
    frame = facts.history.containers
    rows = frame[frame["weaviate"] & frame[figure].notna()]
    return rows if len(rows) else NO_HISTORY


def _worst_first(rows: pd.DataFrame, share: str, then: str) -> pd.DataFrame:
    """Highest share of the bound first, those without a bound after them by amount; names in their natural order."""
    order = sorted(
        rows.index,
        key=lambda row: (
            math.isnan(rows.at[row, share]),
            -rows.at[row, share] if not math.isnan(rows.at[row, share]) else -rows.at[row, then],
            natural(rows.at[row, "pod"]),
        ),
    )
    return rows.loc[order].reset_index(drop=True)


def _memory_panel(facts: ClusterFacts, row: dict[str, Any]) -> Panel:
    working = facts.history.series(row["pod"], "working_set")
    rss = facts.history.series(row["pod"], "rss")
    marks = []
    if math.isfinite(row["memory_limit"]):
        marks.append(Mark(row["memory_limit"], f"limit {memory_text(row['memory_limit'])}"))
    if math.isfinite(row["gomemlimit"]):
        marks.append(Mark(row["gomemlimit"], f"GOMEMLIMIT {memory_text(row['gomemlimit'])}", WARN_TEXT, dashed=True))
    marks.append(Mark(row["rss_max"], f"peak {memory_text(row['rss_max'])}", USAGE, dashed=True))
    remark = _percent(row["share"], "peak at {} of the limit", "no memory limit")
    if row["oom"] > 0:
        remark += f", {row['oom']:.0f} OOM {'kill' if row['oom'] == 1 else 'kills'}"
    band = (row["rss_p50"], row["rss_p95"]) if row["rss_p50"] == row["rss_p50"] else None
    return Panel(row["pod"], remark, ((*working, QUIET, 0.6), (*rss, USAGE, 1.1)), tuple(marks), band)


def _cpu_panel(facts: ClusterFacts, row: dict[str, Any]) -> Panel:
    marks = []
    if row["cpu_limit"] == row["cpu_request"]:
        marks.append(Mark(row["cpu_limit"], f"request = limit {cpu_text(row['cpu_limit'])}", LIMIT))
    else:
        if math.isfinite(row["cpu_limit"]):
            marks.append(Mark(row["cpu_limit"], f"limit {cpu_text(row['cpu_limit'])}", LIMIT))
        if math.isfinite(row["cpu_request"]):
            marks.append(Mark(row["cpu_request"], f"request {cpu_text(row['cpu_request'])}", WARN_TEXT))
    marks.append(Mark(row["cpu_p95"], f"p95 {cpu_text(row['cpu_p95'])}", USAGE, dashed=True))
    bound = "limit" if math.isfinite(row["cpu_limit"]) else "request"
    remark = _percent(row["share"], f"p95 at {{}} of the {bound}", "neither request nor limit")
    if row["throttled"] == row["throttled"]:
        remark += f", throttled in {row['throttled'] * 100:.0f} % of periods"
    return Panel(row["pod"], remark, ((*facts.history.series(row["pod"], "cpu"), USAGE, 1.0),), tuple(marks))


def _percent(share: float, said: str, otherwise: str) -> str:
    return said.format(f"{share * 100:.0f} %") if math.isfinite(share) else otherwise


def _memory_title(rows: pd.DataFrame) -> str:
    worst = rows.iloc[0]
    killed = rows[rows["oom"] > 0]["pod"].tolist()
    after = f", and {killed[0]} was killed for it" if killed else ""
    if math.isfinite(worst["share"]):
        return f"Memory peaked at {worst['share'] * 100:.0f} % of the limit on {worst['pod']}{after}"
    return f"Memory peaked at {memory_text(worst['rss_max'])} on {worst['pod']}, which has no limit{after}"


def _cpu_title(rows: pd.DataFrame) -> str:
    throttled = rows[rows["throttled"] > 0.25]
    if len(throttled):
        worst = throttled.sort_values("throttled", ascending=False).iloc[0]
        return f"{worst['pod']} was throttled in {worst['throttled'] * 100:.0f} % of its CPU periods"
    worst = rows.iloc[0]
    if math.isfinite(worst["share"]):
        bound = "limit" if math.isfinite(worst["cpu_limit"]) else "request"
        return f"The 95th percentile of CPU is {worst['share'] * 100:.0f} % of the {bound} on {worst['pod']}"
    return f"The 95th percentile of CPU is {cpu_text(worst['cpu_p95'])} cores on {worst['pod']}"


def _alt(title: str, table: pd.DataFrame) -> str:
    first = table.iloc[0]
    figures = ", ".join(f"{name} {value:.3g}" for name, value in first.items() if name != "pod" and value == value)
    return f"{title}. Worst: {first['pod']}, {figures}. The table has all {len(table)} pods."


def _note(facts: ClusterFacts, rows: pd.DataFrame, panels: int) -> str:
    usage = facts.history.usage
    few = rows[~rows["enough"]]
    days = rows["window_days"].max()
    text = f"{days:.0f} of {usage.days:.0f} days have samples; peaks are exact over every stored sample."
    if len(few):
        text += f" Not enough history to judge {len(few)} of {len(rows)} containers."
    return text + left_out(panels)
