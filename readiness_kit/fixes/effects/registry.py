"""What calls and commands change, projected onto a snapshot: one pure function for each, declared with `@effect`.

An effect changes only what the call is certain to change. What only the running cluster can show (the counts of new
replicas, for example) is not invented: the answer that would hold it is marked as not observable.
"""

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
