"""Real Weaviate servers on loopback, for tests/live and for scripts/record_weaviate.py.

    with WeaviateCluster(program, folder, nodes=3, env={"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"}) as cluster:
        cluster.post("/v1/schema", {"class": "Products"})
        cluster.kill(2)
        cluster.url            # of the first node

Nodes are called weaviate-0, weaviate-1 …, as in Kubernetes. What is started is stopped by its process id.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

START_SECONDS = 90.0
_COMMON = {
    "CLUSTER_IN_LOCALHOST": "true",
    "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
    "CLUSTER_BIND_ADDR": "127.0.0.1",
    "DISABLE_TELEMETRY": "true",
    "GO_PROFILING_DISABLE": "true",
    "LIMIT_RESOURCES": "false",
    "GOMAXPROCS": "2",
    "GOMEMLIMIT": "400MiB",
    "LOG_LEVEL": "warning",
    "MINIMUM_INTERNAL_TIMEOUT": "10s",
    # Objects are counted once they are on disk.
    "PERSISTENCE_MEMTABLES_FLUSH_DIRTY_AFTER_SECONDS": "1",
    "PERSISTENCE_MAX_REUSE_WAL_SIZE": "0",
    "PERSISTENCE_HNSW_DISABLE_SNAPSHOTS": "true",
    "RAFT_ENABLE_ONE_NODE_RECOVERY": "false",
}


class WeaviateCluster:
    """`key`: what the harness itself signs in with ("": nothing). `folder` holds data and logs."""

    def __init__(
        self, program: Path, folder: Path, *, nodes: int = 1, env: Mapping[str, str] | None = None, key: str = ""
    ) -> None:
        self.folder = folder
        self.key = key
        self._program = program
        self._env = dict(env or {})
        self._ports = [_ports() for _ in range(nodes)]
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, node: int) -> str:
        return f"http://127.0.0.1:{self._ports[node]['rest']}"

    def __enter__(self) -> Self:
        try:
            for node in range(len(self._ports)):
                self.start(node)
                # The others join by the first one's gossip and give up where nothing listens.
                self._wait_gossip(node)
            for node in range(len(self._ports)):
                self.wait_ready(node)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, node: int) -> None:
        ports = self._ports[node]
        home = self.folder / f"weaviate-{node}"
        home.mkdir(parents=True, exist_ok=True)
        voters = ",".join(f"weaviate-{place}:{one['raft']}" for place, one in enumerate(self._ports))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            **_COMMON,
            "PERSISTENCE_DATA_PATH": str(home / "data"),
            "CLUSTER_HOSTNAME": f"weaviate-{node}",
            "CLUSTER_GOSSIP_BIND_PORT": str(ports["gossip"]),
            "CLUSTER_DATA_BIND_PORT": str(ports["data"]),
            "CLUSTER_JOIN": f"127.0.0.1:{self._ports[0]['gossip']}" if node else "",
            "RAFT_PORT": str(ports["raft"]),
            "RAFT_INTERNAL_RPC_PORT": str(ports["rpc"]),
            "RAFT_JOIN": voters,
            "RAFT_BOOTSTRAP_EXPECT": str(len(self._ports)),
            "GRPC_PORT": str(ports["grpc"]),
            **self._env,
        }
        with (home / "log").open("ab") as log:
            self._running[node] = subprocess.Popen(
                [str(self._program), "--scheme", "http", "--host", "127.0.0.1", "--port", str(ports["rest"])],
                env=env,
                cwd=home,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def wait_ready(self, node: int) -> None:
        """Until the node says that it is ready. Raises RuntimeError with the end of its log."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._running[node].poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url_of(node)}/v1/.well-known/ready", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"weaviate-{node} did not get ready:\n{self._log(node)}")

    def _wait_gossip(self, node: int) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._running[node].poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._ports[node]["gossip"]), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"weaviate-{node} did not start:\n{self._log(node)}")

    def _log(self, node: int) -> str:
        return (self.folder / f"weaviate-{node}" / "log").read_text("utf-8", "replace")[-3000:]

    def kill(self, node: int) -> None:
        """As a node that is lost: without a word to the others."""
        process = self._running.pop(node)
        process.kill()
        process.wait(10)

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self._running.clear()

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        """(status, JSON or None) of any request: the harness may write, the kit never does."""
        token = self.key if key is None else key
        sent = {"Content-Type": "application/json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as problem:
            status, text = problem.code, problem.read()
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text.decode("utf-8", "replace")

    def post(self, path: str, body: Any) -> Any:
        """The answer to a POST; RuntimeError where it failed."""
        status, answer = self.ask("POST", path, body)
        if status >= 300:
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return answer

    def fill(self, collection: str, count: int, *, tenant: str = "", dimensions: int = 8) -> None:
        """Objects with vectors into a collection."""
        objects = [
            {
                "class": collection,
                "properties": {"title": f"{collection} {place}"},
                "vector": [((place * 7 + axis * 3) % 11) / 11 for axis in range(dimensions)],
                **({"tenant": tenant} if tenant else {}),
            }
            for place in range(count)
        ]
        done = self.post("/v1/batch/objects", {"objects": objects})
        failed = [one for one in done if (one.get("result") or {}).get("errors")]
        if failed:
            raise RuntimeError(f"{len(failed)} objects could not be written: {failed[0]['result']}")


def _ports() -> dict[str, int]:
    """Free ports for a node. On one host the servers take the port above raft's for RPC, above gossip's for data."""
    while True:
        sockets: list[socket.socket] = []
        try:
            rest, grpc, raft, gossip = (_bound(sockets, 0) for _ in range(4))
            rpc, data = (_bound(sockets, port + 1) for port in (raft, gossip))
        except (OSError, OverflowError):
            continue
        else:
            return {"rest": rest, "grpc": grpc, "raft": raft, "rpc": rpc, "gossip": gossip, "data": data}
        finally:
            for one in sockets:
                one.close()


def _bound(sockets: list[socket.socket], port: int) -> int:
    one = socket.socket()
    sockets.append(one)
    one.bind(("127.0.0.1", port))
    return int(one.getsockname()[1])
