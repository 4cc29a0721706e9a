"""Phrases that the sentences of several findings share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from readiness_kit.labels import count


def names(items: Iterable[str], most: int = 3) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 more`: sorted, without duplicates."""
    listed = sorted(set(items))
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def spread_over(counts: Mapping[str, int]) -> str:
    """{"a": 2, "b": 1} -> "a: 2, b: 1"; empty -> "none"."""
    return ", ".join(f"{name}: {number}" for name, number in sorted(counts.items())) or "none"


def agree(number: int, singular: str, plural: str) -> str:
    """The form of a verb that agrees with a number: "runs" for 1, "run" for any other number."""
    return singular if number == 1 else plural


def duration(seconds: int) -> str:
    """90 -> "90 seconds", 1200 -> "20 minutes"."""
    return count(seconds // 60, "minute") if seconds >= 120 else count(seconds, "second")
