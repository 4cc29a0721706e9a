"""The effects of calls on collections and shards: compressed vectors, reopened shards, a started deletion."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.collections import uncompressed
from readiness_kit.fixes.projection import with_answer
from readiness_kit.kinds.weaviate import (
    CollectionSchema,
    Nodes,
    Quantiser,
    Schema,
    ShardStatus,
    VectorConfig,
    VectorIndexConfig,
)
from readiness_kit.model import Settings
from readiness_kit.snapshot import Snapshot

SCHEMA, VERBOSE, SAMPLES = "weaviate/schema", "weaviate/nodes_verbose", "prometheus/weaviate"
ROTATIONAL = Quantiser(enabled=True, bits=8)


@effect("vectors_compressed")
def vectors_compressed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The HNSW indexes of the large collections are compressed, and their loaded shards have finished it."""
    schema, names = snapshot.answer(SCHEMA), uncompressed(facts, Settings().thresholds.quantisation_objects)
    if not isinstance(schema, Schema):
        return snapshot
    classes = tuple(_compressed(item) if item.name in names else item for item in schema.classes)
    snapshot = with_answer(snapshot, SCHEMA, replace(schema, classes=classes))
    return _shards(snapshot, lambda shard: replace(shard, compressed=shard.compressed or shard.collection in names))


def _compressed(item: CollectionSchema) -> CollectionSchema:
    named = {name: _with_quantiser(vector) for name, vector in item.vector_config.items()}
    legacy = item.vector_index_config
    if legacy is not None and item.vector_index_type == "hnsw" and not _quantised(legacy):
        legacy = replace(legacy, rq=ROTATIONAL)
    return replace(item, vector_config=named, vector_index_config=legacy)


def _with_quantiser(vector: VectorConfig) -> VectorConfig:
    if vector.vector_index_type not in ("", "hnsw") or _quantised(vector.vector_index_config):
        return vector
    return replace(vector, vector_index_config=replace(vector.vector_index_config, rq=ROTATIONAL))


def _quantised(config: VectorIndexConfig) -> bool:
    return any(found is not None and found.enabled for found in (config.pq, config.bq, config.sq, config.rq))


@effect("shards_reopened")
def shards_reopened(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The shards accept writes; the number that Prometheus counted is that of the time before."""
    snapshot = _without_samples(snapshot, "readonly_shards")
    return _shards(
        snapshot,
        lambda shard: (
            replace(shard, vector_indexing_status="READY") if shard.vector_indexing_status == "READONLY" else shard
        ),
    )


@effect("deletion_scheduled")
def deletion_scheduled(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The deletion runs on its schedule from now on: whether it does is measured later."""
    return _without_samples(snapshot, "ttl_runs_7d", "ttl_failures_7d")


def _shards(snapshot: Snapshot, change: Callable[[ShardStatus], ShardStatus]) -> Snapshot:
    nodes = snapshot.answer(VERBOSE)
    if not isinstance(nodes, Nodes):
        return snapshot
    changed = tuple(replace(node, shards=tuple(map(change, node.shards))) for node in nodes.nodes)
    return with_answer(snapshot, VERBOSE, replace(nodes, nodes=changed))


def _without_samples(snapshot: Snapshot, *names: str) -> Snapshot:
    samples = snapshot.answer(SAMPLES)
    if not isinstance(samples, dict):
        return snapshot
    return with_answer(snapshot, SAMPLES, {name: found for name, found in samples.items() if name not in names})
