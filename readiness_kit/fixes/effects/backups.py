"""What backups that are made, or scheduled, change: nobody knows of a backup that has not been made yet."""

from __future__ import annotations

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.projection import not_observable
from readiness_kit.snapshot import Snapshot


@effect("backups_to_confirm")
def backups_to_confirm(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The list of backups: whether the next one succeeds is known only when it has been made."""
    return not_observable(snapshot, "weaviate/backups", "the next backup has not been made yet")
