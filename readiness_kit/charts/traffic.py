"""Queries and ingestion over time, from Weaviate's own metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.panels import Line, Mark, Panel, panel_figure
from readiness_kit.charts.style import REQUEST, USAGE
from readiness_kit.labels import REASON_WORDS

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "traffic", "Queries and ingestion"
TRACKS = (("queries", "Queries per second", USAGE), ("processed", "Objects written per second", REQUEST))


def traffic(facts: ClusterFacts) -> Chart | NoChart:
    """Queries and written objects per second over the window, summed over all pods."""
    if (reason := facts.history.missing("traffic")) is not None:
        return NoChart(NAME, SUBJECT, f"Prometheus: {REASON_WORDS[reason]}")
    tracks = [(label, color, *facts.history.traffic(name)) for name, label, color in TRACKS]
    tracks = [track for track in tracks if np.isfinite(track[3]).any()]
    if not tracks:
        return NoChart(NAME, SUBJECT, "Weaviate's metrics have neither queries nor batches")
    table = pd.DataFrame(
        [
            {
                "what": label,
                "median (1/s)": float(np.nanmedian(rates)),
                "p95 (1/s)": float(np.nanpercentile(rates, 95)),
                "peak (1/s)": float(np.nanmax(rates)),
                "hours with samples": int(np.isfinite(rates).sum()),
            }
            for label, _, _, rates in tracks
        ]
    )
    panels = []
    for (label, color, when, rates), row in zip(tracks, table.to_dict("records"), strict=True):
        median, peak = rate_text(row["median (1/s)"]), rate_text(row["peak (1/s)"])
        line = Line("", color, when, rates)
        panels.append(Panel(label, f"peak {peak}", (line,), (Mark(row["median (1/s)"], f"median {median}"),)))
    label, _, when, rates = tracks[0]
    title = _title(label, when, rates)
    alt = alt_text(title, table)
    return Chart(NAME, title, alt, panel_figure(panels), table, "Hourly averages, summed over all pods.")


def rate_text(rate: float) -> str:
    """`1,240`, `3.4`, `0.02`."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _title(label: str, when: np.ndarray, rates: np.ndarray) -> str:
    place = int(np.nanargmax(rates))
    peak, median = float(rates[place]), float(np.nanmedian(rates))
    if median > 0 and peak / median >= 1.5:
        hour = str(when[place])[11:13]
        return f"{label} peak at {rate_text(peak)} in the hour from {hour}:00 UTC, {peak / median:.1f} times the median"
    return f"{label} stay near {rate_text(median)}, with a peak of {rate_text(peak)}"
