"""Charts made of rows: labels at the left, bars in one or two panels, texts next to the bars.

Row n of a panel is at y = n. Texts and rules take their x in inches from the left edge of the figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from readiness_kit.charts import style

ROW = 0.27
"""Height of a row in inches."""
BAR, THIN_BAR = 0.56, 0.26
"""Height of a bar as a share of its row."""
HEADINGS = 0.72
"""Inches above the first row of a chart with a legend, a title for each panel and column headings."""


def row_figure(
    rows: int, *, left: float, right: float = 0.0, panels: int = 1, top: float = HEADINGS, pitch: float = ROW
) -> tuple[Figure, list[Axes]]:
    """A figure of `rows` rows with `panels` axes side by side, in a layout given in inches.

    `left`: room for labels; `right`: room for texts at the right of each panel; `top`: room above the first row;
    `pitch`: height of a row.
    """
    height = top + rows * pitch + 0.1
    figure = Figure(figsize=(style.WIDTH, height), dpi=100)
    panel = (style.WIDTH - style.MARGIN - left - panels * right) / panels
    grid = {
        "left": left / style.WIDTH,
        "right": 1 - (style.MARGIN + right) / style.WIDTH,
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
    width: float = style.WIDTH,
    size: float = style.TEXT,
    color: str = style.INK,
    bold: bool = False,
    align: str = "left",
) -> float:
    """Write a line of text, shortened to `width` inches, and return its width."""
    shown = style.fitted(text, width, size, bold)
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
    return style.text_width(shown, size, bold)


def row_labels(axes: Axes, labels: Sequence[str], width: float) -> None:
    """One label for each row, at the left margin."""
    for row, label in enumerate(labels):
        row_text(axes, style.MARGIN, row, label, width=width)


def rule(axes: Axes, row: float, left: float = style.MARGIN, right: float = style.WIDTH - style.MARGIN) -> None:
    """A horizontal line from `left` to `right`."""
    transform = blended_transform_factory(axes.figure.dpi_scale_trans, axes.transData)
    axes.add_artist(
        Line2D((left, right), (row, row), color=style.LINE, linewidth=0.7, transform=transform, clip_on=False)
    )


def ticks(axes: Axes, values: pd.Series, label: str) -> None:
    """A short vertical line in each row at its value; none where it is NaN."""
    size = 0.8 * ROW * 72
    axes.plot(values, values.index, "|", color=style.LIMIT, markersize=size, markeredgewidth=1.8, label=label)


def bullets(axes: Axes, title: str, values: pd.DataFrame, labels: tuple[str, str], columns: float) -> float:
    """A titled panel of bullet bars: usage in front of the request, the limit as a tick.

    `values`: used, requested and limit, in this order; `labels`: words for the request and the limit in the legend;
    `columns`: inches at its right for columns of text. Returns the right edge of the bars.
    """
    used, requested, limit = (values[name] for name in values)
    largest = values.max(axis=None)
    scale = largest if largest > 0 else 1.0
    axes.barh(values.index, scale, BAR, color=style.TRACK)
    axes.barh(values.index, used, THIN_BAR, color=style.USAGE, zorder=2, label="used")
    axes.barh(values.index, requested, BAR, color=style.REQUEST_BAR, label=labels[0])
    ticks(axes, limit, labels[1])
    axes.set_xlim(0, scale)
    left, right = (float(end * style.WIDTH) for end in axes.get_position().intervalx)
    row_text(axes, left, -1.6, title, size=style.HEAD, bold=True)
    rule(axes, -0.57, left, right + columns)
    return right


def column(axes: Axes, right: float, heading: str, texts: Sequence[str], grey: Sequence[str] = ("?",)) -> None:
    """Texts that end at `right`, below a small heading."""
    row_text(axes, right, -0.95, heading, size=style.SMALL, color=style.QUIET, align="right")
    for row, text in enumerate(texts):
        row_text(axes, right, row, text, color=style.QUIET if text in grey else style.INK, align="right")


def legend(figure: Figure, axes: Axes) -> None:
    """The labelled artists of `axes` in a line in the upper left corner, bars before lines; nothing without labels."""
    entries = sorted(
        zip(*axes.get_legend_handles_labels(), strict=True), key=lambda entry: isinstance(entry[0], Line2D)
    )
    if entries:
        handles, labels = zip(*entries, strict=True)
        figure.legend(
            handles,
            labels,
            loc="upper left",
            ncols=len(labels),
            frameon=False,
            fontsize=style.SMALL,
            labelcolor=style.QUIET,
            borderpad=0,
            borderaxespad=0.6,
            handlelength=1.6,
            columnspacing=1.8,
            markerscale=0.7,
        )
