"""Parameters of collections: their vectors, shards, tenants and settings of the server that concern them."""

from __future__ import annotations

from readiness_kit.evidence import tenants
from readiness_kit.evidence.conditions.data import data_shape
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.versions import Version

ROTATIONAL_SINCE = Version(1, 32, 0)
"""The first release with 8-bit rotational quantisation."""


def uncompressed(facts: ClusterFacts, least: int) -> list[str]:
    """The collections above a number of objects with an uncompressed HNSW index."""
    sizes = data_shape.objects(facts)
    return [
        item.name
        for item in facts.collections
        if sizes[item.name] > least
        and any(
            used.kind == "hnsw" and not used.quantisation
            for index in item.indexes
            for used in [data_shape.in_use(index, sizes[item.name])]
        )
    ]


@parameter("uncompressed_collections")
def uncompressed_collections(context: Context) -> Value | OpenDecision:
    """The large collections whose vectors are not compressed; open before the release that can compress them."""
    found = uncompressed(context.facts, context.settings.thresholds.quantisation_objects)
    version = context.facts.server_version
    if not found:
        return OpenDecision("collections", "the collections to compress, which were not found", "GET /v1/schema")
    if version is None or version < ROTATIONAL_SINCE:
        what = f"the release: 8-bit quantisation comes with {ROTATIONAL_SINCE}; here runs {version or 'an unknown one'}"
        return OpenDecision("version", what, "upgrade Weaviate first")
    return Value(found, "the schema of Weaviate")


@parameter("read_only_shards")
def read_only_shards(context: Context) -> Value | OpenDecision:
    """The shards that refuse writes, as the path of the schema API: `Products/shards/abc`."""
    closed = [shard for shard in context.facts.replicas if shard.status == "READONLY"]
    found = list(dict.fromkeys(f"{shard.collection}/shards/{shard.shard}" for shard in closed))
    if not found:
        return OpenDecision("shards", "which shards are read-only", "GET /v1/nodes?output=verbose")
    return Value(found, "the shards that Weaviate lists")


@parameter("offload_bucket")
def offload_bucket(context: Context) -> Value | OpenDecision:
    """The bucket of offloaded tenants: the one that is configured, otherwise a decision."""
    value = context.facts.weaviate.env("OFFLOAD_S3_BUCKET")
    if value.known and value.value:
        return Value(value.value, "the environment of the server")
    what = "the bucket for offloaded tenants, and the role of the service account that may use it"
    return OpenDecision("bucket", what, "create a separate bucket; backups do not contain offloaded tenants")


@parameter("replication_limits")
def replication_limits(context: Context) -> Value | OpenDecision:
    """The limits of the server that exclude replication."""
    found = tenants.excluding_replication(context.facts)
    if not found:
        return OpenDecision("limits", "which limits of the server exclude replication", "read its environment")
    return Value(found, "the environment of the server")
