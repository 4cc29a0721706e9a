"""Zones of nodes, volumes and pods, and the nodes that Weaviate can run on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.topology import (
    pod_zones,
    region_of_node,
    tolerates,
    zone_of_node,
    zone_of_volume,
)
from readiness_kit.kinds.cluster import Node, Taint
from readiness_kit.kinds.pods import Toleration
from readiness_kit.kinds.storage import PersistentVolume
from tests.support.cluster import cluster, of, weaviate


def _node(**labels: str) -> Node:
    named = {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}
    return msgspec.convert({"metadata": {"name": "n", "labels": named}}, Node)


@pytest.mark.parametrize(
    ("labels", "zone"),
    [
        ({"topology_kubernetes_io__zone": "eu-1a"}, "eu-1a"),
        ({"failure-domain.beta.kubernetes.io/zone": "eu-1b"}, "eu-1b"),
        ({"topology_kubernetes_io__zone": "eu-1a", "failure-domain.beta.kubernetes.io/zone": "eu-1b"}, "eu-1a"),
        ({"topology_kubernetes_io__zone": "westeurope-1"}, "westeurope-1"),
        ({"topology_kubernetes_io__zone": "0"}, None),
        ({"topology_kubernetes_io__zone": "2"}, None),
        ({"topology_kubernetes_io__zone": ""}, None),
        ({}, None),
    ],
)
def test_trap_39_zones_of_nodes(labels: dict[str, str], zone: str | None) -> None:
    assert zone_of_node(_node(**labels)) == zone


def test_regions() -> None:
    assert region_of_node(_node(topology_kubernetes_io__region="eu-1")) == "eu-1"
    assert region_of_node(_node()) is None


def _volume(key: str, *zones: str, operator: str = "In") -> PersistentVolume:
    term = {"matchExpressions": [{"key": key, "operator": operator, "values": list(zones)}]}
    return msgspec.convert({"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}}}, PersistentVolume)


@pytest.mark.parametrize(
    ("volume", "zone"),
    [
        (_volume("topology.kubernetes.io/zone", "eu-1a"), "eu-1a"),
        (_volume("topology.ebs.csi.aws.com/zone", "eu-1a"), "eu-1a"),
        (_volume("topology.gke.io/zone", "europe-west1-b"), "europe-west1-b"),
        (_volume("topology.disk.csi.azure.com/zone", "westeurope-1"), "westeurope-1"),
        (_volume("topology.disk.csi.azure.com/zone", ""), None),
        (_volume("topology.gke.io/zone", "europe-west1-b", "europe-west1-c"), None),
        (_volume("topology.kubernetes.io/zone", "eu-1a", operator="NotIn"), None),
        (_volume("kubernetes.io/hostname", "node-1"), None),
        (PersistentVolume(), None),
    ],
)
def test_zones_of_volumes(volume: PersistentVolume, zone: str | None) -> None:
    assert zone_of_volume(volume) == zone


def test_a_pod_is_where_its_node_is() -> None:
    facts = cluster(weaviate(zones=("a", "b", "b")))
    assert pod_zones(facts) == {"weaviate-0": "a", "weaviate-1": "b", "weaviate-2": "b"}


def test_the_volume_says_the_zone_where_the_node_does_not() -> None:
    facts = cluster(weaviate(zones=("a", "b", "c")), forbidden=("nodes",))
    assert pod_zones(facts) == {"weaviate-0": "a", "weaviate-1": "b", "weaviate-2": "c"}


def test_trap_39_without_any_label_no_zone_is_made_up() -> None:
    assert pod_zones(cluster(weaviate(zones=("",)))) == dict.fromkeys(("weaviate-0", "weaviate-1", "weaviate-2"))


TAINT = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("taint", "toleration", "tolerated"),
    [
        (TAINT, None, False),
        ({**TAINT, "effect": "PreferNoSchedule"}, None, True),
        ({**TAINT, "effect": "NoExecute"}, None, False),
        (TAINT, {"key": "dedicated", "value": "db"}, True),
        (TAINT, {"key": "dedicated", "operator": "Equal", "value": "web"}, False),
        (TAINT, {"key": "dedicated", "operator": "Exists"}, True),
        (TAINT, {"operator": "Exists"}, True),
        (TAINT, {"key": "other", "operator": "Exists"}, False),
        (TAINT, {"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}, True),
        (TAINT, {"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}, False),
    ],
)
def test_taints(taint: dict[str, str], toleration: dict[str, str] | None, tolerated: bool) -> None:
    tolerations = [msgspec.convert(toleration, Toleration)] if toleration else []
    assert tolerates([msgspec.convert(taint, Taint)], tolerations) is tolerated


def _candidates(node: dict[str, Any] | None = None, pod: dict[str, Any] | None = None) -> list[str]:
    objects = weaviate(replicas=2, pod=pod)
    if node:
        changed = of(objects, "Node", "node-1")[0]
        for part, change in node.items():
            changed[part] = {**changed.get(part, {}), **change}
    return [node.metadata.name for node in cluster(objects).candidate_nodes]


BOTH, FIRST = ["node-0", "node-1"], ["node-0"]
NOT_READY = {"conditions": [{"type": "Ready", "status": "Unknown"}]}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (None, BOTH),
        ({"spec": {"unschedulable": True}}, FIRST),
        ({"status": NOT_READY}, FIRST),
        ({"status": {"conditions": []}}, FIRST),
        ({"spec": {"taints": [TAINT]}}, FIRST),
    ],
)
def test_nodes_that_take_pods(node: dict[str, Any] | None, expected: list[str]) -> None:
    assert _candidates(node) == expected


def _affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    required = {"nodeSelectorTerms": list(terms)}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


def _term(operator: str, *values: str, key: str = "topology.kubernetes.io/zone") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        ({"nodeSelector": {"kubernetes.io/hostname": "node-0"}}, FIRST),
        ({"nodeSelector": {"disk": "fast"}}, []),
        (_affinity(_term("In", "eu-1a")), FIRST),
        (_affinity(_term("NotIn", "eu-1b")), FIRST),
        (_affinity(_term("In", "eu-1a"), _term("In", "eu-1b")), BOTH),
        (_affinity(_term("Exists")), BOTH),
        (_affinity(_term("DoesNotExist")), []),
        (_affinity(_term("DoesNotExist", key="gpu")), BOTH),
        (_affinity({}), []),
        (_affinity({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-0"]}]}), FIRST),
    ],
)
def test_nodes_that_the_template_asks_for(pod: dict[str, Any], expected: list[str]) -> None:
    assert _candidates(pod=pod) == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"), [("Gt", "7", ["node-1"]), ("Lt", "9", ["node-1"]), ("Gt", "8", [])]
)
def test_node_labels_compared_as_numbers(operator: str, value: str, expected: list[str]) -> None:
    labels = {"metadata": {"name": "node-1", "labels": {"cores": "8"}}}
    assert _candidates(labels, _affinity(_term(operator, value, key="cores"))) == expected
