"""Clusters with measurements, from one replica to two hundred, and one with names that are hard to place."""

from __future__ import annotations

from readiness_kit.facts import ClusterFacts
from tests.support.cluster import Object, cluster, of, weaviate

LONG = "weaviate-production-cluster-europe-west-blue-green-and-then-some"


def pod_metrics(name: str, memory: str, cpu: str = "500m", container: str = "weaviate") -> Object:
    return {
        "kind": "PodMetrics",
        "metadata": {"name": name, "namespace": "weaviate"},
        "timestamp": "2026-11-24T05:59:40Z",
        "window": "15s",
        "containers": [{"name": container, "usage": {"cpu": cpu, "memory": memory}}],
    }


def node_metrics(name: str, memory: str, cpu: str = "2") -> Object:
    return {
        "kind": "NodeMetrics",
        "metadata": {"name": name},
        "timestamp": "2026-11-24T05:59:40Z",
        "usage": {"cpu": cpu, "memory": memory},
    }


def with_allocatable(objects: list[Object], cpu: str = "8", memory: str = "32Gi") -> list[Object]:
    for node in of(objects, "Node"):
        node.setdefault("status", {})["allocatable"] = {"cpu": cpu, "memory": memory}
    return objects


def metrics(replicas: int, name: str = "weaviate") -> list[Object]:
    pods = [pod_metrics(f"{name}-{n}", f"{1000 + n * 97}Mi", f"{n * 37}m") for n in range(replicas)]
    return [*pods, *(node_metrics(f"node-{n}", f"{n}Gi", "1") for n in range(replicas))]


def measured_cluster(replicas: int) -> ClusterFacts:
    objects = weaviate(replicas=replicas, zones=("europe-west4-a", "europe-west4-b", "europe-west4-c"))
    return cluster(with_allocatable(objects, "3920m", "30Gi"), metrics(replicas))


def awkward_cluster() -> ClusterFacts:
    """Very long names, several pods on one node, one of them not measured, no limits, nodes without a zone."""
    node = "ip-10-20-30-40.a-rather-long-subdomain.eu-central-1.compute.internal.example.com"
    objects = weaviate(
        replicas=14,
        zones=("a-zone-with-a-name-that-somebody-found-too-short-and-made-much-longer", ""),
        nodes=(node, *[f"{LONG}-node"] * 12, "n3"),
        container={"resources": {"limits": None}},
    )
    for workload in [*of(objects, "Pod"), *of(objects, "StatefulSet")]:
        workload["metadata"]["name"] = workload["metadata"]["name"].replace("weaviate", LONG)
        for owner in workload["metadata"].get("ownerReferences", ()):
            owner["name"] = LONG
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append({"name": "a-sidecar-with-a-long-name", "image": "proxy:1"})
        pod["status"]["conditions"][0]["status"] = "False"
    return cluster(objects, metrics(13, LONG))
