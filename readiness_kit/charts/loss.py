"""What breaks when a node or a zone goes: collections against losses, each field with its number and its word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import BAD, GOOD, LINE, MARGIN, QUIET, SMALL, WIDTH, Sheet, drawing
from readiness_kit.charts.units import joined, short_names
from readiness_kit.labels import REASON_WORDS, count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.analysis.failure_scenarios import Loss, LossMatrix

NAME, SUBJECT = "loss_matrix", "What breaks when a node or a zone goes"
MAX_COLUMNS, MAX_ROWS = 8, 12
_LABEL, _CELL = 1.7, 0.3
_VOTERS, _PODS = "schema changes", "pods that find a place"


def loss_matrix(facts: ClusterFacts) -> Chart | NoChart:
    """Shards that lose their quorum by collection and loss, zones first; schema changes and pods below."""
    matrix = facts.loss
    if matrix.shards_missing is not None:
        return NoChart(NAME, SUBJECT, f"placement of the shards: {REASON_WORDS[matrix.shards_missing]}")
    losses = [*matrix.zones, *matrix.nodes]
    if not losses:
        return NoChart(NAME, SUBJECT, "no Weaviate pod is on a node")
    title = _title(matrix)
    return Chart(NAME, title, _alt(title, losses), _figure(matrix, losses), _table(losses), _note(matrix, losses))


def _title(matrix: LossMatrix) -> str:
    zones = [one for one in matrix.zones if one.broken]
    nodes = [one for one in matrix.nodes if one.broken]
    if zones:
        worst = max(zones, key=lambda one: one.below)
        names = joined(cell.collection for cell in worst.broken[:3])
        return f"Without zone {worst.name}, {count(worst.below, 'shard')} of {names} {_lose(worst.below)}"
    if nodes:
        worst = max(nodes, key=lambda one: one.below)
        names = joined(cell.collection for cell in worst.broken[:3])
        return f"Without node {worst.name}, {count(worst.below, 'shard')} of {names} {_lose(worst.below)}"
    if not matrix.zones:
        return "Every shard keeps its quorum when any one node goes; zones are not known"
    return "Every shard keeps its quorum when any one node or zone goes"


def _lose(number: int) -> str:
    return "loses its quorum" if number == 1 else "lose their quorum"


def _cells(losses: list[Loss], collections: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Rows of the picture: a label, and for each loss a text and a colour."""
    rows = []
    for name in collections:
        row = []
        for loss in losses:
            cell = next((one for one in loss.cells if one.collection == name), None)
            if cell is None:
                row.append(("–", QUIET))
            elif cell.below:
                row.append((f"✗ {cell.below} of {cell.shards}", BAD))
            else:
                row.append(("✓ keeps", GOOD))
        rows.append((name, row))
    rows.append((_VOTERS, [_voters(loss) for loss in losses]))
    return rows


def _voters(loss: Loss) -> tuple[str, str]:
    if loss.voters_survive is None:
        return "?", QUIET
    word = "✓" if loss.voters_survive else "✗"
    return f"{word} {loss.voters_left} of {loss.voters}", GOOD if loss.voters_survive else BAD


def _placed(loss: Loss, known: bool) -> tuple[str, str]:
    if not known:
        return "?", QUIET
    left = len(loss.pods) - len(loss.stranded)
    return f"{'✓' if not loss.stranded else '✗'} {left} of {len(loss.pods)}", BAD if loss.stranded else GOOD


def _worst_collections(losses: list[Loss]) -> list[str]:
    below: dict[str, int] = {}
    for loss in losses:
        for cell in loss.cells:
            below[cell.collection] = below.get(cell.collection, 0) + cell.below
    return sorted(below, key=lambda name: (-below[name], name))


def _figure(matrix: LossMatrix, losses: list[Loss]) -> Figure:
    shown = losses[:MAX_COLUMNS]
    collections = _worst_collections(losses)[:MAX_ROWS]
    rows = _cells(shown, collections)
    rows.append((_PODS, [_placed(loss, matrix.placing_missing is None) for loss in shown]))
    names = {one.name: one.name for one in shown}
    names |= short_names([one.name for one in shown if one.kind == "node"])
    wide = (WIDTH - 2 * MARGIN - _LABEL) / len(shown)
    with drawing():
        page = Sheet(0.62 + len(rows) * _CELL)
        for place, loss in enumerate(shown):
            x = MARGIN + _LABEL + (place + 0.5) * wide
            page.text(x, 0.12, f"without {loss.kind}", align="center", size=SMALL, color=QUIET, width=wide - 0.05)
            page.text(x, 0.3, names[loss.name], align="center", bold=True, size=SMALL, width=wide - 0.08)
        for line, (label, cells) in enumerate(rows):
            y = 0.55 + line * _CELL
            page.line((MARGIN, WIDTH - MARGIN), (y - _CELL / 2, y - _CELL / 2), LINE)
            page.text(MARGIN, y, label, width=_LABEL - 0.1, size=SMALL + 0.5)
            for place, (text, color) in enumerate(cells):
                x = MARGIN + _LABEL + (place + 0.5) * wide
                page.text(x, y, text, align="center", size=SMALL, color=color, width=wide - 0.05)
    return page.figure


def _table(losses: list[Loss]) -> pd.DataFrame:
    rows = []
    for loss in losses:
        for cell in loss.cells:
            rows.append(
                {
                    "without": f"{loss.kind} {loss.name}",
                    "collection": cell.collection,
                    "shards": cell.shards,
                    "without quorum": cell.below,
                    "without any copy": cell.gone,
                    "voters left": f"{loss.voters_left} of {loss.voters}" if loss.voters else "",
                    "pods without a place": "; ".join(f"{one.pod}: {one.reason}" for one in loss.stranded),
                }
            )
    return pd.DataFrame(rows)


def _alt(title: str, losses: list[Loss]) -> str:
    said = []
    for loss in losses:
        broken = ", ".join(f"{cell.collection} {cell.below} of {cell.shards}" for cell in loss.broken) or "nothing"
        said.append(f"without {loss.kind} {loss.name} below quorum: {broken}")
    return f"{title}. {'; '.join(said[:10])}."


def _note(matrix: LossMatrix, losses: list[Loss]) -> str:
    text = "Shards that would be left with fewer replicas than their quorum."
    if len(losses) > MAX_COLUMNS:
        text += f" {MAX_COLUMNS} of {len(losses)} losses are shown; the table has all."
    if matrix.sampled:
        text += f" Only {joined(matrix.sampled[:5])} could be looked at: the list of all shards is too long."
    if matrix.unlocated:
        text += f" The pod of {joined(matrix.unlocated[:5])} is not known."
    return text
