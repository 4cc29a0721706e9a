"""How charts look, and the sheet they are drawn on.

A `Sheet` is measured in inches from its upper left corner. Text is measured in DejaVu Sans, which comes with
matplotlib and runs wider than the fonts that a browser takes in its place: what fits here fits there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextToPath

from readiness_kit.markup import clean

USAGE = "#0072B2"
REQUEST = "#E69F00"
LIMIT = "#000000"
GOOD, WARN, BAD = "#1a7f5a", "#b7791f", "#b3261e"
WARN_TEXT = "#7d4e00"
"""For words in the colour of a warning, which is too light for small print."""
INK, QUIET, LINE, TRACK, PAPER = "#1f2328", "#57606a", "#d0d7de", "#eceff2", "#ffffff"

WIDTH = 7.5
"""Inches: what a notebook shows without scrolling; on an A4 page it shrinks by a tenth."""
MARGIN = 0.06
ROW = 0.27
MAX_ROWS = 20
TEXT, SMALL, HEAD = 8.5, 7.5, 9.5
"""Sizes in points."""

_FONT = "DejaVu Sans"
_RC: Any = {
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "font.family": [_FONT],
    "path.simplify": True,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "readiness-kit",
    "text.parse_math": False,
    "text.usetex": False,
}
_LOCK = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """The kit's own settings for a while, whatever the user's matplotlibrc or notebook has set.

    matplotlib keeps its settings per process, so only one thread draws at a time.
    """
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        yield


@cache
def _measure() -> TextToPath:
    return TextToPath()


@lru_cache(maxsize=8192)
def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """Inches that a line of text takes."""
    font = FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")
    return float(_measure().get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def fitted(text: str, width: float, size: float = TEXT, bold: bool = False) -> str:
    """The text, or its beginning and end around an ellipsis: names differ at their ends."""
    plain = " ".join(clean(text).split())
    if text_width(plain, size, bold) <= width:
        return plain
    keep = len(plain) - 1
    while keep > 2 and text_width(_without_middle(plain, keep), size, bold) > width:
        keep -= 1
    return _without_middle(plain, keep)


def _without_middle(text: str, keep: int) -> str:
    head = keep // 2
    return f"{text[:head]}…{text[len(text) - (keep - head) :]}"


class Sheet:
    """A white page of `WIDTH` by `height` inches to draw bars and text on; y grows downwards.

    `room(...)` gives a chart with real axes (a series over time) its part of the page.
    """

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH, height), dpi=100, facecolor=PAPER)
        self._axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(height, 0)

    def room(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes of their own in a rectangle of the page."""
        bottom = self.height - top - height
        return self.figure.add_axes((left / WIDTH, bottom / self.height, width / WIDTH, height / self.height))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        align: str = "left",
        size: float = TEXT,
        color: str = INK,
        bold: bool = False,
        width: float = WIDTH,
    ) -> float:
        """A line of plain text, its middle at y, shortened to `width`; returns the inches it takes."""
        shown = fitted(text, width, size, bold)
        self._axes.text(
            x,
            y + size / 72 * 0.36,
            shown,
            ha=align,
            va="baseline",
            fontsize=size,
            color=color,
            fontweight="bold" if bold else "normal",
        )
        return text_width(shown, size, bold)

    def bar(self, x: float, y: float, width: float, thick: float, color: str, edge: str = "none") -> None:
        """A horizontal bar with its middle at y; requests let what lies on them stand out."""
        alpha = 0.6 if color == REQUEST else None
        corner = (x, y - thick / 2)
        patch = Rectangle(corner, width, thick, facecolor=color, edgecolor=edge, linewidth=1.0, alpha=alpha)
        # Nothing is drawn past the page, and a clip path on each bar would make the file half as big again.
        self._axes.add_patch(patch).set_clip_path(None)

    def line(self, xs: tuple[float, float], ys: tuple[float, float], color: str = LINE, wide: float = 0.7) -> None:
        line = Line2D(xs, ys, color=color, linewidth=wide, solid_capstyle="butt")
        self._axes.add_line(line).set_clip_path(None)

    def legend(self, y: float, entries: Sequence[tuple[str, str, str]], x: float = MARGIN) -> None:
        """A line of keys: (shape, colour, word); shapes are `bar`, `thin`, `tick`, `box`, `hollow`."""
        for shape, color, word in entries:
            x += self._key(x, y, shape, color) + 0.07
            x += self.text(x, y, word, size=SMALL, color=QUIET) + 0.22

    def _key(self, x: float, y: float, shape: str, color: str) -> float:
        if shape == "tick":
            self.line((x + 0.02, x + 0.02), (y - 0.07, y + 0.07), color, 1.8)
            return 0.04
        if shape in ("box", "hollow"):
            self.bar(x, y, 0.11, 0.11, color if shape == "box" else PAPER, color)
            return 0.11
        self.bar(x, y, 0.2, 0.14 if shape == "bar" else 0.07, color)
        return 0.2


def bullet(
    sheet: Sheet, x: float, y: float, width: float, *, used: float, asked: float, limit: float, scale: float
) -> None:
    """A bullet bar: request behind, usage before it, limit as a black tick; NaN draws nothing."""
    sheet.bar(x, y, width, 0.15, TRACK)
    if asked == asked:
        sheet.bar(x, y, width * min(asked / scale, 1), 0.15, REQUEST)
    if used == used:
        sheet.bar(x, y, width * min(used / scale, 1), 0.07, USAGE)
    if limit == limit:
        place = x + width * min(limit / scale, 1)
        sheet.line((place, place), (y - 0.105, y + 0.105), LIMIT, 1.8)
