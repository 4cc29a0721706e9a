"""The register of effects: one pure function for each, declared with `@effect`."""

from __future__ import annotations

from collections.abc import Callable

from readiness_kit.facts import ClusterFacts
from readiness_kit.snapshot import Snapshot

Effect = Callable[[Snapshot, ClusterFacts], Snapshot]
EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register the function of one effect; it gets the snapshot to change and the facts before all changes."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register
