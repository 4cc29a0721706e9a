"""A small made-up cluster with one Weaviate in it, and a connection that never really waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import Connection, connect
from readiness_kit.collect.http.transport import Transport
from tests.support.served import ServedCluster


def listed(kind: str, api: str, *items: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": f"{kind}List", "apiVersion": api, "metadata": {"resourceVersion": "1"}, "items": list(items)}


def template(**container: Any) -> dict[str, Any]:
    """A pod template that is Weaviate by its image and its command."""
    server = {
        "name": "weaviate",
        "image": "cr.weaviate.io/semitechnologies/weaviate:1.38.2",
        "command": ["/bin/weaviate"],
        **container,
    }
    return {"metadata": {"labels": {"app": "weaviate"}}, "spec": {"containers": [server]}}


def workload(name: str, namespace: str, **container: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "weaviate"}}, "template": template(**container)},
    }


def pod(name: str, namespace: str, **container: Any) -> dict[str, Any]:
    made = template(**container)
    return {"metadata": {"name": name, "namespace": namespace, **made["metadata"]}, "spec": made["spec"]}


def small(**changes: Any) -> dict[str, Any]:
    """Lists by API path: a StatefulSet with one pod in `db`, a stranger in `web`, two nodes."""
    lists = {
        "/apis/apps/v1/statefulsets": listed("StatefulSet", "apps/v1", workload("weaviate", "db")),
        "/apis/apps/v1/deployments": listed("Deployment", "apps/v1"),
        "/api/v1/pods": listed(
            "Pod",
            "v1",
            pod("weaviate-0", "db"),
            {"metadata": {"name": "shop", "namespace": "web"}, "spec": {"containers": [{"name": "a", "image": "a"}]}},
        ),
        "/api/v1/nodes": listed("Node", "v1", {"metadata": {"name": "n1"}}, {"metadata": {"name": "n2"}}),
        "/api/v1/namespaces": listed("Namespace", "v1", *({"metadata": {"name": name}} for name in ("db", "web"))),
        "/api/v1/services": listed("Service", "v1", {"metadata": {"name": "weaviate", "namespace": "db"}}),
        "/api/v1/configmaps": listed("ConfigMap", "v1"),
    }
    return {**lists, **changes}


READS = ("nodes", "namespaces", "services", "servicemonitors")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited between attempts; nothing is."""
    waited: list[float] = []
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: waited.append(seconds))
    return waited


@pytest.fixture
def served_small() -> Iterator[ServedCluster]:
    with ServedCluster(small()) as cluster:
        yield cluster
    assert cluster.violations == []


@pytest.fixture
def connection(served_small: ServedCluster, tmp_path: Path, pauses: list[float]) -> Iterator[Connection]:
    with connect(str(served_small.kubeconfig(tmp_path)), timeout=5) as opened:
        yield opened
