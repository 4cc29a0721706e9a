"""What an API server answers over recorded lists: pages, selectors, single objects, access reviews, discovery."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from readiness_kit.serve.selectors import BadSelectorError, by_fields, by_labels

Body = dict[str, Any]
Source = Path | Mapping[str, Any]

_RESOURCE = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<subresource>.+))?)?$"
)
# Only what a made-up cluster may have with no item to tell from.
CLUSTER_SCOPED = frozenset(
    {
        "apiservices",
        "clusterrolebindings",
        "clusterroles",
        "csidrivers",
        "customresourcedefinitions",
        "ingressclasses",
        "namespaces",
        "nodes",
        "persistentvolumes",
        "priorityclasses",
        "runtimeclasses",
        "storageclasses",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "volumesnapshotclasses",
    }
)


@dataclass(frozen=True)
class Access:
    """What a request reaches for, in the words of RBAC. An empty namespace is the whole cluster."""

    group: str = ""
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    verb: str = "list"

    @classmethod
    def of(cls, path: str) -> Access:
        found = _RESOURCE.match(path)
        if not found:
            return cls()
        parts = {key: value or "" for key, value in found.groupdict().items()}
        return cls(**parts, verb="get" if parts["name"] else "list")

    @property
    def list_path(self) -> str:
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/{self.resource}"


@dataclass(frozen=True)
class Status:
    code: int
    reason: str
    message: str

    def body(self) -> Body:
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }


class Forbidden:
    """Which accesses are refused; secrets always are."""

    def __init__(self, rule: Collection[str] | Callable[[Access], bool]) -> None:
        self._rule = rule

    def __call__(self, access: Access) -> bool:
        if access.resource in ("", "secrets"):
            return access.resource == "secrets"
        if callable(self._rule):
            return self._rule(access)
        return access.resource in self._rule or f"{access.group}/{access.resource}" in self._rule


class Api:
    """GET answers and access reviews over the recorded lists."""

    def __init__(self, source: Source, overlay: Mapping[str, Any], forbidden: Forbidden) -> None:
        self._folder = source if isinstance(source, Path) else None
        if self._folder is not None and not self._folder.is_dir():
            raise FileNotFoundError(f"no recorded cluster at {self._folder}")
        given = {} if isinstance(source, Path) else source
        self._bodies: dict[str, Any] = {_rooted(path): body for path, body in {**given, **overlay}.items()}
        self._forbidden = forbidden

    def body(self, path: str) -> Any:
        """The whole recorded body of a path, or None. The same object every time: copy before you change it."""
        path = _rooted(path)
        if path not in self._bodies:
            self._bodies[path] = self._load(path) or self._synthesized.get(path)
        return self._bodies[path]

    def _load(self, path: str) -> Any:
        # The folder also holds things that are no part of the API, such as `prometheus/`.
        if self._folder is None or ".." in path or not re.match(r"^/(apis?(/|$)|version$)", path):
            return None
        file = self._folder / f"{path[1:]}.json"
        return json.loads(file.read_bytes()) if file.is_file() else None

    @cached_property
    def _synthesized(self) -> dict[str, Body]:
        """Discovery for a cluster that was given as lists only."""
        return {} if self._folder else discovery({path: body for path, body in self._bodies.items() if body})

    def get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        access = Access.of(path)
        if self._forbidden(access):
            return _failed(Status(403, "Forbidden", _refusal(access)))
        if path in ("/healthz", "/livez", "/readyz"):
            return 200, "ok"
        if not access.resource:
            found = self.body(path)
            return (200, found) if found else _failed(_not_found(path))
        if access.subresource:
            return _failed(_not_found(path))
        listed = self.body(access.list_path)
        if not listed:
            return _failed(Status(404, "NotFound", "the server could not find the requested resource"))
        items = [item for item in listed["items"] if _in(item, access.namespace)]
        if access.name:
            return self._single(listed, items, access)
        try:
            return self._page(listed, items, access, query)
        except BadSelectorError as error:
            return _failed(Status(400, "BadRequest", str(error)))

    @staticmethod
    def _single(listed: Body, items: list[Body], access: Access) -> tuple[int, Body]:
        for item in items:
            if item["metadata"]["name"] == access.name:
                kind = {"kind": listed["kind"].removesuffix("List"), "apiVersion": listed["apiVersion"]}
                return 200, {**kind, **item}
        return _failed(Status(404, "NotFound", f'{access.resource} "{access.name}" not found'))

    @staticmethod
    def _page(listed: Body, items: list[Body], access: Access, query: Mapping[str, str]) -> tuple[int, Body]:
        selected = bool(query.get("labelSelector") or query.get("fieldSelector"))
        if labels := query.get("labelSelector"):
            items = list(filter(by_labels(labels), items))
        if fields := query.get("fieldSelector"):
            items = list(filter(by_fields(fields, access.resource), items))
        metadata = dict(listed.get("metadata", {}))
        limit = int(query.get("limit") or 0)
        # The metrics API computes its lists and knows no pages.
        if access.group != "metrics.k8s.io":
            start = _start(query.get("continue", ""), access)
            if start is None:
                return _failed(Status(410, "Expired", "The provided continue parameter is too old or not valid."))
            left = len(items) - start - limit
            items = items[start : start + limit] if limit else items[start:]
            if limit and left > 0:
                metadata["continue"] = _token(start + limit, access)
                # Left out with a selector, where the real server does not know it.
                if not selected:
                    metadata["remainingItemCount"] = left
        return 200, {**listed, "metadata": metadata, "items": items}

    def review(self, resource: str, asked: Body) -> Body:
        """The answer to a SelfSubjectAccessReview or a SelfSubjectRulesReview, after the same rule as GET."""
        spec = asked.get("spec", {})
        if resource == "selfsubjectaccessreviews":
            wanted = spec.get("resourceAttributes", {})
            access = Access(
                group=wanted.get("group", ""),
                resource=wanted.get("resource", ""),
                namespace=wanted.get("namespace", ""),
                name=wanted.get("name", ""),
                subresource=wanted.get("subresource", ""),
                verb=wanted.get("verb", ""),
            )
            reads = access.verb in ("get", "list") and not access.subresource
            state: Body = {"allowed": bool(reads and self._known(access) and not self._forbidden(access))}
        else:
            rules = self._rules(spec.get("namespace", ""))
            state = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
        return {**asked, "status": state}

    def _known(self, access: Access) -> bool:
        return any(one.group == access.group and one.resource == access.resource for one in self._served())

    def _rules(self, namespace: str) -> list[Body]:
        granted = [one for one in self._served() if not self._forbidden(replace(one, namespace=namespace))]
        return [{"verbs": ["get", "list"], "apiGroups": [one.group], "resources": [one.resource]} for one in granted]

    def _served(self) -> list[Access]:
        paths = {path for path, body in self._bodies.items() if body}
        if self._folder:
            files = (f"/{file.relative_to(self._folder).with_suffix('')}" for file in self._folder.rglob("*.json"))
            paths |= {path for path in files if self.body(path)}
        found = (Access.of(path) for path in sorted(paths))
        return [access for access in found if access.resource and not access.name]


def discovery(lists: Mapping[str, Body], cluster_scoped: Collection[str] = CLUSTER_SCOPED) -> dict[str, Body]:
    """`/version`, `/api`, `/apis` and the resource lists that a client needs to find these lists."""
    found: dict[str, Body] = {
        "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.2", "platform": "linux/amd64"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/api/v1": _resources("v1", ()),
    }
    groups: dict[str, str] = {}
    for path, body in sorted(lists.items()):
        access = Access.of(path)
        if not access.resource:
            continue
        version = f"{access.group}/{access.version}" if access.group else access.version
        root = path.rsplit("/", 1)[0]
        listing = found.setdefault(root, _resources(version, ()))
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


def _resources(version: str, resources: Iterable[Body]) -> Body:
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list(resources)}


def _resource(plural: str, body: Body, cluster_scoped: Collection[str]) -> Body:
    kind = body["kind"].removesuffix("List")
    items = body["items"]
    namespaced = bool(items[0]["metadata"].get("namespace")) if items else plural not in cluster_scoped
    names = {"name": plural, "singularName": kind.lower(), "kind": kind}
    return {**names, "namespaced": namespaced, "verbs": ["get", "list"]}


def _rooted(path: str) -> str:
    return "/" + path.strip("/")


def _in(item: Body, namespace: str) -> bool:
    return not namespace or item["metadata"].get("namespace") == namespace


def _failed(status: Status) -> tuple[int, Body]:
    return status.code, status.body()


def _not_found(path: str) -> Status:
    return Status(404, "NotFound", f"the server could not find the requested resource: {path}")


def _refusal(access: Access) -> str:
    where = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    return (
        f'{access.resource} is forbidden: User "reader" cannot {access.verb} resource "{access.resource}"'
        f' in API group "{access.group}" {where}'
    )


def _token(start: int, access: Access) -> str:
    content = {"v": "served/v1", "start": start, "list": access.list_path, "in": access.namespace}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _start(token: str, access: Access) -> int | None:
    """Where a page begins; None for a token that was not made for this list."""
    if not token:
        return 0
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        return None
    same = isinstance(content, dict) and (content.get("list"), content.get("in")) == (
        access.list_path,
        access.namespace,
    )
    return int(content["start"]) if same else None
