"""A made-up Prometheus that answers what a test gives it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from readiness_kit.collect.http.guards import QUERIES
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.prometheus import terms
from readiness_kit.model import Read
from readiness_kit.snapshot import Snapshot
from tests.support.cluster import snapshot, weaviate

SNAPSHOT = snapshot(weaviate())


SECRET = "s3cr3t-t0ken-of-the-team"


EMPTY = {"status": "success", "data": {"resultType": "vector", "result": []}}


FOUND = {"namespace": "weaviate", "pod": "weaviate-0", "container": "weaviate", "job": "w"}


Reply = tuple[int, Any]


Answering = Callable[[str, dict[str, str]], Reply]


def vector(labels: dict[str, str], value: str = "1") -> dict[str, Any]:
    result = [{"metric": labels, "value": [1, value]}]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def usual(path: str, form: dict[str, str]) -> Reply:
    """Answers discovery so that every family is there, and the rest with nothing."""
    query = form.get("query", "")
    if path == "/api/v1/status/buildinfo":
        return 200, {"status": "success", "data": {"version": "3.5.0", "goVersion": "go1.25"}}
    if query.startswith(("last_over_time(weaviate_build_info", "topk by")):
        return 200, vector(FOUND)
    if path in QUERIES:
        return 200, EMPTY
    data: dict[str, Any] = {
        "/api/v1/rules": {"groups": []},
        "/api/v1/alertmanagers": {"activeAlertmanagers": [{"url": "http://u:p@am-0.am:9093/api/v2/alerts"}]},
        "/api/v1/targets": {"activeTargets": []},
        "/api/v1/label/__name__/values": list(terms.METRICS),
    }
    return 200, {"status": "success", "data": data[path]}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is what some tests are about."""


class MadeUp:
    """A server on loopback; `seen` are the requests with their headers, `most` how many were under way at once."""

    def __init__(self, answer: Answering) -> None:
        self.seen: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.most = self.now = 0
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                with lock:
                    outer.now += 1
                    outer.most = max(outer.most, outer.now)
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {key: values[0] for key, values in parse_qs(body or parts.query).items()}
                outer.seen.append((self.command, parts.path, form, dict(self.headers)))
                status, reply = answer(parts.path, form)
                sent = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                with lock:
                    outer.now -= 1
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = _any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answering], MadeUp]]:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    running: list[MadeUp] = []

    def start(answer: Answering) -> MadeUp:
        running.append(MadeUp(answer))
        return running[-1]

    yield start
    for server in running:
        server.close()


def record(found: Snapshot, key: str) -> Read:
    return found.read(f"prometheus/{key}")
