"""A snapshot behind a read-only API on loopback, so that kubectl and other tools can read it.

    with ServedSnapshot(snapshot) as served:
        config = served.kubeconfig(folder)

Only GET is answered, and only below a random path that the kubeconfig contains (kubectl sends no token without TLS).
What the snapshot lacks is refused (403) or not found (404), never empty.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from readiness_kit.serve.api import Access, Api, discovery
from readiness_kit.serve.server import Loopback, Reply, Request, status, written_kubeconfig
from readiness_kit.snapshot import Snapshot

__all__ = ["ServedSnapshot", "bodies"]

CONTEXT = "snapshot"


def bodies(snapshot: Snapshot) -> dict[str, Any]:
    """API path -> the body that an API server would answer, for all of the snapshot and for discovery."""
    lists: dict[str, Any] = {}
    # A list of some objects adds to the whole one of the same path, which has more of each object.
    for key, kind in sorted(KINDS.items(), key=lambda row: row[1].selective):
        known = key in snapshot.kept and snapshot.missing(key) is None
        if known or snapshot.kept.get(key) or snapshot.missing(key) is Reason.FORBIDDEN:
            items = [msgspec.to_builtins(item) for item in snapshot.objects(key)]
            # A snapshot leaves apiVersion and kind out; tools need them.
            named = [{"apiVersion": kind.api, "kind": kind.kind, **item} for item in items if item.get("metadata")]
            before = lists.get(kind.path(), {"items": []})["items"]
            seen = {(item["metadata"].get("namespace"), item["metadata"]["name"]) for item in before}
            named = [i for i in named if (i["metadata"].get("namespace"), i["metadata"]["name"]) not in seen]
            lists[kind.path()] = {
                "kind": f"{kind.kind}List",
                "apiVersion": kind.api,
                "metadata": {"resourceVersion": "1"},
                "items": [*before, *named],
            }
    # `kubectl cluster-info dump` ends without this list; the kit reads no ReplicationControllers.
    lists["/api/v1/replicationcontrollers"] = {
        "kind": "ReplicationControllerList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [],
    }  # fmt: skip
    documents = discovery(lists)
    documents["/version"] |= {"gitVersion": snapshot.manifest.server_version or "v0.0.0"}
    return {**lists, **documents}


def _refusing(snapshot: Snapshot) -> Callable[[Access], bool]:
    """Whether a list was refused: of all namespaces, or of those that were not read instead."""
    readable: dict[tuple[str, str], set[str]] = {}
    refused: set[tuple[str, str]] = set()
    for key, kind in KINDS.items():
        target, reason = (kind.group, kind.plural), snapshot.missing(key)
        if reason is Reason.FORBIDDEN:
            refused.add(target)
        if reason is None or snapshot.objects(key):
            readable.setdefault(target, set()).update(snapshot.read(key).namespaces or ("",))

    def forbidden(access: Access) -> bool:
        target = (access.group, access.resource)
        return target in refused and not readable.get(target, set()) & {"", access.namespace or "-"}

    return forbidden


class ServedSnapshot:
    """Serve a snapshot on 127.0.0.1 while the context lasts. `url` is the complete address with its random path."""

    def __init__(self, snapshot: Snapshot, port: int = 0) -> None:
        self._api = Api(bodies(snapshot), _refusing(snapshot))
        self._token = secrets.token_urlsafe(32)
        self._server = Loopback(self._answer, port)

    @property
    def url(self) -> str:
        """The address of the API server, with the secret path."""
        return f"{self._server.url}/{self._token}"

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig for this server (mode 0600) and return its path."""
        return written_kubeconfig(folder, CONTEXT, {CONTEXT: self.url}, {})

    def _answer(self, request: Request, bearer: str) -> Reply:
        # A web page can reach loopback under any name, but cannot know the random path.
        _, given, *rest = request.path.split("/")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return status(401, "Unauthorized", "use the kubeconfig that `readiness serve` wrote")
        path = "/" + "/".join(rest)
        if request.method not in ("GET", "HEAD") or "watch" in request.query or Access.of(path).subresource:
            return status(405, "MethodNotAllowed", "a snapshot can only be read")
        return Reply(*self._api.get(path, request.query))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
