"""Log collectors on the nodes of Weaviate. Where they send the logs is not visible in the cluster."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.observability.metrics import tool
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, schedules_on
from readiness_kit.facts.detectors.scan import DETECTOR_READS, Coverage, agents_on, unseen
from readiness_kit.facts.detectors.table import detectors
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
GROUPS = ("logs", "log_pipeline", "telemetry", "log_store")
LISTS = ("pods", "nodes", "daemonsets")
READS = tuple(sorted({*(key for group in GROUPS for key in DETECTOR_READS[group]), *LISTS}))
FIELD, EXPECTED = "log collector on the nodes with Weaviate", "one on every node"
EXCLUDES = {"fluentbit.io/exclude": "Fluent Bit", "vector.dev/exclude": "Vector agent"}
FARGATE = ("eks.amazonaws.com/compute-type", "fargate")
NOT_COLLECTORS = frozenset({"kube-proxy", "konnectivity-agent"})
"""DaemonSets without a detector that certainly read no logs."""


def collector_checks(facts: ClusterFacts) -> list[Check]:
    """The collectors by node; without any, what else could collect logs."""
    missing = {key: reason for group in GROUPS for key, reason in unseen(facts, group).items()}
    missing |= {key: reason for key in LISTS if (reason := facts.missing(key)) is not None}
    tools = [tool(detection) for group in GROUPS for detection in facts.detected(group)]
    if missing:
        key, reason = min(missing.items())
        message = f"Which log collectors run on the nodes with Weaviate was not read ({names(missing)})."
        return [*tools, weaviate_subject(facts, key).unread(FIELD, EXPECTED, reason, message=message)]
    if in_pods := sidecars(facts):
        on = weaviate_subject(facts, "pods")
        return [*tools, on.check(FIELD, f"sidecar in the Weaviate pods: {names(in_pods)}", EXPECTED, True)]
    return [*tools, _by_node(facts) if facts.detected("logs") else _without_collector(facts)]


def sidecars(facts: ClusterFacts) -> set[str]:
    """The log collectors that run in the Weaviate pods, by the images in the table of detectors."""
    # A detector that also requires labels or variables is not proved by the image of a sidecar.
    runs = [(detector.tool, run) for detector in detectors() if detector.group == "logs" for run in detector.runs]
    images = {image: collector for collector, run in runs for image in run.images if not (run.labels or run.env)}
    repositories = [f"/{Image.parse(container.image).repository}" for container in facts.weaviate.spec.containers]
    return {c for image, c in images.items() if any(repository.endswith(f"/{image}") for repository in repositories)}


def _by_node(facts: ClusterFacts) -> Check:
    """Each node separately: a collector without a toleration misses exactly the nodes with the taint."""
    per_node = {detector.tool for detector in detectors() if detector.per_node}
    configured = [detection.tool for detection in facts.detected("logs", 3) if detection.tool not in per_node]
    coverage, excluded = agents_on(facts), _excluded(facts)
    if not coverage:
        message = "The nodes that run Weaviate are unknown, so whether they have a log collector is unknown as well."
        return weaviate_subject(facts, "nodes").unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message)
    bare = [node for node in coverage if not configured and not set(node.sure) - excluded]
    if bare and _on_fargate(facts):
        message = "Weaviate runs on Fargate, which has no DaemonSets; its log router is configured outside the cluster."
        return weaviate_subject(facts, "").unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message)
    tools = names({collector for node in coverage for collector in (*node.sure, *node.unsure)} | {*configured})
    seen = f"{tools or 'none'} on {len(coverage) - len(bare)} of {count(len(coverage), 'node')}"
    on, message = weaviate_subject(facts, "daemonsets"), _why(bare, excluded) if bare else ""
    return on.check(FIELD, seen, EXPECTED, not bare, message=message, on_failure=PARTLY, fix="logs.collector")


def _why(bare: Sequence[Coverage], excluded: set[str]) -> str:
    nodes = f"{agree(len(bare), 'node', 'nodes')} {names(node.node for node in bare)}"
    if excluded and any(node.sure for node in bare):
        return f"The Weaviate pods exclude their logs from {names(excluded)}."
    if unsure := names(collector for node in bare for collector in node.unsure):
        return f"Not all pods of {unsure} are ready, so logs of Weaviate on {nodes} may be missing."
    away = names(collector for node in bare for collector in node.away)
    return f"{away or 'No log collector'} {'does not run' if away else 'runs'} on {nodes}, where Weaviate runs."


def _excluded(facts: ClusterFacts) -> set[str]:
    layers = [facts.weaviate.pod_annotations, *(pod.metadata.annotations for pod in facts.weaviate.pods)]
    return {tool for key, tool in EXCLUDES.items() if any(layer.get(key, "").lower() == "true" for layer in layers)}


def _on_fargate(facts: ClusterFacts) -> bool:
    return any(node.metadata.labels.get(FARGATE[0]) == FARGATE[1] for node in nodes_of_weaviate(facts))


def _without_collector(facts: ClusterFacts) -> Check:
    """No known log collector: not met only where nothing else on the nodes could be one."""
    on, pipelines = weaviate_subject(facts, "daemonsets"), facts.detected("log_pipeline")
    if pipelines:
        message = f"{pipelines[0].tool} forwards logs, but nothing that collects them from the nodes was found."
        seen, fix = "an aggregator only", "logs.collector"
        return on.check(FIELD, seen, EXPECTED, False, message=message, on_failure=PARTLY, fix=fix)
    why = ""
    if telemetry := names(detection.tool for detection in facts.detected("telemetry")):
        why = f"{telemetry} can collect logs, but its configuration is not read"
    elif _on_fargate(facts):
        why = "Weaviate runs on Fargate, whose log router is configured outside the cluster"
    elif unknown := names(_unknown_daemonsets(facts)):
        why = f"the DaemonSet {unknown}, which has no detector, may be one"
    elif facts.snapshot.manifest.namespaces:
        why = "only some namespaces were read"
    if why:
        message, fix = f"No log collector confirmed: {why}.", "logs.collector"
        return weaviate_subject(facts, "").unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message, fix=fix)
    message = "No log collector was found: the logs of Weaviate stay on the nodes and are lost with them."
    return on.check(FIELD, "none", EXPECTED, False, message=message, fix="logs.collector")


def _unknown_daemonsets(facts: ClusterFacts) -> list[str]:
    """The DaemonSets on the nodes of Weaviate that no detector recognises."""
    known = {(w.metadata.namespace, w.metadata.name) for match in facts.detector_matches for w in match.workloads}
    nodes = nodes_of_weaviate(facts)
    return [
        daemonset.metadata.name
        for daemonset in facts.objects("daemonsets")
        if (daemonset.metadata.namespace, daemonset.metadata.name) not in known
        and daemonset.metadata.name not in NOT_COLLECTORS
        and any(schedules_on(daemonset, node) for node in nodes)
    ]


def sink(facts: ClusterFacts) -> list[Check]:
    """Where the logs are kept, which requires an answer."""
    stores = names(detection.tool for detection in facts.detected("log_store"))
    on = Subject(Ref("Namespace", facts.weaviate.namespace), "")
    field, expected = "where the logs are kept, and how long", "a central store, with a retention"
    message = "Where are the logs stored, and for how long? Please answer."
    if stores:
        message = f"{stores} runs here. {message}"
    return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="logs.retention")]
