"""The verbose node list, whose cost grows with shards times replicas: complete where they are few, otherwise in part.

A tenant is a shard, and no cheap request gives the number of a collection's tenants: collections with tenants are
listed only where another source gives the number of all shards.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from readiness_kit.collect.weaviate import parsing
from readiness_kit.collect.weaviate.client import NODES_TIMEOUT, Client
from readiness_kit.kinds.weaviate import CollectionSchema, Nodes, Schema, ServerNode, ShardStatus

MAX_REPLICAS = 5000
"""Replicas of shards in one answer: about two megabytes."""
SAMPLES = 20
"""Collections that are read one by one, the biggest first."""


class Plan(NamedTuple):
    """`classes`: collections to read one by one where the list is not read as a whole; `cause`: why it is not."""

    whole: bool
    classes: tuple[str, ...] = ()
    cause: str = ""


def plan(schema: Schema | None, shards: int | None, limit: int = MAX_REPLICAS) -> Plan:
    """What to request. `shards` is the number of all shards, tenants included, None where it is not known.

    The replicas of each are not known: the greatest replication factor of all collections is assumed. A number below
    what the schema alone implies was counted earlier, or for something else, and is ignored.
    """
    if schema is None:
        return Plan(False, (), "not listed: without the schema the number of shards is not known")
    tenants = [found.name for found in schema.classes if found.multi_tenancy_config.enabled]
    plain = [found for found in schema.classes if not found.multi_tenancy_config.enabled]
    implied = sum(map(_replicas, plain))
    if shards is not None and shards < sum(map(_shards, plain)):
        shards = None
    copies = max((found.replication_config.factor for found in schema.classes), default=1)
    expected = implied if shards is None else shards * max(1, copies)
    if expected <= limit and (shards is not None or not tenants):
        return Plan(True)
    chosen: list[str] = []
    left = limit
    for collection in sorted(plain, key=lambda found: (-_replicas(found), found.name)):
        if len(chosen) < SAMPLES and _replicas(collection) <= left:
            chosen.append(collection.name)
            left -= _replicas(collection)
    cause = f"{len(chosen)} of {len(schema.classes)} collections were listed:"
    if tenants:
        cause += f" {len(tenants)} have tenants, whose number is {'not known' if shards is None else 'too large'};"
    return Plan(False, tuple(sorted(chosen)), f"{cause} at most {limit:,} replicas of shards are requested at once")


def _shards(collection: CollectionSchema) -> int:
    """At least one, also where the server gives no counts."""
    config = collection.sharding_config
    return max(1, config.actual_count, config.desired_count)


def _replicas(collection: CollectionSchema) -> int:
    return _shards(collection) * max(1, collection.replication_config.factor)


def read(client: Client, plan: Plan) -> Nodes:
    """The list, or the lists of the planned collections put together by node. Raises what `client.read` raises."""
    verbose = {"output": "verbose"}
    if plan.whole:
        return client.read(parsing.nodes, "/v1/nodes", verbose, timeout=NODES_TIMEOUT, attempts=1)
    first: dict[str, ServerNode] = {}
    shards: dict[str, list[ShardStatus]] = defaultdict(list)
    for name in plan.classes:
        path = f"/v1/nodes/{quote(name, safe='')}"
        for node in client.read(parsing.nodes, path, verbose, timeout=NODES_TIMEOUT, attempts=1).nodes:
            first.setdefault(node.name, node)
            shards[node.name] += [shard for shard in node.shards if shard.collection == name]
    joined = (
        msgspec.structs.replace(node, shards=tuple(shards[name]), stats=None) for name, node in sorted(first.items())
    )
    return Nodes(tuple(joined), plan.classes)
