"""Replication of the data: replication factors, the replicas of each shard, and repair between them."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import agree, names, spread_over
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCHEMA, VERBOSE = "weaviate/schema", "weaviate/nodes_verbose"
USAGE_LIMITS = (
    "MAXIMUM_ALLOWED_OBJECTS_COUNT",
    "MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION",
    "MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION",
)
"""Usage limits, which the server accepts only with a replication factor of 1."""


def collection(name: str, source: str = SCHEMA) -> Subject:
    """A collection as the subject of checks."""
    return Subject(Ref("Collection", name), source)


def with_data(facts: ClusterFacts) -> tuple[Collection, ...]:
    """The collections without those that are known to be empty.

    All of them where objects were not counted or where none has any: before the data comes, there are only the
    definitions to judge.
    """
    if facts.missing(VERBOSE) is not None:
        return facts.collections
    empty: dict[str, bool] = {}
    for shard in facts.shards:
        empty[shard.collection] = empty.get(shard.collection, True) and shard.countable and shard.objects == 0
    full = tuple(item for item in facts.collections if item.multi_tenant or not empty.get(item.name, False))
    return full or facts.collections


def no_schema(facts: ClusterFacts, field: str, expected: str, message: str) -> list[Check]:
    """One unread check where the collections were not read, or where Weaviate listed none."""
    on = weaviate_subject(facts, SCHEMA)
    if unread := on.missing(facts, field, expected, message):
        return unread
    if facts.collections:
        return []
    message = "Weaviate lists no collections: either it is empty, or the API key cannot see them."
    return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]


def single_copies(facts: ClusterFacts, message: str) -> list[Check]:
    """No collection has only one replica. `message` is the sentence where the schema was not read."""
    field, expected = "replication factor", "more than 1"
    checks = no_schema(facts, f"{field} of each collection", expected, message)
    data = with_data(facts)
    single = [item for item in data if item.factor <= 1]
    listed = names(item.name for item in single)
    message = f"{listed} {agree(len(single), 'has', 'have')} one replica; losing its node loses data."
    for item in single:
        on = collection(item.name)
        checks.append(on.check(field, item.factor, expected, False, message=message, fix="replication.three"))
    if checks:
        return checks
    lowest = min(item.factor for item in data)
    return [weaviate_subject(facts, SCHEMA).check("lowest replication factor", lowest, expected, True)]


def least_factor(facts: ClusterFacts) -> list[Check]:
    """Each collection keeps a quorum of its replicas while one pod restarts."""
    field, expected = "lowest replication factor", "3 or more"
    message = "Whether each collection keeps a quorum during a restart was not read from Weaviate."
    if unread := no_schema(facts, field, expected, message):
        return unread
    data = with_data(facts)
    lowest = min(item.factor for item in data)
    affected = names(item.name for item in data if item.factor == lowest)
    outcome, message = PARTLY, f"While a pod restarts, {affected} has no quorum (replication factor 2)."
    if lowest <= 1:
        outcome, message = NOT_MET, f"A restart makes data of {affected} unavailable (replication factor 1)."
    on = weaviate_subject(facts, SCHEMA)
    ok, fix = lowest >= 3, "replication.three"
    return [on.check(field, lowest, expected, ok, message=message, on_failure=outcome, fix=fix)]


def factor_three(facts: ClusterFacts) -> list[Check]:
    """E2: an odd replication factor of at least 3 for every collection with data."""
    field, expected = "replication factor", "3 or more, odd"
    message = "Replication factors were not read from Weaviate."
    checks = no_schema(facts, f"{field} of each collection", expected, message)
    for item in with_data(facts):
        ok = item.factor >= 3 and item.factor % 2 == 1
        message = f"{item.name} has {item.factor} replicas, which tolerate no more failures than {item.factor - 1}."
        outcome = PARTLY
        if item.factor <= 1:
            outcome, message = NOT_MET, f"{item.name} has one replica; losing its node loses data."
        on = collection(item.name)
        checks.append(
            on.check(field, item.factor, expected, ok, message=message, on_failure=outcome, fix="replication.three")
        )
    return checks


def complete_shards(facts: ClusterFacts) -> list[Check]:
    """Every shard lists as many replicas as its replication factor demands."""
    field, expected = "replicas of each shard", "as many as the replication factor"
    on = weaviate_subject(facts, VERBOSE)
    message = "The replicas of the shards were not read from Weaviate."
    if unread := on.missing(facts, field, expected, message):
        return unread
    short = Counter(shard.collection for shard in facts.shards if shard.wanted > len(shard.replicas))
    message = f"Shards of {names(short)} list fewer replicas than their replication factor."
    answer = facts.answer(VERBOSE)
    every = answer is not None and len(answer.nodes) >= facts.weaviate.replicas
    fix = "shards.complete" if every else "members.restore"
    checks = [
        collection(name, VERBOSE).check(
            field, f"{number} with fewer", expected, False, message=message, on_failure=PARTLY, fix=fix
        )
        for name, number in sorted(short.items())
    ]
    if not checks and facts.shards:
        checks = [on.check(field, f"all of {count(len(facts.shards), 'shard')}", expected, True)]
    return [*checks, *unseen_shards(facts)]


def unseen_shards(facts: ClusterFacts) -> list[Check]:
    """Collections of which no shard is listed: an API key may see the schema and not the shards.

    Multi-tenant collections are left out, because inactive tenants are never listed.
    """
    listed = {shard.collection for shard in facts.shards}
    hidden = [item.name for item in facts.collections if not item.multi_tenant and item.name not in listed]
    if facts.missing(VERBOSE) is not None or not hidden:
        return []
    message = f"No shard of {names(hidden)} is listed: the API key may not see it, or its nodes are down."
    on = weaviate_subject(facts, VERBOSE)
    return [on.unread("shards of each collection", "listed", Reason.NOT_OBSERVABLE, message=message)]


def repair(facts: ClusterFacts) -> list[Check]:
    """Asynchronous replication: a setting of the collection from 1.26 to 1.37, of the server only later."""
    data, checks = with_data(facts), []
    off = [item.name for item in data if item.async_configured is False and item.factor > 1]
    if off:
        message = f"Replicas of {names(off)} are not repaired in the background (asyncEnabled is false)."
        on, fix = collection(off[0]), "async_replication.collections"
        checks.append(on.check("asyncEnabled", "false", "true", False, message=message, on_failure=PARTLY, fix=fix))
    variable, on = "ASYNC_REPLICATION_DISABLED", weaviate_subject(facts)
    if facts.weaviate.is_enabled(variable):
        message = f"Asynchronous replication is switched off for the whole server ({variable})."
        field, fix = f"env {variable}", "async_replication.server"
        checks.append(on.check(field, "true", "not set", False, message=message, on_failure=PARTLY, fix=fix))
    strategies = Counter(item.deletion_strategy for item in data if item.deletion_strategy)
    if strategies:
        on = weaviate_subject(facts, SCHEMA)
        checks.append(on.info("deletionStrategy of the collections", spread_over(strategies)))
    return checks


def minimum(facts: ClusterFacts) -> list[Check]:
    """The replication factors that the server enforces for new collections."""
    checks = []
    for name in ("REPLICATION_MINIMUM_FACTOR", "REPLICATION_MAXIMUM_FACTOR"):
        value = facts.weaviate.env(name)
        shown = value.value if value.state in ("literal", "config_map") else value.state
        checks.append(weaviate_subject(facts).info(f"env {name}", shown))
    return checks


def limited_to_one(facts: ClusterFacts) -> list[Check]:
    """The settings that limit the server to a replication factor of 1."""
    found = []
    for name in ("REPLICATION_MAXIMUM_FACTOR", *USAGE_LIMITS):
        value = facts.weaviate.env(name)
        limits = value.value.isdigit() and int(value.value) > 0 if name in USAGE_LIMITS else value.value == "1"
        if value.known and limits:
            found.append(weaviate_subject(facts).info(f"env {name}", value.value))
    return found
