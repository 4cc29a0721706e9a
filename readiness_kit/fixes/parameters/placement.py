"""Parameters of placement: the pods that share a node or a zone, and the nodes that are missing."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.conditions.availability import interruption
from readiness_kit.evidence.conditions.availability.placement import nodes_by_zone
from readiness_kit.evidence.wording import names
from readiness_kit.facts.analysis.rescheduling import destinations
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.facts.kubernetes.topology import pod_zones, selected, zone_of_node
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.labels import count

ZONES = 3
SPARE = 2
"""Nodes for Weaviate in each zone: a zonal volume cannot leave its zone when one of them fails."""
NODE_POOL = {
    "EKS": "eks.amazonaws.com/nodegroup",
    "GKE": "cloud.google.com/gke-nodepool",
    "AKS": "kubernetes.azure.com/agentpool",
}


@parameter("shared_pods")
def shared_pods(context: Context) -> Value | OpenDecision:
    """The pods to create again on other nodes; open where no other node can take them."""
    taken: set[str] = set()
    found = []
    for pod in context.facts.weaviate.pods:
        if pod.spec.node_name and pod.spec.node_name in taken:
            found.append(pod.metadata.name)
        taken.add(pod.spec.node_name)
    if not found:
        return OpenDecision("pods", "the pods that share a node", "kubectl get pods -o wide")
    placed = destinations(context.facts, found)
    stuck = [name for name in found if placed.get(name, "") in {"", *taken}]
    if stuck:
        what = f"a free node for {names(stuck)}, in the zone of its volume: no other node can take it now"
        return OpenDecision("pods", what, "add a node in that zone, or free memory and CPU on one")
    return Value(found, "the nodes of the pods, and the free nodes")


@parameter("pods_by_zone")
def pods_by_zone(context: Context) -> Value | OpenDecision:
    """The zones of the pods, in words."""
    counts = Counter(zone for zone in pod_zones(context.facts).values() if zone)
    if not counts:
        how = "kubectl get nodes -L topology.kubernetes.io/zone"
        return OpenDecision("zones", "the zones of the pods, which no label names", how)
    text = " and ".join(f"{count(number, 'pod')} in {zone}" for zone, number in sorted(counts.items()))
    return Value(text, "the zone labels of the nodes")


@parameter("missing_nodes")
def missing_nodes(context: Context) -> Value | OpenDecision:
    """What nodes are missing, in words: "1 more node in eu-1a"."""
    zones, facts = nodes_by_zone(context.facts), context.facts
    known = {zone for node in facts.objects("nodes") if (zone := zone_of_node(node))}
    if not known:
        how = "kubectl get nodes -L topology.kubernetes.io/zone"
        return OpenDecision("zones", "the zones of the nodes, which no label names", how)
    used = {zone for zone in pod_zones(facts).values() if zone}
    short: dict[int, list[str]] = {}
    for zone in sorted({*zones, *used}):
        if zones[zone] < SPARE:
            short.setdefault(SPARE - zones[zone], []).append(zone)
    parts = [f"{count(number, 'more node')} in {names(found, len(found))}" for number, found in sorted(short.items())]
    further = ZONES - len({*zones, *used})
    if further > 0:
        parts.append(f"{SPARE} nodes in {count(further, 'further zone')}")
    skewed = f"as many nodes in each zone as in {max(zones, key=lambda zone: zones[zone])}" if zones else "nodes"
    return Value(" and ".join(parts) or skewed, "the zones of nodes, pods and volumes")


@parameter("node_size")
def node_size(context: Context) -> Value:
    """What a node must have free for one pod."""
    requests = context.facts.weaviate.container.resources.requests
    parts = [f"{requests[name]} {unit}" for name, unit in (("cpu", "CPU"), ("memory", "memory")) if name in requests]
    return Value(" and ".join(parts) or "the requests of a pod", "the requests of the Weaviate container")


@parameter("on_demand_terms")
def on_demand_terms(context: Context) -> Value | OpenDecision:
    """The terms of a node affinity that leaves out spot nodes; open where too few other nodes can take a pod."""
    facts = context.facts
    affinity = facts.weaviate.spec.affinity
    if affinity is not None and affinity.node_affinity is not None:
        what = "how to add a condition to the node affinity that the pods have: several terms are alternatives"
        return OpenDecision("terms", what, f"kubectl -n {facts.weaviate.namespace} get {facts.weaviate.kind} -o yaml")
    spot = [node for node in facts.objects("nodes") if interruption.is_spot(node)]
    labels: dict[str, set[str]] = {}
    for node in spot:
        for key, values in interruption.SPOT_LABELS.items():
            if node.metadata.labels.get(key, "").lower() in values:
                labels.setdefault(key, set()).add(node.metadata.labels[key])
    free = [node for node in facts.candidate_nodes if not interruption.is_spot(node)]
    if len(free) < facts.weaviate.replicas:
        what = (
            f"on-demand nodes for {count(facts.weaviate.replicas, 'pod')}: {count(len(free), 'such node')} can take one"
        )
        return OpenDecision("terms", what, "add on-demand nodes in the zones of the volumes")
    expressions = [{"key": key, "operator": "NotIn", "values": sorted(found)} for key, found in sorted(labels.items())]
    return Value([{"matchExpressions": expressions}], "the labels of the spot nodes")


@parameter("spot_nodes")
def spot_nodes(context: Context) -> Value:
    """The spot nodes that run pods of Weaviate."""
    hosts = {pod.spec.node_name for pod in context.facts.weaviate.pods}
    found = [
        node.metadata.name
        for node in context.facts.objects("nodes")
        if node.metadata.name in hosts and interruption.is_spot(node)
    ]
    return Value(names(found), "the labels of the nodes")


# --- node repair ----------------------------------------------------------------------------------

_REPAIR = {
    "EKS": 'aws eks update-nodegroup-config --cluster-name "$CLUSTER" --nodegroup-name {pool} '
    "--node-repair-config enabled=true",
    "GKE": 'gcloud container node-pools update {pool} --cluster "$CLUSTER" --location "$LOCATION" --enable-autorepair',
    "AKS": 'az aks nodepool show --resource-group "$GROUP" --cluster-name "$CLUSTER" --name {pool} '
    "--query provisioningState  # AKS repairs nodes by default: confirm that this pool is managed",
}


@parameter("node_repair")
def node_repair(context: Context) -> Value | OpenDecision:
    """The commands that switch on node repair for the node pools that can run Weaviate."""
    name = provider(context.facts)
    label = NODE_POOL.get(name, "")
    nodes = [node for node in context.facts.objects("nodes") if selected(node, context.facts.weaviate.spec)]
    pools = sorted({node.metadata.labels[label] for node in nodes if label in node.metadata.labels})
    if not pools:
        what = "which tool repairs failed nodes: Node Health Check on your own machines, node repair of Karpenter, or "
        return OpenDecision("tool", f"{what}your provider's service", "ask who operates the nodes")
    return Value([_REPAIR[name].format(pool=pool) for pool in pools], f"the labels of the nodes ({name})")
