"""Parameters of availability: replicas, zones, separation of the pods, probes and the grace period."""

from __future__ import annotations

import math

from readiness_kit.evidence.conditions.availability import placement, probes
from readiness_kit.evidence.wording import names
from readiness_kit.facts.kubernetes.topology import HOSTNAME, ZONE, pod_zones
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.names import pod_selector
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.labels import count

REPLICAS = 3
"""The least number with a majority when one is lost."""
START_MARGIN = 2
"""The startup probe allows this many times the longest start that was measured or is expected."""
PERIOD_SECONDS = 30


def target_replicas(context: Context) -> int:
    """The replicas after the fixes: three, or as many as run already."""
    return max(REPLICAS, context.facts.weaviate.replicas)


@parameter("replicas")
def replicas(context: Context) -> Value | OpenDecision:
    """Three replicas; open where no third node can take a pod, which would then stay Pending."""
    if context.facts.missing("nodes") is not None:
        how = "kubectl get nodes -L topology.kubernetes.io/zone"
        return OpenDecision("replicas", "whether three nodes can each take a pod (the nodes were not read)", how)
    running = {pod.spec.node_name for pod in context.facts.weaviate.pods if pod.spec.node_name}
    able = running | {node.metadata.name for node in context.facts.candidate_nodes}
    if len(able) < REPLICAS:
        what = f"nodes for three pods: {count(len(able), 'node')} can take a Weaviate pod"
        return OpenDecision("replicas", what, "add nodes, or free memory and CPU on those that exist")
    return Value(target_replicas(context), f"{count(len(able), 'node')} can take a Weaviate pod")


@parameter("node_terms")
def node_terms(context: Context) -> Value | OpenDecision:
    """The required anti-affinity over nodes; open where there are more pods than nodes for them."""
    able = {pod.spec.node_name for pod in context.facts.weaviate.pods if pod.spec.node_name}
    able |= {node.metadata.name for node in context.facts.candidate_nodes}
    wanted = target_replicas(context)
    if len(able) < wanted:
        what = f"a node for each of {wanted} pods: {count(len(able), 'node')} can take one, and the others stay Pending"
        return OpenDecision("node_terms", what, "add nodes first")
    return Value([_term(context, HOSTNAME)], f"{count(len(able), 'node')} for {count(wanted, 'pod')}")


@parameter("zone_terms")
def zone_terms(context: Context) -> Value | OpenDecision:
    """The required anti-affinity over zones; open where the zones or the volumes of the pods forbid it."""
    zones, wanted = placement.nodes_by_zone(context.facts), target_replicas(context)
    used = pod_zones(context.facts)
    known = {zone for zone in [*zones, *used.values()] if zone}
    if len(known) < wanted:
        what = f"zones: nodes for Weaviate are in {count(len(known), 'zone')}, fewer than its {wanted} pods"
        return OpenDecision("zone_terms", what, "add nodes in another zone, then require separate zones")
    shared = sorted(name for name, zone in used.items() if zone and list(used.values()).count(zone) > 1)
    if shared:
        what = f"the zones of {names(shared)}, which share one: their volumes cannot move"
        how = "add a replica in another zone, move the shards there, then remove the pod with its volume"
        return OpenDecision("zone_terms", what, how)
    return Value([_term(context, ZONE)], f"{count(len(known), 'zone')} for {count(wanted, 'pod')}")


def _term(context: Context, key: str) -> dict[str, object]:
    return {"topologyKey": key, "labelSelector": pod_selector(context).value}


@parameter("startup_failures")
def startup_failures(context: Context) -> Value:
    """How often the startup probe may fail: twice the longest known start, in periods of 30 seconds."""
    measured = probes.start_seconds(context.facts)
    least = context.settings.thresholds.start_seconds_minimum
    liveness = context.facts.weaviate.container.liveness_probe
    window = probes.window(liveness) if liveness is not None else 0
    seconds = max(START_MARGIN * max(least, measured or 0), window)
    source = f"twice a measured start of {measured} seconds" if measured and measured > least else "the expected start"
    if seconds == window:
        source = "the time that the liveness probe allows now"
    return Value(math.ceil(seconds / PERIOD_SECONDS), source)


@parameter("grace_seconds")
def grace_seconds(context: Context) -> Value:
    """The seconds for a pod to flush its data: the threshold of the settings, and the chart's default of 600."""
    least = context.settings.thresholds.grace_period_minimum_seconds
    return Value(max(600, least), "the default of the chart, and the threshold of the settings")
