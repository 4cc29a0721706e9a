"""Small multiples over time: one panel for each pod or volume, with labels at the lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DayLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from readiness_kit.charts import style
from readiness_kit.charts.rows import legend

_TOP, _TITLE, _LEFT, _GAP = 0.34, 0.3, 0.68, 0.3
"""Inches: above the first row of panels; for a title; for the labels of values; for the labels of dates."""


class Line(NamedTuple):
    """Values over time; without a label they are not in the legend."""

    label: str
    color: str
    times: np.ndarray
    values: np.ndarray
    width: float = 1.1


class Mark(NamedTuple):
    """A labelled horizontal line; dashed for soft limits. Without a finite value nothing is drawn."""

    value: float
    label: str
    color: str = style.LIMIT
    dashed: bool = False


class Event(NamedTuple):
    """A moment, marked by a vertical line with its label at the top."""

    at: datetime
    label: str


class Panel(NamedTuple):
    """One small chart. `band`: a range to shade behind the lines; `projection`: times, low, middle, high."""

    title: str
    remark: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    band: tuple[float, float] | None = None
    projection: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None
    events: tuple[Event, ...] = ()


@style.drawing()
def panel_figure(panels: Sequence[Panel], unit: str = "", shade: str = "") -> Figure:
    """The first `MAX_ROWS` panels on shared axes: up to three below each other, more in two columns.

    `unit`: unit of the values; `shade`: word for bands and projections in the legend.
    """
    shown = panels[: style.MAX_ROWS]
    columns = 1 if len(shown) <= 3 else 2
    rows = math.ceil(len(shown) / columns)
    tall = 1.15 if columns == 1 else 0.8
    height = _TOP + rows * (_TITLE + tall + _GAP)
    labels = [mark.label for panel in shown for mark in panel.marks if math.isfinite(mark.value)]
    right = min(max((style.text_width(label, style.SMALL) for label in labels), default=0.0) + 0.06, 1.5)
    wide = (style.WIDTH - 2 * style.MARGIN - (columns - 1) * 0.15) / columns - _LEFT - right
    figure = Figure(figsize=(style.WIDTH, height), dpi=100)
    grid = {
        "left": (style.MARGIN + _LEFT) / style.WIDTH,
        "right": 1 - (style.MARGIN + right) / style.WIDTH,
        "top": 1 - (_TOP + _TITLE) / height,
        "bottom": _GAP / height,
        "hspace": (_TITLE + _GAP) / tall,
        "wspace": (_LEFT + right + 0.15) / wide,
    }
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False, gridspec_kw=grid).ravel().tolist()
    for each in axes[len(shown) :]:
        each.set_visible(False)
    for each, panel in zip(axes, shown, strict=False):
        _titles(each, panel, _LEFT + wide + right, style.HEAD if columns == 1 else style.TEXT)
        _draw(each, panel, shade)
    _scales(axes[0], max(each.dataLim.y1 for each in axes), unit)
    for each, panel in zip(axes, shown, strict=False):
        _mark_labels(each, panel, right, tall)
    legend(figure, axes[0])
    return figure


def shown_of(panels: int) -> str:
    """A sentence on the panels that are left out; empty where all are shown."""
    shown = style.MAX_ROWS
    return f" The {shown} worst of {panels} are shown; the table lists all." if panels > shown else ""


def _titles(axes: Axes, panel: Panel, width: float, size: float) -> None:
    """The title in bold above the axes and the remark next to it, both within `width` inches."""
    title = style.fitted(panel.title, width * 0.55, size, bold=True)
    used = style.text_width(title, size, bold=True) + 0.12
    remark = style.fitted(panel.remark, width - used, style.SMALL)
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate(title, (0, 1), (-_LEFT * 72, 7), fontsize=size, fontweight="bold", color=style.INK, **place)
    axes.annotate(remark, (0, 1), ((used - _LEFT) * 72, 7), fontsize=style.SMALL, color=style.QUIET, **place)


def _draw(axes: Axes, panel: Panel, shade: str) -> None:
    axes.grid(axis="y", color=style.LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(style.LINE)
    axes.tick_params(left=False, bottom=False, labelbottom=True, labelleft=True)
    axes.tick_params(labelsize=style.SMALL, labelcolor=style.QUIET)
    for line in panel.lines:
        axes.plot(line.times, line.values, color=line.color, linewidth=line.width, label=line.label)
    if panel.band is not None:
        axes.axhspan(*panel.band, color=style.USAGE, alpha=0.15, linewidth=0, label=shade)
    if panel.projection is not None:
        times, low, middle, high = panel.projection
        axes.fill_between(times, low, high, color=style.USAGE, alpha=0.18, linewidth=0, label=shade)
        axes.plot(times, middle, color=style.USAGE, linewidth=1.1, linestyle=(0, (3, 2)))
    for event in panel.events:
        moment = date2num(event.at)
        axes.axvline(moment, color=style.BAD, linewidth=1.1)
        font: dict[str, Any] = {"fontsize": style.SMALL, "color": style.BAD, "va": "bottom", "ha": "right"}
        axes.annotate(event.label, (moment, 0), (-3, 2), axes.get_xaxis_transform(), "offset points", **font)
    for mark in panel.marks:
        if math.isfinite(mark.value):
            axes.axhline(mark.value, color=mark.color, linewidth=1.1, linestyle=(0, (4, 2)) if mark.dashed else "-")


def _scales(axes: Axes, largest: float, unit: str) -> None:
    """Values from 0 and at most five dates, for all panels because they share their axes."""
    axes.set_ylim(0, largest * 1.08 if largest > 0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}{unit}" if value else "")
    first, last = axes.get_xlim()
    axes.xaxis.set_major_locator(DayLocator(interval=max(math.ceil((last - first) / 4), 1)))
    axes.xaxis.set_major_formatter(lambda day, _: f"{num2date(day).day} {num2date(day):%b}")


def _mark_labels(axes: Axes, panel: Panel, width: float, tall: float) -> None:
    """The labels of the marks at the right of the axes, moved apart where they would overlap."""
    marks = [mark for mark in panel.marks if math.isfinite(mark.value)]
    places = spread([mark.value for mark in marks], 0.125 / tall * axes.get_ylim()[1])
    for mark, place in zip(marks, places, strict=True):
        label = style.fitted(mark.label, width - 0.05, style.SMALL)
        font: dict[str, Any] = {"fontsize": style.SMALL, "color": mark.color, "va": "center_baseline"}
        axes.annotate(label, (1, place), (4, 0), axes.get_yaxis_transform(), "offset points", **font)


def spread(places: Sequence[float], distance: float) -> list[float]:
    """The places in their order, moved so that no two are closer than `distance`."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, after in itertools.pairwise(order):
        gap = distance - (moved[after] - moved[before])
        if gap > 0:
            moved[before] -= gap / 2
            moved[after] += gap / 2
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + distance)
    return moved
