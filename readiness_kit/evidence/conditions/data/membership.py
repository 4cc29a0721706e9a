"""Weaviate's own view of its nodes: who is healthy, who votes, whether all run the same and agree."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Check, Outcome, Reason

PARTLY = Outcome.PARTLY
NODES, STATISTICS = "weaviate/nodes", "weaviate/statistics"


def healthy(facts: ClusterFacts) -> list[Check]:
    """As many healthy nodes as replicas are wanted: a dead node is not in the list at all."""
    weaviate = facts.weaviate
    field, expected = "nodes that Weaviate calls HEALTHY", str(weaviate.replicas)
    why = facts.missing(NODES)
    answer = facts.answer(NODES)
    on = weaviate_subject(facts, NODES)
    if why is not None or answer is None:
        message = "Which nodes Weaviate itself counts as healthy was not read."
        return [on.unread(field, expected, why or Reason.NOT_OBSERVABLE, message=message)]
    well = [one.name for one in answer.nodes if one.status == "HEALTHY"]
    ill = [f"{one.name} ({one.status})" for one in answer.nodes if one.status != "HEALTHY"]
    more = f": {names(ill)}" if ill else ""
    rest = more or ": the others are not in its list"
    message = f"Weaviate counts {len(well)} of {weaviate.replicas} nodes as healthy{rest}."
    ok = len(well) >= weaviate.replicas
    return [on.check(field, f"{len(well)}{more}", expected, ok, message=message, on_failure=PARTLY)]


def one_version(facts: ClusterFacts) -> list[Check]:
    field = "versions that the nodes run"
    answer = facts.answer(NODES)
    why = facts.missing(NODES)
    on = weaviate_subject(facts, NODES)
    if answer is None or why is not None:
        message = "Whether all nodes run the same version was not read from Weaviate."
        return [on.unread(field, "one", why or Reason.NOT_OBSERVABLE, message=message)]
    builds = Counter(" ".join(filter(None, (one.version, one.git_hash))) for one in answer.nodes if one.version)
    message = f"The nodes run different versions: {names(builds)}."
    return [on.check(field, names(builds), "one", len(builds) <= 1, message=message, on_failure=PARTLY)]


def synchronized(facts: ClusterFacts) -> list[Check]:
    """Whether all nodes agree; false for a moment while a schema changes, so it is asked several times."""
    answer = facts.answer(STATISTICS)
    why = facts.missing(STATISTICS)
    field = "cluster/statistics synchronized"
    on = weaviate_subject(facts, STATISTICS)
    if answer is None or why is not None:
        message = "Whether the nodes agree on the metadata was not read from Weaviate."
        return [on.unread(field, "true", why or Reason.NOT_OBSERVABLE, message=message)]
    seen = str(answer.synchronized).lower()
    message = f"The nodes did not agree on the metadata (asked {answer.polls} times)."
    return [on.check(field, seen, "true", answer.synchronized, message=message, on_failure=PARTLY)]


def voters(facts: ClusterFacts) -> list[Check]:
    """An odd number of three or more configured voters, dead ones included; all of them there."""
    raft = facts.raft
    field, expected = "configured raft voters", "3 or more, odd"
    on = weaviate_subject(facts, STATISTICS)
    if raft is None or facts.missing(STATISTICS) is not None:
        why = facts.missing(STATISTICS) or Reason.NOT_OBSERVABLE
        message = "The voters of the metadata store were not read from Weaviate."
        return [on.unread(field, expected, why, message=message)]
    number = len(raft.voters)
    odd = (
        "an even number survives no more than one fewer" if number % 2 == 0 else "the loss of one stops schema changes"
    )
    message = f"The metadata store has {number} voters: {odd}."
    lines = [on.check(field, number, expected, number >= 3 and number % 2 == 1, message=message, on_failure=PARTLY)]
    dead = [one.place.weaviate_node for one in raft.members if not one.live]
    if dead:
        message = f"Configured in the metadata store, but not answering: {names(dead)}."
        lines.append(
            on.check("members that answer", f"not {names(dead)}", "all", False, message=message, on_failure=PARTLY)
        )
    leaders = len(raft.leaders)
    lines.append(on.info("raft leaders", names(raft.leaders) or "none", "one", leaders == 1))
    return lines
