"""The made-up cluster on a real Kubernetes API server, which encodes and compresses each answer as in production.

python -m benchmarks.real PODS FOLDER      prints the path of a kubeconfig, then serves until its input ends
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import ROOT
from benchmarks.cluster import NAMESPACE, cluster
from tests.support.apiserver import ApiServer

FILLED = ("/api/v1/nodes", "/apis/apps/v1/statefulsets", "/api/v1/pods")


def fill(server: ApiServer, pods: int) -> None:
    """One request for each object and one for its status."""
    server.send("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    lists = cluster(pods)
    for path in FILLED:
        items = lists[path]["items"]
        for item in items:
            # The server gives its own.
            del item["metadata"]["uid"]
        head, _, plural = path.rpartition("/")
        server.create(path if plural == "nodes" else f"{head}/namespaces/{NAMESPACE}/{plural}", items)


@contextmanager
def serving(pods: int, folder: Path) -> Iterator[Path]:
    """A filled server while the context lasts, in a process of its own, so that the one who measures stays small:
    a process begins with the peak of its parent. Gives the kubeconfig."""
    command = [sys.executable, "-m", "benchmarks.real", str(pods), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        kubeconfig = process.stdout.readline().strip()
        if not kubeconfig:
            raise RuntimeError(f"the API server did not start; see {folder}")
        yield Path(kubeconfig)
    finally:
        process.stdin.close()
        process.wait(60)


def main() -> None:
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with ApiServer(folder) as server:
        fill(server, int(sys.argv[1]))
        print(server.kubeconfig(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
