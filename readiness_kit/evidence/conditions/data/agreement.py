"""Whether the replicas of a shard hold the same number of objects, and whether repair is under way.

Only loaded replicas are compared: one that is loaded lazily reports 0. Counts are taken at slightly different times
and without objects that are only in memory, so a difference is at most `partly`.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import Shard
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Settings

VERBOSE = "weaviate/nodes_verbose"


def differing(facts: ClusterFacts, settings: Settings) -> list[Shard]:
    """The shards whose replicas differ by more than the thresholds, the largest difference first."""
    limits = settings.thresholds
    found = [
        shard
        for shard in facts.shards
        if (objects := shard.difference) is not None
        and objects > limits.replica_difference_objects
        and objects > limits.replica_difference_share * shard.objects
    ]
    return sorted(found, key=lambda shard: (-(shard.difference or 0), shard.collection, shard.name))


def checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """The agreement of all replicas that can be compared; nothing where none can."""
    on, field, expected = weaviate_subject(facts, VERBOSE), "objects of the replicas of a shard", "the same number"
    compared = [shard for shard in facts.shards if shard.difference is not None]
    several = [shard for shard in facts.shards if len(shard.replicas) > 1]
    notes = []
    if len(compared) < len(several):
        seen = f"{len(several) - len(compared)} of {count(len(several), 'shard')}"
        notes.append(on.info("shards not compared, because replicas are not loaded", seen))
    repairing = sum(bool(replica.repair_targets) for shard in facts.shards for replica in shard.replicas)
    if facts.replicas:
        notes.append(on.info("replicas with repair in progress", repairing))
    if not compared:
        return notes
    bad = differing(facts, settings)
    if not bad:
        return [on.check(field, f"the same for {count(len(compared), 'shard')}", expected, True), *notes]
    first = bad[0]
    counts = ", ".join(
        f"{replica.place.weaviate_node} {replica.objects:,}" for replica in first.replicas if replica.loaded
    )
    number, listed = len(bad), names(shard.collection for shard in bad)
    message = (
        f"Replicas of {count(number, 'shard')} of {listed} {agree(number, 'differs', 'differ')} in their objects; most "
        f"of all shard {first.name}: {counts}. Reads may return different results until they are repaired."
    )
    seen = f"{first.collection} {first.name}: {counts}"
    partly, fix = Outcome.PARTLY, "shards.repair"
    return [on.check(field, seen, expected, False, message=message, on_failure=partly, fix=fix), *notes]
