"""GET answers of an API server over recorded lists: pages, selectors, single objects, discovery."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_kit.kinds import KINDS
from readiness_kit.serve.selectors import BadSelectorError, by_fields, by_labels

Body = dict[str, Any]

SHORT_NAMES = {
    "certificates": "cert certs",
    "configmaps": "cm",
    "cronjobs": "cj",
    "customresourcedefinitions": "crd crds",
    "daemonsets": "ds",
    "deployments": "deploy",
    "events": "ev",
    "horizontalpodautoscalers": "hpa",
    "ingresses": "ing",
    "namespaces": "ns",
    "networkpolicies": "netpol",
    "nodes": "no",
    "persistentvolumeclaims": "pvc",
    "persistentvolumes": "pv",
    "poddisruptionbudgets": "pdb",
    "pods": "po",
    "prometheusrules": "promrule",
    "replicasets": "rs",
    "replicationcontrollers": "rc",
    "serviceaccounts": "sa",
    "servicemonitors": "smon",
    "services": "svc",
    "statefulsets": "sts",
    "storageclasses": "sc",
}
"""Plural -> short names, which kubectl takes from discovery."""

_RESOURCE = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<subresource>.+))?)?$"
)
_CLUSTER_SCOPED = frozenset(kind.plural for kind in KINDS.values() if not kind.namespaced)
_LIMIT = re.compile(r"[0-9]{1,18}")
_NOT_FOUND = "the server could not find the requested resource"


@dataclass(frozen=True)
class Access:
    """The target of a request in RBAC terms; an empty namespace is the whole cluster."""

    group: str = ""
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    verb: str = "list"

    @classmethod
    def of(cls, path: str) -> Access:
        """The access that a path asks for; an empty one for discovery and the like."""
        match = _RESOURCE.match(path)
        if not match:
            return cls()
        parts = {key: value or "" for key, value in match.groupdict().items()}
        return cls(**parts, verb="get" if parts["name"] else "list")

    @property
    def list_path(self) -> str:
        """The API path of the list over all namespaces."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/{self.resource}"


def status_body(code: int, reason: str, message: str) -> Body:
    """A Kubernetes Status that reports a failure."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


class Api:
    """Answers GET requests from `lists` (API path -> list body, discovery included); secrets are always refused."""

    def __init__(self, lists: Mapping[str, Any], forbidden: Callable[[Access], bool]) -> None:
        self._lists = lists
        self._forbidden = forbidden

    def body(self, path: str) -> Any:
        """The complete body of a path, or None. It is shared: copy it before a change."""
        return self._lists.get(path)

    def get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """Status code and body for a path and its query."""
        access = Access.of(path)
        if access.resource == "secrets" or (access.resource and self._forbidden(access)):
            return _failed(403, "Forbidden", _refusal(access))
        if path in ("/healthz", "/livez", "/readyz"):
            return 200, "ok"
        if not access.resource or access.subresource:
            found = None if access.subresource else self.body(path)
            return (200, found) if found else _failed(404, "NotFound", f"{_NOT_FOUND}: {path}")
        listed = self.body(access.list_path)
        if not listed:
            return _failed(404, "NotFound", _NOT_FOUND)
        items = [item for item in listed["items"] if _in(item, access.namespace)]
        if access.name:
            return self._single(listed, items, access)
        try:
            return self._page(listed, items, access, query)
        except (BadSelectorError, _BadPageError) as error:
            return _failed(400, "BadRequest", str(error))

    @staticmethod
    def _single(listed: Body, items: list[Body], access: Access) -> tuple[int, Body]:
        for item in items:
            if item["metadata"]["name"] == access.name:
                kind = {"kind": listed["kind"].removesuffix("List"), "apiVersion": listed["apiVersion"]}
                return 200, {**kind, **item}
        return _failed(404, "NotFound", f'{access.resource} "{access.name}" not found')

    @staticmethod
    def _page(listed: Body, items: list[Body], access: Access, query: Mapping[str, str]) -> tuple[int, Body]:
        selected = bool(query.get("labelSelector") or query.get("fieldSelector"))
        if labels := query.get("labelSelector"):
            items = list(filter(by_labels(labels), items))
        if fields := query.get("fieldSelector"):
            items = list(filter(by_fields(fields, access.resource), items))
        metadata = dict(listed.get("metadata", {}))
        limit = _limit(query.get("limit") or "0")
        # The metrics API computes its lists and does not page them.
        if access.group != "metrics.k8s.io":
            start = _start(query.get("continue", ""), access)
            left = len(items) - start - limit
            items = items[start : start + limit] if limit else items[start:]
            if limit and left > 0:
                metadata["continue"] = _token(start + limit, access)
                # A real server leaves the count out of a selected list.
                if not selected:
                    metadata["remainingItemCount"] = left
        return 200, {**listed, "metadata": metadata, "items": items}


def discovery(lists: Mapping[str, Body], cluster_scoped: Collection[str] = _CLUSTER_SCOPED) -> dict[str, Body]:
    """`/version`, `/api`, `/apis` and the resource lists that a client needs to find these lists."""
    found: dict[str, Body] = {
        "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.2", "platform": "linux/amd64"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/api/v1": _resources("v1"),
    }
    groups: dict[str, str] = {}
    for path, body in sorted(lists.items()):
        access = Access.of(path)
        if not access.resource:
            continue
        version = f"{access.group}/{access.version}" if access.group else access.version
        root = path.rsplit("/", 1)[0]
        listing = found.setdefault(root, _resources(version))
        listing["resources"].append(_resource(access.resource, body, cluster_scoped))
        if access.group:
            groups.setdefault(access.group, access.version)
    entries = [{"groupVersion": f"{group}/{version}", "version": version} for group, version in groups.items()]
    found["/apis"] = {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {"name": group, "versions": [entry], "preferredVersion": entry}
            for group, entry in zip(groups, entries, strict=True)
        ],
    }
    return found


def _resources(version: str) -> Body:
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": []}


def _resource(plural: str, body: Body, cluster_scoped: Collection[str]) -> Body:
    kind = body["kind"].removesuffix("List")
    items = body["items"]
    namespaced = bool(items[0]["metadata"].get("namespace")) if items else plural not in cluster_scoped
    names = {"name": plural, "singularName": kind.lower(), "kind": kind}
    short = {"shortNames": SHORT_NAMES[plural].split()} if plural in SHORT_NAMES else {}
    return {**names, **short, "namespaced": namespaced, "verbs": ["get", "list"]}


def _in(item: Body, namespace: str) -> bool:
    return not namespace or item["metadata"].get("namespace") == namespace


def _failed(code: int, reason: str, message: str) -> tuple[int, Body]:
    return code, status_body(code, reason, message)


def _refusal(access: Access) -> str:
    where = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    return (
        f'{access.resource} is forbidden: User "reader" cannot {access.verb} resource "{access.resource}"'
        f' in API group "{access.group}" {where}'
    )


def _token(start: int, access: Access) -> str:
    content = {"v": "served/v1", "start": start, "list": access.list_path, "in": access.namespace}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


class _BadPageError(ValueError):
    """`limit` or `continue` is not what a client may send."""


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text):
        raise _BadPageError("limit is not a whole number of at most 18 digits")
    return int(text)


def _start(token: str, access: Access) -> int:
    """Where a page begins. Raises _BadPageError for a token that was not created for this list."""
    if not token:
        return 0
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        content = None
    start = content.get("start") if isinstance(content, dict) else None
    if (
        not isinstance(content, dict)
        or (content.get("list"), content.get("in")) != (access.list_path, access.namespace)
        or type(start) is not int
        or start < 0
    ):
        raise _BadPageError("continue key is not valid")
    return start
