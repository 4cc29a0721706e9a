"""Charts made of rows: labels at the left, bars in one or two panels, texts beside the bars.

Row n of a panel is at y = n. Texts and rules take their x in inches from the left edge of the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from readiness_kit.charts.style import (
    HEAD,
    INK,
    LIMIT,
    LINE,
    MARGIN,
    QUIET,
    REQUEST_BAR,
    SMALL,
    TEXT,
    TRACK,
    USAGE,
    WIDTH,
    fitted,
    text_width,
)

ROW = 0.27
"""Height of a row in inches."""
BAR, THIN_BAR = 0.56, 0.26
"""Height of a bar as a share of its row."""
HEADINGS = 0.72
"""Inches above the first row of a chart with a legend, a title for each panel and column headings."""

_KEYS: dict[str, dict[str, Any]] = {
    "bar": {"linewidth": 9},
    "line": {"linewidth": 4.5},
    "box": {"linestyle": "", "marker": "s", "markersize": 7},
    "hollow": {"linestyle": "", "marker": "s", "markersize": 7, "markerfacecolor": "none"},
    "tick": {"linestyle": "", "marker": "|", "markersize": 10, "markeredgewidth": 1.8},
}


def row_figure(
    rows: int, *, left: float, right: float = 0.0, panels: int = 1, top: float = HEADINGS, pitch: float = ROW
) -> tuple[Figure, list[Axes]]:
    """A figure of `rows` rows with `panels` axes side by side, in a layout given in inches.

    `left`: room for labels; `right`: room for texts at the right of each panel; `top`: room above the first row;
    `pitch`: height of a row.
    """
    height = top + rows * pitch + 0.1
    figure = Figure(figsize=(WIDTH, height), dpi=100)
    panel = (WIDTH - MARGIN - left - panels * right) / panels
    grid = {
        "left": left / WIDTH,
        "right": 1 - (MARGIN + right) / WIDTH,
        "top": 1 - top / height,
        "bottom": 0.1 / height,
        "wspace": right / panel,
    }
    axes = list(figure.subplots(1, panels, squeeze=False, gridspec_kw=grid)[0])
    for each in axes:
        each.set_axis_off()
        each.set_ylim(rows - 0.5, -0.5)
    return figure, axes


def row_text(
    axes: Axes,
    x: float,
    row: float,
    text: str,
    *,
    width: float = WIDTH,
    size: float = TEXT,
    color: str = INK,
    bold: bool = False,
    align: str = "left",
) -> float:
    """Write a line of text, shortened to `width` inches, and return its width."""
    shown = fitted(text, width, size, bold)
    axes.text(
        x,
        row,
        shown,
        transform=blended_transform_factory(axes.figure.dpi_scale_trans, axes.transData),
        ha=align,
        va="center_baseline",
        fontsize=size,
        color=color,
        fontweight="bold" if bold else "normal",
    )
    return text_width(shown, size, bold)


def row_labels(axes: Axes, labels: Sequence[str], width: float) -> None:
    """One label for each row, at the left margin."""
    for row, label in enumerate(labels):
        row_text(axes, MARGIN, row, label, width=width)


def rule(axes: Axes, row: float, left: float = MARGIN, right: float = WIDTH - MARGIN) -> None:
    """A horizontal line from `left` to `right`."""
    transform = blended_transform_factory(axes.figure.dpi_scale_trans, axes.transData)
    axes.add_artist(Line2D((left, right), (row, row), color=LINE, linewidth=0.7, transform=transform))


def bars(axes: Axes, lengths: pd.Series, color: str, *, height: float = BAR, left: Any = 0.0) -> None:
    """One bar for each row of `lengths`, which has a range as its index; none where the length is NaN."""
    known = lengths.dropna()
    axes.barh(known.index, known, height, left, color=color)


def ticks(axes: Axes, values: pd.Series, color: str = LIMIT) -> None:
    """A short vertical line in each row at its value; none where it is NaN."""
    known = values.dropna()
    axes.vlines(known, known.index - 0.39, known.index + 0.39, color=color, linewidth=1.8)


def bullets(axes: Axes, title: str, used: pd.Series, requested: pd.Series, limit: pd.Series, columns: float) -> float:
    """A titled panel of bullet bars: usage in front of the request, the limit as a tick.

    `columns`: inches at its right for columns of text. Returns the right edge of the bars.
    """
    largest = pd.concat([used, requested, limit]).max()
    scale = largest if largest > 0 else 1.0
    bars(axes, pd.Series(scale, index=used.index), TRACK)
    bars(axes, requested, REQUEST_BAR)
    bars(axes, used, USAGE, height=THIN_BAR)
    ticks(axes, limit)
    axes.set_xlim(0, scale)
    left, right = (float(end * WIDTH) for end in axes.get_position().intervalx)
    row_text(axes, left, -1.6, title, size=HEAD, bold=True)
    rule(axes, -0.57, left, right + columns)
    return right


def column(axes: Axes, right: float, heading: str, texts: Sequence[str], grey: Sequence[str] = ("?",)) -> None:
    """Texts that end at `right`, below a small heading."""
    row_text(axes, right, -0.95, heading, size=SMALL, color=QUIET, align="right")
    for row, text in enumerate(texts):
        row_text(axes, right, row, text, color=QUIET if text in grey else INK, align="right")


def legend(figure: Figure, *entries: tuple[str, str, str]) -> None:
    """A line of keys in the upper left corner: (shape, colour, word), with a shape of `_KEYS`."""
    handles = [
        Line2D([], [], color=color, label=word, solid_capstyle="butt", **_KEYS[shape]) for shape, color, word in entries
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL,
        labelcolor=QUIET,
        borderpad=0,
        borderaxespad=0.6,
        handlelength=1.6,
        columnspacing=1.8,
    )
