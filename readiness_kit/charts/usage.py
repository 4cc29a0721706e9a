"""What the Weaviate containers use of what they asked for and may have, at one instant of the metrics API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import (
    HEAD,
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
    fitted,
    text_width,
)
from readiness_kit.charts.units import GIB, cpu_text, instant, memory_text, natural
from readiness_kit.labels import REASON_WORDS, count, percent

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAME = "usage"
SUBJECT = "CPU and memory used against requests and limits"

_LABEL, _BAR, _AMOUNT, _SHARE, _GAP = 1.42, 1.52, 0.72, 0.6, 0.16
_TOP = 0.72


def usage(facts: ClusterFacts) -> Chart | NoChart:
    """Bullet bars of the Weaviate pods' containers, the one nearest to its memory limit first."""
    for key in ("pods", "podmetrics"):
        if (reason := facts.missing(key)) is not None:
            source = "the metrics API (metrics.k8s.io)" if key == "podmetrics" else key
            return NoChart(NAME, SUBJECT, f"{source}: {REASON_WORDS[reason]}")
    frame = facts.usage
    frame = frame[frame["weaviate"]]
    if frame.empty:
        return NoChart(NAME, SUBJECT, "no pod of the Weaviate workload was there")
    if frame[["cpu", "memory"]].isna().all(axis=None):
        return NoChart(NAME, SUBJECT, "the metrics API reported nothing for the Weaviate pods")
    rows = _ranked(frame)
    return Chart(NAME, _title(rows), _alt(rows), _figure(rows), _table(rows), _note(facts, rows))


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Worst first: share of the memory limit, then of the request, then bytes; those without a measurement last."""
    rows = frame.copy()
    rows["of_limit"] = rows["memory"] / rows["memory_limit"].where(rows["memory_limit"] > 0)
    rows["of_request"] = rows["memory"] / rows["memory_request"].where(rows["memory_request"] > 0)
    rows["share"] = rows["of_limit"].fillna(rows["of_request"])
    rows["cpu_of_limit"] = rows["cpu"] / rows["cpu_limit"].where(rows["cpu_limit"] > 0)
    several = rows.groupby("pod")["container"].transform("size") > 1
    rows["label"] = rows["pod"].where(~several, rows["pod"] + " / " + rows["container"])
    rows = rows.sort_values("label", key=lambda labels: labels.map(natural), ignore_index=True)
    return rows.sort_values(["share", "memory"], ascending=False, na_position="last", kind="stable", ignore_index=True)


def _title(rows: pd.DataFrame) -> str:
    measured = rows[rows["memory"].notna()]
    if measured.empty:
        worst = rows.loc[rows["cpu"].idxmax()]
        return f"{worst['label']} uses {_cores(worst['cpu'])} of CPU; its memory was not reported"
    without = int(rows["memory_limit"].isna().sum())
    limited = measured[measured["of_limit"].notna()]
    if not limited.empty:
        worst = limited.iloc[0]
        rest = f", and {_of(without, len(rows))} no memory limit" if without else ""
        return f"Memory is at {percent(worst['of_limit'])} of the limit on {worst['label']}{rest}"
    worst = measured.iloc[0]
    none = "no container has a memory limit" if len(rows) > 1 else "it has no limit"
    if worst["of_request"] == worst["of_request"]:
        return f"Memory is at {percent(worst['of_request'])} of the request on {worst['label']}; {none}"
    return f"{worst['label']} uses {memory_text(worst['memory'])} of memory, with neither request nor limit"


def _of(part: int, whole: int) -> str:
    return f"{part} of {count(whole, 'container')} {'has' if part == 1 else 'have'}"


def _cores(cores: float) -> str:
    return f"{cpu_text(cores)} cores"


def _alt(rows: pd.DataFrame) -> str:
    shown = rows.head(MAX_ROWS)
    parts = [f"{_title(rows)}."]
    for row in shown.head(3).to_dict("records"):
        parts.append(
            f"{row['label']}: memory {_stated(row, 'memory', memory_text)}; CPU {_stated(row, 'cpu', _cores)}."
        )
    if len(rows) > 3:
        parts.append(f"{count(len(rows), 'container')} in all, the numbers are in the table.")
    return " ".join(parts)


def _stated(row: dict[Any, Any], what: str, text: Any) -> str:
    used, asked, limit = row[what], row[f"{what}_request"], row[f"{what}_limit"]
    return ", ".join(
        (
            f"{text(used)} used" if used == used else "usage not reported",
            f"{text(asked)} requested" if asked == asked else "no request",
            f"limit {text(limit)}" if limit == limit else "no limit",
        )
    )


def _figure(rows: pd.DataFrame) -> Any:
    shown = rows.head(MAX_ROWS)
    left_out = len(rows) - len(shown)
    with drawing():
        sheet = Sheet(_TOP + ROW * len(shown) + (0.34 if left_out else 0.1))
        keys = [("thin", USAGE, "used"), ("bar", REQUEST, "requested"), ("tick", LIMIT, "limit")]
        sheet.legend(0.13, keys)
        left = _LABEL + _GAP
        for title, what, text in (("Memory", "memory", memory_text), ("CPU, in cores", "cpu", cpu_text)):
            _panel(sheet, shown, left, title, what, text)
            left += _BAR + _AMOUNT + _SHARE + _GAP
        for place, row in enumerate(shown.to_dict("records")):
            y = _TOP + ROW * (place + 0.5)
            sheet.text(MARGIN, y, _label(row, _LABEL - MARGIN), width=_LABEL - MARGIN)
        if left_out:
            said = f"The {MAX_ROWS} of {len(rows)} containers fullest by memory; {left_out} more are in the table."
            sheet.text(MARGIN, sheet.height - 0.14, said, size=SMALL, color=QUIET)
    return sheet.figure


def _label(row: dict[Any, Any], width: float) -> str:
    """Pod and container side by side, each shortened by itself so that the pod keeps its number."""
    if row["label"] == row["pod"] or text_width(row["label"]) <= width:
        return row["label"]
    container = f" / {fitted(row['container'], width * 0.42)}"
    return fitted(row["pod"], width - text_width(container) - 0.02) + container


def _panel(sheet: Sheet, rows: pd.DataFrame, left: float, title: str, what: str, text: Any) -> None:
    amounts = rows[[what, f"{what}_request", f"{what}_limit"]].max(axis=None)
    scale = amounts if amounts > 0 else 1.0
    amount_at = left + _BAR + _AMOUNT
    share_at = amount_at + _SHARE
    sheet.text(left, 0.42, title, size=HEAD, bold=True)
    sheet.text(amount_at, 0.6, "used", size=SMALL, color=QUIET, align="right")
    sheet.text(share_at, 0.6, "of limit", size=SMALL, color=QUIET, align="right")
    sheet.line((left, share_at), (_TOP - 0.02, _TOP - 0.02))
    for place, row in enumerate(rows.to_dict("records")):
        y = _TOP + ROW * (place + 0.5)
        used, limit = row[what], row[f"{what}_limit"]
        bullet(sheet, left, y, _BAR, used=used, asked=row[f"{what}_request"], limit=limit, scale=scale)
        if used != used:
            sheet.text(share_at, y, "usage not reported", align="right", color=QUIET)
            continue
        sheet.text(amount_at, y, text(used), align="right")
        if limit > 0:
            sheet.text(share_at, y, percent(used / limit), align="right", bold=what == "memory" and place == 0)
        else:
            sheet.text(share_at, y, "no limit", align="right", color=QUIET)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[["namespace", "pod", "container"]].copy()
    for what, unit, step in (("memory", "GiB", GIB), ("cpu", "cores", 1.0)):
        named = what if what == "memory" else "CPU"
        for suffix, word in (("", "used"), ("_request", "requested"), ("_limit", "limit")):
            table[f"{named} {word} ({unit})"] = (rows[what + suffix] / step).round(3)
        share = rows["of_limit" if what == "memory" else "cpu_of_limit"]
        table[f"{named} used of limit (%)"] = (share * 100).round(1)
    return table


def _note(facts: ClusterFacts, rows: pd.DataFrame) -> str:
    mine = {(pod.metadata.namespace, pod.metadata.name) for pod in facts.weaviate.pods}
    read = [one for one in facts.objects("podmetrics") if (one.metadata.namespace, one.metadata.name) in mine]
    moment = max((one.timestamp for one in read if one.timestamp), default=facts.as_of)
    parts = [
        f"One instant, {instant(moment)}, metrics.k8s.io: it says nothing about peaks.",
        "Memory is the working set, which holds pages of mapped files too.",
    ]
    unmeasured = int(rows["memory"].isna().sum())
    if unmeasured:
        parts.append(f"For {_unreported(unmeasured, len(rows))} no memory was reported.")
    if len(rows) > MAX_ROWS:
        parts.append(f"{MAX_ROWS} of {len(rows)} containers are shown, the fullest by memory.")
    return " ".join(parts)


def _unreported(part: int, whole: int) -> str:
    return f"{part} of {count(whole, 'container')}"
