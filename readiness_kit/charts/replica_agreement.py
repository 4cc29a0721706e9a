"""Objects of the replicas of each shard: where they differ, a read depends on the replica that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import BAR, column, row_figure, row_labels, row_text, rule
from readiness_kit.charts.style import BAD, HEAD, MARGIN, MAX_ROWS, TRACK, USAGE, WIDTH
from readiness_kit.labels import REASON_WORDS, count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.shards import Shard

NAME, SUBJECT = "replica_agreement", "Objects of the replicas of each shard"
SOURCE = "weaviate/nodes_verbose"
_LEFT, _COLUMNS = 2.9, 2.5


def replica_agreement(facts: ClusterFacts) -> Chart | NoChart:
    """Fewest against most objects of the loaded replicas, the shards with the largest difference first."""
    if (reason := facts.missing(SOURCE)) is not None:
        return NoChart(NAME, SUBJECT, f"Weaviate: {REASON_WORDS[reason]}")
    compared = [shard for shard in facts.shards if shard.difference is not None]
    if not compared:
        return NoChart(NAME, SUBJECT, "no shard has two loaded replicas")
    table = pd.DataFrame([_row(shard) for shard in compared])
    order = ["difference", "most objects", "shard"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    title = _title(table)
    left_out = len(facts.shards) - len(compared)
    note = "Loaded replicas only, counted at one moment on disk."
    if left_out:
        note += f" {count(left_out, 'shard')} with fewer than two loaded replicas not compared."
    return Chart(NAME, title, alt_text(title, table), _figure(table.head(MAX_ROWS)), table, note)


def _row(shard: Shard) -> dict[str, object]:
    counts = {replica.place.weaviate_node: replica.objects for replica in shard.replicas if replica.loaded}
    return {
        "shard": f"{shard.collection} {shard.name}",
        "fewest objects": min(counts.values()),
        "most objects": max(counts.values()),
        "difference": shard.difference,
        "replicas": ", ".join(f"{node} {number:,}" for node, number in sorted(counts.items())),
    }


def _title(table: pd.DataFrame) -> str:
    differ = int((table["difference"] > 0).sum())
    if not differ:
        return f"The loaded replicas of {count(len(table), 'shard')} hold the same number of objects"
    worst = table.iloc[0]
    return (
        f"Replicas of {differ} of {count(len(table), 'shard')} hold different numbers of objects, "
        f"by up to {worst['difference']:,} in {worst['shard']}"
    )


def _figure(rows: pd.DataFrame) -> Figure:
    figure, (axes,) = row_figure(len(rows), left=_LEFT, right=_COLUMNS)
    largest = max(float(rows["most objects"].max()), 1.0)
    axes.barh(rows.index, largest, BAR, color=TRACK)
    axes.barh(rows.index, rows["most objects"], BAR, color=BAD, label="most objects")
    axes.barh(rows.index, rows["fewest objects"], BAR, color=USAGE, label="fewest objects")
    axes.set_xlim(0, largest)
    row_labels(axes, list(rows["shard"]), _LEFT - MARGIN - 0.1)
    heading = "Objects that all replicas hold, and those that some lack (red)"
    row_text(axes, MARGIN, -1.6, heading, size=HEAD, bold=True)
    rule(axes, -0.57)
    right = WIDTH - MARGIN
    column(axes, right, "difference", [f"{value:,}" for value in rows["difference"]])
    column(axes, right - 0.9, "most", [f"{value:,}" for value in rows["most objects"]])
    return figure
