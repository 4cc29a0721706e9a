"""What a pod requests, as the scheduler counts it.

Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ and
https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.kinds.pods import Container, ContainerStatus, PodSpec, Resources


def requested(spec: PodSpec, name: str) -> float:
    """The request of a pod for one resource: cores for `cpu`, bytes for `memory`, 0.0 where none is given.

    The higher of the init phase and the running phase. Sidecars (init containers with `restartPolicy: Always`) count
    from their place in the order on. Requests at the level of the pod replace the sum, and the overhead is added.
    """
    sidecars = peak = 0.0
    for container in spec.init_containers:
        amount = _of(container.resources, name)
        if _is_sidecar(container):
            sidecars += amount
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + amount)
    total = max(peak, sidecars + sum(_of(container.resources, name) for container in spec.containers))
    if spec.resources is not None:
        own = quantity_of(spec.resources.requests, name)
        total = total if math.isnan(own) else own
    overhead = quantity_of(spec.overhead, name)
    return total + (0.0 if math.isnan(overhead) else overhead)


def actual(container: Container, statuses: Iterable[ContainerStatus]) -> Resources:
    """The resources of a running container: its status differs from its spec while a resize in place is not done.

    Kubernetes reports them from version 1.33 on; where it does not, those of the spec.
    """
    status = next((status.resources for status in statuses if status.name == container.name), None) or Resources()
    own = container.resources
    return Resources({**own.requests, **status.requests}, {**own.limits, **status.limits})


def _is_sidecar(container: Container) -> bool:
    return container.restart_policy == "Always"


def _of(resources: Resources, name: str) -> float:
    amount = quantity_of(resources.requests, name)
    if math.isnan(amount):  # The API server sets a missing request to the limit.
        amount = quantity_of(resources.limits, name)
    return 0.0 if math.isnan(amount) else amount
