"""Copies of each shard and the machines they lie on: a plan of three copies is not three copies."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import Shard
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
VERBOSE = "weaviate/nodes_verbose"
READS = ("pods", "nodes", "weaviate/schema", VERBOSE)
ENOUGH = 3
FIELD, EXPECTED = "copies of each shard", f"{ENOUGH} or more, on machines of their own"


def checks(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    if weaviate.replicas < 2:
        message = "One pod holds the only copy of every shard."
        return [
            weaviate_subject(facts).check(
                "spec.replicas", weaviate.replicas, f"{ENOUGH} or more", False, message=message
            )
        ]
    reason = facts.missing(VERBOSE)
    on = weaviate_subject(facts, VERBOSE)
    if reason is not None:
        message = "How many copies each shard has was not read from Weaviate."
        return [on.unread(FIELD, EXPECTED, reason, message=message)]
    if not facts.shards:
        message = "Weaviate lists no shard: there is no data, or the key may not see it."
        return [on.unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message)]
    away = absent(facts)
    return [*_single(facts, away), *_few(facts, away), *_together(facts), *_whole(facts, away), *_further(facts)]


def absent(facts: ClusterFacts) -> list[str]:
    """Pods that are wanted and not in the node list: it holds live nodes only, so their copies are not counted."""
    answer = facts.answer(VERBOSE)
    listed = {one.name.partition(".")[0] for one in answer.nodes} if answer else set()
    wanted = {pod.metadata.name for pod in facts.weaviate.pods} or {
        f"{facts.weaviate.name}-{place}" for place in range(facts.weaviate.replicas)
    }
    return sorted(wanted - listed) if len(listed) < facts.weaviate.replicas else []


def _single(facts: ClusterFacts, away: list[str]) -> list[Check]:
    """One copy. Where a node is away and more are wanted, another may lie on it."""
    lone = [one for one in facts.shards if len(one.replicas) == 1 and not (away and one.wanted > 1)]
    if not lone:
        return []
    message = (
        f"{count(len(lone), 'shard')} of {_collections(lone)} {'has' if len(lone) == 1 else 'have'} a single copy."
    )
    return [weaviate_subject(facts, VERBOSE).check(FIELD, f"1 for {_shown(lone)}", EXPECTED, False, message=message)]


def _few(facts: ClusterFacts, away: list[str]) -> list[Check]:
    two = [one for one in facts.shards if len(one.replicas) == 2 and not (away and one.wanted > 2)]
    short = [one for one in facts.shards if away and len(one.replicas) < one.wanted]
    checks = []
    on = weaviate_subject(facts, VERBOSE)
    if two:
        message = (
            f"{count(len(two), 'shard')} of {_collections(two)} {'has' if len(two) == 1 else 'have'} two copies only."
        )
        checks.append(on.check(FIELD, f"2 for {_shown(two)}", EXPECTED, False, message=message, on_failure=PARTLY))
    if short:
        message = f"{names(away)} is not in Weaviate's node list, so copies of {_collections(short)} are missing now."
        seen = f"not all for {_shown(short)}: {names(away)} away"
        checks.append(on.check(FIELD, seen, EXPECTED, False, message=message, on_failure=PARTLY))
    return checks


def _together(facts: ClusterFacts) -> list[Check]:
    """Copies on one machine go down together: pods are spread, or they are not. Needs the pods' nodes."""
    shared = [one for one in facts.shards if len(one.replicas) > 1 and _machines(one) < len(one.replicas)]
    unplaced = any(not replica.place.node for one in facts.shards for replica in one.replicas)
    if unplaced:
        reason = facts.missing("pods") or Reason.NOT_OBSERVABLE
        message = "On which machines the copies lie was not found."
        return [weaviate_subject(facts, "pods").unread("machines of the copies", "one each", reason, message=message)]
    if not shared:
        return []
    lost = [one for one in shared if _machines(one) == 1]
    what = "all copies" if lost else "copies"
    chosen = lost or shared
    node = next(iter({replica.place.node for replica in chosen[0].replicas}))
    has = agree(len(chosen), "has", "have")
    message = f"{count(len(chosen), 'shard')} of {_collections(chosen)} {has} {what} on one machine"
    message += f" ({node})." if lost else "."
    outcome = NOT_MET if lost else PARTLY
    seen = f"shared by {what} of {_shown(chosen)}"
    return [
        weaviate_subject(facts, VERBOSE).check(
            "machines of the copies", seen, "one each", False, message=message, on_failure=outcome
        )
    ]


def _machines(shard: Shard) -> int:
    return len({one.place.node or one.place.weaviate_node for one in shard.replicas})


def _whole(facts: ClusterFacts, away: list[str]) -> list[Check]:
    """What is well, and whether the list was whole."""
    fine = [one for one in facts.shards if len(one.replicas) >= ENOUGH and _machines(one) == len(one.replicas)]
    checks = []
    on = weaviate_subject(facts, VERBOSE)
    if fine:
        seen = f"{ENOUGH} or more for {count(len(fine), 'shard')}"
        checks.append(on.check(FIELD, seen, EXPECTED, True))
    answer = facts.answer(VERBOSE)
    if answer is not None and answer.sampled:
        message = f"Of the many shards only those of {names(answer.sampled)} were looked at."
        checks.append(on.unread("shards looked at", "all", Reason.NOT_COLLECTED, message=message))
    if away and not any(check.outcome in (PARTLY, NOT_MET) for check in _few(facts, away)):
        message = f"{names(away)} is not in Weaviate's node list, so not every copy is counted."
        checks.append(on.unread("nodes in the list", "all", Reason.NOT_OBSERVABLE, message=message))
    hidden = sorted({one.name for one in facts.collections} - {one.collection for one in facts.shards})
    if hidden:
        shown = f"no shard of {names(hidden)} listed: empty, all tenants inactive, or not to be seen"
        checks.append(on.info("collections without a listed shard", shown))
    return checks


def _further(facts: ClusterFacts) -> list[Check]:
    """For the reader: shards that are loaded when first asked for, and repair between copies."""
    lazy = sum(1 for one in facts.replicas if not one.loaded)
    repaired = sum(1 for one in facts.replicas if one.repair_targets)
    on = weaviate_subject(facts, VERBOSE)
    return [
        on.info("copies that are not loaded", lazy),
        on.info("copies with asynchronous repair under way", repaired),
    ]


def _collections(shards: Iterable[Shard]) -> str:
    return names(one.collection for one in shards)


def _shown(shards: list[Shard]) -> str:
    more = f" and {len(shards) - 1} more" if len(shards) > 1 else ""
    return f"shard {shards[0].name} of {shards[0].collection}{more}"
