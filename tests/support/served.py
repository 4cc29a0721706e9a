"""A recorded or made-up cluster behind a real socket, so that real clients can read it.

    with ServedCluster(recordings / "good", forbidden={"nodes", "apps/statefulsets"}) as cluster:
        config = cluster.kubeconfig(tmp_path)
        ...
    assert not cluster.violations

It answers as a Kubernetes API server does: paged lists, selectors, single objects, Status bodies, access reviews,
gzip for large bodies. Requests that the kit must never send (secrets, exec, any write) are refused and kept in
`violations`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from readiness_kit.serve import server
from readiness_kit.serve.api import Access
from readiness_kit.serve.server import Loopback, Request, written_kubeconfig
from tests.support.recorded_api import Forbidden, RecordedApi, Source

__all__ = ["Access", "Reply", "Request", "ServedCluster", "only_namespaces", "status"]

NEVER = frozenset({"exec", "attach", "portforward"})
REVIEWS = frozenset({"selfsubjectaccessreviews", "selfsubjectrulesreviews"})


@dataclass(frozen=True)
class Reply(server.Reply):
    """A reply that may be sent after `delay` seconds, or break off after `cut` bytes of its body."""

    delay: float = 0.0
    cut: int | None = None

    def __post_init__(self) -> None:
        if self.cut is not None:
            body = self.encoded()
            broken = {"Content-Length": str(len(body)), "Connection": "close"}
            object.__setattr__(self, "headers", {**self.headers, **broken})
            object.__setattr__(self, "body", body[: self.cut])


def status(code: int, reason: str, message: str, **headers: str) -> Reply:
    """A Kubernetes Status as a reply; headers by keyword (`Retry_After="1"`)."""
    reply = server.status(code, reason, message, **headers)
    return Reply(reply.status, reply.body, reply.headers)


Fault = Callable[[Request], server.Reply | None]


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
        forbidden: Forbidden = (),
        fault: Fault | None = None,
        token: str | None = None,
    ) -> None:
        self.api = RecordedApi(source, overlay or {}, forbidden)
        self.fault = fault
        self.token = token
        self.requests: list[Request] = []
        self.violations: list[Request] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = Loopback(self.answer)

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.close()

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
        return written_kubeconfig(folder, context, servers, credentials, namespace)

    def paths(self, method: str = "GET") -> list[str]:
        """The paths asked for with this method, in order."""
        return [request.path for request in self.requests if request.method == method]

    def answer(self, request: Request, bearer: str) -> server.Reply:
        """What is sent for a request, which is recorded as well."""
        access = Access.of(request.path)
        broken = self._breaks_a_promise(request, access)
        with self._lock:
            self.requests.append(request)
            if broken:
                self.violations.append(request)
        override = self.fault(request) if self.fault else None
        if override is not None:
            self._closing.wait(override.delay if isinstance(override, Reply) else 0)
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
