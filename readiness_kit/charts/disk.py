"""Disk: what is used, how it grows, and when it reaches the marks at which Weaviate warns and stops writing."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.panels import Mark, Panel, left_out, sheet
from readiness_kit.charts.style import BAD, USAGE, WARN_TEXT
from readiness_kit.charts.units import GIB, memory_text, natural
from readiness_kit.labels import REASON_WORDS

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "disk_projection", "Disk used and projected"
HORIZON = 60
"""Days ahead that are drawn: beyond them the range says more about the method than about the disk."""


def disk_projection(facts: ClusterFacts) -> Chart | NoChart:
    """Used bytes of each Weaviate volume, and the range in which they will lie if the last two weeks go on."""
    if (reason := facts.history.missing("volumes")) is not None:
        return NoChart(NAME, SUBJECT, f"Prometheus: {REASON_WORDS[reason]}")
    volumes = facts.history.volumes
    rows = volumes[volumes["weaviate"] & volumes["used"].notna()]
    if rows.empty:
        return NoChart(NAME, SUBJECT, "no kubelet series of the Weaviate volumes were found")
    rows = _soonest_first(rows)
    panels = [_panel(facts, row) for row in rows.to_dict("records")]
    title = _title(facts, rows)
    page = sheet(panels, memory_text, [("thin", USAGE, "used, p90 of each day"), ("box", "#cfe3f0", "projected range")])
    table = _table(rows)
    return Chart(NAME, title, _alt(title, table), page.figure, table, _note(rows, len(panels)))


def _soonest_first(rows: pd.DataFrame) -> pd.DataFrame:
    far = rows["readonly"].fillna(math.inf)
    order = sorted(
        rows.index, key=lambda row: (far.at[row], -rows.at[row, "used_share"], natural(rows.at[row, "claim"]))
    )
    return rows.loc[order].reset_index(drop=True)


def _panel(facts: ClusterFacts, row: dict[str, Any]) -> Panel:
    warning, readonly = facts.history.marks
    when, used = facts.history.volume_series(row["claim"])
    marks = (
        Mark(row["capacity"], f"capacity {memory_text(row['capacity'])}"),
        Mark(readonly * row["capacity"], f"read-only at {readonly * 100:.0f} %", BAD),
        Mark(warning * row["capacity"], f"warning at {warning * 100:.0f} %", WARN_TEXT, dashed=True),
    )
    remark = f"{row['used_share'] * 100:.0f} % used, {days_text(row, 'readonly')}"
    return Panel(row["claim"], remark, ((when, used, USAGE, 1.3),), marks, None, _cone(row, when, used))


def _cone(
    row: dict[str, Any], when: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    there = used[~np.isnan(used)]
    if not row["enough"] or not len(there):
        return None
    ahead = np.arange(HORIZON + 1)
    last = when[~np.isnan(used)][-1]
    low, middle, high = (
        np.clip(there[-1] + row[slope] * ahead, 0, row["capacity"]) for slope in ("slope_low", "slope", "slope_high")
    )
    return last + ahead * np.timedelta64(1, "D"), low, middle, high


def days_text(row: dict[str, Any], mark: str) -> str:
    """`read-only in 42 days (35 to 51)`, `not read-only in sight`, `not enough history`."""
    word = "read-only" if mark == "readonly" else "warning"
    soon, middle, late = (row[f"{mark}{end}"] for end in ("_low", "", "_high"))
    if not row["enough"]:
        return "not enough history to project"
    if middle == 0:
        return f"{word} mark reached"
    if not math.isfinite(middle):
        return f"{word} not in sight"
    until = f"{late:.0f}" if math.isfinite(late) else "never"
    return f"{word} in about {middle:.0f} days ({soon:.0f} to {until})"


def _title(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    worst = rows.iloc[0].to_dict()
    _, readonly = facts.history.marks
    if not worst["enough"]:
        fullest = rows.sort_values("used_share", ascending=False).iloc[0]
        return f"{fullest['claim']} is {fullest['used_share'] * 100:.0f} % full; there is not enough history to project"
    if worst["readonly"] == 0:
        return f"{worst['claim']} has reached {readonly * 100:.0f} %, where Weaviate stops writing"
    if not math.isfinite(worst["readonly"]):
        return f"No volume comes near {readonly * 100:.0f} % at the present growth"
    day = facts.as_of + timedelta(days=worst["readonly"])
    return f"{worst['claim']} reaches {readonly * 100:.0f} %, where Weaviate stops writing, about {day:%-d %B %Y}"


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "claim": rows["claim"],
            "used (GiB)": rows["used"] / GIB,
            "capacity (GiB)": rows["capacity"] / GIB,
            "used (%)": rows["used_share"] * 100,
            "growth (GiB a day)": rows["slope"] / GIB,
            "days to warning": rows["warning"].replace(math.inf, math.nan),
            "days to read-only": rows["readonly"].replace(math.inf, math.nan),
            "soonest": rows["readonly_low"].replace(math.inf, math.nan),
            "latest": rows["readonly_high"].replace(math.inf, math.nan),
            "inodes free (%)": rows["inodes_free_share"] * 100,
            "days of history": rows["window_days"],
        }
    )


def _alt(title: str, table: pd.DataFrame) -> str:
    lines = [
        f"{row['claim']}: {row['used (%)']:.0f} % of {row['capacity (GiB)']:.0f} GiB used"
        for row in table.head(5).to_dict("records")
    ]
    return f"{title}. {'; '.join(lines)}. The table has all {len(table)} volumes."


def _note(rows: pd.DataFrame, panels: int) -> str:
    days = rows["window_days"].max()
    return (
        f"{days:.0f} days of history; slope by Theil and Sen over the 90th percentile of each day, anchored on the last"
        f" day, with its 90 % interval.{left_out(panels)}"
    )
