"""What is certain after a backup is started or scheduled: nothing, until it has succeeded."""

from __future__ import annotations

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.projection import not_observable
from readiness_kit.snapshot import Snapshot

BACKUPS = "weaviate/backups"


@effect("backups_to_confirm")
def backups_to_confirm(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The list of backups: whether the next one succeeds is known only when it has been made."""
    answers = {key: answer for key, answer in snapshot.answers.items() if key != BACKUPS}
    return not_observable(replace(snapshot, answers=answers), BACKUPS, "the next backup has not been made yet")
