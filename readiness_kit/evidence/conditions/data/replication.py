"""Copies of the data: replication factors, the replicas that are there, and repair between them."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCHEMA, VERBOSE = "weaviate/schema", "weaviate/nodes_verbose"
CAPS = (
    "MAXIMUM_ALLOWED_OBJECTS_COUNT",
    "MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION",
    "MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION",
)
"""Usage limits, which the server accepts only with one copy of everything."""


def collection_ref(name: str) -> Ref:
    return Ref("Collection", name)


def hold_data(facts: ClusterFacts) -> tuple[Collection, ...]:
    """The collections without those that are known to be empty; all of them where the objects were not counted, or
    where none holds any: before the data comes, the definitions are what there is to judge."""
    if facts.missing(VERBOSE) is not None:
        return facts.collections
    counted: dict[str, bool] = {}
    for shard in facts.shards:
        empty = shard.countable and shard.objects == 0
        counted[shard.collection] = counted.get(shard.collection, True) and empty
    full = tuple(one for one in facts.collections if one.multi_tenant or not counted.get(one.name, False))
    return full or facts.collections


def no_schema(facts: ClusterFacts, field: str, expected: str, message: str) -> list[Check]:
    """A line where the collections were not read, or where Weaviate showed none."""
    why = facts.missing(SCHEMA)
    on = weaviate_subject(facts, SCHEMA)
    if why is not None:
        return [on.unread(field, expected, why, message=message)]
    if not facts.collections:
        message = "Weaviate showed no collection: it is empty, or the key may see none."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    return []


def single_copies(facts: ClusterFacts, message: str) -> list[Check]:
    """The condition that no collection has one copy only. `say`: what is lost where it was not read."""
    field, expected = "replication factor", "more than 1"
    lines = no_schema(facts, f"{field} of each collection", expected, message)
    single = [one for one in hold_data(facts) if one.factor <= 1]
    listed = names(one.name for one in single)
    for one in single:
        message = f"{listed} {agree(len(single), 'has', 'have')} one copy only: the loss of a node takes data away."
        lines.append(
            Subject(collection_ref(one.name), SCHEMA).check(field, one.factor, expected, False, message=message)
        )
    return lines or [_factors_note(facts)]


def _factors_note(facts: ClusterFacts) -> Check:
    least = min(one.factor for one in hold_data(facts))
    return weaviate_subject(facts, SCHEMA).check("least replication factor", least, "more than 1", True)


def least_factor(facts: ClusterFacts) -> list[Check]:
    """For updates: each collection keeps a majority of three while one pod restarts."""
    field, expected = "least replication factor", "3 or more"
    message = "Whether each collection keeps a replica during a restart was not read from Weaviate."
    lines = no_schema(facts, field, expected, message)
    if lines:
        return lines
    data = hold_data(facts)
    least = min(one.factor for one in data)
    affected = names(one.name for one in data if one.factor == least)
    outcome, message = PARTLY, f"While a pod restarts, {affected} has no majority left (replication factor 2)."
    if least <= 1:
        outcome, message = NOT_MET, f"A restart makes data of {affected} unavailable (replication factor 1)."
    return [
        weaviate_subject(facts, SCHEMA).check(field, least, expected, least >= 3, message=message, on_failure=outcome)
    ]


def factor_three(facts: ClusterFacts) -> list[Check]:
    """E2: three copies or more, an odd number, of every collection that holds data."""
    field, expected = "replication factor", "3 or more, odd"
    lines = no_schema(
        facts, f"{field} of each collection", expected, "Replication factors were not read from Weaviate."
    )
    for one in hold_data(facts):
        fine = one.factor >= 3 and one.factor % 2 == 1
        outcome, message = (
            PARTLY,
            f"{one.name} has {one.factor} copies: an even number survives no more than one fewer.",
        )
        if one.factor <= 1:
            outcome, message = NOT_MET, f"{one.name} has one copy only."
        lines.append(
            Subject(collection_ref(one.name), SCHEMA).check(
                field, one.factor, expected, fine, message=message, on_failure=outcome
            )
        )
    return lines


def complete_shards(facts: ClusterFacts) -> list[Check]:
    """Every shard has as many replicas listed as its factor asks for."""
    field, expected = "replicas of each shard", "as many as the replication factor"
    why = facts.missing(VERBOSE)
    on = weaviate_subject(facts, VERBOSE)
    if why is not None:
        return [on.unread(field, expected, why, message="The replicas of the shards were not read from Weaviate.")]
    short = Counter(one.collection for one in facts.shards if one.wanted > len(one.replicas))
    message = f"Shards of {names(short)} have fewer replicas listed than wanted."
    lines = [
        Subject(collection_ref(name), VERBOSE).check(
            field, f"{number} with fewer", expected, False, message=message, on_failure=PARTLY
        )
        for name, number in sorted(short.items())
    ]
    if not lines and facts.shards:
        lines = [on.check(field, f"all of {count(len(facts.shards), 'shard')}", expected, True)]
    return [*lines, *unseen_shards(facts)]


def unseen_shards(facts: ClusterFacts) -> list[Check]:
    """Collections of the schema without a shard in the list: a key may see the one and not the other.

    Collections with tenants are let be: tenants that are not active are in no list.
    """
    listed = {one.collection for one in facts.shards}
    hidden = [one.name for one in facts.collections if not one.multi_tenant and one.name not in listed]
    if facts.missing(VERBOSE) is not None or not hidden:
        return []
    message = f"No shard of {names(hidden)} is in Weaviate's list: the key may not see it, or its nodes are away."
    return [
        weaviate_subject(facts, VERBOSE).unread(
            "shards of each collection", "listed", Reason.NOT_OBSERVABLE, message=message
        )
    ]


def repair(facts: ClusterFacts) -> list[Check]:
    """Asynchronous repair: a setting of the collection from 1.26 to 1.37, of the server alone later."""
    weaviate = facts.weaviate
    off = [one.name for one in hold_data(facts) if one.async_configured is False and one.factor > 1]
    lines = []
    if off:
        message = f"Replicas of {names(off)} are not repaired in the background (asyncEnabled is false)."
        lines.append(
            Subject(collection_ref(off[0]), SCHEMA).check(
                "asyncEnabled", "false", "true", False, message=message, on_failure=PARTLY
            )
        )
    name = "ASYNC_REPLICATION_DISABLED"
    if weaviate.is_enabled(name):
        message = f"Asynchronous repair is switched off for the whole server ({name})."
        lines.append(
            weaviate_subject(facts).check(f"env {name}", "true", "not set", False, message=message, on_failure=PARTLY)
        )
    ways = Counter(one.deletion_strategy for one in hold_data(facts) if one.deletion_strategy)
    if ways:
        seen = ", ".join(f"{way}: {number}" for way, number in sorted(ways.items()))
        lines.append(weaviate_subject(facts, SCHEMA).info("deletionStrategy of the collections", seen))
    return lines


def minimum(facts: ClusterFacts) -> list[Check]:
    """The factors that new collections are held to."""
    weaviate = facts.weaviate
    lines = []
    for name in ("REPLICATION_MINIMUM_FACTOR", "REPLICATION_MAXIMUM_FACTOR"):
        value = weaviate.env(name)
        shown = value.value if value.state in ("literal", "config_map") else value.state
        lines.append(weaviate_subject(facts).info(f"env {name}", shown))
    return lines


def held_to_one_copy(facts: ClusterFacts) -> list[Check]:
    """The settings by which the server allows one copy only: namespaces, and limits of use."""
    weaviate = facts.weaviate
    found = []
    for name in ("REPLICATION_MAXIMUM_FACTOR", *CAPS):
        value = weaviate.env(name)
        limits = value.value == "1" if name not in CAPS else value.value.isdigit() and int(value.value) > 0
        if value.known and limits:
            found.append(weaviate_subject(facts).info(f"env {name}", value.value))
    return found
