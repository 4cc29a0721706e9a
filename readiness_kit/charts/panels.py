"""Small multiples over time: one panel for each pod or volume, with labels at the lines instead of a legend."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from readiness_kit.charts.rows import legend
from readiness_kit.charts.style import (
    HEAD,
    INK,
    LIMIT,
    LINE,
    MARGIN,
    MAX_ROWS,
    QUIET,
    SMALL,
    TEXT,
    USAGE,
    WIDTH,
    drawing,
    fitted,
    text_width,
)

_TOP, _TITLE, _LEFT, _GAP = 0.34, 0.3, 0.68, 0.3
"""Inches: above the first row of panels; for a title; for the labels of values; for the labels of dates."""


class Mark(NamedTuple):
    """A labelled horizontal line; dashed for soft limits."""

    value: float
    label: str
    color: str = LIMIT
    dashed: bool = False


class Panel(NamedTuple):
    """One small chart. `lines`: (times, values, colour, width); `band`: a range to shade behind the lines.

    `projection`: (times, low, middle, high).
    """

    title: str
    remark: str
    lines: tuple[tuple[np.ndarray, np.ndarray, str, float], ...]
    marks: tuple[Mark, ...] = ()
    band: tuple[float, float] | None = None
    projection: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None


@drawing()
def panel_figure(panels: Sequence[Panel], unit: Callable[[float], str], *keys: tuple[str, str, str]) -> Figure:
    """The first `MAX_ROWS` panels on shared axes: up to three below each other, more in two columns."""
    shown = [_without_unknown(panel) for panel in panels[:MAX_ROWS]]
    columns = 1 if len(shown) <= 3 else 2
    rows = math.ceil(len(shown) / columns)
    tall = 1.15 if columns == 1 else 0.8
    height = _TOP + rows * (_TITLE + tall + _GAP)
    labels = [mark.label for panel in shown for mark in panel.marks]
    right = min(max((text_width(label, SMALL) for label in labels), default=0.0) + 0.06, 1.5)
    wide = (WIDTH - 2 * MARGIN - (columns - 1) * 0.15) / columns - _LEFT - right
    figure = Figure(figsize=(WIDTH, height), dpi=100)
    grid = {
        "left": (MARGIN + _LEFT) / WIDTH,
        "right": 1 - (MARGIN + right) / WIDTH,
        "top": 1 - (_TOP + _TITLE) / height,
        "bottom": _GAP / height,
        "hspace": (_TITLE + _GAP) / tall,
        "wspace": (_LEFT + right + 0.15) / wide,
    }
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False, gridspec_kw=grid).flat
    for each, panel in itertools.zip_longest(axes, shown):
        if panel is None:
            each.set_visible(False)
        else:
            _titles(each, panel, _LEFT + wide + right, HEAD if columns == 1 else TEXT)
            _lines(each, panel)
    _scales(axes[0], _largest(shown) * 1.08, unit)
    for each, panel in zip(axes, shown, strict=False):
        each.tick_params(left=False, bottom=False, labelbottom=True, labelleft=True, labelsize=SMALL, labelcolor=QUIET)
        _mark_labels(each, panel, right, tall)
    legend(figure, *keys)
    return figure


def shown_of(panels: int) -> str:
    """A sentence on the panels that are left out; empty where all are shown."""
    return f" The {MAX_ROWS} worst of {panels} are shown; the table lists all." if panels > MAX_ROWS else ""


def _without_unknown(panel: Panel) -> Panel:
    return panel._replace(marks=tuple(mark for mark in panel.marks if math.isfinite(mark.value)))


def _largest(panels: Sequence[Panel]) -> float:
    values = [float(np.nanmax(line[1])) for panel in panels for line in panel.lines if np.isfinite(line[1]).any()]
    values += [mark.value for panel in panels for mark in panel.marks]
    return max(values, default=0.0) or 1.0


def _titles(axes: Axes, panel: Panel, width: float, size: float) -> None:
    """The title in bold above the axes and the remark beside it, both within `width` inches."""
    title = fitted(panel.title, width * 0.55, size, bold=True)
    used = text_width(title, size, bold=True) + 0.12
    remark = fitted(panel.remark, width - used, SMALL)
    place = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate(title, (0, 1), (-_LEFT * 72, 7), fontsize=size, fontweight="bold", color=INK, **place)
    axes.annotate(remark, (0, 1), ((used - _LEFT) * 72, 7), fontsize=SMALL, color=QUIET, **place)


def _lines(axes: Axes, panel: Panel) -> None:
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    if panel.band is not None:
        axes.axhspan(*panel.band, color=USAGE, alpha=0.12, linewidth=0)
    if panel.projection is not None:
        when, low, middle, high = panel.projection
        axes.fill_between(when, low, high, color=USAGE, alpha=0.18, linewidth=0)
        axes.plot(when, middle, color=USAGE, linewidth=1.1, linestyle=(0, (3, 2)))
    for when, values, color, width in panel.lines:
        axes.plot(when, values, color=color, linewidth=width)
    for mark in panel.marks:
        axes.axhline(mark.value, color=mark.color, linewidth=1.1, linestyle=(0, (4, 2)) if mark.dashed else "-")


def _scales(axes: Axes, top: float, unit: Callable[[float], str]) -> None:
    """Values from 0 to `top` and at most five dates, for all panels because they share their axes."""
    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MultipleLocator(_round_step(top / 3)))
    axes.yaxis.set_major_formatter(lambda value, _: unit(value) if value else "")
    first, last = axes.get_xlim()
    axes.xaxis.set_major_locator(DayLocator(interval=max(math.ceil((last - first) / 4), 1)))
    axes.xaxis.set_major_formatter(DateFormatter("%-d %b"))


def _round_step(rough: float) -> float:
    """A step of 1, 2, 5 or 10 times a power: of two for amounts from a MiB on, of ten below."""
    base = 2.0 ** (10 * math.floor(math.log2(rough) / 10)) if rough >= 2**20 else 1.0
    power = 10.0 ** math.floor(math.log10(rough / base))
    return base * power * next(step for step in (1, 2, 5, 10) if step * power >= rough / base * 0.999)


def _mark_labels(axes: Axes, panel: Panel, width: float, tall: float) -> None:
    """The labels of the marks at the right of the axes, moved apart where they would overlap."""
    places = spread([mark.value for mark in panel.marks], 0.125 / tall * axes.get_ylim()[1])
    for mark, place in zip(panel.marks, places, strict=True):
        label = fitted(mark.label, width - 0.05, SMALL)
        style = {"fontsize": SMALL, "color": mark.color, "va": "center_baseline"}
        axes.annotate(label, (1, place), (4, 0), axes.get_yaxis_transform(), "offset points", **style)


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
