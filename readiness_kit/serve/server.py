"""A small HTTP server on 127.0.0.1: from a request on a socket to an answer, and the kubeconfig that leads to it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from readiness_kit.serve.api import Access, Status

PRIVATE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
# An API server compresses from this size on.
GZIP_FROM = 128 * 1024
MAX_BODY = 1_000_000


@dataclass(frozen=True)
class Request:
    """One request as it came in; headers without those that carry credentials, names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def plural(self) -> str:
        """The resource asked for (`pods`), or an empty string for discovery and the like."""
        return Access.of(self.path).resource


@dataclass(frozen=True)
class Reply:
    """What a fault hook may send instead: bytes, text or JSON; after `delay` seconds; cut after `cut` bytes."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Answer = Callable[[Request, str], Reply]
"""From a request and its bearer token to what is sent."""


def status(code: int, reason: str, message: str, **headers: str) -> Reply:
    """A Kubernetes Status as a reply, for fault hooks; headers by keyword (`Retry_After="1"`)."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(code, Status(code, reason, message).body(), named)


class Loopback:
    """Answers requests on a free port of 127.0.0.1 between `start` and `close`, on threads of its own."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(answer))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Header and body go out as two writes, which Nagle's algorithm would hold apart for 40 ms.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            try:
                url = urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
            except ValueError:
                length = -1
            if not 0 <= length <= MAX_BODY:
                self.close_connection = True
                self._send(status(400, "BadRequest", "the request cannot be read"))
                return
            headers = {key.lower(): value for key, value in self.headers.items()}
            request = Request(
                method=self.command,
                path=unquote(url.path).rstrip("/") or "/",
                query=dict(parse_qsl(url.query, keep_blank_values=True)),
                headers={key: value for key, value in headers.items() if key not in PRIVATE_HEADERS},
                body=self.rfile.read(length),
            )
            self._send(answer(request, headers.get("authorization", "").removeprefix("Bearer ")))

        def _send(self, reply: Reply) -> None:
            body = reply.encoded()
            sent = {"Content-Type": "application/json", **reply.headers}
            if len(body) >= GZIP_FROM and reply.cut is None and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 1)
                sent["Content-Encoding"] = "gzip"
            self.send_response(reply.status)
            for name, value in {**sent, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.cut is not None:
                self.close_connection = True
                body = body[: reply.cut]
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                # A client that gave up (time-out tests do) is its own business.
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: who serves keeps what it wants of the requests."""

    return Handler


def written_kubeconfig(
    folder: Path, context: str, servers: Mapping[str, str], credentials: Mapping[str, Any], namespace: str | None = None
) -> Path:
    """Writes a kubeconfig (0600) with a context for each of `servers` (name -> URL) and returns its path."""
    place = {"namespace": namespace} if namespace else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
        "users": [{"name": "reader", "user": dict(credentials)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "reader", **place}} for name in servers],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    # JSON is YAML, and needs no library.
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")
    path.chmod(0o600)
    return path
