"""Colours, sizes and matplotlib settings of all charts, and text shortened to a given width.

Text is measured in DejaVu Sans, which matplotlib ships. It is wider than the fonts that a browser uses in its place,
so text that fits here also fits there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import matplotlib
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from readiness_kit.markup import clean

USAGE, LIMIT = "#0072B2", "#000000"
REQUEST, REQUEST_BAR = "#E69F00", "#f0c566"
"""Requests as a line, and as a bar light enough for the usage in front of it."""
GOOD, WARN, BAD = "#1a7f5a", "#7d4e00", "#b3261e"
INK, QUIET, LINE, TRACK, PAPER = "#1f2328", "#57606a", "#d0d7de", "#eceff2", "#ffffff"

WIDTH = 7.5
"""Inches: what a notebook shows without scrolling; an A4 page scales it down by a tenth."""
MARGIN = 0.06
TEXT, SMALL, HEAD = 8.5, 7.5, 9.5
"""Font sizes in points."""
MAX_ROWS = 20

_FONT = "DejaVu Sans"
_SETTINGS: Any = {
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "font.family": [_FONT],
    "path.simplify": True,
    "path.simplify_threshold": 0.3,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "readiness-kit",
    "text.parse_math": False,
    "text.usetex": False,
}
_LOCK = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Use the kit's matplotlib settings, whatever a matplotlibrc file or the notebook has set; also a decorator.

    matplotlib keeps its settings per process, so only one thread draws at a time.
    """
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


@cache
def _text_to_path() -> TextToPath:
    return TextToPath()


@lru_cache(maxsize=8192)
def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """Width of a line of text in inches."""
    font = FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")
    return float(_text_to_path().get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def fitted(text: str, width: float, size: float = TEXT, bold: bool = False) -> str:
    """The text if it fits in `width` inches, otherwise its beginning and end, because names differ at the end."""
    shown = plain = " ".join(clean(text).split())
    keep = len(plain) - 1
    while keep > 1 and text_width(shown, size, bold) > width:
        head = keep // 2
        shown = f"{plain[:head]}…{plain[len(plain) - (keep - head) :]}"
        keep -= 1
    return shown
