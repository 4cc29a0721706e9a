"""Each regular expression of the package takes linear time, on texts made to take longer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.patterns import Found, TooSlowError, all_patterns, hostile, seconds

PATTERNS = all_patterns()
FLOOR = 0.02
"""Seconds for 100 KB; a pattern that stays below is faster than any that is not linear."""
SMALL = 10_000
"""The characters of the shorter text; the longer one has ten times as many."""
LIMIT = 1.5
MAX_RATIO = 15


def cost(found: Found, start: str, unit: str, end: str, size: int) -> float:
    """The seconds for a run over a text of `size` characters."""
    text: Any = start + unit * (size // len(unit)) + end
    if isinstance(found.pattern.pattern, bytes):
        text = text.encode()

    def run() -> None:
        if not found.anywhere:
            found.pattern.fullmatch(text)
            found.pattern.match(text)
            return
        for _ in found.pattern.finditer(text):
            pass

    return seconds(run, LIMIT)


def best_ratio(found: Found, start: str, unit: str, end: str) -> float:
    """100 KB over 10 KB, each the best of several; 0 where even 100 KB cost next to nothing."""
    small = large = float("inf")
    for _ in range(40):
        large = min(large, cost(found, start, unit, end, 10 * SMALL))
        if large < FLOOR:
            return 0.0
        small = min(small, *(cost(found, start, unit, end, SMALL) for _ in range(5)))
        if large <= MAX_RATIO * small:
            break
    return large / max(small, 1e-9)


def slow(found: Found) -> str:
    """The first hostile text that costs more than linear time, or an empty string.

    Where 10 KB cost less than a hundredth of the floor, even quadratic growth stays below it at 100 KB; a higher
    power of 10,000 characters cannot cost so little.
    """
    for start, unit, end in hostile(found.pattern):
        try:
            cost(found, start, unit, end, SMALL // 10)
            if cost(found, start, unit, end, SMALL) < FLOOR / 100:
                continue
            if (ratio := best_ratio(found, start, unit, end)) > MAX_RATIO:
                return f"{ratio:.0f} times: {start!r} + {unit!r} * n + {end!r}"
        except TooSlowError:
            return f"does not end: {start!r} + {unit!r} * n + {end!r}"
    return ""


def test_the_patterns_of_the_package_are_found() -> None:
    names = {found.where for found in PATTERNS}
    assert len(PATTERNS) > 100
    assert {"readiness_kit.redact.shapes.SHAPES", "readiness_kit.redact.commands._NAMED"} <= names


@pytest.mark.parametrize("found", PATTERNS, ids=lambda found: found.where)
def test_pattern_takes_linear_time(found: Found) -> None:
    assert slow(found) == ""
