"""How many of several have to agree."""

from __future__ import annotations


def quorum(n: int) -> int:
    """The majority of `n` replicas or voters: floor(n / 2) + 1."""
    return n // 2 + 1
