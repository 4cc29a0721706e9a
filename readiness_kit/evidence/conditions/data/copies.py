"""Copies of each shard and the machines they lie on: a plan of three copies is not three copies."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import Shard
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
VERBOSE = "weaviate/nodes_verbose"
READS = ("pods", "nodes", "weaviate/schema", VERBOSE)
ENOUGH = 3
FIELD, EXPECTED = "copies of each shard", f"{ENOUGH} or more, on machines of their own"


def checks(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    if weaviate.replicas < 2:
        say = "One pod holds the only copy of every shard."
        source = workload_key(weaviate.kind)
        return [want(weaviate.ref, "spec.replicas", weaviate.replicas, f"{ENOUGH} or more", False, source, say=say)]
    reason = facts.missing(VERBOSE)
    if reason is not None:
        say = "How many copies each shard has was not read from Weaviate."
        return [unread(weaviate.ref, FIELD, EXPECTED, reason, VERBOSE, say=say)]
    if not facts.shards:
        say = "Weaviate lists no shard: there is no data, or the key may not see it."
        return [unread(weaviate.ref, FIELD, EXPECTED, Reason.NOT_OBSERVABLE, VERBOSE, say=say)]
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
    say = f"{count(len(lone), 'shard')} of {_collections(lone)} {'has' if len(lone) == 1 else 'have'} a single copy."
    return [want(facts.weaviate.ref, FIELD, f"1 for {_shown(lone)}", EXPECTED, False, VERBOSE, say=say)]


def _few(facts: ClusterFacts, away: list[str]) -> list[Check]:
    two = [one for one in facts.shards if len(one.replicas) == 2 and not (away and one.wanted > 2)]
    short = [one for one in facts.shards if away and len(one.replicas) < one.wanted]
    checks = []
    if two:
        say = f"{count(len(two), 'shard')} of {_collections(two)} {'has' if len(two) == 1 else 'have'} two copies only."
        checks.append(
            want(facts.weaviate.ref, FIELD, f"2 for {_shown(two)}", EXPECTED, False, VERBOSE, otherwise=PARTLY, say=say)
        )
    if short:
        say = f"{names(away)} is not in Weaviate's node list, so copies of {_collections(short)} are missing now."
        seen = f"not all for {_shown(short)}: {names(away)} away"
        checks.append(want(facts.weaviate.ref, FIELD, seen, EXPECTED, False, VERBOSE, otherwise=PARTLY, say=say))
    return checks


def _together(facts: ClusterFacts) -> list[Check]:
    """Copies on one machine go down together: pods are spread, or they are not. Needs the pods' nodes."""
    shared = [one for one in facts.shards if len(one.replicas) > 1 and _machines(one) < len(one.replicas)]
    unplaced = any(not replica.place.node for one in facts.shards for replica in one.replicas)
    if unplaced:
        reason = facts.missing("pods") or Reason.NOT_OBSERVABLE
        say = "On which machines the copies lie was not found."
        return [unread(facts.weaviate.ref, "machines of the copies", "one each", reason, "pods", say=say)]
    if not shared:
        return []
    lost = [one for one in shared if _machines(one) == 1]
    what = "all copies" if lost else "copies"
    chosen = lost or shared
    node = next(iter({replica.place.node for replica in chosen[0].replicas}))
    has = agree(len(chosen), "has", "have")
    say = f"{count(len(chosen), 'shard')} of {_collections(chosen)} {has} {what} on one machine"
    say += f" ({node})." if lost else "."
    outcome = NOT_MET if lost else PARTLY
    seen = f"shared by {what} of {_shown(chosen)}"
    return [
        want(facts.weaviate.ref, "machines of the copies", seen, "one each", False, VERBOSE, otherwise=outcome, say=say)
    ]


def _machines(shard: Shard) -> int:
    return len({one.place.node or one.place.weaviate_node for one in shard.replicas})


def _whole(facts: ClusterFacts, away: list[str]) -> list[Check]:
    """What is well, and whether the list was whole."""
    fine = [one for one in facts.shards if len(one.replicas) >= ENOUGH and _machines(one) == len(one.replicas)]
    checks = []
    if fine:
        seen = f"{ENOUGH} or more for {count(len(fine), 'shard')}"
        checks.append(want(facts.weaviate.ref, FIELD, seen, EXPECTED, True, VERBOSE))
    answer = facts.answer(VERBOSE)
    if answer is not None and answer.sampled:
        say = f"Of the many shards only those of {names(answer.sampled)} were looked at."
        checks.append(unread(facts.weaviate.ref, "shards looked at", "all", Reason.NOT_COLLECTED, VERBOSE, say=say))
    if away and not any(check.outcome in (PARTLY, NOT_MET) for check in _few(facts, away)):
        say = f"{names(away)} is not in Weaviate's node list, so not every copy is counted."
        checks.append(unread(facts.weaviate.ref, "nodes in the list", "all", Reason.NOT_OBSERVABLE, VERBOSE, say=say))
    hidden = sorted({one.name for one in facts.collections} - {one.collection for one in facts.shards})
    if hidden:
        shown = f"no shard of {names(hidden)} listed: empty, all tenants inactive, or not to be seen"
        checks.append(note(facts.weaviate.ref, "collections without a listed shard", shown, VERBOSE))
    return checks


def _further(facts: ClusterFacts) -> list[Check]:
    """For the reader: shards that are loaded when first asked for, and repair between copies."""
    lazy = sum(1 for one in facts.replicas if not one.loaded)
    repaired = sum(1 for one in facts.replicas if one.repair_targets)
    ref = facts.weaviate.ref
    return [
        note(ref, "copies that are not loaded", lazy, VERBOSE),
        note(ref, "copies with asynchronous repair under way", repaired, VERBOSE),
    ]


def _collections(shards: Iterable[Shard]) -> str:
    return names(one.collection for one in shards)


def _shown(shards: list[Shard]) -> str:
    more = f" and {len(shards) - 1} more" if len(shards) > 1 else ""
    return f"shard {shards[0].name} of {shards[0].collection}{more}"
