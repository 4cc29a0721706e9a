"""Parameters of resources. Memory has one figure, `sizing.recommended`, in chart, advice and patch."""

from __future__ import annotations

import math

from readiness_kit.evidence.conditions.resources import memory
from readiness_kit.evidence.wording import names
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.pod_requests import requested
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.kubernetes.topology import zone_of_node
from readiness_kit.facts.weaviate.resources import server_resources
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.labels import count

GIB = 2**30
GUARD = 90
"""Percent of Go's limit at which shards become read-only: the server's own default for disks."""
LIMITED_BY_POD = "the resources of the whole pod limit the container"


def memory_gib(context: Context) -> int:
    """GiB for each pod: the recommendation, never less than the present limit; 0 where nothing was measured."""
    found = sizing.recommended(context.facts)
    present = memory.limit(context.facts)
    return max(found, math.ceil(present / GIB)) if found and present == present else found


@parameter("memory_limit")
def memory_limit(context: Context) -> Value | OpenDecision:
    """The memory limit, `64Gi`; open where it was not measured, does not suffice, or no node can hold it."""
    facts, gib = context.facts, memory_gib(context)
    if not gib:
        how = "collect with Prometheus after at least a week in use, or enter the expected data in `kit.what_if()`"
        return OpenDecision("memory", "the memory of each pod: neither usage nor data was measured", how)
    if _has_pod_resources(context):
        return OpenDecision("memory", f"where to set {gib} GiB of memory: {LIMITED_BY_POD}", "change both together")
    if _was_not_enough(context, gib):
        what = f"the memory of each pod: {gib} GiB, which usage and estimate ask for, were not enough"
        return OpenDecision("memory", what, "look for the import or query that needs it, or compress the vectors")
    present = server_resources(facts).running.requests["memory"]
    if not present >= gib * GIB and (short := _without_place(context, "memory", gib * GIB)):
        return OpenDecision("memory", f"nodes with {gib} GiB for each pod: {short}", "use larger nodes first")
    return Value(f"{gib}Gi", "the memory model and the peak of anonymous memory")


@parameter("gomemlimit")
def gomemlimit(context: Context) -> Value | OpenDecision:
    """GOMEMLIMIT for the memory limit, in the middle of the recommended 80 to 90 %."""
    limit = memory_limit(context)
    if isinstance(limit, OpenDecision):
        return limit
    return Value(sizing.go_limit(memory_gib(context) * GIB), f"85 % of {limit.value}")


@parameter("present_limit")
def present_limit(context: Context) -> Value | OpenDecision:
    """The memory limit that the container has now."""
    found = context.facts.weaviate.container.resources.limits.get("memory", "")
    if not found or _has_pod_resources(context):
        how = f"kubectl -n {context.facts.weaviate.namespace} describe pods"
        return OpenDecision("memory", "the memory limit: the container has none of its own", how)
    size = quantity_of({"memory": found}, "memory")
    if short := _without_place(context, "memory", size):
        return OpenDecision("memory", f"nodes with {found} for each pod: {short}", "use larger nodes first")
    return Value(found, "the present limit of the container")


@parameter("present_gomemlimit")
def present_gomemlimit(context: Context) -> Value | OpenDecision:
    """GOMEMLIMIT for the memory limit that the running pods have now."""
    limit = memory.limit(context.facts)
    if math.isnan(limit):
        return OpenDecision("memory", "the memory limit, of which GOMEMLIMIT is a share", "set a memory limit first")
    return Value(sizing.go_limit(limit), f"85 % of the present limit of {memory.amount(limit)}")


@parameter("spare_memory")
def spare_memory(context: Context) -> Value | OpenDecision:
    """The memory that usage and estimate ask for, where it is less than the limit."""
    found = sizing.recommended(context.facts)
    if not found:
        return OpenDecision("memory", "the memory of each pod: neither usage nor data was measured", "use Prometheus")
    return Value(f"{found} GiB", "the memory model and the peak of anonymous memory")


@parameter("guard_percentage")
def guard_percentage(context: Context) -> Value | OpenDecision:
    """The share of Go's limit at which shards become read-only; open where the heap would reach it at once."""
    peaks = [sample.value for sample in context.facts.history.samples("heap_peak_7d")]
    planned = memory_gib(context) * GIB * sum(sizing.GO_SHARES) / 2
    own = memory.go_limit(context.facts.weaviate.env(memory.GOMEMLIMIT)) or math.nan
    limit = own if isinstance(memory_limit(context), OpenDecision) else planned
    if peaks and max(peaks) > GUARD / 100 * limit:
        what = f"the memory first: Go's heap peaked at {memory.amount(max(peaks))}, and shards would become read-only"
        return OpenDecision("memory", what, "give the pods more memory, then set the guard")
    return Value(str(GUARD), "the default of the guard of disks")


@parameter("cpu_request")
def cpu_request(context: Context) -> Value | OpenDecision:
    """The CPU to request, from the 95th percentile of the busiest pod."""
    frame = context.facts.history.containers
    own = frame[frame["weaviate"] & frame["current"] & frame["enough"]]["cpu_p95"].dropna() if len(frame) else frame
    if not len(own):
        return OpenDecision("cpu", "the CPU request: usage was not measured", "collect with Prometheus after a week")
    used = float(own.max())
    cores = sizing.cpu_request(used)
    limit = cpu_limit(context)
    if limit < cores:
        what = f"the CPU limit of {limit:g}, which is below the {cores:g} cores to request"
        return OpenDecision("cpu", what, "remove the limit first")
    if short := _without_place(context, "cpu", cores):
        return OpenDecision("cpu", f"nodes with {cores:g} cores for each pod: {short}", "use larger nodes first")
    return Value(f"{cores:g}", f"a 95th percentile of {used:.1f} cores in the busiest pod")


def cpu_limit(context: Context) -> float:
    """The CPU limit of the container in cores; infinite where it has none."""
    found = server_resources(context.facts).template.limits["cpu"]
    return math.inf if math.isnan(found) else found


def _has_pod_resources(context: Context) -> bool:
    shared = context.facts.weaviate.spec.resources
    return shared is not None and bool(shared.limits or shared.requests)


def _was_not_enough(context: Context, gib: int) -> bool:
    """Whether pods ran out of memory although they have as much as is asked for, with Go's limit in order."""
    facts = context.facts
    ran_out = any("OOM" in check.seen or "OOM" in check.field for check in context.checks)
    ratio_in_order = memory.ratio(facts).ok is True
    return ran_out and ratio_in_order and not memory.too_small(facts) and gib * GIB <= memory.limit(facts) + GIB


# --- nodes ----------------------------------------------------------------------------------------


def _without_place(context: Context, name: str, wanted: float) -> str:
    """Why a request of each pod does not fit, as a clause; empty where in each zone as many nodes can take it.

    The requests of the pods of others on a node count; those of Weaviate do not, because its pods are replaced.
    """
    facts = context.facts
    if facts.missing("nodes") is not None or facts.missing("pods") is not None:
        return "the nodes and the pods on them were not read"
    own = {(pod.metadata.namespace, pod.metadata.name) for pod in facts.weaviate.pods}
    taken: dict[str, float] = {}
    for pod in facts.objects("pods"):
        if (pod.metadata.namespace, pod.metadata.name) not in own and pod.status.phase not in ("Succeeded", "Failed"):
            taken[pod.spec.node_name] = taken.get(pod.spec.node_name, 0.0) + requested(pod.spec, name)
    nodes = {node.metadata.name: node for node in facts.objects("nodes")}
    usable = {pod.spec.node_name for pod in facts.weaviate.pods} | {
        each.metadata.name for each in facts.candidate_nodes
    }
    able = {
        node
        for node in usable & nodes.keys()
        if quantity_of(nodes[node].status.allocatable, name) - taken.get(node, 0.0) >= _of_pod(context, name, wanted)
    }
    zones = [
        zone_of_node(nodes[node]) if (node := pod.spec.node_name) in nodes else None for pod in facts.weaviate.pods
    ]
    free = [zone_of_node(nodes[node]) for node in able]
    short = sorted({str(zone or "") for zone in zones if free.count(zone) < zones.count(zone)})
    if not short:
        return ""
    where = f" in {names(short)}" if any(short) else ""
    return f"{count(len(able), 'node')} can hold a pod, which is too few{where}"


def _of_pod(context: Context, name: str, wanted: float) -> float:
    """The request of the whole pod, with that of the server changed."""
    present = server_resources(context.facts).template.requests[name]
    whole = requested(context.facts.weaviate.spec, name)
    return whole - (0.0 if math.isnan(present) else present) + wanted
