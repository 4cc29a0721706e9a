"""Parameters of shards: the replicas that are missing, in the wrong zone, or different from each other."""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

from readiness_kit.advisories.conditions import replica_movement
from readiness_kit.evidence.conditions.data import agreement
from readiness_kit.evidence.conditions.data.replication import with_data
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import Shard
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter

MOVEMENT = "REPLICA_MOVEMENT_ENABLED"
SHARDS = "GET /v1/nodes?output=verbose"


class Move(NamedTuple):
    """A replica of a shard that is to leave one node of Weaviate for another."""

    collection: str
    shard: str
    source: str
    target: str

    @property
    def body(self) -> str:
        """The body of the request."""
        names = {"collection": self.collection, "shard": self.shard}
        return json.dumps({**names, "sourceNode": self.source, "targetNode": self.target, "type": "MOVE"})


def shard_moves(facts: ClusterFacts) -> tuple[Move, ...]:
    """One move for each shard that loses its quorum with a zone: from that zone to one without a replica of it.

    Only where every zone is known, and only to nodes of Weaviate with the fewest replicas.
    """
    zones = _zones(facts)
    if not zones or not all(zones.values()):
        return ()
    load = Counter(replica.place.weaviate_node for replica in facts.replicas)
    found = []
    for shard in facts.shards:
        move = _move(shard, zones, load)
        if move is not None:
            load[move.source] -= 1
            load[move.target] += 1
            found.append(move)
    return tuple(found)


def _zones(facts: ClusterFacts) -> dict[str, str]:
    """Node of Weaviate -> zone, "" where it is not known."""
    members = [replica.place for replica in facts.replicas]
    members += [member.place for member in facts.raft.members] if facts.raft is not None else []
    return {place.weaviate_node: place.zone or "" for place in members}


def _move(shard: Shard, zones: dict[str, str], load: Counter[str]) -> Move | None:
    held = [replica.place.weaviate_node for replica in shard.replicas]
    by_zone = Counter(zones.get(node, "") for node in held)
    if not by_zone or len(held) < 3:
        return None
    crowded, number = by_zone.most_common(1)[0]
    if shard.survives(zone=crowded) or number < 2:
        return None
    free = [node for node, zone in zones.items() if zone not in by_zone and node not in held]
    if not free:
        return None
    source = max((node for node in held if zones.get(node) == crowded), key=lambda node: (load[node], node))
    target = min(free, key=lambda node: (load[node], node))
    return Move(shard.collection, shard.name, source, target)


@parameter("shard_moves")
def moves(context: Context) -> Value | OpenDecision:
    """The bodies of the requests that move replicas."""
    found = shard_moves(context.facts)
    if not found:
        what = "the zone of every node of Weaviate, and a node of Weaviate in a third zone to move replicas to"
        return OpenDecision("moves", what, "kubectl get nodes -L topology.kubernetes.io/zone")
    return Value([move.body for move in found], "the zones of the replicas")


@parameter("moved_collections")
def moved_collections(context: Context) -> Value | OpenDecision:
    """The collections whose shards lose their quorum with a zone."""
    lost = {cell.collection for loss in context.facts.loss.zones for cell in loss.broken}
    if not lost:
        return OpenDecision(
            "collections", "the collections whose replicas share a zone", "GET /v1/nodes?output=verbose"
        )
    return Value(sorted(lost), "the zones of the replicas")


@parameter("replica_movement")
def movement(context: Context) -> Value:
    """What has to be set so that the server copies and moves replicas."""
    version = context.facts.server_version
    enabled = replica_movement(context.facts, version) if version is not None else None
    if enabled:
        return Value(f"{MOVEMENT} is on", "the environment of the pods")
    text = f'set env.{MOVEMENT} to "true" in the values and upgrade first: without it, the call is refused'
    return Value(text, "the environment of the pods" if enabled is False else "it could not be read")


@parameter("short_collections")
def short_collections(context: Context) -> Value | OpenDecision:
    """The collections with shards that list fewer replicas than configured, as `Products&replicationFactor=3`."""
    factors = {item.name: item.factor for item in context.facts.collections}
    short = {shard.collection for shard in context.facts.shards if shard.wanted > len(shard.replicas)}
    if not short or not short <= factors.keys():
        return OpenDecision("collections", "the collections whose shards lack replicas", SHARDS)
    return Value(
        [f"{name}&replicationFactor={factors[name]}" for name in sorted(short)], "the schema and the node list"
    )


@parameter("short_names")
def short_names(context: Context) -> Value | OpenDecision:
    """The names of the collections with shards that list fewer replicas than configured."""
    found = context.subjects("Collection")
    if not found:
        return OpenDecision("collections", "the collections whose shards lack replicas", SHARDS)
    return Value(list(found), "the schema and the node list")


@parameter("not_repaired")
def not_repaired(context: Context) -> Value | OpenDecision:
    """The collections with several replicas whose asynchronous replication is off."""
    found = [item.name for item in with_data(context.facts) if item.async_configured is False and item.factor > 1]
    if not found:
        return OpenDecision("collections", "the collections with asyncEnabled false", "GET /v1/schema")
    return Value(found, "the schema of Weaviate")


@parameter("differing_shards")
def differing_shards(context: Context) -> Value | OpenDecision:
    """The collections of the shards whose replicas differ."""
    found = agreement.differing(context.facts, context.settings)
    if not found:
        return OpenDecision("collections", "the collections whose replicas differ", SHARDS)
    return Value(names(shard.collection for shard in found), "the counts of the replicas")
