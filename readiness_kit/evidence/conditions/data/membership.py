"""Weaviate's own view of its nodes: health, versions, raft voters, and agreement on the metadata."""

from __future__ import annotations

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.running import has_status, is_ready
from readiness_kit.model import Check, Outcome, Reason

PARTLY = Outcome.PARTLY
NODES, STATISTICS = "weaviate/nodes", "weaviate/statistics"


def ready_replicas(facts: ClusterFacts) -> Check:
    """As many ready replicas as desired; unread where the workload has no status, as in manifests."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    field, expected = "status.readyReplicas", str(weaviate.replicas)
    if not has_status(facts):
        message = "Whether the replicas are ready is not known: the workload has no status."
        return on.unread(field, expected, Reason.NOT_COLLECTED, message=message, on_failure=PARTLY)
    ready = getattr(getattr(weaviate.object, "status", None), "ready_replicas", 0)
    if facts.missing("pods") is None:  # the status may be older than the pods
        ready = min(ready, sum(map(is_ready, weaviate.pods)))
    message, ok = f"{ready} of {weaviate.replicas} replicas are ready.", ready >= weaviate.replicas
    return on.check(field, ready, expected, ok, message=message, on_failure=PARTLY, fix="members.restore")


def healthy(facts: ClusterFacts) -> list[Check]:
    """As many HEALTHY nodes as replicas; a dead node is not in the list at all."""
    replicas, answer, on = facts.weaviate.replicas, facts.answer(NODES), weaviate_subject(facts, NODES)
    field, expected = "nodes that Weaviate reports as HEALTHY", str(replicas)
    reason = facts.missing(NODES)
    if reason is not None or answer is None:
        message = "The health of the nodes was not read from Weaviate."
        return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]
    number = sum(node.status == "HEALTHY" for node in answer.nodes)
    unhealthy = [f"{node.name} ({node.status})" for node in answer.nodes if node.status != "HEALTHY"]
    listed = f": {names(unhealthy)}" if unhealthy else ""
    message = f"Weaviate reports {number} of {replicas} nodes as healthy{listed or '; the others are not listed'}."
    seen, ok, fix = f"{number}{listed}", number >= replicas, "members.restore"
    return [on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)]


def one_version(facts: ClusterFacts) -> list[Check]:
    """All nodes run the same build."""
    answer, on, field = facts.answer(NODES), weaviate_subject(facts, NODES), "versions that the nodes run"
    reason = facts.missing(NODES)
    if answer is None or reason is not None:
        message = "Whether all nodes run the same version was not read from Weaviate."
        return [on.unread(field, "one", reason or Reason.NOT_OBSERVABLE, message=message)]
    builds = {" ".join(filter(None, (node.version, node.git_hash))) for node in answer.nodes if node.version}
    message = f"The nodes run different versions: {names(builds)}."
    ok, fix = len(builds) <= 1, "updates.finish"
    return [on.check(field, names(builds), "one", ok, message=message, on_failure=PARTLY, fix=fix)]


def synchronized(facts: ClusterFacts) -> list[Check]:
    """All nodes agree on the metadata; polled several times, because a schema change makes it false for a moment."""
    answer, on = facts.answer(STATISTICS), weaviate_subject(facts, STATISTICS)
    reason, field = facts.missing(STATISTICS), "cluster/statistics synchronized"
    if answer is None or reason is not None:
        message = "Whether the nodes agree on the metadata was not read from Weaviate."
        return [on.unread(field, "true", reason or Reason.NOT_OBSERVABLE, message=message)]
    message = f"The nodes do not agree on the metadata (polled {answer.polls} times)."
    seen, ok = str(answer.synchronized).lower(), answer.synchronized
    return [on.check(field, seen, "true", ok, message=message, on_failure=PARTLY, fix="members.restore")]


def voters(facts: ClusterFacts) -> list[Check]:
    """An odd number of at least three configured voters, dead ones included; all members answer."""
    raft, on = facts.raft, weaviate_subject(facts, STATISTICS)
    field, expected = "configured raft voters", "3 or more, odd"
    reason = facts.missing(STATISTICS)
    if raft is None or reason is not None:
        message = "The raft voters of the metadata store were not read from Weaviate."
        return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]
    number = len(raft.voters)
    effect = f"which tolerate no more failures than {number - 1}" if number and number % 2 == 0 else "fewer than three"
    message = f"The metadata store has {number} raft voters, {effect}."
    ok, fix = number >= 3 and number % 2 == 1, "raft.voters" if facts.weaviate.replicas >= 3 else "replicas.three"
    checks = [on.check(field, number, expected, ok, message=message, on_failure=PARTLY, fix=fix)]
    fix = "members.restore"
    dead = [member.place.weaviate_node for member in raft.members if not member.live]
    if dead:
        message = f"Configured in the metadata store, but not answering: {names(dead)}."
        seen = f"not {names(dead)}"
        field = "members that answer"
        checks.append(on.check(field, seen, "all", False, message=message, on_failure=PARTLY, fix=fix))
    if unready := _unready(facts):
        message = f"The metadata store of {names(unready)} is not open and ready."
        field, seen = "members whose metadata store is ready", f"not {names(unready)}"
        checks.append(on.check(field, seen, "all", False, message=message, on_failure=PARTLY, fix=fix))
    leaders = names(raft.leaders) or "none"
    message, ok = f"The metadata store must have one raft leader; seen: {leaders}.", len(raft.leaders) == 1
    return [*checks, on.check("raft leaders", leaders, "one", ok, message=message, on_failure=PARTLY, fix=fix)]


def _unready(facts: ClusterFacts) -> list[str]:
    """The members that answer and report that they cannot serve: the server leaves out a field that is false."""
    answer = facts.answer(STATISTICS)
    return [
        node.name
        for node in (answer.statistics if answer else ())
        if node.status and not (node.status == "HEALTHY" and node.open and node.ready and node.db_loaded)
    ]
