"""Utilisation of the nodes: requested and used against allocatable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import bullets, column, legend, row_figure, row_labels
from readiness_kit.charts.style import MAX_ROWS, drawing
from readiness_kit.charts.units import GIB, instant, joined, natural, short_names
from readiness_kit.facts.kubernetes.pod_requests import requested
from readiness_kit.labels import REASON_WORDS, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "node_packing", "Node utilisation"
_LEFT, _LABEL, _COLUMN = 1.7, 1.46, 0.64
_SHARES = ("memory_used", "memory_requested", "cpu_used", "cpu_requested")


def node_packing(facts: ClusterFacts) -> Chart | NoChart:
    """What is requested and used of the allocatable resources of each node, the fullest node first."""
    if (reason := facts.missing("nodes")) is not None:
        return NoChart(NAME, SUBJECT, f"nodes: {REASON_WORDS[reason]}")
    sources = {"pods": "pods", "nodemetrics": "the metrics API (metrics.k8s.io)"}
    unread = [f"{name}: {REASON_WORDS[reason]}" for key, name in sources.items() if (reason := facts.missing(key))]
    if len(unread) == len(sources):
        return NoChart(NAME, SUBJECT, joined(unread))
    rows = _ranked(facts)
    if rows.empty or rows[list(_SHARES)].isna().all(axis=None):
        return NoChart(NAME, SUBJECT, "neither usage nor requests are known for any node")
    title, table = _title(facts, rows), _table(rows)
    alt = alt_text(title, table.drop(columns="zone"), 11)
    return Chart(NAME, title, alt, _figure(facts, rows), table, _note(facts, rows))


def scope(facts: ClusterFacts) -> str:
    """The pods whose requests are known, if not all: "" or "pods of weaviate only"."""
    namespaces = facts.snapshot.read("pods").namespaces
    return f"pods of {joined(namespaces)} only" if namespaces else ""


def _requested(facts: ClusterFacts) -> dict[str, dict[str, float]]:
    """Node -> cores and bytes requested by the pods on it that have not ended."""
    sums: dict[str, dict[str, float]] = {}
    for pod in facts.objects("pods"):
        if pod.spec.node_name and pod.status.phase not in ("Succeeded", "Failed"):
            node = sums.setdefault(pod.spec.node_name, {"cpu": 0.0, "memory": 0.0})
            for name in node:
                node[name] += requested(pod.spec, name)
    return sums


def _ranked(facts: ClusterFacts) -> pd.DataFrame:
    """One row for each node, the fullest first: `memory_used` etc. are shares, `…_amount` cores and bytes."""
    rows = facts.node_usage[["name", "zone", "cpu", "memory", "cpu_used", "memory_used"]].copy()
    sums = _requested(facts)
    # A node without pods has no requests if all pods were read; otherwise its requests are unknown.
    none = 0.0 if facts.missing("pods") is None and not scope(facts) else float("nan")
    for what in ("cpu", "memory"):
        rows[f"{what}_used_amount"] = rows[f"{what}_used"]
        rows[f"{what}_requested_amount"] = [sums.get(node, {}).get(what, none) for node in rows["name"]]
        for word in ("used", "requested"):
            rows[f"{what}_{word}"] = rows[f"{what}_{word}_amount"] / rows[what].where(rows[what] > 0)
    rows["fullest"] = rows[_ranking(facts, rows)].max(axis=1)
    rows = rows.sort_values("name", key=lambda names: names.map(natural), ignore_index=True)
    return rows.sort_values("fullest", ascending=False, na_position="last", kind="stable", ignore_index=True)


def _ranking(facts: ClusterFacts, rows: pd.DataFrame) -> list[str]:
    """The shares by which nodes are ranked: usage only, where it is known and only some pods' requests are."""
    used = [name for name in _SHARES if name.endswith("_used")]
    return used if scope(facts) and rows[used].notna().any(axis=None) else list(_SHARES)


def _title(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    worst = rows.iloc[0]
    share = max((name for name in _ranking(facts, rows) if worst[name] == worst[name]), key=worst.__getitem__)
    what, word = share.split("_")
    least = "at least " if word == "requested" and scope(facts) else ""
    amount = f"{least}{percent(worst[share])}"
    found = f"{'memory' if what == 'memory' else 'CPU'} {'in use' if word == 'used' else 'requested'}"
    alike = sum(percent(value) == percent(worst[share]) for value in rows[share].dropna())
    if alike == len(rows) > 1:
        return f"All {alike} nodes have {amount} of their {found}"
    if alike > 1:
        return f"{alike} of {len(rows)} nodes have {amount} of their {found}, the highest share of all"
    rest = f", the highest share of {len(rows)} nodes" if len(rows) > 1 else ""
    return f"Node {short_names(list(rows['name']))[worst['name']]} has {amount} of its {found}{rest}"


@drawing()
def _figure(facts: ClusterFacts, rows: pd.DataFrame) -> Figure:
    shown = rows.head(MAX_ROWS)
    names = short_names(list(rows["name"]))
    figure, panels = row_figure(len(shown), left=_LEFT, right=2 * _COLUMN + 0.18, panels=2)
    row_labels(panels[0], [names[name] for name in shown["name"]], _LABEL)
    labels = (f"requested ({scope(facts)})" if scope(facts) else "requested", "allocatable")
    for axes, title, what in zip(panels, ("Memory", "CPU"), ("memory", "cpu"), strict=True):
        values = shown[[f"{what}_used", f"{what}_requested"]].assign(allocatable=1.0)
        right = bullets(axes, title, values, labels, 2 * _COLUMN)
        column(axes, right + _COLUMN, "used", [_share(value) for value in values.iloc[:, 0]])
        least = "≥ " if scope(facts) else ""
        column(axes, right + 2 * _COLUMN, "requested", [_share(value, least) for value in values.iloc[:, 1]])
    legend(figure, panels[0])
    return figure


def _share(value: float, least: str = "") -> str:
    return f"{least}{percent(value)}" if value == value else "?"


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[["name", "zone"]].rename(columns={"name": "node"})
    for what, name, unit, size in (("memory", "memory", "GiB", GIB), ("cpu", "CPU", "cores", 1.0)):
        table[f"{name} allocatable ({unit})"] = (rows[what] / size).round(3)
        for word in ("used", "requested"):
            table[f"{name} {word} ({unit})"] = (rows[f"{what}_{word}_amount"] / size).round(3)
            table[f"{name} {word} (%)"] = (rows[f"{what}_{word}"] * 100).round(1)
    return table


def _note(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    times = (measured.timestamp for measured in facts.objects("nodemetrics") if measured.timestamp)
    reason = facts.missing("nodemetrics")
    when = f"one instant, {instant(max(times, default=facts.as_of))}, by metrics.k8s.io"
    parts = [f"Used: {f'not known ({REASON_WORDS[reason]})' if reason else when}."]
    if (reason := facts.missing("pods")) is not None:
        parts.append(f"Requested: not known ({REASON_WORDS[reason]}).")
    elif scope(facts):
        parts.append(f"Requested: {scope(facts)}; the total of each node is higher.")
    else:
        parts.append("Requested: all pods on the node that have not ended.")
    if len(rows) > MAX_ROWS:
        parts.append(f"The {MAX_ROWS} fullest of {len(rows)} nodes are shown; the table lists all.")
    return " ".join(parts)
