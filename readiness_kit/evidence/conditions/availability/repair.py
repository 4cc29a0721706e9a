"""Node repair and restarts: the detected tools, by what they prove about node repair, and the probes.

Autoscalers add and remove nodes and problem detectors report: neither repairs a node, and Karpenter does so only with
a feature gate. Repair by a provider is documented by the provider and visible in labels of the nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import duration
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Pod
from readiness_kit.model import Check, Detection, Reason, Ref

REPAIRS, UNCLEAR, REPORTS_ONLY = "repairs nodes", "may repair nodes", "does not repair nodes"
_GROUPS = {
    "node_repair": REPAIRS,
    "node_repair_option": UNCLEAR,
    "node_reporting": REPORTS_ONLY,
    "node_scaling": REPORTS_ONLY,
    "node_upkeep": REPORTS_ONLY,
}
_MACHINES = ("machinehealthchecks", "openshiftmachinehealthchecks")
"""They cover machines, which cannot be matched to nodes: one in this cluster counts as covering Weaviate's nodes."""
READS = tuple(sorted({key for group in _GROUPS for key in DETECTOR_READS[group]} - {"pods", "nodes"}))
"""What `indicators` reads besides pods and nodes; none of it is required."""


@dataclass(frozen=True)
class Indicator:
    """One tool, seen on `ref` in `field`. `power` is one of REPAIRS, UNCLEAR, REPORTS_ONLY."""

    tool: str
    power: str
    ref: Ref
    field: str
    seen: str
    source: str


def indicators(facts: ClusterFacts) -> list[Indicator]:
    """The tools that concern node repair, the strongest first."""
    found = [_indicator(detection) for detection in facts.detections if detection.group in _GROUPS]
    return sorted(found, key=lambda indicator: (REPAIRS, UNCLEAR, REPORTS_ONLY).index(indicator.power))


def unread(facts: ClusterFacts) -> dict[str, Reason]:
    """The missing reads that could have shown node repair."""
    return unseen(facts, "node_repair")


def _indicator(detection: Detection) -> Indicator:
    power, first = _GROUPS[detection.group], detection.facts[0]
    if power == REPAIRS and detection.level < 3 and first.source not in _MACHINES:
        power = UNCLEAR
    return Indicator(detection.tool, power, first.ref, first.field, first.seen, first.source)


def made_on_demand(node: Node) -> bool:
    """Whether a provisioner creates such nodes when a pod needs one, so that no spare node is required."""
    labels = node.metadata.labels
    compute = labels.get("eks.amazonaws.com/compute-type", "")
    # GKE names the nodes of Autopilot clusters gk3-…, those of Standard clusters gke-….
    autopilot = node.metadata.name.startswith("gk3-") and node.spec.provider_id.startswith("gce://")
    return compute in ("auto", "fargate") or "karpenter.sh/nodepool" in labels or autopilot


def self_healing(facts: ClusterFacts) -> list[Check]:
    """Probes that restart a hung pod and hold traffic back, and an owner that recreates a lost pod."""
    container, on = facts.weaviate.container, weaviate_subject(facts)
    checks = []
    for probe, field, effect in (
        (container.liveness_probe, "livenessProbe", "a hung Weaviate is never restarted"),
        (container.readiness_probe, "readinessProbe", "traffic reaches pods that cannot answer"),
    ):
        message = f"The container {container.name} has no {field}: {effect}."
        checks.append(on.check(field, present(probe), "present", probe is not None, message=message))
    checks.append(on.info("startupProbe", present(container.startup_probe)))
    if container.liveness_probe is not None:
        probe = container.liveness_probe
        wait = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        checks.append(on.info("livenessProbe, time to the first restart", duration(wait)))
    for pod in facts.weaviate.pods:
        if not pod.metadata.owner_references:
            message = f"The pod {pod.metadata.name} belongs to no workload: it is not recreated when it is lost."
            on_pod = Subject.of("pods", pod)
            checks.append(on_pod.check("ownerReferences", "none", "a workload", False, message=message))
        checks += _restarts(pod, container.name)
    return checks


def present(probe: object) -> str:
    """`present` or `absent`, as a check shows it."""
    return "present" if probe is not None else "absent"


def _restarts(pod: Pod, container: str) -> list[Check]:
    for status in pod.status.container_statuses:
        if status.name == container and status.restart_count:
            last = status.last_state.terminated
            seen = f"{status.restart_count}{f', last {last.reason}' if last and last.reason else ''}"
            return [Subject.of("pods", pod).info("restarts", seen)]
    return []
