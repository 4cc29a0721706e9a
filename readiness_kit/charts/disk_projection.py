"""Disk usage, its growth, and when it reaches the thresholds at which Weaviate warns and becomes read-only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.panels import Event, Line, Mark, Panel, panel_figure, shown_of
from readiness_kit.charts.style import BAD, USAGE, WARN
from readiness_kit.charts.units import GIB, memory_text, natural
from readiness_kit.labels import REASON_WORDS, percent

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "disk_projection", "Disk used and projected"
HORIZON = 60
"""Days ahead that are drawn at least; the chart reaches past the crossing that its title names."""
PAST_CROSSING = 1.15


def disk_projection(facts: ClusterFacts) -> Chart | NoChart:
    """Used bytes of each Weaviate volume, and their projected range if the growth of the last two weeks continues."""
    if (reason := facts.history.missing("volumes")) is not None:
        return NoChart(NAME, SUBJECT, f"Prometheus: {REASON_WORDS[reason]}")
    volumes = facts.history.volumes
    rows = volumes[volumes["weaviate"] & volumes["used"].notna()]
    if rows.empty:
        return NoChart(NAME, SUBJECT, "no kubelet series of the Weaviate volumes were found")
    rows = rows.sort_values("claim", key=lambda names: names.map(natural), kind="stable")
    rows = rows.assign(soonest=rows["readonly"].fillna(math.inf)).sort_values(
        ["soonest", "used_share"], ascending=[True, False], kind="stable", ignore_index=True
    )
    days = horizon(rows)
    panels = [_panel(facts, row, days) for row in rows.to_dict("records")]
    figure = panel_figure(panels, " GiB", "projected range")
    title, table = _title(facts, rows), _table(rows)
    return Chart(NAME, title, alt_text(title, table), figure, table, _note(rows))


def horizon(rows: pd.DataFrame) -> float:
    """Days ahead to draw: HORIZON, or more so that the first crossing is within the picture."""
    soonest = rows["soonest"].min()
    return max(HORIZON, math.ceil(soonest * PAST_CROSSING)) if math.isfinite(soonest) else HORIZON


def _panel(facts: ClusterFacts, row: dict[str, Any], days: float) -> Panel:
    warning, readonly = facts.history.marks
    times, used = facts.history.volume_series(row["claim"])
    capacity = row["capacity"] / GIB
    marks = (
        Mark(capacity, f"capacity {memory_text(row['capacity'])}"),
        Mark(readonly * capacity, f"read-only at {percent(readonly)}", BAD),
        Mark(warning * capacity, f"warning at {percent(warning)}", WARN, dashed=True),
    )
    remark = f"{percent(row['used_share'])} used, {_days_text(row)}"
    line = Line("used, p90 of each day", USAGE, times, used / GIB, 1.3)
    projection = _projection(row, times, used / GIB, days)
    return Panel(row["claim"], remark, (line,), marks, None, projection, tuple(_crossing(facts, row, days)))


def _crossing(facts: ClusterFacts, row: dict[str, Any], days: float) -> Iterator[Event]:
    """The day on which the volume becomes read-only, as projected."""
    if row["enough"] and 0 < row["readonly"] <= days:
        at = facts.as_of + timedelta(days=row["readonly"])
        yield Event(at, f"{at.day} {at:%b}")


def _projection(
    row: dict[str, Any], times: np.ndarray, used: np.ndarray, days: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """Straight lines from the last day, bent where they reach an empty or a full disk; amounts in GiB."""
    known = ~np.isnan(used)
    if not row["enough"] or not known.any():
        return None
    last, capacity = used[known][-1], row["capacity"] / GIB
    slopes = [row[slope] / GIB for slope in ("slope_low", "slope", "slope_high")]
    bends = [(end - last) / slope for end in (0, capacity) for slope in slopes if slope]
    ahead = np.unique([0, days, *(day for day in bends if 0 < day < days)])
    low, middle, high = (np.clip(last + slope * ahead, 0, capacity) for slope in slopes)
    return times[known][-1] + (ahead * 86_400).astype("timedelta64[s]"), low, middle, high


def _days_text(row: dict[str, Any]) -> str:
    """`read-only in about 42 days (35 to 51)`, or why there is no such number."""
    if not row["enough"]:
        return "not enough history to project"
    if row["readonly"] == 0:
        return "read-only threshold reached"
    if not math.isfinite(row["readonly"]):
        return "not projected to become read-only"
    latest = f"{row['readonly_high']:.0f}" if math.isfinite(row["readonly_high"]) else "never"
    return f"read-only in about {row['readonly']:.0f} days ({row['readonly_low']:.0f} to {latest})"


def _title(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    worst = rows.iloc[0].to_dict()
    readonly = percent(facts.history.marks[1])
    if not worst["enough"]:
        fullest = rows.loc[rows["used_share"].idxmax()]
        return f"{fullest['claim']} is {percent(fullest['used_share'])} full; there is not enough history to project"
    if worst["readonly"] == 0:
        return f"{worst['claim']} has reached {readonly}, where Weaviate becomes read-only"
    if not math.isfinite(worst["readonly"]):
        return f"No volume is projected to reach {readonly} at its current growth"
    day = facts.as_of + timedelta(days=worst["readonly"])
    return f"{worst['claim']} will reach {readonly}, where Weaviate becomes read-only, about {day.day} {day:%B %Y}"


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    days = rows[["warning", "readonly", "readonly_low", "readonly_high"]].replace(math.inf, math.nan)
    return pd.DataFrame(
        {
            "claim": rows["claim"],
            "used (GiB)": rows["used"] / GIB,
            "capacity (GiB)": rows["capacity"] / GIB,
            "used (%)": rows["used_share"] * 100,
            "growth (GiB per day)": rows["slope"] / GIB,
            "days to warning": days["warning"],
            "days to read-only": days["readonly"],
            "earliest": days["readonly_low"],
            "latest": days["readonly_high"],
            "inodes free (%)": rows["inodes_free_share"] * 100,
            "days of history": rows["window_days"],
        }
    )


def _note(rows: pd.DataFrame) -> str:
    return (
        f"{rows['window_days'].max():.0f} days of history; Theil–Sen slope over the daily 90th percentile, anchored on"
        f" the last day, with its 90 % interval.{shown_of(len(rows))}"
    )
