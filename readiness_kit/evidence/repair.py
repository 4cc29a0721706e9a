"""Who repairs nodes: signs of managed repair, of repair controllers, and of tools that only look like them.

Provider behaviour (which services repair by themselves) is documented by the providers and cannot be seen in
the Kubernetes API; the labels below can. Autoscalers add and remove nodes, problem detectors report: neither
repairs, and Karpenter does so only with its feature gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness_kit.facts.images import Image
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.workloads import DaemonSet, Deployment
from readiness_kit.model import Ref

if TYPE_CHECKING:
    from readiness_kit.facts import Facts

REPAIRS, UNCLEAR, ONLY_LOOKS = "repairs", "may repair", "does not repair"

PROBLEM_CONDITIONS = frozenset(
    (
        "KernelDeadlock",
        "ReadonlyFilesystem",
        "XfsShutdown",
        "FrequentKubeletRestart",
        "FrequentContainerdRestart",
        "FrequentDockerRestart",
        "FrequentUnregisterNetDevice",
        "CorruptDockerOverlay2",
        "ContainerRuntimeUnhealthy",
        "KubeletUnhealthy",
        "KubeProxyUnhealthy",
        "CperHardwareErrorFatal",
        "DiskBadBlock",
        "NTPProblem",
    )
)
"""Node conditions that the node problem detector sets; also where it runs as a service of the node (GKE)."""


@dataclass(frozen=True)
class Sign:
    """One sign, seen on `ref` in `field`. `power` is one of REPAIRS, UNCLEAR, ONLY_LOOKS."""

    tool: str
    power: str
    ref: Ref
    field: str
    seen: str
    source: str


def signs(facts: Facts, nodes: Sequence[Node]) -> list[Sign]:
    """All signs that concern these nodes, the strongest first; the list is empty where nothing is seen."""
    found = [*_managed(nodes), *_controllers(facts), *_karpenter(facts, nodes), *_reporters(facts, nodes)]
    return sorted(found, key=lambda sign: (REPAIRS, UNCLEAR, ONLY_LOOKS).index(sign.power))


def made_on_demand(node: Node) -> bool:
    """Whether a provisioner makes such nodes when a pod needs one, so that no spare node need stand by."""
    labels = node.metadata.labels
    compute = labels.get("eks.amazonaws.com/compute-type", "")
    return compute in ("auto", "fargate") or "karpenter.sh/nodepool" in labels or _is_autopilot(node)


def _is_autopilot(node: Node) -> bool:
    # GKE names the nodes of Autopilot clusters gk3-…, those of standard ones gke-….
    return node.metadata.name.startswith("gk3-") and node.spec.provider_id.startswith("gce://")


def _managed(nodes: Sequence[Node]) -> list[Sign]:
    """Repair that comes with the node: it counts as such only where every one of the nodes has it."""
    kinds = [_provider(node) for node in nodes]
    shown = {kind: node for kind, node in zip(kinds, nodes, strict=True) if kind}
    found = []
    for (tool, power, field, seen), node in shown.items():
        everywhere = all(kind and kind[1] == REPAIRS for kind in kinds)
        real = power if power != REPAIRS or everywhere else UNCLEAR
        found.append(Sign(tool, real, Ref("Node", node.metadata.name), field, seen, "nodes"))
    return found


def _provider(node: Node) -> tuple[str, str, str, str] | None:
    """Tool, power, field and value seen, of the provider's own repair."""
    labels = node.metadata.labels
    auto = labels.get("eks.amazonaws.com/compute-type", "")
    if auto == "auto":
        return "EKS Auto Mode", REPAIRS, "label eks.amazonaws.com/compute-type", auto
    if _is_autopilot(node):
        return "GKE Autopilot", REPAIRS, "spec.providerID", node.spec.provider_id
    if "kubernetes.azure.com/cluster" in labels:
        return "AKS node auto-repair", REPAIRS, "label kubernetes.azure.com/cluster", "present"
    if "eks.amazonaws.com/nodegroup" in labels:
        group = labels["eks.amazonaws.com/nodegroup"]
        return "an EKS managed node group, where repair is opt-in", UNCLEAR, "label eks.amazonaws.com/nodegroup", group
    if "cloud.google.com/gke-nodepool" in labels:
        pool = labels["cloud.google.com/gke-nodepool"]
        return "a GKE node pool, where repair can be off", UNCLEAR, "label cloud.google.com/gke-nodepool", pool
    return None


def _controllers(facts: Facts) -> list[Sign]:
    health = [
        # What its selector covers is not among the fields that are kept.
        Sign("medik8s NodeHealthCheck", UNCLEAR, _ref("NodeHealthCheck", one), "object", "present", "nodehealthchecks")
        for one in facts.objects("nodehealthchecks")
    ]
    machine = [
        Sign("MachineHealthCheck", REPAIRS, _ref("MachineHealthCheck", one), "object", "present", "machinehealthchecks")
        for one in facts.objects("machinehealthchecks")
    ]
    return [*health, *machine]


def _karpenter(facts: Facts, nodes: Sequence[Node]) -> list[Sign]:
    ours = bool(nodes) and all("karpenter.sh/nodepool" in node.metadata.labels for node in nodes)
    found = []
    for deployment in _named(facts.objects("deployments"), "karpenter", "karpenter/controller"):
        gates = next(
            (
                env.value or "not a literal value"
                for container in deployment.spec.template.spec.containers
                for env in container.env
                if env.name == "FEATURE_GATES"
            ),
            "not set",
        )
        on = "noderepair=true" in gates.lower().replace(" ", "")
        power = REPAIRS if on and ours else ONLY_LOOKS
        name = "Karpenter with NodeRepair" if on else "Karpenter without its NodeRepair gate"
        found.append(Sign(name, power, _ref("Deployment", deployment), "env FEATURE_GATES", gates, "deployments"))
    return found


def _reporters(facts: Facts, nodes: Sequence[Node]) -> list[Sign]:
    found = [
        Sign("the cluster autoscaler", ONLY_LOOKS, _ref("Deployment", one), "object", "present", "deployments")
        for one in _named(facts.objects("deployments"), "cluster-autoscaler", "autoscaling/cluster-autoscaler")
    ]
    agents = {"node-problem-detector": "the node problem detector", "eks-node-monitoring-agent": "the EKS node agent"}
    for name, tool in agents.items():
        found += [
            Sign(tool, ONLY_LOOKS, _ref("DaemonSet", one), "object", "present", "daemonsets")
            for one in _named(facts.objects("daemonsets"), name, name)
        ]
    for node in nodes:
        seen = sorted({one.type for one in node.status.conditions} & PROBLEM_CONDITIONS)
        if seen and not any(sign.tool == agents["node-problem-detector"] for sign in found):
            ref = Ref("Node", node.metadata.name)
            found.append(
                Sign(agents["node-problem-detector"], ONLY_LOOKS, ref, "status.conditions", ", ".join(seen), "nodes")
            )
    return found


def _named(workloads: Iterable[Deployment | DaemonSet], name: str, repository: str) -> list[Deployment | DaemonSet]:
    """Those whose name label ends in `name` or that run an image of that repository, wherever it is mirrored."""
    return [one for one in workloads if _is_labelled(one, name) or _runs(one, repository)]


def _is_labelled(workload: Deployment | DaemonSet, name: str) -> bool:
    labels = {**workload.metadata.labels, **workload.spec.template.metadata.labels}
    return any(labels.get(key, "").endswith(name) for key in ("app.kubernetes.io/name", "k8s-app", "app"))


def _runs(workload: Deployment | DaemonSet, repository: str) -> bool:
    images = (Image.parse(container.image) for container in workload.spec.template.spec.containers)
    return any(f"/{image.repository}".endswith(f"/{repository}") for image in images)


def _ref(kind: str, one: KubeObject) -> Ref:
    return Ref(kind, one.metadata.name, one.metadata.namespace)
