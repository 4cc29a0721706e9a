"""An API over made-up or recorded lists: a folder as source, an overlay, refusals by name, access reviews."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from readiness_kit.serve.api import Access, Api, Body, discovery

Source = Path | Mapping[str, Any]
Forbidden = Collection[str] | Callable[[Access], bool]


class RecordedApi(Api):
    """Serves `source`: a folder of recordings, or path -> list body.

    overlay:   path -> body that replaces a recorded one; None removes the path
    forbidden: names such as `pods` or `apps/statefulsets`, or a callable that is True for a refused Access
    """

    def __init__(self, source: Source, overlay: Mapping[str, Any], forbidden: Forbidden) -> None:
        self._folder = source if isinstance(source, Path) else None
        if self._folder is not None and not self._folder.is_dir():
            raise FileNotFoundError(f"no recorded cluster at {self._folder}")
        given = {} if isinstance(source, Path) else source
        self._bodies: dict[str, Any] = {_rooted(path): body for path, body in {**given, **overlay}.items()}
        super().__init__(self._bodies, forbidden if callable(forbidden) else _by_name(forbidden))

    def body(self, path: str) -> Any:
        """The complete body of a path: given, recorded or synthesized."""
        path = _rooted(path)
        if path not in self._bodies:
            self._bodies[path] = self._load(path) or self._synthesized.get(path)
        return self._bodies[path]

    def _load(self, path: str) -> Any:
        # The folder also holds files that are no part of the API, such as `prometheus/`.
        if self._folder is None or ".." in path or not re.match(r"^/(apis?(/|$)|version$)", path):
            return None
        file = self._folder / f"{path[1:]}.json"
        return json.loads(file.read_bytes()) if file.is_file() else None

    @cached_property
    def _synthesized(self) -> dict[str, Body]:
        """Discovery for a cluster that was given as lists only."""
        return {} if self._folder else discovery({path: body for path, body in self._bodies.items() if body})

    def review(self, resource: str, review: Body) -> Body:
        """The answer to a SelfSubjectAccessReview or a SelfSubjectRulesReview, by the same rule as GET."""
        spec = review.get("spec", {})
        if resource == "selfsubjectaccessreviews":
            attributes = spec.get("resourceAttributes", {})
            names = ("group", "resource", "namespace", "name", "subresource", "verb")
            access = Access(**{name: attributes.get(name, "") for name in names})
            reads = access.verb in ("get", "list") and not access.subresource
            state: Body = {"allowed": bool(reads and self._serves(access) and not self._refuses(access))}
        else:
            rules = self._rules(spec.get("namespace", ""))
            state = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
        return {**review, "status": state}

    def _refuses(self, access: Access) -> bool:
        return access.resource == "secrets" or self._forbidden(access)

    def _serves(self, access: Access) -> bool:
        return any((each.group, each.resource) == (access.group, access.resource) for each in self._served())

    def _rules(self, namespace: str) -> list[Body]:
        granted = [each for each in self._served() if not self._refuses(replace(each, namespace=namespace))]
        return [{"verbs": ["get", "list"], "apiGroups": [each.group], "resources": [each.resource]} for each in granted]

    def _served(self) -> list[Access]:
        paths = {path for path, body in self._bodies.items() if body}
        if self._folder:
            files = (f"/{file.relative_to(self._folder).with_suffix('')}" for file in self._folder.rglob("*.json"))
            paths |= {path for path in files if self.body(path)}
        accesses = (Access.of(path) for path in sorted(paths))
        return [access for access in accesses if access.resource and not access.name]


def _by_name(names: Collection[str]) -> Callable[[Access], bool]:
    return lambda access: access.resource in names or f"{access.group}/{access.resource}" in names


def _rooted(path: str) -> str:
    return "/" + path.strip("/")
