"""How full the nodes are: shares of allocatable, and what is said where only some pods were read."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from readiness_kit.charts import Chart, NoChart, node_packing
from readiness_kit.charts.packing import pod_request
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.pods import Pod
from readiness_kit.snapshot import Snapshot
from tests.support.cluster import Object, cluster, of, snapshot, weaviate


def sized(objects: list[Object], cpu: str = "8", memory: str = "32Gi") -> list[Object]:
    for node in of(objects, "Node"):
        node.setdefault("status", {})["allocatable"] = {"cpu": cpu, "memory": memory}
    return objects


def node_used(name: str, memory: str, cpu: str = "2") -> Object:
    return {
        "kind": "NodeMetrics",
        "metadata": {"name": name},
        "timestamp": "2026-11-24T05:59:40Z",
        "usage": {"cpu": cpu, "memory": memory},
    }


USED = [node_used("node-0", "8Gi"), node_used("node-1", "28Gi", "1"), node_used("node-2", "4Gi", "6")]


def drawn(facts: ClusterFacts) -> Chart:
    chart = node_packing(facts)
    assert isinstance(chart, Chart)
    return chart


def narrowed(made: Snapshot) -> Snapshot:
    """The same with pods read in Weaviate's namespace only."""
    reads = tuple(
        msgspec.structs.replace(read, namespaces=("weaviate",)) if read.key == "pods" else read
        for read in made.manifest.reads
    )
    return Snapshot(msgspec.structs.replace(made.manifest, reads=reads), made.kept, made.calls)


def test_the_fullest_node_comes_first_and_into_the_title() -> None:
    chart = drawn(cluster(sized(weaviate()), USED))
    assert chart.title == "Node node-1 has 88 % of its memory in use, the most of 3 nodes"
    assert list(chart.table["node"]) == ["node-1", "node-0", "node-2"]
    assert list(chart.table["memory used (%)"]) == [87.5, 25.0, 12.5]
    assert list(chart.table["memory requested (%)"]) == [75.0, 75.0, 75.0]
    assert list(chart.table["CPU requested (cores)"]) == [4.0, 4.0, 4.0]
    assert chart.alt.startswith(f"{chart.title}.")
    assert "memory used 88 %" in chart.alt


def test_nodes_that_are_equally_full_are_counted() -> None:
    facts = cluster(sized(weaviate(), memory="25Gi"))
    assert drawn(facts).title == "All 3 nodes have 96 % of their memory requested"


def test_a_pod_that_ended_sets_nothing_aside() -> None:
    objects = sized(weaviate())
    of(objects, "Pod", "weaviate-0")[0]["status"]["phase"] = "Succeeded"
    table = drawn(cluster(objects, USED)).table.set_index("node")
    assert table.loc["node-0", "memory requested (%)"] == 0.0


def test_requests_of_some_pods_are_a_lower_bound_and_never_the_finding() -> None:
    objects = [
        *sized(weaviate()),
        {"kind": "Node", "metadata": {"name": "spare"}, "status": {"allocatable": {"cpu": "8"}}},
    ]
    chart = drawn(ClusterFacts(narrowed(snapshot(objects, [node_used("node-0", "8Gi"), node_used("node-1", "6Gi")]))))
    assert chart.title.endswith("in use, the most of 4 nodes")
    assert "≥ 75 %" in texts(chart) and "75 %" not in texts(chart)
    assert "requested (pods of weaviate only)" in texts(chart)
    assert "so the nodes hold more than is drawn" in chart.note
    # Nothing was read of the pods there: not nought, but unknown.
    assert math.isnan(chart.table.set_index("node").loc["spare", "CPU requested (%)"])


def test_without_usage_partial_requests_say_at_least() -> None:
    chart = drawn(ClusterFacts(narrowed(snapshot(sized(weaviate(replicas=1)), absent=("nodemetrics",)))))
    assert chart.title == "Node node-0 has at least 75 % of its memory requested"
    assert "not known (this cluster does not have it)" in chart.note


def test_twenty_of_two_hundred_nodes() -> None:
    chart = drawn(cluster(sized(weaviate(replicas=200)), [node_used("node-150", "30Gi")]))
    assert chart.table.iloc[0]["node"] == "node-150" and len(chart.table) == 200
    assert "The 20 fullest of 200 nodes; 180 more are in the table." in texts(chart)


def test_nodes_refused_or_nothing_known_of_them() -> None:
    refused = node_packing(cluster(weaviate(), forbidden=("nodes",)))
    assert isinstance(refused, NoChart) and refused.why == "nodes: not permitted to read it"
    empty = node_packing(cluster([one for one in weaviate() if one["kind"] != "Node"]))
    assert isinstance(empty, NoChart) and "no node" in empty.why


def containers(*memory: str | None, restart: str = "") -> list[dict[str, Any]]:
    return [
        {"name": str(place), "restartPolicy": restart, "resources": {"requests": {"memory": amount} if amount else {}}}
        for place, amount in enumerate(memory)
    ]


def test_a_pod_asks_for_what_the_scheduler_sets_aside() -> None:
    def asked(init: list[dict[str, Any]], main: list[dict[str, Any]]) -> float:
        pod = msgspec.convert({"metadata": {}, "spec": {"initContainers": init, "containers": main}}, Pod, strict=False)
        return pod_request(pod, "memory")

    assert asked([], containers("100", "50", None)) == 150
    assert asked(containers("400", "20"), containers("100")) == 400
    assert asked(containers("30", restart="Always"), containers("100")) == 130
    assert asked(containers("30", restart="Always") + containers("200"), containers("100")) == 230


def test_a_limit_without_a_request_is_the_request() -> None:
    spec = {"containers": [{"name": "a", "resources": {"limits": {"memory": "64"}}}]}
    assert pod_request(msgspec.convert({"metadata": {}, "spec": spec}, Pod, strict=False), "memory") == 64


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]
