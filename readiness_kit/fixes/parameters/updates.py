"""Parameters of updates: the strategy, the image, and the PodDisruptionBudgets."""

from __future__ import annotations

import json
from typing import Any

from readiness_kit.evidence.conditions.availability.updates import allowed_by, budgets_of
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.disruption import selected_pods
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.network import PodDisruptionBudget

ONE_POD = json.dumps({"spec": {"minAvailable": None, "maxUnavailable": 1}})


@parameter("update_strategy")
def update_strategy(context: Context) -> Value | OpenDecision:
    """RollingUpdate of one pod at a time, without a partition; only what is set otherwise is changed."""
    workload = context.facts.weaviate.stateful_set
    if workload is None:
        what = "maxUnavailable 1 in the strategy of the Deployment, or better a StatefulSet"
        return OpenDecision("strategy", what, "kubectl get deployment -o yaml")
    rolling = workload.spec.update_strategy.rolling_update
    found: dict[str, Any] = {"type": "RollingUpdate"}
    if rolling is not None and rolling.partition:
        found["rollingUpdate"] = {"partition": 0}
    if rolling is not None and rolling.max_unavailable not in (None, 1):
        found["rollingUpdate"] = {**found.get("rollingUpdate", {}), "maxUnavailable": 1}
    return Value(found, "the update strategy of the StatefulSet")


@parameter("running_tag")
def running_tag(context: Context) -> Value | OpenDecision:
    """The version that runs now, as the tag of its image."""
    version = context.facts.server_version
    if version is None:
        how = 'curl "$WEAVIATE_URL/v1/meta"'
        return OpenDecision("tag", "the version that runs now, which was not read from Weaviate", how)
    return Value(str(version), "the version of the server")


@parameter("rollout_pods")
def rollout_pods(context: Context) -> Value:
    """The pods that do not have the newest template or the image of the others; otherwise all of them."""
    workload = context.facts.weaviate.stateful_set
    revision = workload.status.update_revision if workload is not None else ""
    old = [
        pod.metadata.name
        for pod in context.facts.weaviate.pods
        if revision and pod.metadata.labels.get("controller-revision-hash") not in (revision, None)
    ]
    return Value(names(old) if old else "the pods of Weaviate", "the revisions of the pods")


# --- budgets --------------------------------------------------------------------------------------


def foreign_budgets(facts: ClusterFacts) -> tuple[PodDisruptionBudget, ...]:
    """The budgets of other names that do not allow exactly one pod to be evicted, and select nothing else."""
    return tuple(
        item
        for item in budgets_of(facts)
        if item.metadata.name != facts.weaviate.name and _allowed(facts, item) != 1 and not _selects_others(facts, item)
    )


def _allowed(facts: ClusterFacts, budget: PodDisruptionBudget) -> int:
    both = budget.spec.min_available is not None and budget.spec.max_unavailable is not None
    try:
        return -1 if both else allowed_by(facts, budget)
    except ValueError:
        return -1


def _selects_others(facts: ClusterFacts, budget: PodDisruptionBudget) -> bool:
    own = {pod.metadata.name for pod in facts.weaviate.desired_pods}
    return any(pod.metadata.name not in own for pod in selected_pods(budget, facts.objects("pods")))


@parameter("own_budgets")
def own_budgets(context: Context) -> Value | OpenDecision:
    """The budgets to correct; open where one selects other pods as well, for which it may be right."""
    found = [item.metadata.name for item in foreign_budgets(context.facts)]
    if not found:
        shared = names(context.subjects("PodDisruptionBudget"))
        what = f"how to give Weaviate a separate budget: {shared} selects other pods"
        return OpenDecision("budget", what, "exclude the pods of Weaviate from its selector, where it is defined")
    return Value(found, "the PodDisruptionBudgets that select the pods")


def surplus(facts: ClusterFacts) -> tuple[PodDisruptionBudget, ...]:
    """The budgets that select pods of Weaviate, all but the one with the name of the workload."""
    return tuple(item for item in budgets_of(facts) if item.metadata.name != facts.weaviate.name)


@parameter("surplus_budgets")
def surplus_budgets(context: Context) -> Value | OpenDecision:
    """The budgets to delete; open where one selects other pods as well, which it protects."""
    found = surplus(context.facts)
    shared = [item.metadata.name for item in found if _selects_others(context.facts, item)]
    if shared or not found:
        what = f"how to exclude the pods of Weaviate from {names(shared)}, which also protects other pods"
        return OpenDecision("budgets", what, "change its selector where it is defined")
    return Value([item.metadata.name for item in found], "the PodDisruptionBudgets that select the pods")


@parameter("one_pod")
def one_pod(context: Context) -> Value:
    """The patch of a budget that allows one pod to be evicted."""
    return Value(ONE_POD, "one replica of three may be lost")
