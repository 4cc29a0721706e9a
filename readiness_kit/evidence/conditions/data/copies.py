"""The replicas of each shard and the nodes that they are on: a factor of three does not mean three replicas."""

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
FIELD, EXPECTED = "replicas of each shard", f"{ENOUGH} or more, on separate nodes"


def checks(facts: ClusterFacts) -> list[Check]:
    """At least three replicas of each shard, on separate nodes."""
    if facts.weaviate.replicas < 2:
        message, on = "The only pod has the only replica of every shard.", weaviate_subject(facts)
        return [
            on.check(
                "spec.replicas",
                facts.weaviate.replicas,
                f"{ENOUGH} or more",
                False,
                message=message,
                fix="replicas.three",
            )
        ]
    on = weaviate_subject(facts, VERBOSE)
    if unread := on.missing(facts, FIELD, EXPECTED, "The number of replicas of each shard was not read from Weaviate."):
        return unread
    if not facts.shards:
        message = "Weaviate lists no shards: either it is empty, or the API key cannot see them."
        return [on.unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message)]
    away = absent(facts)
    few = _few(facts, away)
    return [*_single(facts, away), *few, *_same_node(facts), *_complete(facts, away, bool(few)), *_notes(facts)]


def absent(facts: ClusterFacts) -> list[str]:
    """Expected pods that are missing in the node list: it has live nodes only, so their replicas are not counted."""
    weaviate, answer = facts.weaviate, facts.answer(VERBOSE)
    listed = {node.name.partition(".")[0] for node in answer.nodes} if answer else set()
    expected = {pod.metadata.name for pod in weaviate.pods}
    expected = expected or set(weaviate.pod_names)
    return sorted(expected - listed) if len(listed) < weaviate.replicas else []


def _single(facts: ClusterFacts, away: list[str]) -> list[Check]:
    """Shards with one replica; where a node is away and more are configured, it may have another one."""
    single = [shard for shard in facts.shards if len(shard.replicas) == 1 and not (away and shard.wanted > 1)]
    if not single:
        return []
    message = f"{_subject(single)} a single replica; losing its node loses data."
    on, seen = weaviate_subject(facts, VERBOSE), f"1 for {_shown(single)}"
    return [on.check(FIELD, seen, EXPECTED, False, message=message, fix="replication.three")]


def _few(facts: ClusterFacts, away: list[str]) -> list[Check]:
    two = [shard for shard in facts.shards if len(shard.replicas) == 2 and not (away and shard.wanted > 2)]
    short = [shard for shard in facts.shards if away and len(shard.replicas) < shard.wanted]
    on, found = weaviate_subject(facts, VERBOSE), []
    if two:
        message = f"{_subject(two)} two replicas only."
        seen = f"2 for {_shown(two)}"
        found.append(
            on.check(FIELD, seen, EXPECTED, False, message=message, on_failure=PARTLY, fix="replication.three")
        )
    if short:
        collections = _collections(short)
        message = f"{names(away)} is not in Weaviate's node list, so replicas of {collections} are missing now."
        seen = f"not all for {_shown(short)}: {names(away)} missing"
        fix = "members.restore"
        found.append(on.check(FIELD, seen, EXPECTED, False, message=message, on_failure=PARTLY, fix=fix))
    return found


def _same_node(facts: ClusterFacts) -> list[Check]:
    """Replicas on the same Kubernetes node fail together. Needs the nodes of the pods."""
    field, expected = "nodes of the replicas", "one each"
    if any(not replica.place.node for shard in facts.shards for replica in shard.replicas):
        reason = facts.missing("pods") or Reason.NOT_OBSERVABLE
        message, on = "The nodes that the replicas are on are not known.", weaviate_subject(facts, "pods")
        return [on.unread(field, expected, reason, message=message)]
    shared = [shard for shard in facts.shards if len(shard.replicas) > 1 and _nodes(shard) < len(shard.replicas)]
    all_on_one = [shard for shard in shared if _nodes(shard) == 1]
    affected, what = (all_on_one, "all replicas") if all_on_one else (shared, "replicas")
    if not affected:
        return []
    message = f"{_subject(affected)} {what} on the same node."
    if all_on_one:
        message = f"{message[:-1]} ({affected[0].replicas[0].place.node})."
    outcome, seen = NOT_MET if all_on_one else PARTLY, f"shared by {what} of {_shown(affected)}"
    on, fix = weaviate_subject(facts, VERBOSE), "placement.nodes"
    return [on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix)]


def _nodes(shard: Shard) -> int:
    return len({replica.place.node or replica.place.weaviate_node for replica in shard.replicas})


def _complete(facts: ClusterFacts, away: list[str], failed: bool) -> list[Check]:
    """The shards that have enough replicas, and whether the list was complete."""
    enough = [shard for shard in facts.shards if len(shard.replicas) >= ENOUGH and _nodes(shard) == len(shard.replicas)]
    on, found = weaviate_subject(facts, VERBOSE), []
    if enough:
        found.append(on.check(FIELD, f"{ENOUGH} or more for {count(len(enough), 'shard')}", EXPECTED, True))
    answer = facts.answer(VERBOSE)
    if answer is not None and answer.sampled:
        message = f"There are many shards; only those of {names(answer.sampled)} were read."
        found.append(on.unread("shards read", "all", Reason.NOT_COLLECTED, message=message))
    if away and not failed:
        message = f"{names(away)} is not in Weaviate's node list, so not every replica is counted."
        found.append(on.unread("nodes in the list", "all", Reason.NOT_OBSERVABLE, message=message))
    hidden = {item.name for item in facts.collections} - {shard.collection for shard in facts.shards}
    if hidden:
        seen = f"no shard of {names(hidden)}: empty, all tenants inactive, or not visible to the API key"
        found.append(on.info("collections without a listed shard", seen))
    return found


def _notes(facts: ClusterFacts) -> list[Check]:
    """Lazily loaded replicas."""
    on = weaviate_subject(facts, VERBOSE)
    return [
        on.info("replicas that are not loaded", sum(not replica.loaded for replica in facts.replicas)),
    ]


def _subject(shards: list[Shard]) -> str:
    """Subject and verb of a sentence: "2 shards of Books have"."""
    return f"{count(len(shards), 'shard')} of {_collections(shards)} {agree(len(shards), 'has', 'have')}"


def _collections(shards: Iterable[Shard]) -> str:
    return names(shard.collection for shard in shards)


def _shown(shards: list[Shard]) -> str:
    more = f" and {len(shards) - 1} more" if len(shards) > 1 else ""
    return f"shard {shards[0].name} of {shards[0].collection}{more}"
