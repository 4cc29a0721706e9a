"""What the loss of a zone or a node takes away, as conditions: quorum of shards, voters, a new place for the pods."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.data.replication import unseen_shards
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.failure_scenarios import NODE, ZONE, Loss
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
VERBOSE, STATISTICS = "weaviate/nodes_verbose", "weaviate/statistics"


def zones(facts: ClusterFacts) -> list[Check]:
    """Q1: every shard and the voters keep their quorum without any one zone."""
    return [*_shards(facts, facts.loss.zones, ZONE), *_voters(facts, facts.loss.zones)]


def _shards(facts: ClusterFacts, losses: Iterable[Loss], kind: str) -> list[Check]:
    matrix = facts.loss
    field, expected = f"shards without any one {kind}", "each keeps its quorum"
    on = weaviate_subject(facts, VERBOSE)
    if matrix.shards_missing is not None:
        message = "Which shards a zone holds was not read from Weaviate, and it does not place them by zone."
        lines = [on.unread(field, expected, matrix.shards_missing, message=message)]
        return [*lines, *_broken(losses, kind)]  # a sample can already show a loss
    if not facts.shards:
        message = "Weaviate showed no shard: it is empty, or the key may see none."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    lines = _broken(losses, kind)
    unplaced = matrix.unzoned if kind == ZONE else matrix.unlocated
    if unplaced:
        message = f"In which zone {names(unplaced)} keeps its shards is not known."
        lines.append(on.unread(f"{kind} of each Weaviate node", "known", Reason.NOT_OBSERVABLE, message=message))
    if not lines:
        seen = f"all of {count(len(facts.shards), 'shard')} keep theirs"
        lines = [on.check(field, seen, expected, True)]
    return [*lines, *unseen_shards(facts)]


def _broken(losses: Iterable[Loss], kind: str) -> list[Check]:
    hit = [loss for loss in losses if loss.below]
    where = names(loss.name for loss in hit)
    which = names(cell.collection for loss in hit for cell in loss.broken)
    one = f"any one of the {kind}s" if len(hit) > 1 else f"the {kind}"
    message = f"Without {one} {where}, shards of {which} lose the majority of their copies."
    lines = []
    for loss in hit:
        listed = names(cell.collection for cell in loss.broken)
        seen = f"{loss.below} without a quorum ({listed})"
        ref, field = Ref("Node" if kind == NODE else "Zone", loss.name), f"shards when this {kind} goes"
        lines.append(
            Subject(ref, VERBOSE).check(field, seen, "each keeps its quorum", False, message=message, on_failure=PARTLY)
        )
    return lines


def _voters(facts: ClusterFacts, losses: Iterable[Loss]) -> list[Check]:
    matrix = facts.loss
    field, expected = "raft voters without any one zone", "a majority"
    on = weaviate_subject(facts, STATISTICS)
    if matrix.voters_missing is not None:
        message = "Which voters of the metadata store a zone holds was not read from Weaviate."
        return [on.unread(field, expected, matrix.voters_missing, message=message)]
    lines = []
    for loss in losses:
        if loss.voters_survive is False:
            seen = f"{loss.voters_left} of {loss.voters} left, {loss.voters_needed} needed"
            message = f"Without the zone {loss.name} the metadata store has no majority: the schema cannot change."
            field = "raft voters when this zone goes"
            lines.append(
                Subject(Ref("Zone", loss.name), STATISTICS).check(
                    field, seen, expected, False, message=message, on_failure=PARTLY
                )
            )
    return lines or [on.check(field, "kept", expected, True)]


def reschedulable(facts: ClusterFacts) -> list[Check]:
    """Whether the pods of each node would find another: for information, since replicas bridge the time."""
    lines = []
    for loss in facts.loss.nodes:
        for one in loss.stranded:
            field = f"a new place without the node {loss.name}"
            ref = Ref("Pod", one.pod, facts.weaviate.namespace)
            lines.append(Subject(ref, "nodes").info(field, f"none ({one.reason})"))
    return lines
