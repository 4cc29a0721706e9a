"""Who repairs nodes: what the detectors found, by what it is worth for that question.

Autoscalers add and remove nodes, problem detectors report: neither repairs, and Karpenter does so only with its
feature gate. Which provider repairs by itself is documented by the provider and shows by labels of the nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness_kit.evidence.checks import Subject
from readiness_kit.evidence.wording import duration
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Pod
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Detection, Reason, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

REPAIRS, UNCLEAR, ONLY_LOOKS = "repairs", "may repair", "does not repair"
_GROUPS = {
    "node_repair": REPAIRS,
    "node_repair_option": UNCLEAR,
    "node_reporting": ONLY_LOOKS,
    "node_scaling": ONLY_LOOKS,
    "node_upkeep": ONLY_LOOKS,
}
_MACHINES = ("machinehealthchecks", "openshiftmachinehealthchecks")
"""Over machines, which cannot be tied to nodes by what is kept: one in this cluster counts as covering them."""
READS = tuple(sorted({key for group in _GROUPS for key in DETECTOR_READS[group]} - {"pods", "nodes"}))
"""What `signs` looks at beside pods and nodes; it can do without any of them."""


@dataclass(frozen=True)
class Sign:
    """One tool, seen on `ref` in `field`. `power` is one of REPAIRS, UNCLEAR, ONLY_LOOKS."""

    tool: str
    power: str
    ref: Ref
    field: str
    seen: str
    source: str


def signs(facts: ClusterFacts) -> list[Sign]:
    """What concerns repair, the strongest first; empty where nothing is seen."""
    found = [_sign(one) for one in facts.detections if one.group in _GROUPS]
    return sorted(found, key=lambda sign: (REPAIRS, UNCLEAR, ONLY_LOOKS).index(sign.power))


def lost(facts: ClusterFacts) -> dict[str, Reason]:
    """The reads that are missing and could have shown what repairs."""
    return unseen(facts, "node_repair")


def _sign(one: Detection) -> Sign:
    power, fact = _GROUPS[one.group], one.facts[0]
    if power == REPAIRS and one.level < 3 and fact.source not in _MACHINES:
        power = UNCLEAR
    return Sign(one.tool, power, fact.ref, fact.field, fact.seen, fact.source)


def made_on_demand(node: Node) -> bool:
    """Whether a provisioner makes such nodes when a pod needs one, so that no spare node need stand by."""
    labels = node.metadata.labels
    compute = labels.get("eks.amazonaws.com/compute-type", "")
    # GKE names the nodes of Autopilot clusters gk3-…, those of standard ones gke-….
    autopilot = node.metadata.name.startswith("gk3-") and node.spec.provider_id.startswith("gce://")
    return compute in ("auto", "fargate") or "karpenter.sh/nodepool" in labels or autopilot


def self_healing(weaviate: Workload) -> list[Check]:
    """Probes that restart a hung pod and hold traffic back, and an owner that makes a lost one anew."""
    source = workload_key(weaviate.kind)
    container = weaviate.container
    checks = []
    on = Subject(weaviate.ref, source)
    for probe, field, effect in (
        (container.liveness_probe, "livenessProbe", "a hung Weaviate is never restarted"),
        (container.readiness_probe, "readinessProbe", "traffic reaches pods that cannot answer"),
    ):
        message = f"The container {container.name} has no {field}: {effect}."
        checks.append(on.check(field, _present(probe), "present", probe is not None, message=message))
    checks.append(on.info("startupProbe", _present(container.startup_probe)))
    if container.liveness_probe is not None:
        probe = container.liveness_probe
        wait = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        checks.append(on.info("livenessProbe, until a first restart", duration(wait)))
    for pod in weaviate.pods:
        if not pod.metadata.owner_references:
            message = f"The pod {pod.metadata.name} belongs to no workload: nothing brings it back."
            ref = Ref("Pod", pod.metadata.name, pod.metadata.namespace)
            checks.append(Subject(ref, "pods").check("ownerReferences", "none", "a workload", False, message=message))
        checks += _restarts(pod, container.name)
    return checks


def _present(probe: object) -> str:
    return "present" if probe is not None else "absent"


def _restarts(pod: Pod, container: str) -> list[Check]:
    for status in pod.status.container_statuses:
        if status.name == container and status.restart_count:
            last = status.last_state.terminated
            seen = f"{status.restart_count}{f', last {last.reason}' if last and last.reason else ''}"
            return [Subject(Ref("Pod", pod.metadata.name, pod.metadata.namespace), "pods").info("restarts", seen)]
    return []
