"""What may be asked of a Weaviate server. Everything else is refused before a socket opens.

With no authorizer configured every key may do everything, and the address that gives a restore's status by GET
starts a restore by POST: so the method is looked at first, then the path, by a list of what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from readiness_kit.errors import ForbiddenRequestError

_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~%:-]+"
_ALLOWED: tuple[tuple[re.Pattern[str], Mapping[str, frozenset[str]]], ...] = tuple(
    (re.compile(rf"/v1/{pattern}"), {name: frozenset(values.split()) for name, values in params.items()})
    for pattern, params in (
        # Matched by the server on the exact URL: a query would turn them into guarded paths.
        (r"\.well-known/(live|ready|openid-configuration)", {}),
        (r"meta", {}),
        (r"schema", {}),
        (r"cluster/statistics", {}),
        (r"tasks", {}),
        (r"users/own-info", {}),
        (r"users/db", {"includeLastUsedTime": "true"}),
        (r"authz/roles", {}),
        (rf"authz/roles/{_NAME}/user-assignments", {}),
        (rf"nodes(/{_NAME})?", {"output": "minimal verbose"}),
        (r"backups/[a-z0-9]+", {"order": "asc desc"}),
        (rf"backups/[a-z0-9]+/{_NAME}/restore", {}),
    )
)


def check(method: str, path: str, params: Mapping[str, str]) -> None:
    """Raises ForbiddenRequestError for whatever the kit has promised never to do."""
    if method != "GET":
        raise _refused(method, path, "it could change something")
    for pattern, allowed in _ALLOWED:
        if pattern.fullmatch(path):
            strange = sorted(name for name, value in params.items() if value not in allowed.get(name, ()))
            if strange:
                raise _refused(method, path, f"its query has {', '.join(strange)}")
            return
    raise _refused(method, path, "it is none of the addresses that the kit reads")


def _refused(method: str, path: str, why: str) -> ForbiddenRequestError:
    return ForbiddenRequestError(
        f"the kit refused to send {method} {path[:200]} to Weaviate: {why}", "report this as a defect of the kit"
    )
