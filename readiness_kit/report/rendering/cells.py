"""How error messages name the cell of a notebook and its failure."""

from __future__ import annotations

import re
from typing import Any

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def first_line(source: str) -> str:
    """The first line of a cell, by which messages name it."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "an empty cell")[:80]


def failure(error: Any) -> str:
    """`ValueError: …` in one line, without terminal colours; `error` has `ename` and `evalue`."""
    return _ANSI.sub("", " ".join(f"{error.ename}: {error.evalue}".split()))[:300]
