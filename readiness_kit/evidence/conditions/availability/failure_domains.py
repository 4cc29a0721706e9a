"""What the loss of a zone or a node affects: the quorum of shards, the raft voters, and rescheduling of the pods."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.data.replication import unseen_shards
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.failure_scenarios import NODE, ZONE, Loss
from readiness_kit.facts.kubernetes.topology import pod_zones
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
VERBOSE, STATISTICS = "weaviate/nodes_verbose", "weaviate/statistics"


def zones(facts: ClusterFacts) -> list[Check]:
    """Q1: every shard and the voters keep their quorum when any one zone is lost."""
    return [*_shards(facts, facts.loss.zones, ZONE), *_voters(facts, facts.loss.zones)]


def _shards(facts: ClusterFacts, losses: Iterable[Loss], kind: str) -> list[Check]:
    matrix = facts.loss
    on, field, expected = weaviate_subject(facts, VERBOSE), f"shards without any one {kind}", "each keeps its quorum"
    broken = _broken(facts, losses, kind)
    if matrix.shards_missing is not None:
        message = "The shards in each zone were not read; Weaviate itself does not place shards by zone."
        # A sample of the shards can already show a loss.
        return [on.unread(field, expected, matrix.shards_missing, message=message), *broken]
    if not facts.shards:
        message = "Weaviate lists no shards: either it is empty, or the API key cannot see them."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    unplaced = matrix.unzoned if kind == ZONE else matrix.unlocated
    if unplaced:
        message = f"The {kind} of {names(unplaced)} is not known."
        broken.append(on.unread(f"{kind} of each Weaviate node", "known", Reason.NOT_OBSERVABLE, message=message))
    checks = broken or [on.check(field, f"kept by all of {count(len(facts.shards), 'shard')}", expected, True)]
    return [*checks, *unseen_shards(facts)]


def _broken(facts: ClusterFacts, losses: Iterable[Loss], kind: str) -> list[Check]:
    hit = [loss for loss in losses if loss.below]
    few = {collection.name for collection in facts.collections if collection.factor < 3}
    collections = names(cell.collection for loss in hit for cell in loss.broken)
    which = f"any one of the {kind}s" if len(hit) > 1 else f"the {kind}"
    message = f"Without {which} {names(loss.name for loss in hit)}, shards of {collections} lose their quorum."
    checks = []
    for loss in hit:
        on = Subject(Ref("Node" if kind == NODE else "Zone", loss.name), VERBOSE)
        seen = f"{loss.below} without a quorum ({names(cell.collection for cell in loss.broken)})"
        field, expected = f"shards without this {kind}", "each keeps its quorum"
        fix = "shards.spread" if several_zones(facts) else "placement.zones"
        fix = "replication.three" if few.intersection(cell.collection for cell in loss.broken) else fix
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix))
    return checks


def several_zones(facts: ClusterFacts) -> bool:
    """Whether pods run in three zones, so that a shard can have its replicas in as many."""
    return len({zone for zone in pod_zones(facts).values() if zone}) >= 3


def _voters(facts: ClusterFacts, losses: Iterable[Loss]) -> list[Check]:
    matrix = facts.loss
    on, field, expected = weaviate_subject(facts, STATISTICS), "raft voters without any one zone", "a majority"
    if matrix.voters_missing is not None:
        message = "The raft voters in each zone were not read from Weaviate."
        return [on.unread(field, expected, matrix.voters_missing, message=message)]
    checks = []
    for loss in losses:
        if loss.voters_survive is False:
            seen = f"{loss.voters_left} of {loss.voters} left, {loss.voters_needed} needed"
            message = f"Without the zone {loss.name} the metadata store has no majority: the schema cannot change."
            of_zone = Subject(Ref("Zone", loss.name), STATISTICS)
            field, fix = "raft voters without this zone", "placement.zones"
            if facts.weaviate.replicas < 3:
                fix = "replicas.three"
            checks.append(of_zone.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix))
    return checks or [on.check(field, "kept", expected, True)]


def reschedulable(facts: ClusterFacts) -> list[Check]:
    """Pods that could not be rescheduled after the loss of their node: for information, as replicas bridge the time."""
    return [
        Subject(Ref("Pod", pod.pod, facts.weaviate.namespace), "nodes").info(
            f"rescheduled without the node {loss.name}", f"no ({pod.reason})"
        )
        for loss in facts.loss.nodes
        for pod in loss.stranded
    ]
