"""How many pods may be away at once: PodDisruptionBudgets and rolling updates of StatefulSets.

The arithmetic of the disruption controller and of the StatefulSet controller, Kubernetes 1.37.
Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.workloads import StatefulSetSpec


class Disruptions(msgspec.Struct, frozen=True):
    """The counts of a budget's status. Unit: pods."""

    allowed: int
    desired_healthy: int
    current_healthy: int
    expected: int


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """An IntOrString applied to `total`: 1 -> 1, "25%" of 5 -> 2 rounded up, 1 rounded down.

    Raises ValueError for a string that is not a percentage.
    """
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        raise ValueError(f"{value!r} is neither a number nor a percentage")
    product = int(value.removesuffix("%")) * total
    return -(-product // 100) if up else product // 100


def selected_pods(budget: PodDisruptionBudget, pods: Iterable[Pod]) -> tuple[Pod, ...]:
    """The pods of the budget's namespace that its selector selects; an empty selector selects all of them."""
    return tuple(
        pod
        for pod in pods
        if pod.metadata.namespace == budget.metadata.namespace and matches(budget.spec.selector, pod.metadata.labels)
    )


def disruptions(budget: PodDisruptionBudget, replicas: int, pods: int, healthy: int) -> Disruptions:
    """What the budget allows now.

    replicas: `spec.replicas` of all controllers of the selected pods together
    pods: selected pods that exist
    healthy: selected pods that are Ready

    Percentages and `maxUnavailable` refer to the replicas, a whole `minAvailable` to the existing pods. Percentages
    round up. A budget with neither field allows no disruption.
    """
    spec = budget.spec
    if spec.max_unavailable is not None:
        expected = replicas
        desired = max(0, expected - scaled(spec.max_unavailable, expected, up=True))
    elif spec.min_available is None:
        expected = desired = 0
    elif isinstance(spec.min_available, int):
        expected, desired = pods, spec.min_available
    else:
        expected = replicas
        desired = scaled(spec.min_available, expected, up=True)
    allowed = healthy - desired if expected > 0 and healthy > desired else 0
    return Disruptions(allowed, desired, healthy, expected)


def pods_at_once(spec: StatefulSetSpec, *, feature_on: bool = True) -> int:
    """How many pods a rolling update may take away at once; 0 with OnDelete, where no pod is replaced by itself.

    feature_on: the gate MaxUnavailableStatefulSet, on by default from Kubernetes 1.37. Percentages round down, with
    at least 1.
    """
    if spec.update_strategy.type == "OnDelete":
        return 0
    rolling = spec.update_strategy.rolling_update
    if not feature_on or rolling is None or rolling.max_unavailable is None:
        return 1
    return max(1, scaled(rolling.max_unavailable, spec.replicas, up=False))
