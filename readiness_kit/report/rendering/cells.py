"""How error messages name the cell of a notebook and its failure."""

from __future__ import annotations

import re
from typing import Any

from readiness_kit.errors import ReadinessError

NOT_IN_REPORT = "not-in-report"
"""The tag of cells that are for the person who runs the notebook."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def first_line(source: str) -> str:
    """The first line of a cell, by which messages name it."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "an empty cell")[:80]


def cell_failed(which: str, raised: str) -> ReadinessError:
    """The error for a cell of the report notebook that failed; `raised` is `ValueError: …`."""
    return ReadinessError(
        f"{which} failed: {_one_line(raised)}", "correct the cell, or delete this copy to use the kit's notebook"
    )


def _one_line(text: str) -> str:
    return _ANSI.sub("", " ".join(text.split()))[:300]


def failure(error: Any) -> str:
    """`ValueError: …` in one line, without terminal colours; `error` has `ename` and `evalue`."""
    return _one_line(f"{error.ename}: {error.evalue}")
