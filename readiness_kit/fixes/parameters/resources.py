"""Parameters of resources. Memory has one figure, `sizing.recommended`, in chart, advice and patch."""

from __future__ import annotations

import math

from readiness_kit.evidence.conditions.resources import memory
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
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


def memory_figure(facts: ClusterFacts) -> tuple[str, float]:
    """(quantity, bytes) of memory for each pod: the recommendation, or the present limit where that is enough.

    ("", 0.0) where neither is known.
    """
    found, present = sizing.recommended(facts) * GIB, memory.limit(facts)
    if memory.too_small(facts):
        return (f"{found // GIB}Gi", float(found)) if found else ("", 0.0)
    written = facts.weaviate.container.resources.limits
    if quantity_of(written, "memory") == present:
        return written["memory"], present
    return (f"{present / GIB:.0f}Gi" if present % GIB == 0 else f"{present:.0f}"), present


@parameter("memory_limit")
def memory_limit(context: Context) -> Value | OpenDecision:
    """The memory limit, `64Gi`; open where it was not measured, did not suffice, or no node can hold it."""
    facts = context.facts
    text, size = memory_figure(facts)
    if not sizing.recommended(facts):
        how = "collect with Prometheus after at least a week in use, or enter the expected data in `kit.what_if()`"
        return OpenDecision("memory", "the memory of each pod: neither usage nor data was measured", how)
    if _was_not_enough(context):
        what = f"the memory of each pod: {text}, which usage and estimate ask for, were not enough"
        return OpenDecision("memory", what, "look for the import or query that needs it, or compress the vectors")
    return _placed(context, text, size) or Value(text, "the memory model and the peak of anonymous memory")


@parameter("gomemlimit")
def gomemlimit(context: Context) -> Value | OpenDecision:
    """GOMEMLIMIT for the memory limit, in the middle of the recommended 80 to 90 %."""
    limit = memory_limit(context)
    if isinstance(limit, OpenDecision):
        return limit
    return Value(sizing.go_limit(memory_figure(context.facts)[1]), f"85 % of {limit.value}")


@parameter("present_limit")
def present_limit(context: Context) -> Value | OpenDecision:
    """The memory limit that the pods have now; open where it is too small itself."""
    if memory.too_small(context.facts):
        return OpenDecision(
            "memory", "the memory limit, which is missing or too small", "raise limit and request together"
        )
    text, size = memory_figure(context.facts)
    return _placed(context, text, size) or Value(text, "the present limit of the pods")


@parameter("present_gomemlimit")
def present_gomemlimit(context: Context) -> Value | OpenDecision:
    """GOMEMLIMIT for the memory limit that the pods have now; open where that is too small itself."""
    if memory.too_small(context.facts):
        return OpenDecision("memory", "the memory limit, which is missing or too small", "raise both together")
    text, size = memory_figure(context.facts)
    return Value(sizing.go_limit(size), f"85 % of the present limit of {text}")


def _placed(context: Context, text: str, size: float) -> OpenDecision | None:
    """What keeps the pods from getting this memory; None where it has a place, or they request it already."""
    if _has_pod_resources(context):
        return OpenDecision("memory", f"where to set {text} of memory: {LIMITED_BY_POD}", "change both together")
    if server_resources(context.facts).running.requests["memory"] >= size:
        return None
    short = _without_place(context, "memory", size)
    return OpenDecision("memory", f"nodes with {text} for each pod: {short}", "use larger nodes") if short else None


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
    present = context.facts.weaviate.env("MEMORY_READONLY_PERCENTAGE")
    if present.known and present.value not in ("", "0"):
        return Value(present.value, "the environment of the server")
    peaks = [sample.value for sample in context.facts.history.samples("heap_peak_7d")]
    planned = memory_figure(context.facts)[1] * sum(sizing.GO_SHARES) / 2
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


def _was_not_enough(context: Context) -> bool:
    """Whether pods ran out of memory although they have as much as is asked for, with Go's limit in order."""
    ran_out = any("OOM" in check.seen or "OOM" in check.field for check in context.checks)
    return ran_out and not memory.too_small(context.facts) and memory.ratio(context.facts).ok is True


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
