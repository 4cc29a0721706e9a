"""Where the Weaviate pods run: zones, their nodes, and the pods on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import legend, row_figure, row_text, rule
from readiness_kit.charts.style import BAD, HEAD, INK, MARGIN, MAX_ROWS, PAPER, QUIET, SMALL, USAGE, WIDTH, drawing
from readiness_kit.charts.units import instant, joined, natural, short_names
from readiness_kit.labels import REASON_WORDS, count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "pods_by_zone", "Weaviate pods by zone and node"
NO_ZONE, NO_NODE = "zone not known", "not scheduled"
MAX_BOXES, MAX_ZONES = 10, 10
_LEFT, _STEP = 2.35, 0.2
_ZONE, _NODE, _REMARK = "zone", "node", "remark"
_YES_NO = {True: "yes", False: "no"}


class _Row(NamedTuple):
    """A zone, a node with its Weaviate pods (name and ready), or a remark; `alarm`: red."""

    kind: str
    text: str
    rest: str = ""
    pods: tuple[tuple[str, bool], ...] = ()
    alarm: bool = False


def pods_by_zone(facts: ClusterFacts) -> Chart | NoChart:
    """Zones with the nodes that run Weaviate pods, the zone with most of them first."""
    if (reason := facts.missing("pods")) is not None:
        return NoChart(NAME, SUBJECT, f"pods: {REASON_WORDS[reason]}")
    pods = facts.pods[facts.pods["weaviate"]]
    if pods.empty:
        return NoChart(NAME, SUBJECT, "no Weaviate pod was found")
    reason = facts.missing("nodes")
    if reason is not None and pods["zone"].isna().all():
        return NoChart(NAME, SUBJECT, f"nodes: {REASON_WORDS[reason]}")
    pods = pods.assign(zone=[zone or NO_ZONE for zone in pods["zone"].fillna("")])
    zones = _zone_counts(pods)
    title = _title(pods, dict(zones["Weaviate pods"]))
    alt = alt_text(title, zones.reset_index(), rows=MAX_ZONES)
    figure = _figure(_rows(facts, pods, dict(zones["Weaviate pods"])))
    return Chart(NAME, title, alt, figure, _table(facts, pods), _note(facts))


def _zone_counts(pods: pd.DataFrame) -> pd.DataFrame:
    """By zone: its Weaviate pods, and those not ready; most pods first, the unknown zone last."""
    zones = pods.groupby("zone")["ready"].agg(["size", lambda ready: int((~ready).sum())])
    zones.columns = pd.Index(["Weaviate pods", "not ready"])
    order = sorted(zones.index, key=lambda zone: (zone == NO_ZONE, -zones.at[zone, "Weaviate pods"], zone))
    return zones.loc[order]


def _title(pods: pd.DataFrame, zones: dict[str, int]) -> str:
    total, unknown = len(pods), zones.get(NO_ZONE, 0)
    if unknown:
        which = "the Weaviate pod" if total == 1 else f"{unknown} of {total} Weaviate pods"
        return f"The zone of {which} is not known"
    largest, most = next(iter(zones.items()))
    if total == 1:
        return f"The only Weaviate pod runs in zone {largest}"
    if len(zones) == 1:
        return f"All {total} Weaviate pods run in one zone, {largest}"
    if most - min(zones.values()) > 1:
        return f"Zone {largest} holds {most} of {total} Weaviate pods{_shared_nodes(pods)}"
    return f"The {total} Weaviate pods run in {len(zones)} zones{_shared_nodes(pods) or ', no two on one node'}"


def _shared_nodes(pods: pd.DataFrame) -> str:
    placed = pods[pods["node"] != ""].groupby("node").size()
    shared = placed[placed > 1]
    if shared.empty:
        waiting = len(pods) - int(placed.sum())
        return f", {waiting} of them without a node" if waiting else ""
    nodes = f"node {shared.index[0]}" if len(shared) == 1 else f"{len(shared)} nodes"
    return f", but {int(shared.sum())} of them share {nodes}"


def _rows(facts: ClusterFacts, pods: pd.DataFrame, zones: dict[str, int]) -> list[_Row]:
    """Zones with Weaviate pods and their nodes, then zones without; the table lists what is left out."""
    nodes = facts.nodes
    names = short_names(sorted({*nodes["name"], *(name for name in pods["node"] if name)}))
    room = max(2, MAX_ROWS // min(len(zones), MAX_ZONES))
    rows = []
    for zone, number in list(zones.items())[:MAX_ZONES]:
        here = pods[pods["zone"] == zone]
        rows.append(_Row(_ZONE, zone, count(number, "Weaviate pod")))
        rows += _node_rows(facts, here, names, room)
        idle = nodes[(nodes["zone"] == zone) & ~nodes["name"].isin(set(here["node"]))]
        if len(idle):
            rows.append(_Row(_REMARK, f"{count(len(idle), 'more node')}, {_available(idle)}"))
    if len(zones) > MAX_ZONES:
        rows.append(_Row(_REMARK, f"{count(len(zones) - MAX_ZONES, 'more zone')} in the table"))
    empty = nodes[nodes["zone"].notna() & ~nodes["zone"].isin(list(zones))]
    for zone, group in list(empty.groupby("zone"))[: max(MAX_ZONES - len(zones), 0)]:
        rows.append(_Row(_ZONE, str(zone), "no Weaviate pod", alarm=bool(group["candidate"].any())))
        rows.append(_Row(_REMARK, f"{count(len(group), 'node')}, {_available(group)}"))
    return rows


def _available(nodes: pd.DataFrame) -> str:
    return f"{int(nodes['candidate'].sum()) or 'none'} available to Weaviate pods"


def _node_rows(facts: ClusterFacts, here: pd.DataFrame, names: dict[str, str], room: int) -> list[_Row]:
    """The nodes of a zone, those with most Weaviate pods first, with the number of other pods that run on each."""
    running = facts.pods[~facts.pods["weaviate"] & ~facts.pods["phase"].isin(["Succeeded", "Failed"])]
    others = running.groupby("node").size().to_dict()
    groups = sorted(here.groupby("node"), key=lambda item: (-len(item[1]), natural(item[0])))
    rows = []
    for node, group in groups[:room]:
        rest = f"+ {count(others[node], 'other pod')}" if node and node in others else ""
        pods = tuple(zip(group["name"], group["ready"], strict=True))
        rows.append(_Row(_NODE, names[node] if node else NO_NODE, rest, pods, alarm=not node))
    left_out = [group for _, group in groups[room:]]
    if left_out:
        held = count(sum(len(group) for group in left_out), "Weaviate pod")
        rows.append(_Row(_REMARK, f"{count(len(left_out), 'more node')} with {held}, in the table"))
    return rows


@drawing()
def _figure(rows: list[_Row]) -> Figure:
    figure, (axes,) = row_figure(len(rows), left=_LEFT, top=0.32)
    axes.set_xlim(0, (WIDTH - MARGIN - _LEFT) / _STEP)
    for place, row in enumerate(rows):
        if row.kind == _ZONE:
            rule(axes, place - 0.5)
            color = BAD if row.text == NO_ZONE else INK
            row_text(axes, MARGIN, place, row.text, size=HEAD, bold=True, color=color, width=4.5)
            row_text(axes, WIDTH - MARGIN, place, row.rest, align="right", color=BAD if row.alarm else QUIET)
        elif row.kind == _NODE:
            _node(axes, place, row)
        else:
            row_text(axes, MARGIN + 0.2, place, row.text, size=SMALL, color=QUIET)
    _boxes(axes, rows, ready=True)
    _boxes(axes, rows, ready=False)
    legend(figure, axes)
    return figure


def _boxes(axes: Axes, rows: list[_Row], ready: bool) -> None:
    """A box for each pod in one of the two states: filled when ready, hollow and red when not."""
    places = [
        (number, place)
        for place, row in enumerate(rows)
        for number, (_, is_ready) in enumerate(row.pods[:MAX_BOXES])
        if is_ready == ready
    ]
    if places:
        left, y = zip(*places, strict=True)
        fill, edge, label = (USAGE, USAGE, "Weaviate pod") if ready else (PAPER, BAD, "Weaviate pod, not ready")
        axes.barh(y, 0.7, 0.52, left, color=fill, edgecolor=edge, label=label)


def _node(axes: Axes, place: int, row: _Row) -> None:
    """A node: its name, the names of its Weaviate pods next to their boxes, and how many other pods it runs."""
    row_text(axes, MARGIN + 0.2, place, row.text, width=_LEFT - MARGIN - 0.4, color=BAD if row.alarm else INK)
    taken = row_text(axes, WIDTH - MARGIN, place, row.rest, align="right", size=SMALL, color=QUIET) if row.rest else 0.0
    names = ", ".join(name for name, _ in row.pods[:2])
    text = f"{len(row.pods)} pods: {names} …" if len(row.pods) > 2 else names
    x = _LEFT + min(len(row.pods), MAX_BOXES) * _STEP + 0.04
    row_text(axes, x, place, text, width=WIDTH - MARGIN - taken - 0.15 - x)


def _table(facts: ClusterFacts, pods: pd.DataFrame) -> pd.DataFrame:
    """One row for each Weaviate pod, and one for each node without any."""
    table = pods[["zone", "node", "name"]].rename(columns={"name": "pod"}).assign(ready=pods["ready"].map(_YES_NO))
    table["node"] = table["node"].replace("", NO_NODE)
    idle = facts.nodes[~facts.nodes["name"].isin(set(pods["node"]))]
    rest = pd.DataFrame({"zone": idle["zone"].fillna(NO_ZONE), "node": idle["name"]}).assign(pod="none", ready="")
    both = pd.concat([table, rest]) if len(rest) else table
    return both.sort_values(["zone", "node", "pod"], key=lambda names: names.map(natural), ignore_index=True)


def _note(facts: ClusterFacts) -> str:
    parts = [f"As of {instant(facts.as_of)}."]
    if (reason := facts.missing("nodes")) is not None:
        parts.append(f"Nodes: {REASON_WORDS[reason]}; the zones are those of the volumes.")
    if namespaces := facts.snapshot.read("pods").namespaces:
        parts.append(f"Other pods are counted only in {joined(namespaces)}.")
    return " ".join(parts)
