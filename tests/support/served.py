"""A recorded or made-up cluster behind a real socket, so that real clients can read it.

    with ServedCluster(recordings / "good", forbidden={"nodes", "apps/statefulsets"}) as cluster:
        config = cluster.kubeconfig(tmp_path)
        ...
    assert not cluster.violations

It answers as a Kubernetes API server does where the kit can tell: paged lists, selectors, single objects, Status
bodies, access reviews, gzip for large bodies. Whatever the kit has promised never to ask (secrets, exec, any write)
is refused and kept in `violations`.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.api import Access, Api, Forbidden, Source, Status

__all__ = ["Access", "Reply", "Request", "ServedCluster", "only_namespaces", "status"]

PRIVATE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
NEVER = frozenset({"exec", "attach", "portforward"})
REVIEWS = frozenset({"selfsubjectaccessreviews", "selfsubjectrulesreviews"})
# An API server compresses from this size on.
GZIP_FROM = 128 * 1024


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


Fault = Callable[[Request], Reply | None]


def status(code: int, reason: str, message: str, **headers: str) -> Reply:
    """A Kubernetes Status as a reply, for fault hooks; headers by keyword (`Retry_After="1"`)."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(code, Status(code, reason, message).body(), named)


def only_namespaces(*names: str) -> Callable[[Access], bool]:
    """As `forbidden`: what a Role in these namespaces leaves, nothing of the cluster as a whole."""
    return lambda access: access.namespace not in names


class ServedCluster:
    """Serves `source` (a recordings folder, or path -> list body) on 127.0.0.1 while the context lasts.

    overlay:   path -> body that replaces a recorded one; None takes the path away
    forbidden: names as `pods` or `apps/statefulsets`, or a callable that says True for an Access to refuse
    fault:     sees every request first; what it returns is sent instead of the answer
    token:     when given, requests with another bearer token get 401
    """

    def __init__(
        self,
        source: Source,
        *,
        overlay: Mapping[str, Any] | None = None,
        forbidden: Collection[str] | Callable[[Access], bool] = (),
        fault: Fault | None = None,
        token: str | None = None,
    ) -> None:
        self.api = Api(source, overlay or {}, Forbidden(forbidden))
        self.fault = fault
        self.token = token
        self.requests: list[Request] = []
        self.violations: list[Request] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def kubeconfig(
        self,
        folder: Path,
        *,
        token: str | None = "served-token",
        context: str = "served",
        namespace: str | None = None,
        user: Mapping[str, Any] | None = None,
        server: str | None = None,
        more_contexts: Mapping[str, str] | None = None,
    ) -> Path:
        """Writes an ordinary kubeconfig and returns its path.

        `user` replaces the token (an exec plugin, say); `more_contexts` names further contexts and their server URLs.
        """
        servers = {context: server or self.url, **(more_contexts or {})}
        credentials = dict(user) if user is not None else {"token": token} if token else {}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
            "users": [{"name": "reader", "user": credentials}],
            "contexts": [
                {
                    "name": name,
                    "context": {"cluster": name, "user": "reader", **({"namespace": namespace} if namespace else {})},
                }
                for name in servers
            ],
        }
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "kubeconfig"
        # JSON is YAML, and needs no library.
        path.write_text(json.dumps(config, indent=2), encoding="utf-8")
        path.chmod(0o600)
        return path

    def paths(self, method: str = "GET") -> list[str]:
        """The paths asked for with this method, in order."""
        return [request.path for request in self.requests if request.method == method]

    def answer(self, request: Request, bearer: str) -> Reply:
        """What is sent for a request, which is recorded as well."""
        access = Access.of(request.path)
        broken = self._breaks_a_promise(request, access)
        with self._lock:
            self.requests.append(request)
            if broken:
                self.violations.append(request)
        override = self.fault(request) if self.fault else None
        if override is not None:
            self._closing.wait(override.delay)
            return override
        if self.token is not None and bearer != self.token:
            return status(401, "Unauthorized", "Unauthorized")
        if request.method == "POST" and access.resource in REVIEWS:
            return Reply(201, self.api.review(access.resource, json.loads(request.body or b"{}")))
        if request.method not in ("GET", "HEAD") or access.subresource in NEVER or "watch" in request.query:
            return status(405, "MethodNotAllowed", f"the server does not allow {request.method} here")
        code, body = self.api.get(request.path, request.query)
        return Reply(code, body)

    @staticmethod
    def _breaks_a_promise(request: Request, access: Access) -> bool:
        if request.method == "POST" and access.resource in REVIEWS:
            return False
        writes = request.method not in ("GET", "HEAD")
        return writes or access.resource == "secrets" or access.subresource in NEVER or "watch" in request.query


def _handler(cluster: ServedCluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Header and body go out as two writes, which Nagle's algorithm would hold apart for 40 ms.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            url = urlsplit(self.path)
            headers = {key.lower(): value for key, value in self.headers.items()}
            request = Request(
                method=self.command,
                path=unquote(url.path).rstrip("/") or "/",
                query=dict(parse_qsl(url.query, keep_blank_values=True)),
                headers={key: value for key, value in headers.items() if key not in PRIVATE_HEADERS},
                body=self.rfile.read(int(headers.get("content-length", 0))),
            )
            self._send(cluster.answer(request, headers.get("authorization", "").removeprefix("Bearer ")))

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
            """Quiet: the requests are in `cluster.requests`."""

    return Handler
