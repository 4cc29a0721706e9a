"""Small multiples over time: one panel a pod or volume, labels at the lines instead of a legend."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

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
    Sheet,
    drawing,
    text_width,
)

DAY = np.timedelta64(1, "D")
_HEADING, _AXIS, _GAP = 0.3, 0.26, 0.16
_TALL, _SHORT = 1.15, 0.8
_LEFT = 0.62
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Mark(NamedTuple):
    """A horizontal line with its label; `color` "" is ink, `dashed` for what is soft."""

    value: float
    label: str
    color: str = LIMIT
    dashed: bool = False


class Panel(NamedTuple):
    """One small picture. `lines`: (times, values, colour, width); `band`: the range to shade behind the lines.

    `cone`: (times, low, middle, high) of a projection.
    """

    title: str
    remark: str
    lines: tuple[tuple[np.ndarray, np.ndarray, str, float], ...]
    marks: tuple[Mark, ...] = ()
    band: tuple[float, float] | None = None
    cone: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None


def columns_of(panels: int) -> int:
    """Up to three panels take the whole width; more stand in pairs."""
    return 1 if panels <= 3 else 2


def sheet(panels: Sequence[Panel], unit: Callable[[float], str], legend: Sequence[tuple[str, str, str]]) -> Sheet:
    """The page with all panels on one scale of values and one of time; at most `MAX_ROWS` of them are drawn."""
    shown = list(panels)[:MAX_ROWS]
    columns = columns_of(len(shown))
    rows = math.ceil(len(shown) / columns)
    tall = _TALL if columns == 1 else _SHORT
    pitch = _HEADING + tall + _AXIS + _GAP
    with drawing():
        page = Sheet(0.34 + rows * pitch)
        page.legend(0.15, legend)
        top = _top(shown)
        for place, panel in enumerate(shown):
            row, column = divmod(place, columns)
            _draw(page, panel, column, columns, 0.34 + row * pitch, tall, top, unit)
    return page


def left_out(panels: int) -> str:
    """A sentence on what the picture does not show, empty where it shows all."""
    return f" The {MAX_ROWS} worst of {panels} are shown; the table has all." if panels > MAX_ROWS else ""


def _top(panels: Sequence[Panel]) -> float:
    values = [float(np.nanmax(line[1])) for panel in panels for line in panel.lines if np.isfinite(line[1]).any()]
    values += [mark.value for panel in panels for mark in panel.marks if math.isfinite(mark.value)]
    return (max(values, default=0.0) or 1.0) * 1.08


def _draw(
    page: Sheet,
    panel: Panel,
    column: int,
    columns: int,
    y: float,
    tall: float,
    top: float,
    unit: Callable[[float], str],
) -> None:
    whole = (WIDTH - 2 * MARGIN - (columns - 1) * 0.2) / columns
    x = MARGIN + column * (whole + 0.2)
    labels = [mark for mark in panel.marks if math.isfinite(mark.value)]
    right = min(max((text_width(mark.label, SMALL) for mark in labels), default=0.0) + 0.1, whole * 0.4)
    named = page.text(x, y + 0.1, panel.title, size=HEAD if columns == 1 else TEXT, bold=True, width=whole * 0.55)
    room = whole - named - 0.15
    page.text(x + named + 0.12, y + 0.1, panel.remark, size=SMALL, color=QUIET, width=room)
    axes = page.room(x + _LEFT, y + _HEADING, whole - _LEFT - right, tall)
    _dress(axes, top, unit)
    if panel.band is not None:
        axes.axhspan(*panel.band, color=USAGE, alpha=0.12, linewidth=0)
    if panel.cone is not None:
        when, low, middle, high = panel.cone
        axes.fill_between(when, low, high, color=USAGE, alpha=0.18, linewidth=0)
        axes.plot(when, middle, color=USAGE, linewidth=1.1, linestyle=(0, (3, 2)))
    for when, values, color, wide in panel.lines:
        axes.plot(when, values, color=color, linewidth=wide, solid_joinstyle="round")
    for mark in labels:
        axes.axhline(mark.value, color=mark.color, linewidth=1.1, linestyle=(0, (4, 2)) if mark.dashed else "-")
    _ticks(axes)
    bottom, height = y + _HEADING + tall, tall / top
    places = spread([bottom - mark.value * height for mark in labels], 0.125)
    for mark, place in zip(labels, places, strict=True):
        page.text(x + whole - right + 0.06, place, mark.label, size=SMALL, color=mark.color or INK, width=right - 0.06)


def spread(places: Sequence[float], apart: float) -> list[float]:
    """The same places, in their order, moved so that no two are closer than `apart`."""
    order = sorted(range(len(places)), key=lambda place: places[place])
    moved = list(places)
    for before, after in itertools.pairwise(order):
        gap = apart - (moved[after] - moved[before])
        if gap > 0:
            moved[before] -= gap / 2
            moved[after] += gap / 2
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + apart)
    return moved


def _dress(axes: Axes, top: float, unit: Callable[[float], str]) -> None:
    axes.set_ylim(0, top)
    step = _round_step(top / 3)
    ticks = [step * place for place in range(int(top / step) + 1)]
    axes.set_yticks(ticks, [unit(tick) if tick else "" for tick in ticks], fontsize=SMALL, color=QUIET)
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)


def _round_step(rough: float) -> float:
    """A step of 1, 2, 5 or 10 times a power: of two for amounts from a MiB on, of ten below."""
    base = 2.0 ** (10 * math.floor(math.log2(rough) / 10)) if rough >= 2**20 else 1.0
    rough /= base
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return base * power * next(step for step in (1, 2, 5, 10) if step * power >= rough * 0.999)


def _ticks(axes: Axes) -> None:
    """Four dates at most, at midnights, written out (`6 Nov`)."""
    first, last = (np.datetime64("1970-01-01T00:00:00") + _days(one) for one in axes.get_xlim())
    days = max(int((last - first) / DAY), 1)
    every = max(math.ceil(days / 4), 1)
    start = first.astype("datetime64[D]") + np.timedelta64(1, "D")
    ticks = [start + np.timedelta64(n * every, "D") for n in range(8) if start + np.timedelta64(n * every, "D") <= last]
    axes.set_xticks(ticks, [_date(tick) for tick in ticks], fontsize=SMALL, color=QUIET)


def _days(number: float) -> np.timedelta64:
    return np.timedelta64(int(number * 86_400), "s")


def _date(day: np.datetime64) -> str:
    year_month_day = str(day)
    return f"{int(year_month_day[8:10])} {_MONTHS[int(year_month_day[5:7]) - 1]}"
