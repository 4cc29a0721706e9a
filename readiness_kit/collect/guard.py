"""What may be asked of a Kubernetes API server. Everything else is refused before a socket opens.

This is a list of what is allowed, not of what is forbidden: version and discovery, lists, single objects, and the
two reviews by which a client asks for its own rights. No subresource is among them, so neither logs nor exec,
attach, port-forward, proxy, token or scale can be reached.
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


def check(method: str, path: str, params: Mapping[str, str]) -> None:
    """Raises ForbiddenRequestError for whatever the kit has promised never to do."""
    if method == "POST" and path in REVIEWS and not params:
        return
    if method not in ("GET", "HEAD"):
        raise _refused(method, path, "it could change something")
    found = _READABLE.fullmatch(path)
    resource = (found["resource"] or "").lower() if found else ""
    if "secrets" in _without_namespace(path):
        raise _refused(method, path, "Secrets are never read")
    if not found or resource in _VERBS_IN_PATHS:
        raise _refused(method, path, "it is not a list, a single object, the version or the discovery")
    if strange := sorted(set(params) - PARAMETERS):
        raise _refused(method, path, f"its query has {', '.join(strange)}")


def _without_namespace(path: str) -> list[str]:
    """The parts of a path in lower case; a namespace may have any name, Secrets among them."""
    parts = path.lower().split("/")
    if "namespaces" in parts[:5]:
        del parts[parts.index("namespaces") : parts.index("namespaces") + 2]
    return parts


def _refused(method: str, path: str, why: str) -> ForbiddenRequestError:
    return ForbiddenRequestError(
        f"the kit refused to send {method} {path[:200]}: {why}", "report this as a defect of the kit"
    )
