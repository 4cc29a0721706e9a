"""The made-up cluster on a real Kubernetes API server, which encodes and compresses each answer as in production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cluster import NAMESPACE, cluster
from tests.support.apiserver import ApiServer

FILLED = ("/api/v1/nodes", "/apis/apps/v1/statefulsets", "/api/v1/pods")


@contextmanager
def serving(pods: int, folder: Path) -> Iterator[Path]:
    """A server filled with the cluster, one request an object, while the context lasts; gives the kubeconfig."""
    folder.mkdir(parents=True)
    with ApiServer(folder) as server:
        server.send("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        lists = cluster(pods)
        for path in FILLED:
            items = lists[path]["items"]
            for item in items:
                # The server gives its own.
                del item["metadata"]["uid"]
            head, _, plural = path.rpartition("/")
            server.create(path if plural == "nodes" else f"{head}/namespaces/{NAMESPACE}/{plural}", items)
        yield server.kubeconfig()
