"""What Weaviate was asked to do: queries, and objects that came in, where its own metrics tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.panels import Mark, Panel, sheet
from readiness_kit.charts.style import REQUEST, USAGE
from readiness_kit.labels import REASON_WORDS

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "traffic", "Queries and ingestion"
TRACKS = (("queries", "Queries a second", USAGE), ("processed", "Objects written a second", REQUEST))


def traffic(facts: ClusterFacts) -> Chart | NoChart:
    """Queries and written objects a second over the window, all pods together."""
    if (reason := facts.history.missing("traffic")) is not None:
        return NoChart(NAME, SUBJECT, f"Prometheus: {REASON_WORDS[reason]}")
    found = {name: facts.history.traffic(name) for name, _, _ in TRACKS}
    there = [(name, word, color) for name, word, color in TRACKS if np.isfinite(found[name][1]).any()]
    if not there:
        return NoChart(NAME, SUBJECT, "Weaviate's metrics have neither queries nor batches")
    panels = []
    for name, word, color in there:
        when, values = found[name]
        peak = float(np.nanmax(values))
        middle = float(np.nanmedian(values))
        label = f"median {rate_text(middle)}"
        panels.append(Panel(word, f"peak {rate_text(peak)}", ((when, values, color, 1.0),), (Mark(middle, label),)))
    title = _title(found[there[0][0]], there[0][1])
    page = sheet(panels, rate_text, [("thin", color, word.lower()) for _, word, color in there])
    table = pd.DataFrame(
        {
            "what": [word for _, word, _ in there],
            "median (1/s)": [float(np.nanmedian(found[name][1])) for name, _, _ in there],
            "p95 (1/s)": [float(np.nanpercentile(found[name][1], 95)) for name, _, _ in there],
            "peak (1/s)": [float(np.nanmax(found[name][1])) for name, _, _ in there],
            "hours with samples": [int(np.isfinite(found[name][1]).sum()) for name, _, _ in there],
        }
    )
    alt = ". ".join(
        [
            title,
            *(
                f"{row['what']}: median {row['median (1/s)']:.3g}, peak {row['peak (1/s)']:.3g}"
                for row in table.to_dict("records")
            ),
        ]
    )
    return Chart(NAME, title, f"{alt}.", page.figure, table, "Averages of each hour, all pods together.")


def rate_text(rate: float) -> str:
    """`1,240`, `3.4`, `0.02`."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _title(track: tuple[np.ndarray, np.ndarray], word: str) -> str:
    when, values = track
    place = int(np.nanargmax(values))
    peak, middle = float(values[place]), float(np.nanmedian(values))
    hour = str(when[place])[11:13]
    if middle > 0 and peak / middle >= 1.5:
        return f"{word} peak at {rate_text(peak)} in the hour from {hour}:00 UTC, {peak / middle:.1f} times the median"
    return f"{word} stay near {rate_text(middle)}, with a peak of {rate_text(peak)}"
