"""Collections in one form for legacy and named vectors, and for all versions of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from readiness_kit.kinds.weaviate import CollectionSchema, VectorIndexConfig

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

QUANTISERS = ("pq", "bq", "sq", "rq")


class VectorIndex(msgspec.Struct, frozen=True):
    """One vector index of a collection. `name` is "" for the unnamed (legacy) vector.

    kind:         hnsw, flat, dynamic, hfresh
    quantisation: "pq", "bq", "sq", "rq" (with `bits` 8, 4 or 1; 0 where not given), "" for none
    cached:       flat only: the quantised vectors are kept in memory
    threshold:    dynamic only: number of objects above which it becomes hnsw
    later:        dynamic only: the hnsw index that it becomes
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
        """Whether the vectors, compressed or not, are kept in memory: hnsw, or flat with a cache."""
        return self.kind == "hnsw" or self.cached


class Collection(msgspec.Struct, frozen=True):
    """A collection.

    factor:                replication factor
    shards_wanted, shards: desired and actual number; 0 with multi-tenancy
    async_configured:      asynchronous replication as configured in 1.26 to 1.37; None in other versions, where
                           `asyncEnabled` is missing or computed by the server
    ttl:                   None for servers before 1.35 or of unknown version
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
    """The collections by name; empty where the schema was not read (`facts.missing("weaviate/schema")`).

    The server omits collections that the API key may not read, without any notice.
    """
    schema = facts.answer("weaviate/schema")
    if schema is None:
        return ()
    version = facts.server_version
    # From 1.38 on the server computes the field, so it no longer shows the configuration.
    configured = version is not None and (1, 26) <= (version.major, version.minor) <= (1, 37)
    expires = version is not None and version.since("1.35")
    found = (_collection(schema_class, configured, expires) for schema_class in schema.classes)
    return tuple(sorted(found, key=lambda collection: collection.name))


def _collection(schema: CollectionSchema, configured: bool, expires: bool) -> Collection:
    tenancy, sharding, replication = schema.multi_tenancy_config, schema.sharding_config, schema.replication_config
    ttl = schema.object_ttl_config
    return Collection(
        name=schema.name,
        factor=replication.factor,
        multi_tenant=tenancy.enabled,
        auto_tenant_creation=tenancy.auto_tenant_creation,
        auto_tenant_activation=tenancy.auto_tenant_activation,
        shards_wanted=0 if tenancy.enabled else sharding.desired_count,
        shards=0 if tenancy.enabled else sharding.actual_count,
        virtual_per_physical=sharding.virtual_per_physical,
        indexes=indexes(schema),
        deletion_strategy=replication.deletion_strategy,
        async_configured=replication.async_enabled if configured else None,
        # A server that supports the field omits it from collections that do not use it.
        ttl=ttl.enabled if ttl is not None else (False if expires else None),
        ttl_seconds=ttl.default_ttl if ttl else 0,
        ttl_property=ttl.delete_on if ttl else "",
        property_count=schema.property_count,
        property_set=schema.property_set,
    )


def indexes(schema: CollectionSchema) -> tuple[VectorIndex, ...]:
    """All vector indexes, the legacy one first, then the named ones; without those with `skip`."""
    found = []
    if schema.vector_index_type and schema.vector_index_config is not None and not schema.vector_index_config.skip:
        found.append(_index("", schema.vector_index_type, schema.vectorizer, schema.vector_index_config))
    for name, vector in sorted(schema.vector_config.items()):
        if not vector.vector_index_config.skip:
            kind = vector.vector_index_type or "hnsw"
            found.append(_index(name, kind, vector.vectorizer, vector.vector_index_config))
    return tuple(found)


def _index(name: str, kind: str, vectorizer: str, config: VectorIndexConfig) -> VectorIndex:
    # A dynamic index starts as the flat index in its configuration.
    effective = config.flat if kind == "dynamic" and config.flat else config
    later = config.hnsw if kind == "dynamic" else None
    quantisation, quantiser = next(
        ((name, found) for name in QUANTISERS if (found := getattr(effective, name)) is not None and found.enabled),
        ("", None),
    )
    return VectorIndex(
        name=name,
        kind=kind,
        vectorizer=vectorizer,
        distance=config.distance,
        quantisation=quantisation,
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
