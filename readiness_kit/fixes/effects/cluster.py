"""What commands change in the cluster around Weaviate: budgets, autoscalers, cluster DNS, raft voters."""

from __future__ import annotations

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.cluster import DNS_REPLICAS, autoscalers, name_server
from readiness_kit.fixes.parameters.updates import foreign_budgets, surplus
from readiness_kit.fixes.projection import not_observable, with_objects
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.kinds.workloads import Deployment
from readiness_kit.snapshot import Snapshot

BUDGETS = "poddisruptionbudgets"


def _name(item: KubeObject) -> tuple[str, str]:
    return item.metadata.namespace, item.metadata.name


@effect("surplus_budgets_removed")
def surplus_budgets_removed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Only the budget of the chart, or of the same name, selects the pods."""
    gone = {_name(item) for item in surplus(facts)}
    left = tuple(item for item in snapshot.objects(BUDGETS) if _name(item) not in gone)
    return with_objects(snapshot, {**snapshot.kept, BUDGETS: left})


@effect("own_budgets_corrected")
def own_budgets_corrected(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The budgets of other names allow one pod to be evicted."""
    wrong = {_name(item) for item in foreign_budgets(facts)}
    corrected = tuple(_of_one(item) if _name(item) in wrong else item for item in snapshot.objects(BUDGETS))
    return with_objects(snapshot, {**snapshot.kept, BUDGETS: corrected})


def _of_one(budget: PodDisruptionBudget) -> PodDisruptionBudget:
    return replace(budget, spec=replace(budget.spec, min_available=None, max_unavailable=1))


@effect("autoscalers_removed")
def autoscalers_removed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """No autoscaler names Weaviate."""
    kept = dict(snapshot.kept)
    for key, scaler in autoscalers(facts):
        kept[key] = tuple(item for item in kept[key] if _name(item) != _name(scaler))
    return with_objects(snapshot, kept)


@effect("name_server_scaled")
def name_server_scaled(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Cluster DNS has two ready replicas."""
    found = name_server(facts)
    deployments = tuple(
        _scaled(item) if found is not None and _name(item) == _name(found) else item
        for item in snapshot.objects("deployments")
    )
    return with_objects(snapshot, {**snapshot.kept, "deployments": deployments})


def _scaled(item: Deployment) -> Deployment:
    number = max(DNS_REPLICAS, item.spec.replicas)
    return replace(item, spec=replace(item.spec, replicas=number), status=replace(item.status, ready_replicas=number))


@effect("voters_to_confirm")
def voters_to_confirm(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The raft configuration: pods become voters when they join again, which only the running cluster shows."""
    return not_observable(snapshot, "weaviate/statistics", "the pods have not joined again yet")
