"""Where the Weaviate pods run: zones, the nodes in them, and the pods on those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import (
    BAD,
    HEAD,
    INK,
    LINE,
    MARGIN,
    MAX_ROWS,
    PAPER,
    QUIET,
    ROW,
    SMALL,
    USAGE,
    WIDTH,
    Sheet,
    drawing,
)
from readiness_kit.charts.units import instant, joined, natural, short_names
from readiness_kit.labels import REASON_WORDS, count

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME = "pods_by_zone"
SUBJECT = "Weaviate pods by zone and node"
NO_ZONE = "zone not known"
NO_NODE = "not scheduled"

_INDENT, _LABEL, _BOX, _STEP = 0.2, 2.35, 0.14, 0.2
_MAX_BOXES, _MAX_ZONES = 10, 10


class _Line(NamedTuple):
    """One line of the picture: a zone's heading, a node with its pods, or a remark."""

    kind: str
    text: str
    rest: str = ""
    pods: tuple[tuple[str, bool], ...] = ()
    others: int = 0
    alarm: bool = False


def pods_by_zone(facts: ClusterFacts) -> Chart | NoChart:
    """Zones with the nodes that hold Weaviate pods, the fullest zone first."""
    if (reason := facts.missing("pods")) is not None:
        return NoChart(NAME, SUBJECT, f"pods: {REASON_WORDS[reason]}")
    pods = facts.pods
    mine = pods[pods["weaviate"]]
    if mine.empty:
        return NoChart(NAME, SUBJECT, "no pod of the Weaviate workload was there")
    reason = facts.missing("nodes")
    if reason is not None and mine["zone"].isna().all():
        return NoChart(NAME, SUBJECT, f"nodes: {REASON_WORDS[reason]}")
    title = _title(mine)
    return Chart(NAME, title, _alt(title, mine), _figure(facts, mine), _table(facts, mine), _note(facts))


def _zone_counts(mine: pd.DataFrame) -> dict[str, int]:
    """Zone -> Weaviate pods, most first, the unknown zone last."""
    counts: dict[str, int] = {}
    for zone in mine["zone"]:
        counts[zone or NO_ZONE] = counts.get(zone or NO_ZONE, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NO_ZONE, -item[1], item[0])))


def _title(mine: pd.DataFrame) -> str:
    total, zones = len(mine), _zone_counts(mine)
    unknown = zones.pop(NO_ZONE, 0)
    if unknown == total:
        return (
            "The zone of the Weaviate pod is not known"
            if total == 1
            else f"No zone of the {total} Weaviate pods is known"
        )
    if unknown:
        return f"The zone of {unknown} of {total} Weaviate pods is not known"
    if total == 1:
        return f"The only Weaviate pod runs in zone {next(iter(zones))}"
    if len(zones) == 1:
        return f"All {total} Weaviate pods run in one zone, {next(iter(zones))}"
    first, most = next(iter(zones.items()))
    if most - min(zones.values()) > 1:
        return f"Zone {first} holds {most} of {total} Weaviate pods{_shared(mine)}"
    return f"The {total} Weaviate pods run in {len(zones)} zones{_shared(mine) or ', no two on one node'}"


def _shared(mine: pd.DataFrame) -> str:
    placed = mine[mine["node"] != ""].groupby("node").size()
    crowded = placed[placed > 1]
    if crowded.empty:
        waiting = len(mine) - int(placed.sum())
        return f", {waiting} of them without a node" if waiting else ""
    if len(crowded) == 1:
        return f", but {int(crowded.iloc[0])} of them share node {crowded.index[0]}"
    return f", but {int(crowded.sum())} of them share {len(crowded)} nodes"


def _alt(title: str, mine: pd.DataFrame) -> str:
    zones = _zone_counts(mine)
    said = joined(f"{zone} {number}" for zone, number in list(zones.items())[:_MAX_ZONES])
    unready = int((~mine["ready"]).sum())
    more = f" {unready} of {count(len(mine), 'pod')} not ready." if unready else ""
    return f"{title}. Weaviate pods by zone: {said}.{more}"


def _lines(facts: ClusterFacts, mine: pd.DataFrame) -> list[_Line]:
    zones = _zone_counts(mine)
    nodes = facts.nodes
    names = short_names(sorted({*nodes["name"], *(name for name in mine["node"] if name)}))
    room = max(2, MAX_ROWS // min(len(zones), _MAX_ZONES))
    lines: list[_Line] = []
    for zone, number in list(zones.items())[:_MAX_ZONES]:
        here = mine[mine["zone"].isna()] if zone == NO_ZONE else mine[mine["zone"] == zone]
        lines.append(_Line("zone", zone, count(number, "Weaviate pod")))
        lines += _node_lines(facts, here, names, room)
        idle = nodes[(nodes["zone"] == zone) & ~nodes["name"].isin(set(here["node"]))]
        if len(idle):
            can = int(idle["candidate"].sum())
            lines.append(_Line("remark", f"{count(len(idle), 'more node')}, {can or 'none'} open to Weaviate pods"))
    if len(zones) > _MAX_ZONES:
        lines.append(_Line("remark", f"{count(len(zones) - _MAX_ZONES, 'more zone')} in the table"))
    empty = nodes[nodes["zone"].notna() & ~nodes["zone"].isin(list(zones))]
    for zone, group in list(empty.groupby("zone"))[: _MAX_ZONES - min(len(zones), _MAX_ZONES)]:
        can = int(group["candidate"].sum())
        lines.append(_Line("zone", str(zone), "no Weaviate pod", alarm=can > 0))
        lines.append(_Line("remark", f"{count(len(group), 'node')}, {can or 'none'} open to Weaviate pods"))
    return lines


def _node_lines(facts: ClusterFacts, here: pd.DataFrame, names: dict[str, str], room: int) -> list[_Line]:
    pods = facts.pods
    running = pods[~pods["weaviate"] & ~pods["phase"].isin(["Succeeded", "Failed"])]
    others = running.groupby("node").size().to_dict()
    groups = sorted(here.groupby("node"), key=lambda item: (-len(item[1]), natural(item[0])))
    lines = [
        _Line(
            "node",
            names[node] if node else NO_NODE,
            pods=tuple(zip(group["name"], group["ready"], strict=True)),
            others=others.get(node, 0) if node else 0,
        )
        for node, group in groups[:room]
    ]
    rest = groups[room:]
    if rest:
        held = sum(len(group) for _, group in rest)
        lines.append(
            _Line("remark", f"{count(len(rest), 'more node')} with {count(held, 'Weaviate pod')}, in the table")
        )
    return lines


def _figure(facts: ClusterFacts, mine: pd.DataFrame) -> Any:
    lines = _lines(facts, mine)
    above = {"zone": 0.12, "node": 0.0, "remark": 0.0}
    with drawing():
        sheet = Sheet(0.3 + sum(ROW + above[line.kind] for line in lines) + 0.06)
        sheet.legend(0.13, _keys(mine))
        y = 0.3
        for line in lines:
            y += above[line.kind] + ROW
            middle = y - ROW / 2
            if line.kind == "zone":
                _zone(sheet, middle, line)
            elif line.kind == "node":
                _node(sheet, middle, line)
            else:
                sheet.text(MARGIN + _INDENT, middle, line.text, size=SMALL, color=QUIET)
    return sheet.figure


def _keys(mine: pd.DataFrame) -> list[tuple[str, str, str]]:
    keys = [("box", USAGE, "Weaviate pod")]
    return keys if mine["ready"].all() else [*keys, ("hollow", BAD, "Weaviate pod, not ready")]


def _zone(sheet: Sheet, y: float, line: _Line) -> None:
    sheet.line((MARGIN, WIDTH - MARGIN), (y - ROW / 2, y - ROW / 2), LINE)
    known = line.text != NO_ZONE
    sheet.text(MARGIN, y, line.text, size=HEAD, bold=True, color=INK if known else BAD, width=4.5)
    sheet.text(WIDTH - MARGIN, y, line.rest, align="right", color=BAD if line.alarm else QUIET)


def _node(sheet: Sheet, y: float, line: _Line) -> None:
    sheet.text(MARGIN + _INDENT, y, line.text, width=_LABEL - _INDENT - 0.2, color=INK if line.text != NO_NODE else BAD)
    x = _LABEL
    for _, ready in line.pods[:_MAX_BOXES]:
        sheet.bar(x, y, _BOX, _BOX, USAGE if ready else PAPER, USAGE if ready else BAD)
        x += _STEP
    others = f"+ {count(line.others, 'other pod')}" if line.others else ""
    taken = sheet.text(WIDTH - MARGIN, y, others, align="right", size=SMALL, color=QUIET) if others else 0.0
    x += 0.04
    shown = list(line.pods)
    text = ", ".join(name for name, _ in shown[:2])
    if len(shown) > 2:
        text = f"{len(shown)} pods: {text} …"
    sheet.text(x, y, text, width=WIDTH - MARGIN - taken - 0.15 - x)


def _table(facts: ClusterFacts, mine: pd.DataFrame) -> pd.DataFrame:
    """One row a pod of Weaviate, and one a node without any."""
    table = pd.DataFrame(
        {
            "zone": [zone or NO_ZONE for zone in mine["zone"]],
            "node": [node or NO_NODE for node in mine["node"]],
            "pod": mine["name"].to_numpy(),
            "ready": ["yes" if ready else "no" for ready in mine["ready"]],
        }
    )
    nodes = facts.nodes
    idle = nodes[~nodes["name"].isin(set(mine["node"]))]
    empty = pd.DataFrame(
        {
            "zone": [zone or NO_ZONE for zone in idle["zone"]],
            "node": idle["name"].to_numpy(),
            "pod": "none",
            "ready": "",
        },
        columns=table.columns,
    )
    both = pd.concat([table, empty], ignore_index=True)
    return both.sort_values(["zone", "node", "pod"], key=lambda names: names.map(natural), ignore_index=True)


def _note(facts: ClusterFacts) -> str:
    parts = [f"As it was on {instant(facts.as_of)}."]
    reason = facts.missing("nodes")
    if reason is not None:
        parts.append(f"Nodes: {REASON_WORDS[reason]}; zones are those of the volumes.")
    namespaces = facts.snapshot.read("pods").namespaces
    if namespaces:
        parts.append(f"Other pods are counted in {joined(namespaces)} only.")
    return " ".join(parts)
