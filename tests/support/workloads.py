"""Workloads of other tools, and the level of their detections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness_kit.facts import ClusterFacts
from tests.support.cluster import weaviate

Object = dict[str, Any]


def workload(
    kind: str, name: str, image: str = "x", *, namespace: str = "tools", ready: int = 3, **more: Any
) -> Object:
    """A workload of another namespace. more: labels, env, args, container, tolerations, node_selector, desired."""
    container = {
        "name": more.get("container", "main"),
        "image": image,
        "args": list(more.get("args", ())),
        "env": [{"name": key, "value": value} for key, value in more.get("env", {}).items()],
    }
    spec: Object = {"containers": [container], "tolerations": list(more.get("tolerations", ()))}
    spec["nodeSelector"] = more.get("node_selector", {})
    labels = more.get("labels", {})
    state = {"numberReady": ready, "desiredNumberScheduled": more.get("desired", ready), "readyReplicas": ready}
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": spec}},
        "status": state,
    }


def agent(name: str, image: str = "x", **more: Any) -> Object:
    return workload("DaemonSet", name, image, **more)


def level(facts: ClusterFacts, group: str, tool: str) -> int:
    """The level of a tool in a group, 0 where it is not detected."""
    return next((found.level for found in facts.detections if (found.group, found.tool) == (group, tool)), 0)


def on_nodes(labels: dict[str, str], only: Iterable[int] = (0, 1, 2), taints: Iterable[Object] = ()) -> list[Object]:
    """Weaviate with labels and taints on some of its three nodes."""
    objects = weaviate()
    for item in objects:
        if item["kind"] == "Node" and int(item["metadata"]["name"][-1]) in only:
            item["metadata"]["labels"] |= labels
            item["spec"] = {"taints": list(taints), "providerID": "gce://project/zone/node"}
    return objects
