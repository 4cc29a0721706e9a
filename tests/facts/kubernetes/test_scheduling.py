"""The scheduler's filters on small situations; conformance on many more is in test_conformance.py."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.scheduling import Situation, feasible, refusals
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Pod

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def node(name: str, zone: str = "a", cpu: str = "4", **spec: Any) -> Node:
    return msgspec.convert(
        {
            "metadata": {"name": name, "labels": {HOST: name, ZONE: zone}},
            "spec": spec,
            "status": {"allocatable": {"cpu": cpu, "memory": "16Gi", "pods": "3"}},
        },
        Node,
    )


def pod(name: str = "new", on: str = "", cpu: str = "1", phase: str = "Running", **spec: Any) -> Pod:
    return msgspec.convert(
        {
            "metadata": {"name": name, "namespace": "search", "labels": {"app": "weaviate"}},
            "spec": {
                "nodeName": on,
                "containers": [{"name": "weaviate", "resources": {"requests": {"cpu": cpu}}}],
                **spec,
            },
            "status": {"phase": phase},
        },
        Pod,
    )


def apart(key: str) -> dict[str, Any]:
    term = {"topologyKey": key, "labelSelector": {"matchLabels": {"app": "weaviate"}}}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def test_a_pod_fits_where_no_filter_refuses() -> None:
    assert feasible(pod(), Situation((node("n1"), node("n2", unschedulable=True)))) == ("n1",)


def test_running_pods_take_cpu_and_finished_ones_do_not() -> None:
    running, finished = pod("a", "n1", "3500m"), pod("b", "n2", "3500m", phase="Succeeded")
    found = refusals(pod(), Situation((node("n1"), node("n2")), (running, finished)))
    assert found == {"n1": ("NodeResourcesFit",), "n2": ()}


def test_a_node_has_a_limit_of_pods() -> None:
    full = tuple(pod(name, "n1", "0") for name in ("a", "b", "c"))
    assert refusals(pod(cpu="0"), Situation((node("n1"),), full)) == {"n1": ("NodeResourcesFit",)}


@pytest.mark.parametrize(("key", "expected"), [(HOST, ("n2", "n3")), (ZONE, ("n3",))])
def test_required_anti_affinity_of_a_running_pod_keeps_the_new_one_away(key: str, expected: tuple[str, ...]) -> None:
    nodes = (node("n1", "a"), node("n2", "a"), node("n3", "b"))
    assert feasible(pod(), Situation(nodes, (pod("old", "n1", **apart(key)),))) == expected


def test_a_spread_over_zones_refuses_the_crowded_zone() -> None:
    spread = {
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": ZONE,
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app": "weaviate"}},
            }
        ]
    }
    nodes = (node("n1", "a"), node("n2", "b"))
    assert refusals(pod(**spread), Situation(nodes, (pod("old", "n1"),))) == {"n1": ("PodTopologySpread",), "n2": ()}
