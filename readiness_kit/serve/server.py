"""A small HTTP server on 127.0.0.1, and the kubeconfig that points to it."""

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

from readiness_kit.errors import UsageError
from readiness_kit.serve.api import Access, status_body

PRIVATE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
GZIP_FROM = 128 * 1024
"""Size in bytes from which on an API server compresses."""
MAX_BODY = 1_000_000


@dataclass(frozen=True)
class Request:
    """One request. `headers` have lower-case names and leave out those that carry credentials."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def plural(self) -> str:
        """The requested resource (`pods`); "" for discovery and the like."""
        return Access.of(self.path).resource


@dataclass(frozen=True)
class Reply:
    """An answer: bytes, text or data for JSON. `headers` override those that the server computes."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as sent, before compression."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Answer = Callable[[Request, str], Reply]
"""From a request and its bearer token to the reply."""


def status(code: int, reason: str, message: str, **headers: str) -> Reply:
    """A Kubernetes Status as a reply; headers by keyword (`Retry_After="1"`)."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(code, status_body(code, reason, message), named)


class Loopback:
    """Answers requests on a free port of 127.0.0.1, in background threads, between `start` and `close`."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(answer))
        except OSError as problem:
            raise UsageError(f"port {port} cannot be used: {problem.strerror}", "choose a different --port") from None
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
        # Header and body are two writes, which Nagle's algorithm would separate by 40 ms.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            try:
                url = urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
            except ValueError:
                length = -1
            if not 0 <= length <= MAX_BODY or not url.path.startswith("/"):  # `OPTIONS *` has no path
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
            sent = {"Content-Type": "application/json"}
            sized = "Content-Length" in reply.headers
            if len(body) >= GZIP_FROM and not sized and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 1)
                sent["Content-Encoding"] = "gzip"
            self.send_response(reply.status)
            for name, value in {**sent, "Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                # The client closed the connection, for example after a time-out.
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: callers record the requests that they need."""

    return Handler


def written_kubeconfig(
    folder: Path, context: str, servers: Mapping[str, str], credentials: Mapping[str, Any], namespace: str | None = None
) -> Path:
    """Write a kubeconfig (mode 0600) with a context for each of `servers` (name -> URL) and return its path."""
    scope = {"namespace": namespace} if namespace else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
        "users": [{"name": "reader", "user": dict(credentials)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "reader", **scope}} for name in servers],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    # JSON is valid YAML and needs no library.
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")
    path.chmod(0o600)
    return path
