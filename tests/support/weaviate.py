"""A made-up Weaviate on loopback: answers by path, with the real server's ways of letting callers in.

    with FakeWeaviate(healthy(), key="s3cret") as server:                 # anonymous off
        collected = collect_weaviate(server.url, api_key="s3cret")
    server.asked         -> ["GET /v1/.well-known/live", ...]             # as they came in
    server.signed_in     -> the requests that brought a credential

Answers are JSON values (200), bytes (sent as they are), `(status, JSON)` pairs, or functions of the request's headers
that give either; what is not there is 404. `recorded("rbac")` gives the answers that a real server once gave, as
tests/recorded holds them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

RECORDED = Path(__file__).resolve().parent.parent / "recorded" / "weaviate"
PUBLIC = ("/v1/.well-known/live", "/v1/.well-known/ready", "/v1/.well-known/openid-configuration")
Answers = dict[str, Any]


class FakeWeaviate:
    """Serves `answers`. `key` "" with `anonymous` True: everybody is let in and no token is accepted."""

    def __init__(
        self, answers: Answers, *, key: str = "", anonymous: bool | None = None, schemes: str = "API-keys"
    ) -> None:
        self.answers = answers
        self.key = key
        self.anonymous = (not key) if anonymous is None else anonymous
        self.schemes = schemes
        self.asked: list[str] = []
        self.signed_in: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.leaving = threading.Event()
        """Set at the end: an answer that waits for it never comes in time."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if path not in PUBLIC:
            if token and not self.key:
                return 401, {"code": 401, "message": "no authentication scheme is configured (no token accepted)"}
            if token and token != self.key:
                return 401, {"code": 401, "message": f"unauthorized: invalid api key {token}"}
            if not token and not self.anonymous:
                ways = f"Please authenticate through one of the available methods: [{self.schemes}]"
                return 401, {"code": 401, "message": f"anonymous access not enabled. {ways}"}
        found = self.answers.get(path, (404, {"code": 404, "message": f"path {path} was not found"}))
        if callable(found):
            found = found(headers)
        return found if isinstance(found, tuple) else (200, found)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: no waiting for an acknowledgement

            def handle_any(self) -> None:
                line = f"{self.command} {self.path}"
                fake.asked.append(line)
                fake.headers.append(dict(self.headers))
                if "Authorization" in self.headers:
                    fake.signed_in.append(line)
                status, value = fake._answer(self.path, dict(self.headers))
                body = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        return Handler


def error(status: int, message: str) -> tuple[int, Any]:
    """An error as the server's handlers write it."""
    return status, {"error": [{"message": message}]}


def recorded(scenario: str) -> dict[str, Any]:
    """What a real server answered: `{"version", "key", "anonymous", "schemes", "answers": {path: [status, JSON]}}`."""
    found: dict[str, Any] = json.loads((RECORDED / f"{scenario}.json").read_text("utf-8"))
    found["answers"] = {path: (status, value) for path, (status, value) in found["answers"].items()}
    return found


def replayed(scenario: str) -> FakeWeaviate:
    """A server that answers as the recorded one did, to its key (`key` in the recording, a stand-in)."""
    found = recorded(scenario)
    return FakeWeaviate(
        found["answers"], key=found["key"], anonymous=found["anonymous"], schemes=found.get("schemes", "API-keys")
    )


def waits(server: Callable[[], FakeWeaviate]) -> Callable[[Mapping[str, str]], Any]:
    """An answer that does not come while the server is up."""

    def wait(headers: Mapping[str, str]) -> Any:
        server().leaving.wait(30)
        return None

    return wait


NODES = ("weaviate-0", "weaviate-1", "weaviate-2")


def collection(name: str, factor: int = 3, shards: int = 3, **more: Any) -> Answers:
    """A collection's definition as the server gives it, with what the kit must not keep."""
    return {
        "class": name,
        "description": "internal: do not tell",
        "vectorizer": "none",
        "vectorIndexType": "hnsw",
        "vectorIndexConfig": {"distance": "cosine", "cleanupIntervalSeconds": 300, "rq": {"enabled": False}},
        "replicationConfig": {
            "factor": factor,
            "asyncEnabled": factor > 1,
            "deletionStrategy": "NoAutomatedResolution",
        },
        "shardingConfig": {"desiredCount": shards, "actualCount": shards, "virtualPerPhysical": 128},
        "multiTenancyConfig": {"enabled": False, "autoTenantCreation": False, "autoTenantActivation": False},
        "properties": [{"name": "diagnosis", "dataType": ["text"]}, {"name": "patient", "dataType": ["text"]}],
        "moduleConfig": None,
        **more,
    }


def shard(name: str, of: str, objects: int = 10, **more: Any) -> Answers:
    return {
        "name": name,
        "class": of,
        "objectCount": objects,
        "loaded": True,
        "compressed": False,
        "vectorIndexingStatus": "READY",
        "vectorQueueLength": 0,
        "numberOfReplicas": 3,
        "replicationFactor": 3,
        "asyncReplicationStatus": None,
        **more,
    }


def statistics(leader: str = NODES[0], synchronized: bool = True) -> Answers:
    servers = [{"id": name, "address": f"10.0.0.{place}:8300", "suffrage": 0} for place, name in enumerate(NODES)]
    entries = [
        {
            "name": name,
            "status": "HEALTHY",
            "isVoter": True,
            "leaderId": leader,
            "leaderAddress": "10.0.0.0:8300" if leader else "",
            "bootstrapped": True,
            "dbLoaded": True,
            "open": True,
            "ready": True,
            "candidates": {},
            "initialLastAppliedIndex": 7,
            "raft": {
                "appliedIndex": "91",
                "commitIndex": "91",
                "fsmPending": "0",
                "lastContact": "12.3ms",
                "numPeers": "2",
                "term": "3",
                "state": "Leader" if name == leader else "Follower",
                "latestConfiguration": servers,
            },
        }
        for name in NODES
    ]
    return {"statistics": entries, "synchronized": synchronized}


def healthy(version: str = "1.38.2", classes: list[Answers] | None = None) -> Answers:
    """All answers of a healthy cluster of three with one collection and backups on S3."""
    collections = [collection("Products")] if classes is None else classes
    plain = [{"name": name, "status": "HEALTHY", "version": version, "gitHash": "abc1234"} for name in NODES]
    shards = [shard(f"{one['class']}-{place}", one["class"]) for one in collections[:3] for place in range(3)]
    backup = {
        "id": "nightly-2",
        "status": "SUCCESS",
        "classes": ["Products"],
        "startedAt": "2026-11-23T01:00:00.000Z",
        "completedAt": "2026-11-23T01:09:00.000Z",
        "size": 1.5,
    }
    older = {
        **backup,
        "id": "nightly-1",
        "startedAt": "2026-11-22T01:00:00.000Z",
        "completedAt": "0001-01-01T00:00:00Z",
    }
    return {
        "/v1/.well-known/live": None,
        "/v1/.well-known/ready": None,
        "/v1/meta": {
            "hostname": "http://[::]:8080",
            "version": version,
            "grpcMaxMessageSize": 104858000,
            "modules": {
                "backup-s3": {"bucketName": "backups", "endpoint": "s3.amazonaws.com", "rootName": "", "useSSL": True},
                "text2vec-transformers": {"error": "dial tcp: no such host"},
                "generative-openai": {"name": "OpenAI", "documentationHref": "https://example.com"},
            },
        },
        "/v1/schema": {"classes": collections},
        "/v1/users/own-info": {
            "username": "jane",
            "groups": None,
            "roles": [{"name": "viewer", "permissions": [{"action": "read_cluster"}]}],
        },
        "/v1/nodes?output=minimal": {"nodes": [{**node, "shards": None} for node in plain]},
        "/v1/cluster/statistics": statistics(),
        "/v1/nodes?output=verbose": {
            "nodes": [
                {
                    **node,
                    "shards": shards,
                    "stats": {"objectCount": 30, "shardCount": 3},
                    "batchStats": {"queueLength": 0},
                }
                for node in plain
            ]
        },
        "/v1/backups/s3?order=desc": [older, backup],
        "/v1/backups/s3/nightly-2/restore": {"id": "nightly-2", "status": "SUCCESS", "path": "s3://backups/nightly-2"},
        "/v1/backups/s3/nightly-1/restore": error(404, "not found"),
        "/v1/authz/roles": [
            {
                "name": "reader",
                "permissions": [
                    {"action": "read_data", "data": {"collection": "Products", "tenant": "*", "object": "*"}},
                    {"action": "read_nodes", "nodes": {"collection": "*", "verbosity": "minimal"}},
                ],
            },
            {"name": "admin", "permissions": [{"action": "manage_backups", "backups": {"collection": "*"}}]},
        ],
        "/v1/authz/roles/admin/user-assignments": [
            {"userId": "jane", "userType": "db_user"},
            {"userId": "jane", "userType": "oidc"},
            {"userId": "joe", "userType": "db_user"},
        ],
        "/v1/users/db?includeLastUsedTime=true": [
            {
                "userId": "jane",
                "active": True,
                "dbUserType": "db_env_user",
                "roles": ["admin"],
                "apiKeyFirstLetters": "abc",
                "lastUsedAt": "2026-11-20T00:00:00Z",
                "createdAt": "0001-01-01T00:00:00.000Z",
            }
        ],
        "/v1/tasks": {"reindex": [{"id": "secret-name", "status": "FINISHED", "startedAt": "2026-11-20T00:00:00Z"}]},
    }
