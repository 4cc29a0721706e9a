"""The requests that are allowed for each source. Everything else is refused before a connection is opened.

These are allow-lists. Kubernetes: version and discovery, lists, single objects, and the two reviews by which a client
checks its own permissions; no subresource, so logs, exec, attach, port-forward, proxy, token and scale are out of
reach. Weaviate: the read-only status paths. Prometheus: two query paths by POST and five metadata paths by GET.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from readiness_kit.errors import ForbiddenRequestError

REVIEWS = frozenset(
    {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    }
)
PARAMETERS = frozenset({"limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "timeoutSeconds"})

_NAME = r"[A-Za-z0-9][A-Za-z0-9._:-]*"
_READABLE = re.compile(
    rf"""(?x) / (?: version | api(?:/v1)? | apis (?: /{_NAME} (?:/{_NAME})? )? |
    (?: api/v1 | apis/{_NAME}/{_NAME} ) (?: /namespaces/{_NAME} (?=/{_NAME}) )?
    /(?P<resource>{_NAME}) (?:/{_NAME})? )"""
)
_VERBS_IN_PATHS = frozenset({"watch", "proxy", "exec", "attach", "portforward"})


def check_kubernetes(method: str, path: str, params: Mapping[str, str]) -> None:
    """Allow the request or raise ForbiddenRequestError."""
    if method == "POST" and path in REVIEWS and not params:
        return
    if method not in ("GET", "HEAD"):
        raise _refused(method, path[:200], "it could change something")
    found = _READABLE.fullmatch(path)
    resource = (found["resource"] or "").lower() if found else ""
    if "secrets" in _without_namespace(path):
        raise _refused(method, path[:200], "Secrets are never read")
    if not found or resource in _VERBS_IN_PATHS:
        raise _refused(method, path[:200], "it is not a list, a single object, the version or discovery")
    if unknown := sorted(set(params) - PARAMETERS):
        raise _refused(method, path[:200], f"its query has {', '.join(unknown)}")


def _without_namespace(path: str) -> list[str]:
    """The parts of a path in lower case, without its namespace, which may have any name, `secrets` among them."""
    parts = path.lower().split("/")
    if "namespaces" in parts[:5]:
        del parts[parts.index("namespaces") : parts.index("namespaces") + 2]
    return parts


_SEGMENT = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~%:-]+"
_WEAVIATE_PATHS: tuple[tuple[re.Pattern[str], Mapping[str, frozenset[str]]], ...] = tuple(
    (re.compile(rf"/v1/{pattern}"), {name: frozenset(values.split()) for name, values in params.items()})
    for pattern, params in (
        # The server matches these on the exact URL: with a query they would need credentials.
        (r"\.well-known/(live|ready|openid-configuration)", {}),
        (r"meta", {}),
        (r"schema", {}),
        (r"cluster/statistics", {}),
        (r"tasks", {}),
        (r"users/own-info", {}),
        (r"users/db", {"includeLastUsedTime": "true"}),
        (r"authz/roles", {}),
        (rf"authz/roles/{_SEGMENT}/user-assignments", {}),
        (rf"nodes(/{_SEGMENT})?", {"output": "minimal verbose"}),
        (r"backups/[a-z0-9]+", {"order": "asc desc"}),
        (rf"backups/[a-z0-9]+/{_SEGMENT}/restore", {}),
    )
)


def check_weaviate(method: str, path: str, params: Mapping[str, str]) -> None:
    """Allow the request or raise ForbiddenRequestError."""
    if method != "GET":
        raise _refused(method, f"{path[:200]} to Weaviate", "it could change something")
    for pattern, allowed in _WEAVIATE_PATHS:
        if pattern.fullmatch(path):
            if unknown := sorted(name for name, value in params.items() if value not in allowed.get(name, ())):
                raise _refused(method, f"{path[:200]} to Weaviate", f"its query has {', '.join(unknown)}")
            return
    raise _refused(method, f"{path[:200]} to Weaviate", "it is not one of the paths that the kit reads")


QUERIES = frozenset({"/api/v1/query", "/api/v1/query_range"})
METADATA: dict[str, frozenset[str]] = {
    "/api/v1/status/buildinfo": frozenset(),
    "/api/v1/label/__name__/values": frozenset({"match[]", "start", "end", "limit"}),
    "/api/v1/rules": frozenset({"type"}),
    "/api/v1/alertmanagers": frozenset(),
    "/api/v1/targets": frozenset({"state"}),
}


def check_prometheus(method: str, path: str, params: Mapping[str, str]) -> None:
    """Allow the two query paths by POST and the metadata paths by GET.

    Raises:
        ForbiddenRequestError: for any other request.
    """
    if method == "POST" and path in QUERIES and not params:
        return
    if method != "GET" or path not in METADATA or set(params) - METADATA[path]:
        raise _refused(method, f"{path[:200]} to Prometheus", "it is not one of the paths that the kit reads")


def _refused(method: str, target: str, why: str) -> ForbiddenRequestError:
    return ForbiddenRequestError(
        f"the kit refused to send {method} {target}: {why}", "report this as a defect of the kit"
    )
