"""How full the nodes are: requested and used against allocatable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import (
    HEAD,
    INK,
    LIMIT,
    MARGIN,
    MAX_ROWS,
    QUIET,
    REQUEST,
    ROW,
    SMALL,
    USAGE,
    Sheet,
    bullet,
    drawing,
)
from readiness_kit.charts.units import GIB, instant, joined, natural, short_names
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.labels import REASON_WORDS, count, percent

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.kinds.pods import Container, Pod

NAME = "node_packing"
SUBJECT = "How full the nodes are"

_LABEL, _BAR, _COLUMN, _GAP = 1.52, 1.5, 0.64, 0.18
_TOP = 0.72
_SHARES = ("memory_used", "memory_requested", "cpu_used", "cpu_requested")


def node_packing(facts: ClusterFacts) -> Chart | NoChart:
    """Per node what is requested and used of what can be allocated, the fullest first."""
    if (reason := facts.missing("nodes")) is not None:
        return NoChart(NAME, SUBJECT, f"nodes: {REASON_WORDS[reason]}")
    unread = {key: facts.missing(key) for key in ("pods", "nodemetrics")}
    if all(unread.values()):
        said = joined(f"{_source(key)}: {REASON_WORDS[reason]}" for key, reason in unread.items() if reason)
        return NoChart(NAME, SUBJECT, said)
    rows = _ranked(facts)
    if rows.empty or rows[list(_SHARES)].isna().all(axis=None):
        return NoChart(NAME, SUBJECT, "no node with its usage or its requests was there")
    return Chart(NAME, _title(facts, rows), _alt(facts, rows), _figure(facts, rows), _table(rows), _note(facts, rows))


def _source(key: str) -> str:
    return "the metrics API (metrics.k8s.io)" if key == "nodemetrics" else key


def scope(facts: ClusterFacts) -> str:
    """Which pods the requests are of, where that is not all of them: "" or "pods of weaviate only"."""
    namespaces = facts.snapshot.read("pods").namespaces
    return f"pods of {joined(namespaces)} only" if namespaces else ""


def pod_request(pod: Pod, name: str) -> float:
    """What the scheduler sets aside for a pod: the larger of what runs together and the hungriest init step.

    Init containers that restart always are sidecars: they stay, and run beside every later init container.
    """

    def of(container: Container) -> float:
        # What has a limit and no request requests its limit; the API server writes that down, recordings may not.
        value = quantity_of(container.resources.requests, name)
        value = value if value == value else quantity_of(container.resources.limits, name)
        return value if value == value else 0.0

    beside, peak = 0.0, 0.0
    for container in pod.spec.init_containers:
        if container.restart_policy == "Always":
            beside += of(container)
            peak = max(peak, beside)
        else:
            peak = max(peak, beside + of(container))
    return max(beside + sum(of(one) for one in pod.spec.containers), peak)


def _requested(facts: ClusterFacts) -> dict[str, tuple[float, float]]:
    """Node -> cores and bytes that the pods on it ask for that have not ended; a node without a pod is not in it."""
    sums: dict[str, tuple[float, float]] = {}
    for pod in facts.objects("pods"):
        if pod.spec.node_name and pod.status.phase not in ("Succeeded", "Failed"):
            cpu, memory = sums.get(pod.spec.node_name, (0.0, 0.0))
            sums[pod.spec.node_name] = (cpu + pod_request(pod, "cpu"), memory + pod_request(pod, "memory"))
    return sums


def _ranked(facts: ClusterFacts) -> pd.DataFrame:
    """One row a node, the fullest first: `memory_used` and its like are shares, `…_amount` cores and bytes."""
    nodes = facts.node_usage
    rows = nodes[["name", "zone", "cpu", "memory"]].copy()
    asked = _requested(facts)
    # Where all pods were read, a node without one has no requests; elsewhere they are not known.
    none = 0.0 if facts.missing("pods") is None and not scope(facts) else float("nan")
    for place, what in enumerate(("cpu", "memory")):
        free = nodes[what].where(nodes[what] > 0)
        requested = [asked[name][place] if name in asked else none for name in nodes["name"]]
        for word, amounts in (("used", nodes[f"{what}_used"]), ("requested", pd.Series(requested, dtype="float64"))):
            rows[f"{what}_{word}_amount"] = amounts
            rows[f"{what}_{word}"] = amounts / free
    rows["fullest"] = rows[_ranking(facts, rows)].max(axis=1)
    rows = rows.sort_values("name", key=lambda names: names.map(natural), ignore_index=True)
    return rows.sort_values("fullest", ascending=False, na_position="last", kind="stable", ignore_index=True)


def _ranking(facts: ClusterFacts, rows: pd.DataFrame) -> list[str]:
    """The shares that say how full a node is; requests of some pods only do not, where usage is known."""
    used = [name for name in _SHARES if name.endswith("_used")]
    return used if scope(facts) and rows[used].notna().any(axis=None) else list(_SHARES)


def _title(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    worst = rows.iloc[0]
    share = max((name for name in _ranking(facts, rows) if worst[name] == worst[name]), key=lambda name: worst[name])
    least = "at least " if share.endswith("_requested") and scope(facts) else ""
    said = f"{least}{percent(worst[share])}"
    what = "memory" if share.startswith("memory") else "CPU"
    done = "in use" if share.endswith("_used") else "requested"
    alike = sum(percent(value) == percent(worst[share]) for value in rows[share].dropna())
    if alike > 1:
        who = f"All {alike} nodes" if alike == len(rows) else f"{alike} of {len(rows)} nodes"
        return f"{who} have {said} of their {what} {done}{'' if alike == len(rows) else ', the most of all'}"
    rest = f", the most of {len(rows)} nodes" if len(rows) > 1 else ""
    return f"Node {short_names(list(rows['name']))[worst['name']]} has {said} of its {what} {done}{rest}"


def _alt(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    parts = [f"{_title(facts, rows)}."]
    for row in rows.head(3).to_dict("records"):
        known = [name for name in _SHARES if row[name] == row[name]]
        if known:
            said = joined(f"{name.replace('_', ' ').replace('cpu', 'CPU')} {percent(row[name])}" for name in known)
            parts.append(f"{row['name']}, of allocatable: {said}.")
    if len(rows) > 3:
        parts.append(f"{count(len(rows), 'node')} in all, the numbers are in the table.")
    return " ".join(parts)


def _figure(facts: ClusterFacts, rows: pd.DataFrame) -> Any:
    shown = rows.head(MAX_ROWS)
    left_out = len(rows) - len(shown)
    names = short_names(list(rows["name"]))
    with drawing():
        sheet = Sheet(_TOP + ROW * len(shown) + (0.34 if left_out else 0.1))
        asked = f"requested ({scope(facts)})" if scope(facts) else "requested"
        sheet.legend(0.13, [("thin", USAGE, "used"), ("bar", REQUEST, asked), ("tick", LIMIT, "allocatable")])
        left = _LABEL + _GAP
        for title, what in (("Memory", "memory"), ("CPU", "cpu")):
            _panel(sheet, shown, left, title, what, least="≥ " if scope(facts) else "")
            left += _BAR + 2 * _COLUMN + _GAP
        for place, row in enumerate(shown.to_dict("records")):
            sheet.text(MARGIN, _TOP + ROW * (place + 0.5), names[row["name"]], width=_LABEL - MARGIN)
        if left_out:
            said = f"The {MAX_ROWS} fullest of {len(rows)} nodes; {left_out} more are in the table."
            sheet.text(MARGIN, sheet.height - 0.14, said, size=SMALL, color=QUIET)
    return sheet.figure


def _panel(sheet: Sheet, rows: pd.DataFrame, left: float, title: str, what: str, least: str) -> None:
    columns = [f"{what}_used", f"{what}_requested"]
    largest = rows[columns].max(axis=None)
    scale = max(1.0, largest if largest == largest else 1.0)
    ends = [left + _BAR + _COLUMN * (place + 1) for place in range(2)]
    sheet.text(left, 0.42, title, size=HEAD, bold=True)
    sheet.line((left, ends[1]), (_TOP - 0.02, _TOP - 0.02))
    for end, word in zip(ends, ("used", "requested"), strict=True):
        sheet.text(end, 0.6, word, size=SMALL, color=QUIET, align="right")
    for place, row in enumerate(rows.to_dict("records")):
        y = _TOP + ROW * (place + 0.5)
        used, asked = (row[name] for name in columns)
        bullet(sheet, left, y, _BAR, used=used, asked=asked, limit=1.0, scale=scale)
        for end, value, before in zip(ends, (used, asked), ("", least), strict=True):
            known = value == value
            said = f"{before}{percent(value)}" if known else "?"
            sheet.text(end, y, said, align="right", color=INK if known else QUIET)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[["name", "zone"]].rename(columns={"name": "node"})
    for what, unit, step in (("memory", "GiB", GIB), ("cpu", "cores", 1.0)):
        named = what if what == "memory" else "CPU"
        table[f"{named} allocatable ({unit})"] = (rows[what] / step).round(3)
        for word in ("used", "requested"):
            table[f"{named} {word} ({unit})"] = (rows[f"{what}_{word}_amount"] / step).round(3)
            table[f"{named} {word} (%)"] = (rows[f"{what}_{word}"] * 100).round(1)
    return table


def _note(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    moment = max((one.timestamp for one in facts.objects("nodemetrics") if one.timestamp), default=facts.as_of)
    reason = facts.missing("nodemetrics")
    used = f"not known ({REASON_WORDS[reason]})" if reason else f"one instant, {instant(moment)}, metrics.k8s.io"
    parts = [f"Used: {used}."]
    lost = facts.missing("pods")
    if lost is not None:
        parts.append(f"Requested: not known ({REASON_WORDS[lost]}).")
    elif scope(facts):
        parts.append(f"Requested: {scope(facts)}, so the nodes hold more than is drawn.")
    else:
        parts.append("Requested: all pods on the node that have not ended.")
    if len(rows) > MAX_ROWS:
        parts.append(f"The {MAX_ROWS} fullest of {len(rows)} nodes are shown.")
    return " ".join(parts)
