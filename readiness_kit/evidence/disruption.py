"""How many pods may be away at once: update strategies and PodDisruptionBudgets, as Kubernetes computes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.network import PodDisruptionBudget

if TYPE_CHECKING:
    from readiness_kit.facts import Facts


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """An IntOrString against `total`: 1 -> 1, "25%" of 5 -> 2 rounded up, 1 rounded down. ValueError otherwise."""
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total / 100 if value.endswith("%") else float(int(value))
    return math.ceil(share) if up else math.floor(share)


def budgets_of(facts: Facts) -> list[PodDisruptionBudget]:
    """The budgets of the namespace whose selector matches the Weaviate pods' labels; a module's own never does."""
    weaviate = facts.weaviate
    return [
        budget
        for budget in facts.objects("poddisruptionbudgets")
        if budget.metadata.namespace == weaviate.namespace and matches(budget.spec.selector, weaviate.pod_labels)
    ]


def allowed_by(budget: PodDisruptionBudget, replicas: int) -> int:
    """How many of `replicas` healthy pods the spec lets go at once; 0 blocks every drain.

    From the spec and not from `status.disruptionsAllowed`, which is 0 as well while a pod is just not ready.
    Percentages round up for both fields, as the disruption controller does.
    """
    if budget.spec.max_unavailable is not None:
        return min(scaled(budget.spec.max_unavailable, replicas, up=True), replicas)
    if budget.spec.min_available is not None:
        return max(replicas - scaled(budget.spec.min_available, replicas, up=True), 0)
    return replicas


def stated(budget: PodDisruptionBudget) -> str:
    """`maxUnavailable: 1`, `minAvailable: 50%`, or that neither is set."""
    if budget.spec.max_unavailable is not None:
        return f"maxUnavailable: {budget.spec.max_unavailable}"
    if budget.spec.min_available is not None:
        return f"minAvailable: {budget.spec.min_available}"
    return "neither minAvailable nor maxUnavailable"
