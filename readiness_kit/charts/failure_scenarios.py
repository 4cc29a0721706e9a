"""The impact of losing a node or a zone: collections against failures, with a number or a word in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import row_figure, row_labels, row_text, rule
from readiness_kit.charts.style import BAD, GOOD, MARGIN, QUIET, SMALL, WIDTH, drawing
from readiness_kit.charts.units import joined, short_names
from readiness_kit.labels import REASON_WORDS, count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.analysis.failure_scenarios import Loss, LossMatrix

NAME, SUBJECT = "failure_scenarios", "Impact of losing a node or a zone"
MAX_COLUMNS, MAX_COLLECTIONS = 8, 12
_LEFT = 1.95
_UNKNOWN = ("?", QUIET)


def failure_scenarios(facts: ClusterFacts) -> Chart | NoChart:
    """Shards that lose quorum by collection and failure, zones first; below them schema changes and rescheduling."""
    matrix = facts.loss
    if matrix.shards_missing is not None:
        return NoChart(NAME, SUBJECT, f"placement of the shards: {REASON_WORDS[matrix.shards_missing]}")
    losses = [*matrix.zones, *matrix.nodes]
    if not losses:
        return NoChart(NAME, SUBJECT, "no Weaviate pod is on a node")
    title, table = _title(matrix), _table(losses)
    alt = alt_text(title, table[table["without quorum"] > 0], 4, rows=10)
    return Chart(NAME, title, alt, _figure(matrix, losses), table, _note(matrix, losses))


def _title(matrix: LossMatrix) -> str:
    harmful = [loss for loss in matrix.zones if loss.broken] or [loss for loss in matrix.nodes if loss.broken]
    if harmful:
        worst = max(harmful, key=lambda loss: loss.below)
        names = joined(cell.collection for cell in worst.broken[:3])
        verb = "loses" if worst.below == 1 else "lose"
        return f"If {worst.kind} {worst.name} fails, {count(worst.below, 'shard')} of {names} {verb} quorum"
    if not matrix.zones:
        return "Every shard keeps its quorum if any one node fails; the zones are not known"
    return "Every shard keeps its quorum if any one node or zone fails"


def _cells(losses: list[Loss], known: bool) -> dict[str, list[tuple[str, str]]]:
    """Label of each row -> text and colour for each failure; `known`: whether rescheduling could be assessed."""
    below: dict[str, int] = {}
    for loss in losses:
        for cell in loss.cells:
            below[cell.collection] = below.get(cell.collection, 0) + cell.below
    worst_first = sorted(below, key=lambda name: (-below[name], name))[:MAX_COLLECTIONS]
    rows = {name: [_shards(loss, name) for loss in losses[:MAX_COLUMNS]] for name in worst_first}
    rows["schema changes"] = [
        _UNKNOWN if loss.voters_survive is None else _part(loss.voters_left, loss.voters, loss.voters_survive)
        for loss in losses[:MAX_COLUMNS]
    ]
    rows["pods that can be rescheduled"] = [
        _part(len(loss.pods) - len(loss.stranded), len(loss.pods), not loss.stranded) if known else _UNKNOWN
        for loss in losses[:MAX_COLUMNS]
    ]
    return rows


def _shards(loss: Loss, collection: str) -> tuple[str, str]:
    cell = next((cell for cell in loss.cells if cell.collection == collection), None)
    if cell is None:
        return "–", QUIET
    return _part(cell.below, cell.shards, False) if cell.below else ("✓ kept", GOOD)


def _part(number: int, total: int, good: bool) -> tuple[str, str]:
    return f"{'✓' if good else '✗'} {number} of {total}", GOOD if good else BAD


@drawing()
def _figure(matrix: LossMatrix, losses: list[Loss]) -> Figure:
    shown = losses[:MAX_COLUMNS]
    rows = _cells(losses, matrix.placing_missing is None)
    short = short_names([loss.name for loss in shown if loss.kind == "node"])
    figure, (axes,) = row_figure(len(rows), left=_LEFT, top=0.42, pitch=0.3)
    wide = (WIDTH - MARGIN - _LEFT) / len(shown)
    centres = [_LEFT + (place + 0.5) * wide for place in range(len(shown))]
    for x, loss in zip(centres, shown, strict=True):
        name = short.get(loss.name, loss.name) if loss.kind == "node" else loss.name
        row_text(axes, x, -1.5, f"without {loss.kind}", align="center", size=SMALL, color=QUIET, width=wide - 0.05)
        row_text(axes, x, -0.87, name, align="center", size=SMALL, bold=True, width=wide - 0.05)
    row_labels(axes, list(rows), _LEFT - MARGIN - 0.05)
    for row, cells in enumerate(rows.values()):
        rule(axes, row - 0.5)
        for x, (text, color) in zip(centres, cells, strict=True):
            row_text(axes, x, row, text, align="center", size=SMALL, color=color, width=wide - 0.05)
    return figure


def _table(losses: list[Loss]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "without": f"{loss.kind} {loss.name}",
                "collection": cell.collection,
                "shards": cell.shards,
                "without quorum": cell.below,
                "without any replica": cell.gone,
                "voters left": f"{loss.voters_left} of {loss.voters}" if loss.voters else "",
                "pods that cannot be rescheduled": "; ".join(f"{pod.pod}: {pod.reason}" for pod in loss.stranded),
            }
            for loss in losses
            for cell in loss.cells
        ]
    )


def _note(matrix: LossMatrix, losses: list[Loss]) -> str:
    parts = ["Shards that would be left with fewer replicas than their quorum."]
    if len(losses) > MAX_COLUMNS:
        parts.append(f"{MAX_COLUMNS} of {len(losses)} failures are shown; the table lists all.")
    if matrix.sampled:
        parts.append(f"The list of all shards is too long; only {joined(matrix.sampled[:5])} could be assessed.")
    if matrix.unlocated:
        parts.append(f"The pod of {joined(matrix.unlocated[:5])} is not known.")
    return " ".join(parts)
