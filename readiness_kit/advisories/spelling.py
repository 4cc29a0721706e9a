"""The name that somebody probably meant, and the sentences for it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from readiness_kit.advisories.tables import Mistake

SIMILAR = 0.84
"""Ratio of difflib from which two names count as one misspelt: `PERSISTANCE_DATA_PATH` is at 0.95."""


@lru_cache(maxsize=1_024)
def nearest(name: str, names: tuple[str, ...]) -> str:
    """The name that was probably meant: same letters, same words, without its prefix, or similar; "" for none."""
    if len(name) > 100:
        return ""
    same_case = next((one for one in names if one.lower() == name.replace("-", "_").lower()), "")
    if same_case:
        return same_case
    words = sorted(name.upper().split("_"))
    same_words = next((one for one in names if sorted(one.upper().split("_")) == words), "")
    if same_words:
        return same_words
    prefixed = [one for one in names if one.endswith(f"_{name}") and "_" in name]
    if len(prefixed) == 1:
        return prefixed[0]
    similar = difflib.get_close_matches(name, names, n=1, cutoff=SIMILAR)
    return similar[0] if similar else ""


def did_you_mean(right: str) -> str:
    return f" Did you mean {right}?" if right else ""


def mistake_sentence(row: Mistake, reader: str) -> str:
    use = f" Use {row.right}." if row.right else ""
    text = f" {row.text}" if row.text else ""
    return f"{reader[0].upper()}{reader[1:]} does not read {row.wrong}.{text}{use}"


def paths(document: Mapping[str, Any], prefix: str = "") -> set[str]:
    """All paths of a document, those of its inner mappings included."""
    found: set[str] = set()
    for key, value in document.items():
        path = f"{prefix}{key}"
        found.add(path)
        if isinstance(value, Mapping):
            found |= paths(value, f"{path}.")
    return found
