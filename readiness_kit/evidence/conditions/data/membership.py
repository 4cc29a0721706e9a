"""Weaviate's own view of its nodes: who is healthy, who votes, whether all run the same and agree."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason

PARTLY = Outcome.PARTLY
NODES, STATISTICS = "weaviate/nodes", "weaviate/statistics"


def healthy(facts: ClusterFacts) -> list[Check]:
    """As many healthy nodes as replicas are wanted: a dead node is not in the list at all."""
    weaviate = facts.weaviate
    field, expected = "nodes that Weaviate calls HEALTHY", str(weaviate.replicas)
    why = facts.missing(NODES)
    answer = facts.answer(NODES)
    if why is not None or answer is None:
        say = "Which nodes Weaviate itself counts as healthy was not read."
        return [unread(weaviate.ref, field, expected, why or Reason.NOT_OBSERVABLE, NODES, say=say)]
    well = [one.name for one in answer.nodes if one.status == "HEALTHY"]
    ill = [f"{one.name} ({one.status})" for one in answer.nodes if one.status != "HEALTHY"]
    more = f": {names(ill)}" if ill else ""
    rest = more or ": the others are not in its list"
    say = f"Weaviate counts {len(well)} of {weaviate.replicas} nodes as healthy{rest}."
    ok = len(well) >= weaviate.replicas
    return [want(weaviate.ref, field, f"{len(well)}{more}", expected, ok, NODES, otherwise=PARTLY, say=say)]


def one_version(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    field = "versions that the nodes run"
    answer = facts.answer(NODES)
    why = facts.missing(NODES)
    if answer is None or why is not None:
        say = "Whether all nodes run the same version was not read from Weaviate."
        return [unread(weaviate.ref, field, "one", why or Reason.NOT_OBSERVABLE, NODES, say=say)]
    builds = Counter(" ".join(filter(None, (one.version, one.git_hash))) for one in answer.nodes if one.version)
    say = f"The nodes run different versions: {names(builds)}."
    return [want(weaviate.ref, field, names(builds), "one", len(builds) <= 1, NODES, otherwise=PARTLY, say=say)]


def synchronized(facts: ClusterFacts) -> list[Check]:
    """Whether all nodes agree; false for a moment while a schema changes, so it is asked several times."""
    weaviate = facts.weaviate
    answer = facts.answer(STATISTICS)
    why = facts.missing(STATISTICS)
    field = "cluster/statistics synchronized"
    if answer is None or why is not None:
        say = "Whether the nodes agree on the metadata was not read from Weaviate."
        return [unread(weaviate.ref, field, "true", why or Reason.NOT_OBSERVABLE, STATISTICS, say=say)]
    seen = str(answer.synchronized).lower()
    say = f"The nodes did not agree on the metadata (asked {answer.polls} times)."
    return [want(weaviate.ref, field, seen, "true", answer.synchronized, STATISTICS, otherwise=PARTLY, say=say)]


def voters(facts: ClusterFacts) -> list[Check]:
    """An odd number of three or more configured voters, dead ones included; all of them there."""
    weaviate, raft = facts.weaviate, facts.raft
    field, expected = "configured raft voters", "3 or more, odd"
    if raft is None or facts.missing(STATISTICS) is not None:
        why = facts.missing(STATISTICS) or Reason.NOT_OBSERVABLE
        say = "The voters of the metadata store were not read from Weaviate."
        return [unread(weaviate.ref, field, expected, why, STATISTICS, say=say)]
    number = len(raft.voters)
    odd = (
        "an even number survives no more than one fewer" if number % 2 == 0 else "the loss of one stops schema changes"
    )
    say = f"The metadata store has {number} voters: {odd}."
    lines = [
        want(
            weaviate.ref,
            field,
            number,
            expected,
            number >= 3 and number % 2 == 1,
            STATISTICS,
            otherwise=PARTLY,
            say=say,
        )
    ]
    dead = [one.place.weaviate_node for one in raft.members if not one.live]
    if dead:
        say = f"Configured in the metadata store, but not answering: {names(dead)}."
        lines.append(
            want(
                weaviate.ref,
                "members that answer",
                f"not {names(dead)}",
                "all",
                False,
                STATISTICS,
                otherwise=PARTLY,
                say=say,
            )
        )
    leaders = len(raft.leaders)
    lines.append(note(weaviate.ref, "raft leaders", names(raft.leaders) or "none", STATISTICS, "one", leaders == 1))
    return lines
