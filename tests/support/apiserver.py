"""A real Kubernetes API server with its etcd on loopback, for tests/live and the benchmarks: no nodes, no controllers.

    with ApiServer(programs, folder) as server:
        server.send("POST", "/api/v1/namespaces", {"metadata": {"name": "weaviate"}})
        server.kubeconfig()                 # of the administrator
        server.kubeconfig("assessor")       # of a user that may do what RBAC says, which is nothing at first

Pods, nodes and claims are only objects: nobody schedules or runs them. What is started is stopped by its process id.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

START_SECONDS = 90.0
ADMIN, ASSESSOR = "admin", "assessor"
_THREADS = 8


def programs() -> Path:
    """Where `scripts/build_apiserver` puts kube-apiserver and etcd; $READINESS_APISERVER names another folder."""
    named = os.environ.get("READINESS_APISERVER", "")
    return Path(named) if named else Path(__file__).resolve().parents[2] / ".cache" / "apiserver"


def there() -> bool:
    return all((programs() / name).exists() for name in ("kube-apiserver", "etcd"))


class ApiServer:
    """`folder` holds data, logs, certificates and kubeconfigs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tokens = {ADMIN: secrets.token_hex(16), ASSESSOR: secrets.token_hex(16)}
        self._running: list[subprocess.Popen[bytes]] = []
        self._port = 0
        self._local = threading.local()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """A kubeconfig of one of the two users, written anew."""
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "certificates" / "apiserver.crt")}
        path = self.folder / f"{user}.kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "real",
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self._tokens[user]}}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": user}}],
        }
        path.write_text(json.dumps(content), encoding="utf-8")
        path.chmod(0o600)
        return path

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request of the administrator's; AssertionError where it is refused."""
        answer = self._pool().request(
            method,
            f"{self.url}{path}",
            body=json.dumps(body) if body is not None else None,
            headers={"Authorization": f"Bearer {self._tokens[ADMIN]}", "Content-Type": "application/json"},
        )
        found: dict[str, Any] = json.loads(answer.data) if answer.data else {}
        assert answer.status < 300, f"{method} {path}: {answer.status} {found.get('message', '')}"
        return found

    def asked_by(self, user: str) -> list[dict[str, Any]]:
        """What the server itself noted of a user's requests: audit events with verb, requestURI, responseStatus …"""
        lines = self._audit_log.read_text(encoding="utf-8").splitlines()
        events: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [event for event in events if event["user"]["username"] == user]

    def create(self, path: str, items: Iterable[dict[str, Any]]) -> int:
        """Objects of one list, several at once, with their status; how many."""

        def one(item: dict[str, Any]) -> None:
            made = self.send("POST", path, item)
            if item.get("status"):
                made["status"] = item["status"]
                self.send("PUT", f"{path}/{made['metadata']['name']}/status", made)

        with ThreadPoolExecutor(_THREADS) as pool:
            return len(list(pool.map(one, items)))

    @property
    def _audit_log(self) -> Path:
        return self.folder / "audit.log"

    def _audit_policy(self) -> Path:
        path = self.folder / "audit.json"
        rules = [{"level": "Metadata", "users": [ASSESSOR], "omitStages": ["RequestReceived"]}, {"level": "None"}]
        path.write_text(json.dumps({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}))
        return path

    def _pool(self) -> Any:
        from urllib3 import PoolManager

        if not hasattr(self._local, "pool"):
            self._local.pool = PoolManager(ca_certs=str(self.folder / "certificates" / "apiserver.crt"))
        return self._local.pool

    def _start(self) -> None:
        etcd, peer, self._port = _ports(3)
        storage = f"http://127.0.0.1:{etcd}"
        self._run(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={storage}",
            f"--advertise-client-urls={storage}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
        )
        key = self.folder / "account.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        tokens = self.folder / "tokens.csv"
        groups = {ADMIN: ',"system:masters"'}
        tokens.write_text(
            "".join(f"{token},{name},{name}{groups.get(name, '')}\n" for name, token in self._tokens.items())
        )
        tokens.chmod(0o600)
        self._run(
            "kube-apiserver",
            f"--etcd-servers={storage}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
            f"--audit-policy-file={self._audit_policy()}",
            f"--audit-log-path={self._audit_log}",
            # Nobody makes the default ServiceAccount that it asks for.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition,Priority",
            "--max-requests-inflight=2000",
            "--max-mutating-requests-inflight=1000",
        )
        self._wait()

    def _run(self, name: str, *arguments: str) -> None:
        with open(self.folder / f"{name}.log", "wb") as log:
            self._running.append(subprocess.Popen([programs() / name, *arguments], stdout=log, stderr=log))

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self._ready():
            assert all(process.poll() is None for process in self._running), f"a server ended; see {self.folder}/*.log"
            assert time.monotonic() < until, f"not ready within {START_SECONDS:.0f} s; see {self.folder}/*.log"
            time.sleep(0.2)

    def _ready(self) -> bool:
        from urllib3.exceptions import HTTPError

        if not (self.folder / "certificates" / "apiserver.crt").exists():
            return False
        headers = {"Authorization": f"Bearer {self._tokens[ADMIN]}"}
        try:
            return bool(self._pool().request("GET", f"{self.url}/readyz", headers=headers, retries=False).status == 200)
        except HTTPError:
            return False


def _ports(number: int) -> list[int]:
    holders = [socket.socket() for _ in range(number)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    found = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return found
