"""Pods by zone and node: the finding in the title for each way of spreading."""

from __future__ import annotations

import pytest

from readiness_kit.charts import Chart, NoChart, pods_by_zone
from readiness_kit.facts import ClusterFacts
from tests.support.cluster import cluster, of, weaviate


def drawn(facts: ClusterFacts) -> Chart:
    chart = pods_by_zone(facts)
    assert isinstance(chart, Chart)
    return chart


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
        ({"zones": ()}, "No zone of the 3 Weaviate pods is known"),
    ],
)  # fmt: skip
def test_title_says_how_the_pods_are_spread(changes: dict[str, object], title: str) -> None:
    assert drawn(cluster(weaviate(**changes))).title == title  # type: ignore[arg-type]


def test_table_lists_pods_and_the_nodes_without_one() -> None:
    spare = {"kind": "Node", "metadata": {"name": "spare", "labels": {"topology.kubernetes.io/zone": "eu-1d"}}}
    table = drawn(cluster(weaviate(), spare)).table
    assert table.to_dict("list") == {
        "zone": ["eu-1a", "eu-1b", "eu-1c", "eu-1d"],
        "node": ["node-0", "node-1", "node-2", "spare"],
        "pod": ["weaviate-0", "weaviate-1", "weaviate-2", "none"],
        "ready": ["yes", "yes", "yes", ""],
    }


def test_a_zone_without_weaviate_is_drawn_too() -> None:
    spare = {"kind": "Node", "metadata": {"name": "spare", "labels": {"topology.kubernetes.io/zone": "eu-1d"}}}
    assert {"eu-1d", "no Weaviate pod"} <= set(texts(drawn(cluster(weaviate(), spare))))


def test_a_pod_that_is_not_ready_is_told_by_shape_and_word() -> None:
    objects = weaviate()
    of(objects, "Pod", "weaviate-1")[0]["status"]["conditions"][0]["status"] = "False"
    chart = drawn(cluster(objects))
    assert "Weaviate pod, not ready" in texts(chart)
    assert "1 of 3 pods not ready" in chart.alt
    assert list(chart.table["ready"]) == ["yes", "no", "yes"]


def test_a_pod_without_a_node_is_shown_as_not_scheduled() -> None:
    objects = weaviate()
    del of(objects, "Pod", "weaviate-2")[0]["spec"]["nodeName"]
    chart = drawn(cluster(objects))
    assert "not scheduled" in texts(chart)
    assert chart.title == "The 3 Weaviate pods run in 3 zones, 1 of them without a node"


def test_two_hundred_pods_leave_most_nodes_to_the_table() -> None:
    chart = drawn(cluster(weaviate(replicas=200)))
    assert len(chart.table) == 200
    assert "61 more nodes with 61 Weaviate pods, in the table" in texts(chart)
    assert "Weaviate pods by zone: eu-1a 67, eu-1b 67 and eu-1c 66." in chart.alt


def test_without_nodes_the_zones_are_those_of_the_volumes() -> None:
    chart = drawn(cluster(weaviate(), forbidden=("nodes",)))
    assert chart.title == "The 3 Weaviate pods run in 3 zones, no two on one node"
    assert "not permitted to read it; zones are those of the volumes" in chart.note


def test_nothing_known_gives_the_reason() -> None:
    chart = pods_by_zone(cluster(weaviate(), forbidden=("nodes", "persistentvolumes")))
    assert isinstance(chart, NoChart) and chart.why == "nodes: not permitted to read it"
    none = pods_by_zone(cluster(weaviate(replicas=0)))
    assert isinstance(none, NoChart) and "no pod" in none.why


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]
