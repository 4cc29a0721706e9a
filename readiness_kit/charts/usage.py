"""CPU and memory of the Weaviate containers against requests and limits, at one instant of the metrics API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import bullets, column, legend, row_figure, row_labels
from readiness_kit.charts.style import MAX_ROWS, drawing, fitted, text_width
from readiness_kit.charts.units import GIB, cpu_text, instant, memory_text, natural
from readiness_kit.labels import REASON_WORDS, count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "usage", "CPU and memory used against requests and limits"
_LEFT, _LABEL, _AMOUNT, _SHARE = 1.58, 1.36, 0.72, 0.6
_UNKNOWN, _NO_LIMIT = "usage not reported", "no limit"


def usage(facts: ClusterFacts) -> Chart | NoChart:
    """Bullet bars of the Weaviate containers, the one nearest to its memory limit first."""
    for key, source in (("pods", "pods"), ("podmetrics", "the metrics API (metrics.k8s.io)")):
        if (reason := facts.missing(key)) is not None:
            return NoChart(NAME, SUBJECT, f"{source}: {REASON_WORDS[reason]}")
    frame = facts.usage
    frame = frame[frame["weaviate"]]
    if frame.empty:
        return NoChart(NAME, SUBJECT, "no Weaviate pod was found")
    if frame[["cpu", "memory"]].isna().all(axis=None):
        return NoChart(NAME, SUBJECT, "the metrics API reported no Weaviate pod")
    rows = _ranked(frame)
    title, table = _title(rows), _table(rows)
    alt = alt_text(title, table.drop(columns="namespace"), 10)
    return Chart(NAME, title, alt, _figure(rows), table, _note(facts, rows))


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Highest share of the memory limit first, then of the request, then by bytes; unmeasured containers last."""
    rows = frame.copy()
    for share, used, bound in (
        ("of_limit", "memory", "memory_limit"),
        ("of_request", "memory", "memory_request"),
        ("cpu_of_limit", "cpu", "cpu_limit"),
    ):
        rows[share] = rows[used] / rows[bound].where(rows[bound] > 0)
    rows["share"] = rows["of_limit"].fillna(rows["of_request"])
    several = rows.groupby("pod")["container"].transform("size") > 1
    rows["label"] = rows["pod"].where(~several, rows["pod"] + " / " + rows["container"])
    rows = rows.sort_values("label", key=lambda labels: labels.map(natural), ignore_index=True)
    return rows.sort_values(["share", "memory"], ascending=False, na_position="last", kind="stable", ignore_index=True)


def _title(rows: pd.DataFrame) -> str:
    measured = rows[rows["memory"].notna()]
    if measured.empty:
        worst = rows.loc[rows["cpu"].idxmax()]
        return f"{worst['label']} uses {cpu_text(worst['cpu'])} CPU cores; its memory usage was not reported"
    worst = measured.iloc[0]
    if worst["of_limit"] == worst["of_limit"]:
        without = int(rows["memory_limit"].isna().sum())
        verb = "has" if without == 1 else "have"
        rest = f", and {without} of {count(len(rows), 'container')} {verb} no memory limit" if without else ""
        return f"Memory is at {percent(worst['of_limit'])} of the limit on {worst['label']}{rest}"
    if worst["of_request"] == worst["of_request"]:
        none = "no container has a memory limit" if len(rows) > 1 else "it has no limit"
        return f"Memory is at {percent(worst['of_request'])} of the request on {worst['label']}; {none}"
    return f"{worst['label']} uses {memory_text(worst['memory'])} of memory and has neither request nor limit"


@drawing()
def _figure(rows: pd.DataFrame) -> Figure:
    shown = rows.head(MAX_ROWS)
    figure, (memory, cpu) = row_figure(len(shown), left=_LEFT, right=_AMOUNT + _SHARE + 0.16, panels=2)
    row_labels(memory, [_label(row) for row in shown.to_dict("records")], _LABEL)
    _panel(memory, shown, "Memory", "memory", memory_text)
    _panel(cpu, shown, "CPU, in cores", "cpu", cpu_text)
    legend(figure, memory)
    return figure


def _label(row: dict[Any, Any]) -> str:
    """Pod and container, each shortened separately so that the pod keeps its ordinal."""
    if row["label"] == row["pod"] or text_width(row["label"]) <= _LABEL:
        return str(row["label"])
    container = f" / {fitted(row['container'], _LABEL * 0.42)}"
    return fitted(row["pod"], _LABEL - text_width(container) - 0.02) + container


def _panel(axes: Axes, rows: pd.DataFrame, title: str, what: str, text: Callable[[float], str]) -> None:
    values = rows[[what, f"{what}_request", f"{what}_limit"]]
    right = bullets(axes, title, values, ("requested", "limit"), _AMOUNT + _SHARE) + _AMOUNT
    used, limit = rows[what], rows[f"{what}_limit"]
    column(axes, right, "used", [text(amount) for amount in used])
    shares = [
        _UNKNOWN if amount != amount else percent(amount / bound) if bound > 0 else _NO_LIMIT
        for amount, bound in zip(used, limit, strict=True)
    ]
    column(axes, right + _SHARE, "of limit", shares, grey=(_UNKNOWN, _NO_LIMIT))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[["namespace", "pod", "container"]].copy()
    for what, name, unit, size in (("memory", "memory", "GiB", GIB), ("cpu", "CPU", "cores", 1.0)):
        for suffix, word in (("", "used"), ("_request", "requested"), ("_limit", "limit")):
            table[f"{name} {word} ({unit})"] = (rows[what + suffix] / size).round(3)
        share = rows["of_limit" if what == "memory" else "cpu_of_limit"]
        table[f"{name} used of limit (%)"] = (share * 100).round(1)
    return table


def _note(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    pods = {(pod.metadata.namespace, pod.metadata.name) for pod in facts.weaviate.pods}
    times = [
        measured.timestamp
        for measured in facts.objects("podmetrics")
        if measured.timestamp and (measured.metadata.namespace, measured.metadata.name) in pods
    ]
    parts = [
        f"Measured at one instant, {instant(max(times, default=facts.as_of))}, by metrics.k8s.io; peaks are not shown.",
        "Memory is the working set, which includes memory-mapped files.",
    ]
    if unmeasured := int(rows["memory"].isna().sum()):
        parts.append(f"Memory usage was not reported for {unmeasured} of {count(len(rows), 'container')}.")
    if len(rows) > MAX_ROWS:
        parts.append(f"{MAX_ROWS} of {len(rows)} containers are shown, ranked by memory; the table lists all.")
    return " ".join(parts)
