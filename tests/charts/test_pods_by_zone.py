"""Pods by zone and node: the finding in the title for each placement."""

from __future__ import annotations

import pytest

from readiness_kit.charts import Chart, NoChart, pods_by_zone
from readiness_kit.facts import ClusterFacts
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, of, weaviate


def zone_chart(facts: ClusterFacts) -> Chart:
    return drawn(pods_by_zone(facts))


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "The 3 Weaviate pods run in 3 zones, no two on one node"),
        ({"zones": ("a",)}, "All 3 Weaviate pods run in one zone, a"),
        ({"replicas": 1}, "The only Weaviate pod runs in zone eu-1a"),
        ({"replicas": 5, "zones": ("a", "a", "a", "a", "b")}, "Zone a holds 4 of 5 Weaviate pods"),
        ({"zones": ("a", "b"), "nodes": ("n1", "n2", "n2")},
         "The 3 Weaviate pods run in 2 zones, but 2 of them share node n2"),
        ({"replicas": 4, "zones": ("a", "b"), "nodes": ("n1", "n2", "n2", "n1")},
         "The 4 Weaviate pods run in 2 zones, but 4 of them share 2 nodes"),
        ({"zones": ("a", "b", "")}, "The zone of 1 of 3 Weaviate pods is not known"),
        ({"zones": ()}, "The zone of 3 of 3 Weaviate pods is not known"),
    ],
)  # fmt: skip
def test_title_states_the_placement(changes: dict[str, object], title: str) -> None:
    assert zone_chart(cluster(weaviate(**changes))).title == title  # type: ignore[arg-type]


def test_table_lists_pods_and_nodes_without_one() -> None:
    spare = {"kind": "Node", "metadata": {"name": "spare", "labels": {"topology.kubernetes.io/zone": "eu-1d"}}}
    table = zone_chart(cluster(weaviate(), spare)).table
    assert table.to_dict("list") == {
        "zone": ["eu-1a", "eu-1b", "eu-1c", "eu-1d"],
        "node": ["node-0", "node-1", "node-2", "spare"],
        "pod": ["weaviate-0", "weaviate-1", "weaviate-2", "none"],
        "ready": ["yes", "yes", "yes", ""],
    }


def test_zone_without_weaviate_is_drawn() -> None:
    spare = {"kind": "Node", "metadata": {"name": "spare", "labels": {"topology.kubernetes.io/zone": "eu-1d"}}}
    assert {"eu-1d", "no Weaviate pod"} <= set(texts(zone_chart(cluster(weaviate(), spare))))


def test_pod_that_is_not_ready_has_its_own_key() -> None:
    objects = weaviate()
    of(objects, "Pod", "weaviate-1")[0]["status"]["conditions"][0]["status"] = "False"
    chart = zone_chart(cluster(objects))
    assert "Weaviate pod, not ready" in texts(chart)
    assert "eu-1b: Weaviate pods 1, not ready 1." in chart.alt
    assert list(chart.table["ready"]) == ["yes", "no", "yes"]


def test_pod_without_a_node_is_shown_as_not_scheduled() -> None:
    objects = weaviate()
    del of(objects, "Pod", "weaviate-2")[0]["spec"]["nodeName"]
    chart = zone_chart(cluster(objects))
    assert "not scheduled" in texts(chart)
    assert chart.title == "The 3 Weaviate pods run in 3 zones, 1 of them without a node"


def test_nodes_of_200_pods_are_left_to_the_table() -> None:
    chart = zone_chart(cluster(weaviate(replicas=200)))
    assert len(chart.table) == 200
    assert "61 more nodes with 61 Weaviate pods, in the table" in texts(chart)
    assert "eu-1a: Weaviate pods 67, not ready 0. eu-1b: Weaviate pods 67" in chart.alt


def test_without_nodes_the_zones_of_the_volumes_are_used() -> None:
    chart = zone_chart(cluster(weaviate(), forbidden=("nodes",)))
    assert chart.title == "The 3 Weaviate pods run in 3 zones, no two on one node"
    assert "not permitted to read it; the zones are those of the volumes" in chart.note


def test_without_zones_or_pods_the_reason_is_stated() -> None:
    chart = pods_by_zone(cluster(weaviate(), forbidden=("nodes", "persistentvolumes")))
    assert isinstance(chart, NoChart) and chart.why == "nodes: not permitted to read it"
    none = pods_by_zone(cluster(weaviate(replicas=0)))
    assert isinstance(none, NoChart) and "no Weaviate pod" in none.why
