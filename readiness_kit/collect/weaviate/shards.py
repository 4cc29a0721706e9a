"""The verbose node list, whose cost grows with shards times replicas: whole where they are few, else in part.

A tenant is a shard, and nothing that is cheap says how many tenants a collection has: collections with tenants are
listed only where another source gives the number of all shards.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from readiness_kit.collect.weaviate import parsing as answers
from readiness_kit.collect.weaviate.client import NODES_TIMEOUT, Client
from readiness_kit.kinds.weaviate import CollectionSchema, Nodes, Schema, ServerNode, ShardStatus

MOST = 5000
"""Replicas of shards in one answer: about two megabytes."""
SAMPLES = 20
"""Collections that are asked one by one, the biggest first."""


class Plan(NamedTuple):
    """`classes`: those to ask one by one where the list is not asked for as a whole; `why` it is not."""

    whole: bool
    classes: tuple[str, ...] = ()
    why: str = ""


def plan(schema: Schema | None, shards: int | None, most: int = MOST) -> Plan:
    """What to ask. `shards` is the number of all shards, tenants included, None where nobody knows it.

    Nobody says how many copies each of them has: as many are expected as the most careful collection keeps. A number
    that is smaller than what the schema alone promises was counted before, or of something else, and decides nothing.
    """
    if schema is None:
        return Plan(False, (), "not listed: without the schema the number of shards is not known")
    tenants = [one.name for one in schema.classes if one.multi_tenancy_config.enabled]
    plain = [one for one in schema.classes if not one.multi_tenancy_config.enabled]
    promised = sum(map(_replicas, plain))
    if shards is not None and shards < sum(map(_shards, plain)):
        shards = None
    copies = max((one.replication_config.factor for one in schema.classes), default=1)
    expected = promised if shards is None else shards * max(1, copies)
    if expected <= most and (shards is not None or not tenants):
        return Plan(True)
    chosen: list[str] = []
    left = most
    for one in sorted(plain, key=lambda one: (-_replicas(one), one.name)):
        if len(chosen) < SAMPLES and _replicas(one) <= left:
            chosen.append(one.name)
            left -= _replicas(one)
    why = f"{len(chosen)} of {len(schema.classes)} collections were listed:"
    if tenants:
        why += f" {len(tenants)} have tenants, whose number is {'not known' if shards is None else 'too large'};"
    return Plan(False, tuple(sorted(chosen)), f"{why} at most {most:,} replicas of shards are asked for at once")


def _shards(one: CollectionSchema) -> int:
    """At least one: a server that gives no counts still has a shard."""
    return max(1, one.sharding_config.actual_count, one.sharding_config.desired_count)


def _replicas(one: CollectionSchema) -> int:
    return _shards(one) * max(1, one.replication_config.factor)


def read(client: Client, plan: Plan) -> Nodes:
    """The list, or the lists of the planned collections put together by node. Raises what `client.json` raises."""
    verbose = {"output": "verbose"}
    if plan.whole:
        return answers.nodes(client.json("/v1/nodes", verbose, timeout=NODES_TIMEOUT, attempts=1))
    first: dict[str, ServerNode] = {}
    shards: dict[str, list[ShardStatus]] = defaultdict(list)
    for name in plan.classes:
        path = f"/v1/nodes/{quote(name, safe='')}"
        for node in answers.nodes(client.json(path, verbose, timeout=NODES_TIMEOUT, attempts=1)).nodes:
            first.setdefault(node.name, node)
            shards[node.name] += [one for one in node.shards if one.collection == name]
    joined = (
        msgspec.structs.replace(node, shards=tuple(shards[name]), stats=None) for name, node in sorted(first.items())
    )
    return Nodes(tuple(joined), plan.classes)
