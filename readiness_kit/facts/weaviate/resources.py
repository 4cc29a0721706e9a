"""What the server may use and what is reserved for it: by the running pods, and by the template."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes.pod_requests import actual
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.kinds.pods import Pod, PodSpec, Resources
from readiness_kit.locate import server_container

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NAMES = ("cpu", "memory")


class Allowance(msgspec.Struct, frozen=True):
    """Requests and limits by resource (`cpu`: cores, `memory`: bytes); NaN where there is none."""

    requests: dict[str, float]
    limits: dict[str, float]


class ServerResources(msgspec.Struct, frozen=True):
    """The lowest allowance of the running pods, or that of the template where none runs; and what the template asks.

    differing: the running pods that are allowed something else than the template says
    """

    running: Allowance
    template: Allowance
    differing: tuple[str, ...] = ()


def server_resources(facts: ClusterFacts) -> ServerResources:
    """The resources of the Weaviate container: what admission made of the template decides."""
    weaviate = facts.weaviate
    template = allowance(weaviate.spec, weaviate.container.name)
    active = [pod for pod in weaviate.pods if pod.status.phase not in ("Succeeded", "Failed")]
    found = {pod.metadata.name: allowance(_as_running(pod), weaviate.container.name) for pod in active}
    if not found:
        return ServerResources(template, template)
    lowest = Allowance(
        {name: _lowest([each.requests[name] for each in found.values()]) for name in NAMES},
        {name: _lowest([each.limits[name] for each in found.values()]) for name in NAMES},
    )
    return ServerResources(lowest, template, tuple(pod for pod, each in found.items() if _differs(each, template)))


def _as_running(pod: Pod) -> PodSpec:
    containers = tuple(
        msgspec.structs.replace(container, resources=actual(container, pod.status.container_statuses))
        for container in pod.spec.containers
    )
    return msgspec.structs.replace(pod.spec, containers=containers)


def allowance(spec: PodSpec, name: str) -> Allowance:
    """The allowance of a container, by its own resources and by those of the pod, which its containers share.

    A limit without a request is the request as well.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """
    container = next((each for each in spec.containers if each.name == name), None) or server_container(spec)
    own = container.resources if container is not None else Resources()
    shared = spec.resources or Resources()
    requests, limits = {}, {}
    for resource in NAMES:
        limit, pod_limit = quantity_of(own.limits, resource), quantity_of(shared.limits, resource)
        asked = (quantity_of(own.requests, resource), limit, quantity_of(shared.requests, resource), pod_limit)
        requests[resource] = next((amount for amount in asked if not math.isnan(amount)), math.nan)
        limits[resource] = min((amount for amount in (limit, pod_limit) if not math.isnan(amount)), default=math.nan)
    return Allowance(requests, limits)


def _lowest(amounts: list[float]) -> float:
    """The lowest amount; NaN where a pod has none."""
    return math.nan if any(map(math.isnan, amounts)) else min(amounts)


def _differs(found: Allowance, template: Allowance) -> bool:
    pairs = [(found.requests[name], template.requests[name]) for name in NAMES]
    pairs += [(found.limits[name], template.limits[name]) for name in NAMES]
    return any(seen != asked and not (math.isnan(seen) and math.isnan(asked)) for seen, asked in pairs)
