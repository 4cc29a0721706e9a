"""Keys of a values.yaml that the official chart ignores silently, because it has no schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from readiness_kit.advisories import loading
from readiness_kit.advisories.settings import Kind, Problem
from readiness_kit.advisories.spelling import did_you_mean, mistake_sentence, paths
from readiness_kit.advisories.tables import ChartValues

SIMILAR_KEY = 0.8


def check_chart_values(document: Mapping[str, Any]) -> list[Problem]:
    """Keys of a values.yaml that the official chart ignores silently, with the nearest right key."""
    table = loading.chart_values()
    known = _chart_paths(table)
    written = paths(document)
    mistakes = {row.wrong: row for row in table.mistakes if row.wrong in written}
    found = [
        Problem(row.wrong, Kind.MISSPELT, mistake_sentence(row, "the chart"), row.right, "values")
        for row in mistakes.values()
    ]
    for path in _outermost(document, known, table.free):
        if path in mistakes or any(wrong.startswith(f"{path}.") for wrong in mistakes):
            continue
        right = _nearest_path(path, known)
        sentence = f"The chart does not read {path}.{did_you_mean(right)}"
        found.append(Problem(path, Kind.MISSPELT if right else Kind.UNKNOWN, sentence, right, "values"))
    found += [
        Problem(
            path, Kind.IGNORED, f"The chart has {path} in its default values, but nothing reads it.", where="values"
        )
        for path in sorted(written & set(table.unused))
    ]
    return found


def _nearest_path(path: str, known: frozenset[str]) -> str:
    """A path with the same or a similar last part, in the same place where there is one; "" for none."""
    parent, _, leaf = path.rpartition(".")
    beside = [one for one in known if one.rpartition(".")[0] == parent]
    leaves = {one.rpartition(".")[2]: one for one in sorted(beside)}
    near = difflib.get_close_matches(leaf, leaves, n=1, cutoff=SIMILAR_KEY)
    if near:
        return leaves[near[0]]
    same_leaf = sorted((one for one in known if one.rpartition(".")[2] == leaf), key=lambda one: (one.count("."), one))
    return same_leaf[0] if leaf and len(same_leaf) == 1 else ""


def _outermost(
    document: Mapping[str, Any], known: frozenset[str], free: tuple[str, ...], prefix: str = ""
) -> Iterator[str]:
    """The outermost paths that the chart does not read, in the order of the document."""
    for key, value in document.items():
        path = f"{prefix}{key}"
        if any(_matches(path, pattern) for pattern in free):
            continue
        if path not in known:
            yield path
        elif isinstance(value, Mapping):
            yield from _outermost(value, known, free, f"{path}.")


def _matches(path: str, pattern: str) -> bool:
    """`modules.*.resources` matches a path with the same number of parts."""
    parts, wanted = path.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(
        expected in ("*", part) for part, expected in zip(parts, wanted, strict=True)
    )


@lru_cache(maxsize=2)
def _chart_paths(table: ChartValues) -> frozenset[str]:
    """Every key with the paths above it."""
    found: set[str] = set()
    for key in table.keys:
        parts = key.split(".")
        found |= {".".join(parts[: length + 1]) for length in range(len(parts))}
    return frozenset(found)
