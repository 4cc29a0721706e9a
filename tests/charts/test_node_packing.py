"""Utilisation of the nodes: shares of allocatable, and the text where only some pods were read."""

from __future__ import annotations

import math

import msgspec

from readiness_kit.charts import Chart, NoChart, node_packing
from readiness_kit.facts import ClusterFacts
from readiness_kit.snapshot import Snapshot
from tests.charts.clusters import node_metrics, with_allocatable
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, of, snapshot, weaviate

USED = [node_metrics("node-0", "8Gi"), node_metrics("node-1", "28Gi", "1"), node_metrics("node-2", "4Gi", "6")]


def packing_chart(facts: ClusterFacts) -> Chart:
    return drawn(node_packing(facts))


def narrowed(made: Snapshot) -> Snapshot:
    """The same with pods read in Weaviate's namespace only."""
    reads = tuple(
        msgspec.structs.replace(read, namespaces=("weaviate",)) if read.key == "pods" else read
        for read in made.manifest.reads
    )
    return Snapshot(msgspec.structs.replace(made.manifest, reads=reads), made.kept, made.calls)


def test_fullest_node_is_first_and_in_the_title() -> None:
    chart = packing_chart(cluster(with_allocatable(weaviate()), USED))
    assert chart.title == "Node node-1 has 88 % of its memory in use, the highest share of 3 nodes"
    assert list(chart.table["node"]) == ["node-1", "node-0", "node-2"]
    assert list(chart.table["memory used (%)"]) == [87.5, 25.0, 12.5]
    assert list(chart.table["memory requested (%)"]) == [75.0, 75.0, 75.0]
    assert list(chart.table["CPU requested (cores)"]) == [4.0, 4.0, 4.0]
    assert chart.alt.startswith(f"{chart.title}.")
    assert "memory used (%) 87.5" in chart.alt


def test_equally_full_nodes_are_counted() -> None:
    facts = cluster(with_allocatable(weaviate(), memory="25Gi"))
    assert packing_chart(facts).title == "All 3 nodes have 96 % of their memory requested"


def test_ended_pod_requests_nothing() -> None:
    objects = with_allocatable(weaviate())
    of(objects, "Pod", "weaviate-0")[0]["status"]["phase"] = "Succeeded"
    table = packing_chart(cluster(objects, USED)).table.set_index("node")
    assert table.loc["node-0", "memory requested (%)"] == 0.0


def test_requests_of_some_pods_are_a_lower_bound_and_not_the_finding() -> None:
    objects = [
        *with_allocatable(weaviate()),
        {"kind": "Node", "metadata": {"name": "spare"}, "status": {"allocatable": {"cpu": "8"}}},
    ]
    chart = packing_chart(
        ClusterFacts(narrowed(snapshot(objects, [node_metrics("node-0", "8Gi"), node_metrics("node-1", "6Gi")])))
    )
    assert chart.title.endswith("in use, the highest share of 4 nodes")
    assert "≥ 75 %" in texts(chart) and "75 %" not in texts(chart)
    assert "requested (pods of weaviate only)" in texts(chart)
    assert "the total of each node is higher" in chart.note
    # No pod of that node was read: its requests are unknown, not zero.
    assert math.isnan(chart.table.set_index("node").loc["spare", "CPU requested (%)"])


def test_without_usage_partial_requests_say_at_least() -> None:
    chart = packing_chart(
        ClusterFacts(narrowed(snapshot(with_allocatable(weaviate(replicas=1)), absent=("nodemetrics",))))
    )
    assert chart.title == "Node node-0 has at least 75 % of its memory requested"
    assert "not known (this cluster does not have it)" in chart.note


def test_twenty_of_200_nodes_are_drawn() -> None:
    chart = packing_chart(cluster(with_allocatable(weaviate(replicas=200)), [node_metrics("node-150", "30Gi")]))
    assert chart.table.iloc[0]["node"] == "node-150" and len(chart.table) == 200
    assert "The 20 fullest of 200 nodes are shown; the table lists all." in chart.note


def test_without_nodes_or_their_resources_the_reason_is_stated() -> None:
    refused = node_packing(cluster(weaviate(), forbidden=("nodes",)))
    assert isinstance(refused, NoChart) and refused.why == "nodes: not permitted to read it"
    empty = node_packing(cluster([found for found in weaviate() if found["kind"] != "Node"]))
    assert isinstance(empty, NoChart) and "for any node" in empty.why
