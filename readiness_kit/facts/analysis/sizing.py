"""Estimate the memory that vectors need, following Weaviate's documentation.

Resident memory is vectors (by index and quantisation) plus, for HNSW, the graph. The documentation recommends 1.5 to 2
times the vectors for a node; the estimate is that range. Below a million objects no planning is needed. The objects of
every replica count on the node that holds it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.weaviate.collections import Collection, VectorIndex

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

CONNECTION_BYTES = 10
"""Upper end of 8 to 10 bytes for each of `maxConnections`."""
LOWER, UPPER = 1.5, 2.0
PAGE_CACHE_RESERVE = 0.25
"""Kit default: reserve for the page cache, as a share of peak anonymous memory."""
COMFORT = 0.8
"""Share of the memory limit up to which the upper estimate fits; above it, memory is tight."""
GO_SHARES = (0.80, 0.90)
"""Shares of the available memory that Weaviate's documentation recommends for GOMEMLIMIT."""
WHOLE_GIB = 20
"""Below this limit in GiB, whole GiB would leave the recommended shares."""
VOLUME_SHARE, VOLUME_DAYS = 0.70, 90
"""Kit defaults: how full a volume may be, and after how many days of its present growth."""
SMALL = 1_000_000
"""Number of objects below which the documentation requires no planning."""
QUANTISED = "rq"
"""The documentation's default recommendation: rotational quantisation with 8 bits, which needs no training."""


class Load(msgspec.Struct, frozen=True):
    """One collection in the model. `objects` are unique objects; `dimensions` is 0 where unknown.

    Index and quantisation are those of the first vector index; `indexes` of them share the dimensions.
    """

    name: str
    objects: float
    factor: int = 1
    dimensions: float = 0
    kind: str = "hnsw"
    quantisation: str = ""
    bits: int = 0
    segments: int = 0
    cached: bool = False
    connections: int = 32
    indexes: int = 1


class Need(msgspec.Struct, frozen=True):
    """Estimated bytes a node, from `low` to `high`. `unknown`: collections whose dimensions are unknown."""

    low: float
    high: float
    unknown: tuple[str, ...] = ()


def vector_bytes(
    dimensions: float, kind: str, quantisation: str, bits: int = 0, segments: int = 0, cached: bool = False
) -> float:
    """Bytes in memory of one vector, without the graph."""
    if kind == "hfresh" or (kind in ("flat", "dynamic") and not cached):
        return 0.0
    round_up = math.ceil(dimensions / 64) * 64
    if quantisation == "sq":
        return dimensions
    if quantisation == "bq":
        return round_up / 8
    if quantisation == "pq":
        return float(segments or math.ceil(dimensions / 6))
    if quantisation == "rq":
        if bits == 1:
            return max(256, round_up) / 8 + 8
        return (round_up / 2 if bits == 4 else round_up) + 16
    return 4 * dimensions


def need(loads: Iterable[Load], nodes: int) -> Need:
    """The need of each of `nodes`, with the objects spread evenly over them."""
    low = high = 0.0
    unknown = []
    for load in loads:
        if load.dimensions <= 0:
            unknown.append(load.name)
            continue
        objects = load.objects * load.factor / nodes * load.indexes
        vectors = objects * vector_bytes(
            load.dimensions, load.kind, load.quantisation, load.bits, load.segments, load.cached
        )
        graph = objects * load.connections * CONNECTION_BYTES if load.kind == "hnsw" else 0.0
        at_rest = vectors + graph
        low += max(LOWER * vectors, at_rest)
        # With quantised vectors the graph is the larger part, which twice the vectors would not include.
        high += UPPER * (at_rest if load.quantisation else max(vectors, at_rest / UPPER))
    return Need(low, high, tuple(unknown))


def memory_needed(rss_max: float, reserve: float = PAGE_CACHE_RESERVE) -> float:
    """Bytes to plan for: peak anonymous memory plus a reserve for the page cache.

    The peak of the working set is not used: it includes mapped pages and grows up to any limit.
    """
    return rss_max * (1 + reserve)


def memory_limit(need_high: float, measured: float) -> int:
    """GiB of memory to give each pod: enough for the estimate and for the measured peak; 0 where both are unknown.

    Every advice on memory uses this figure. `need_high` and `measured` are bytes a pod, 0 or NaN where unknown.
    """
    wanted = [need_high / COMFORT, memory_needed(measured)]
    return math.ceil(max((value for value in wanted if value == value), default=0) / 2**30)


def go_limit(limit: float) -> str:
    """GOMEMLIMIT for a memory limit in bytes: the middle of the recommended 80 to 90 %, in Go's units."""
    share = sum(GO_SHARES) / 2
    if limit < WHOLE_GIB * 2**30:
        return f"{math.floor(limit * share / 2**20)}MiB"
    return f"{math.floor(limit * share / 2**30)}GiB"


def cpu_request(used: float) -> float:
    """Cores to request for a 95th percentile of usage in cores, in steps of half a core."""
    return max(math.ceil(used / COMFORT * 2) / 2, 0.5)


def volume_size(used: float, growth: float) -> int:
    """GiB of a volume, in steps of 10, that is 70 % full after 90 days of growth (bytes a day)."""
    wanted = (used + max(growth, 0.0) * VOLUME_DAYS) / VOLUME_SHARE
    return math.ceil(wanted / 2**30 / 10) * 10


def recommended(facts: ClusterFacts) -> int:
    """`memory_limit` for the present data and the measured peak; 0 where neither is known."""
    estimate = need(loads(facts), max(facts.weaviate.replicas, 1))
    frame = facts.history.containers
    peak = frame[frame["weaviate"] & frame["current"] & frame["enough"]]["rss_max"].max() if len(frame) else math.nan
    return memory_limit(estimate.high, float(peak))


def loads(facts: ClusterFacts) -> tuple[Load, ...]:
    """The collections with their objects (from the shards) and dimensions (from Weaviate's metrics, if tracked)."""
    objects = _objects(facts)
    dimensions = _dimensions(facts)
    return tuple(_load(collection, objects.get(collection.name, 0.0), dimensions) for collection in facts.collections)


def _load(collection: Collection, objects: float, dimensions: dict[str, float]) -> Load:
    index = _effective(collection.indexes[0], objects) if collection.indexes else VectorIndex("", "hnsw")
    total = dimensions.get(collection.name, 0.0)
    factor = max(collection.factor, 1)
    count = max(len(collection.indexes), 1)
    return Load(
        name=collection.name,
        objects=objects,
        factor=factor,
        dimensions=total / (objects * factor * count) if objects else 0.0,
        kind=index.kind,
        quantisation=index.quantisation,
        bits=index.bits,
        segments=index.segments,
        cached=index.cached,
        connections=index.max_connections or 32,
        indexes=count,
    )


def _effective(index: VectorIndex, objects: float) -> VectorIndex:
    if index.kind == "dynamic" and index.later is not None and objects > index.threshold:
        return index.later
    return index


def _objects(facts: ClusterFacts) -> dict[str, float]:
    """Unique objects by collection: for each shard the highest count of a replica, as unloaded replicas report 0."""
    found: dict[str, float] = {}
    for shard in facts.shards:
        found[shard.collection] = found.get(shard.collection, 0.0) + max(
            (replica.objects for replica in shard.replicas), default=0
        )
    return found


def _dimensions(facts: ClusterFacts) -> dict[str, float]:
    """Sum of dimensions over all replicas by collection; empty where they are not tracked or not read."""
    return {
        sample.labels["class_name"]: sample.value
        for sample in facts.history.samples("dimensions_by_class")
        if sample.labels.get("class_name")
    }
