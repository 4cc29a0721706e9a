"""Which pods a Service sends traffic to.

Source: https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.facts.kubernetes.selectors import equals
from readiness_kit.kinds.network import Service
from readiness_kit.kinds.pods import Pod


def backends(service: Service, pods: Iterable[Pod]) -> tuple[Pod, ...]:
    """The pods of the Service's namespace that it selects, by the labels of the pods themselves.

    A Service without a selector selects none (its endpoints are made by hand), and one of type ExternalName has none.
    """
    if service.spec.type == "ExternalName":
        return ()
    return tuple(
        pod
        for pod in pods
        if pod.metadata.namespace == service.metadata.namespace and equals(service.spec.selector, pod.metadata.labels)
    )
