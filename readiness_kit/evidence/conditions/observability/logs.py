"""Whether a log agent comes to every node with Weaviate. Where it sends what it reads does not show."""

from __future__ import annotations

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.conditions.observability.metrics import tool
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, schedules_on
from readiness_kit.facts.detectors.scan import DETECTOR_READS, Coverage, agents_on, unseen
from readiness_kit.facts.detectors.table import detectors
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.labels import count
from readiness_kit.model import Outcome, Reason, Ref

PARTLY, NOT_MET, MET = Outcome.PARTLY, Outcome.NOT_MET, Outcome.MET
GROUPS = ("logs", "log_pipeline", "telemetry", "log_store")
READS = tuple(sorted({key for group in GROUPS for key in DETECTOR_READS[group]} | {"pods", "nodes", "daemonsets"}))
FIELD, EXPECTED = "log agent on the nodes with Weaviate", "one on every node"
EXCLUDES = {"fluentbit.io/exclude": "Fluent Bit", "vector.dev/exclude": "Vector agent"}
FARGATE = ("eks.amazonaws.com/compute-type", "fargate")
PLUMBING = frozenset({"kube-proxy", "konnectivity-agent"})
"""DaemonSets that surely read no logs, though no detector knows them."""


def agent_checks(facts: ClusterFacts) -> list[Check]:
    """The agents by node; without any, what else there is that could collect logs."""
    lost = {key: reason for group in GROUPS for key, reason in unseen(facts, group).items()}
    lost |= {key: reason for key in ("pods", "nodes", "daemonsets") if (reason := facts.missing(key)) is not None}
    told = [tool(one) for group in GROUPS for one in facts.detected(group)]
    if lost:
        key, reason = next(iter(sorted(lost.items())))
        say = f"Which log agents come to the nodes with Weaviate was not read ({names(lost)})."
        return [*told, unread(facts.weaviate.ref, FIELD, EXPECTED, reason, key, say=say)]
    beside = sidecars(facts)
    if beside:
        return [*told, want(facts.weaviate.ref, FIELD, f"beside the server: {names(beside)}", EXPECTED, True, "pods")]
    if facts.detected("logs"):
        return [*told, *_by_node(facts)]
    return [*told, _without(facts)]


def sidecars(facts: ClusterFacts) -> list[str]:
    """Log agents that run inside the Weaviate pods themselves, by the images of the table of detectors."""
    # A row that asks for more than an image (a label, a variable) says more than a sidecar's image does.
    runs = [(one.tool, run) for one in detectors() if one.group == "logs" for run in one.runs]
    images = {name: agent for agent, run in runs for name in run.images if not (run.labels or run.env)}
    found = set()
    for container in facts.weaviate.spec.containers:
        repository = f"/{Image.parse(container.image).repository}"
        found |= {agent for name, agent in images.items() if repository.endswith(f"/{name}")}
    return sorted(found)


def _by_node(facts: ClusterFacts) -> list[Check]:
    """Each node by itself: an agent that does not tolerate a taint misses exactly the nodes that have it."""
    asked = [one.tool for one in facts.detected("logs", 3) if not _per_node(one.tool)]
    coverage = agents_on(facts)
    excluded = _excluded(facts)
    bare = [one for one in coverage if not asked and not set(one.sure) - excluded]
    total = len(coverage)
    covered = total - len(bare)
    tools = names({agent for one in coverage for agent in (*one.sure, *one.unsure)} | set(asked))
    if not coverage:
        say = "On which nodes Weaviate runs was not found, so whether a log agent comes to them is open."
        return [unread(facts.weaviate.ref, FIELD, EXPECTED, Reason.NOT_OBSERVABLE, "nodes", say=say)]
    seen = f"{tools or 'none'} on {covered} of {count(total, 'node')}"
    if not bare:
        return [want(facts.weaviate.ref, FIELD, seen, EXPECTED, True, "daemonsets")]
    if _fargate(facts):
        say = (
            "Weaviate runs on Fargate, where no DaemonSet comes; its own log router is set up outside of what is read."
        )
        return [unread(facts.weaviate.ref, FIELD, EXPECTED, Reason.NOT_OBSERVABLE, "", say=say)]
    return [
        want(facts.weaviate.ref, FIELD, seen, EXPECTED, False, "daemonsets", otherwise=PARTLY, say=_why(bare, excluded))
    ]


def _per_node(agent: str) -> bool:
    return any(one.tool == agent and one.per_node for one in detectors())


def _why(bare: list[Coverage], excluded: set[str]) -> str:
    nodes = names(one.node for one in bare)
    word = agree(len(bare), "node", "nodes")
    if excluded and any(one.sure for one in bare):
        return f"The Weaviate pods ask {names(excluded)} to leave their logs out."
    if any(one.unsure for one in bare):
        tools = names({agent for one in bare for agent in one.unsure})
        return f"Not all pods of {tools} are ready, so the logs of Weaviate on {word} {nodes} may be missed."
    away = names({agent for one in bare for agent in one.away})
    return f"{away or 'No log agent'} {'does not come' if away else 'comes'} to {word} {nodes}, where Weaviate runs."


def _excluded(facts: ClusterFacts) -> set[str]:
    layers = [facts.weaviate.pod_annotations, *(pod.metadata.annotations for pod in facts.weaviate.pods)]
    return {agent for key, agent in EXCLUDES.items() if any(one.get(key, "").lower() == "true" for one in layers)}


def _fargate(facts: ClusterFacts) -> bool:
    return any(node.metadata.labels.get(FARGATE[0]) == FARGATE[1] for node in nodes_of_weaviate(facts))


def _without(facts: ClusterFacts) -> Check:
    """No log agent is known. It fails only where nothing else comes to the nodes that could be one."""
    ref = facts.weaviate.ref
    if facts.detected("log_pipeline"):
        passing = facts.detected("log_pipeline")[0].tool
        say = f"{passing} passes logs on, but nothing that collects them from the nodes with Weaviate was found."
        return want(ref, FIELD, "an aggregator only", EXPECTED, False, "daemonsets", otherwise=PARTLY, say=say)
    maybe = [one.tool for one in facts.detected("telemetry")]
    strangers = _strangers(facts)
    why = ""
    if maybe:
        why = f"{names(maybe)} can collect them; its configuration is not read"
    elif _fargate(facts):
        why = "Weaviate runs on Fargate, whose log router is set up outside of what is read"
    elif strangers:
        why = f"the DaemonSet {names(strangers)}, which the kit does not know, may be one"
    elif facts.snapshot.manifest.namespaces:
        why = "only some namespaces were looked at"
    if why:
        say = f"No agent that surely collects logs was found; {why}."
        return unread(ref, FIELD, EXPECTED, Reason.NOT_OBSERVABLE, "", say=say)
    say = "No agent collects the logs of Weaviate: they stay on the nodes and are lost with them."
    return want(ref, FIELD, "none", EXPECTED, False, "daemonsets", say=say)


def _strangers(facts: ClusterFacts) -> list[str]:
    known = {(one.metadata.namespace, one.metadata.name) for hit in facts.detector_matches for one in hit.workloads}
    nodes = nodes_of_weaviate(facts)
    return [
        one.metadata.name
        for one in facts.objects("daemonsets")
        if (one.metadata.namespace, one.metadata.name) not in known
        and one.metadata.name not in PLUMBING
        and any(schedules_on(one, node) for node in nodes)
    ]


def sink(facts: ClusterFacts, checks: list[Check]) -> list[Check]:
    """The other end: it keeps the question from being met, where nothing that was read does already."""
    stores = names(one.tool for one in facts.detected("log_store"))
    ref = Ref("Namespace", facts.weaviate.namespace)
    field, expected = "where the logs are kept, and how long", "a central store, with a retention"
    seen = f"{stores} runs here" if stores else "does not show in the cluster"
    if any(check.outcome in (PARTLY, NOT_MET) or check.reason for check in checks):
        return [note(ref, field, seen, "", expected)]
    say = (
        "Every node with Weaviate has a log agent; where it sends the logs, and how long they are kept, has to be said."
    )
    return [unread(ref, field, expected, Reason.NOT_OBSERVABLE, "", say=say)]
