"""What calls change in the data: replication factors, the replicas of shards, asynchronous replication."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.availability import REPLICAS
from readiness_kit.fixes.projection import with_answer
from readiness_kit.kinds.weaviate import CollectionSchema, Nodes, Schema, ServerNode, ShardStatus
from readiness_kit.snapshot import Snapshot

SCHEMA, VERBOSE = "weaviate/schema", "weaviate/nodes_verbose"


@effect("replication_factor_three")
def replication_factor_three(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Every collection has an odd factor of at least three; its shards are on as many nodes.

    The nodes of the new replicas are certain only where there are no more nodes than replicas.
    """
    schema = snapshot.answer(SCHEMA)
    if not isinstance(schema, Schema):
        return snapshot
    raised = tuple(_raised(item) for item in schema.classes)
    snapshot = with_answer(snapshot, SCHEMA, replace(schema, classes=raised))
    nodes = snapshot.answer(VERBOSE)
    if not isinstance(nodes, Nodes) or nodes.sampled:
        return snapshot
    factors = {item.name: item.replication_config.factor for item in raised}
    return with_answer(snapshot, VERBOSE, replace(nodes, nodes=_replicated(nodes.nodes, factors)))


def _raised(item: CollectionSchema) -> CollectionSchema:
    config = item.replication_config
    factor = max(REPLICAS, config.factor + (config.factor + 1) % 2)
    return replace(item, replication_config=replace(config, factor=factor))


def _replicated(nodes: tuple[ServerNode, ...], factors: dict[str, int]) -> tuple[ServerNode, ...]:
    """Each shard on as many nodes as its factor, the first ones by name that do not have it yet."""
    holders: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for shard in node.shards:
            holders.setdefault((shard.collection, shard.name), []).append(node.name)
    known = {(shard.collection, shard.name): shard for node in nodes for shard in node.shards}
    added: dict[str, list[tuple[str, str]]] = {}
    for key, names in holders.items():
        missing = factors.get(key[0], len(names)) - len(names)
        for name in [node.name for node in nodes if node.name not in names][: max(missing, 0)]:
            added.setdefault(name, []).append(key)
    changed = []
    for node in nodes:
        shards = [
            _counted(shard, factors) for shard in (*node.shards, *(known[key] for key in added.get(node.name, ())))
        ]
        changed.append(replace(node, shards=tuple(shards)))
    return tuple(changed)


def _counted(shard: ShardStatus, factors: Mapping[str, int]) -> ShardStatus:
    """The shard with the raised numbers, where the server returns them."""
    factor = factors.get(shard.collection, 0)
    return replace(
        shard,
        number_of_replicas=max(shard.number_of_replicas, factor) if shard.number_of_replicas else 0,
        replication_factor=max(shard.replication_factor, factor) if shard.replication_factor else 0,
    )


@effect("shards_completed")
def shards_completed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Every shard on as many nodes as the replication factor of its collection demands."""
    schema, nodes = snapshot.answer(SCHEMA), snapshot.answer(VERBOSE)
    if not isinstance(schema, Schema) or not isinstance(nodes, Nodes):
        return snapshot
    factors = {item.name: item.replication_config.factor for item in schema.classes}
    return with_answer(snapshot, VERBOSE, replace(nodes, nodes=_replicated(nodes.nodes, factors)))


@effect("async_replication_enabled")
def async_replication_enabled(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Asynchronous replication is on for every collection with more than one replica."""
    schema = snapshot.answer(SCHEMA)
    if not isinstance(schema, Schema):
        return snapshot
    return with_answer(snapshot, SCHEMA, replace(schema, classes=tuple(map(_repaired, schema.classes))))


def _repaired(item: CollectionSchema) -> CollectionSchema:
    config = item.replication_config
    enabled = True if config.factor > 1 else config.async_enabled
    return replace(item, replication_config=replace(config, async_enabled=enabled))
