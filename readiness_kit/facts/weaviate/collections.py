"""Collections as evidence wants them: one shape for legacy and named vectors, for all versions of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from readiness_kit.kinds.weaviate import CollectionSchema, VectorIndexConfig

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

QUANTISERS = ("pq", "bq", "sq", "rq")


class VectorIndex(msgspec.Struct, frozen=True):
    """One vector index of a collection. `name` "" is the unnamed (legacy) vector.

    kind:          hnsw, flat, dynamic, hfresh
    quantisation:  "pq", "bq", "sq", "rq" (with `bits`: 8, 4 or 1; 0 where it is not said), "" for none
    cached:        flat only: the quantised vectors are held in memory
    threshold:     dynamic only: number of objects from which on it is hnsw
    later:         dynamic only: the hnsw it becomes then
    """

    name: str
    kind: str
    vectorizer: str = ""
    distance: str = ""
    quantisation: str = ""
    bits: int = 0
    segments: int = 0
    training_limit: int = 0
    cached: bool = False
    multivector: bool = False
    max_connections: int = 0
    cleanup_seconds: int = 0
    threshold: int = 0
    later: VectorIndex | None = None
    skip_default_quantisation: bool = False

    @property
    def in_memory(self) -> bool:
        """Whether the (uncompressed or compressed) vectors are held in memory: hnsw, or flat with a cache."""
        return self.kind == "hnsw" or self.cached


class Collection(msgspec.Struct, frozen=True):
    """A collection. `factor`: copies of each shard; `shards_wanted`, `shards`: 0 where it has tenants.

    `async_configured`: asynchronous repair as configured in 1.26 to 1.37; None elsewhere, where `asyncEnabled` is
    missing or worked out by the server. `ttl`: None where the server is too old (before 1.35) or of unknown version.
    """

    name: str
    factor: int
    multi_tenant: bool = False
    auto_tenant_creation: bool = False
    auto_tenant_activation: bool = False
    shards_wanted: int = 0
    shards: int = 0
    virtual_per_physical: int = 0
    indexes: tuple[VectorIndex, ...] = ()
    deletion_strategy: str = ""
    async_configured: bool | None = None
    ttl: bool | None = None
    ttl_seconds: int = 0
    ttl_property: str = ""
    property_count: int = 0
    property_set: str = ""


def collections(facts: ClusterFacts) -> tuple[Collection, ...]:
    """By name; empty where the schema was not had: ask `facts.missing("weaviate/schema")` first.

    A key that may not see a collection gets a shorter list without being told so.
    """
    schema = facts.answer("weaviate/schema")
    if schema is None:
        return ()
    version = facts.server_version
    # From 1.38 on the server works the field out: it says nothing of what anybody configured.
    configured = version is not None and (1, 26) <= (version.major, version.minor) <= (1, 37)
    expires = version is not None and version.since("1.35")
    found = (_collection(one, configured, expires) for one in schema.classes)
    return tuple(sorted(found, key=lambda one: one.name))


def _collection(one: CollectionSchema, configured: bool, expires: bool) -> Collection:
    tenancy, sharding, replication = one.multi_tenancy_config, one.sharding_config, one.replication_config
    ttl = one.object_ttl_config
    return Collection(
        name=one.name,
        factor=replication.factor,
        multi_tenant=tenancy.enabled,
        auto_tenant_creation=tenancy.auto_tenant_creation,
        auto_tenant_activation=tenancy.auto_tenant_activation,
        shards_wanted=0 if tenancy.enabled else sharding.desired_count,
        shards=0 if tenancy.enabled else sharding.actual_count,
        virtual_per_physical=sharding.virtual_per_physical,
        indexes=indexes(one),
        deletion_strategy=replication.deletion_strategy,
        async_configured=replication.async_enabled if configured else None,
        # A server that knows the field leaves it out of collections that do not use it.
        ttl=ttl.enabled if ttl is not None else (False if expires else None),
        ttl_seconds=ttl.default_ttl if ttl else 0,
        ttl_property=ttl.delete_on if ttl else "",
        property_count=one.property_count,
        property_set=one.property_set,
    )


def indexes(one: CollectionSchema) -> tuple[VectorIndex, ...]:
    """All vector indexes: the legacy one where there is one, then the named ones; none for `skip` and for no index."""
    found = []
    if one.vector_index_type and one.vector_index_config is not None and not one.vector_index_config.skip:
        found.append(_index("", one.vector_index_type, one.vectorizer, one.vector_index_config))
    for name, vector in sorted(one.vector_config.items()):
        if not vector.vector_index_config.skip:
            kind = vector.vector_index_type or "hnsw"
            found.append(_index(name, kind, vector.vectorizer, vector.vector_index_config))
    return tuple(found)


def _index(name: str, kind: str, vectorizer: str, config: VectorIndexConfig) -> VectorIndex:
    # A dynamic index starts as the flat one it describes.
    own = config.flat if kind == "dynamic" and config.flat else config
    later = config.hnsw if kind == "dynamic" else None
    way, quantiser = next(
        ((way, found) for way in QUANTISERS if (found := getattr(own, way)) is not None and found.enabled), ("", None)
    )
    return VectorIndex(
        name=name,
        kind=kind,
        vectorizer=vectorizer,
        distance=config.distance,
        quantisation=way,
        bits=quantiser.bits if quantiser else 0,
        segments=quantiser.segments if quantiser else 0,
        training_limit=quantiser.training_limit if quantiser else 0,
        cached=bool(quantiser and quantiser.cache and kind in ("flat", "dynamic")),
        multivector=bool(config.multivector and config.multivector.enabled),
        max_connections=config.max_connections,
        cleanup_seconds=config.cleanup_interval_seconds,
        threshold=config.threshold if kind == "dynamic" else 0,
        later=_index(name, "hnsw", vectorizer, later) if later else None,
        skip_default_quantisation=config.skip_default_quantization,
    )
