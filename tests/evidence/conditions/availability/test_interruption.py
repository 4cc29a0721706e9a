"""Spot nodes under Weaviate, and the priority of its pods."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome
from tests.support.asked import ask, bad, seen
from tests.support.cluster import cluster, weaviate
from tests.support.workloads import on_nodes

FIELD = "capacity of the nodes"


@pytest.mark.parametrize(
    "labels",
    [
        {"eks.amazonaws.com/capacityType": "SPOT"},
        {"karpenter.sh/capacity-type": "spot"},
        {"cloud.google.com/gke-spot": "true"},
        {"cloud.google.com/gke-preemptible": "true"},
        {"kubernetes.azure.com/scalesetpriority": "spot"},
    ],
)
@pytest.mark.parametrize(("nodes", "outcome"), [((0,), Outcome.PARTLY), ((0, 1, 2), Outcome.NOT_MET)])
def test_spot_nodes_under_weaviate_are_named(labels: dict[str, str], nodes: tuple[int, ...], outcome: Outcome) -> None:
    finding = ask("ha.replicas_across_nodes", cluster(on_nodes(labels, nodes)))
    lines = [fact for fact in finding.facts if fact.field == FIELD]
    assert [line.outcome for line in lines] == [outcome] and "node-0" in lines[0].seen


def test_nodes_on_demand_are_in_order() -> None:
    finding = ask("ha.replicas_across_nodes", cluster(on_nodes({"eks.amazonaws.com/capacityType": "ON_DEMAND"})))
    assert FIELD not in bad(finding)


def test_the_priority_of_the_pods_is_shown() -> None:
    facts = cluster(weaviate(pod={"priorityClassName": "weaviate-critical"}))
    assert seen(ask("ha.replicas_across_nodes", facts), "priorityClassName") == ["weaviate-critical"]
    assert "evict" in seen(ask("ha.replicas_across_nodes", cluster(weaviate())), "priorityClassName")[0]
