"""Node repair and restarts: the detected tools, by what they prove about node repair, and the probes.

Autoscalers add and remove nodes and problem detectors report: neither repairs a node, and Karpenter does so only with
a feature gate. Repair by a provider is documented by the provider and visible in labels of the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.ecosystem import HealthCheck
from readiness_kit.kinds.meta import LabelSelector
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
_CONTROL_PLANE = ("cluster.x-k8s.io/control-plane", "cluster.x-k8s.io/control-plane-name")
_MACHINE_ROLES = tuple(f"machine.openshift.io/cluster-api-machine-{name}" for name in ("role", "type"))
_CLUSTER_NAMES = ("cluster.x-k8s.io/cluster-name", "machine.openshift.io/cluster-api-cluster")
_PAUSED = "cluster.x-k8s.io/paused"
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
    found = [_indicator(facts, detection) for detection in facts.detections if detection.group in _GROUPS]
    return sorted(found, key=lambda indicator: (REPAIRS, UNCLEAR, REPORTS_ONLY).index(indicator.power))


def unread(facts: ClusterFacts) -> dict[str, Reason]:
    """The missing reads that could have shown node repair."""
    return unseen(facts, "node_repair")


def _indicator(facts: ClusterFacts, detection: Detection) -> Indicator:
    power, first = _GROUPS[detection.group], detection.facts[0]
    seen = first.seen
    if first.source == "nodehealthchecks":
        covers, seen = _covered_nodes(facts)
    elif first.source in _MACHINES:
        covers, seen = _covered_machines(facts.objects(first.source))
    else:
        covers = detection.level >= 3
    if power == REPAIRS and not covers:
        power = UNCLEAR
    return Indicator(detection.tool, power, first.ref, first.field, seen, first.source)


def _is_active(check: HealthCheck) -> bool:
    paused = check.spec.pause_requests or _PAUSED in check.metadata.annotations
    return not paused and check.status.phase not in ("Disabled", "Paused")


def _covered_nodes(facts: ClusterFacts) -> tuple[bool, str]:
    """Whether the active NodeHealthChecks together select every node of Weaviate, and how many they select."""
    nodes, checks = nodes_of_weaviate(facts), facts.objects("nodehealthchecks")
    active = [check for check in checks if _is_active(check)]
    covered = [node for node in nodes if any(matches(each.spec.selector, node.metadata.labels) for each in active)]
    paused = f", {len(checks) - len(active)} of {len(checks)} paused" if len(active) < len(checks) else ""
    return 0 < len(covered) == len(nodes), f"selects {len(covered)} of {len(nodes)} nodes with Weaviate{paused}"


def _covered_machines(checks: Iterable[HealthCheck]) -> tuple[bool, str]:
    """Whether an active MachineHealthCheck selects all machines, or all workers, of the cluster.

    Machines cannot be matched to nodes: a check of some other group of them may not cover Weaviate's nodes.
    """
    words = {True: "machines of the workers", False: "control-plane machines only", None: "some machines"}
    found = [words[_selects_workers(check.spec.selector)] if _is_active(check) else "paused" for check in checks]
    return words[True] in found, f"selects {names(found)}" if found else "no MachineHealthCheck"


def _selects_workers(selector: LabelSelector | None) -> bool | None:
    """Whether a selector of machines covers all workers; None where it depends on labels that nodes do not show."""
    if selector is None:
        return True
    equal = {
        **selector.match_labels,
        **{each.key: each.values[0] for each in selector.match_expressions if each.operator == "In" and each.values},
    }
    required = {*equal, *(each.key for each in selector.match_expressions if each.operator == "Exists")}
    roles = {equal[key] for key in _MACHINE_ROLES if key in equal}
    if required & set(_CONTROL_PLANE) or roles & {"master", "control-plane"}:
        return False
    known = {*_CLUSTER_NAMES, *(key for key in _MACHINE_ROLES if equal.get(key) == "worker")}
    excluded = {each.key for each in selector.match_expressions if each.operator in ("NotIn", "DoesNotExist")}
    return True if required <= known and excluded <= {*_CONTROL_PLANE, *_MACHINE_ROLES} else None


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
        fix = "probes.liveness" if field == "livenessProbe" else "probes.readiness"
        checks.append(on.check(field, present(probe), "present", probe is not None, message=message, fix=fix))
    checks.append(on.info("startupProbe", present(container.startup_probe)))
    for pod in facts.weaviate.pods:
        if not pod.metadata.owner_references:
            message = f"The pod {pod.metadata.name} belongs to no workload: it is not recreated when it is lost."
            on_pod = Subject.of("pods", pod)
            field, fix = "ownerReferences", "cluster.rebuild"
            checks.append(on_pod.check(field, "none", "a workload", False, message=message, fix=fix))
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
