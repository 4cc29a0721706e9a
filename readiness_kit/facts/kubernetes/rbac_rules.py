"""Whether an RBAC rule covers a request, as the API server's authorizer decides it.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from readiness_kit.kinds.access import PolicyRule

ALL = "*"


class ResourceRequest(msgspec.Struct, frozen=True):
    """A request for a resource; `group` "" is the core group, `name` "" a request for a whole list."""

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""
    name: str = ""


def allows_resource(rules: Iterable[PolicyRule], request: ResourceRequest) -> bool:
    """Whether one of the rules allows the request.

    `*` covers every resource and subresource, `*/scale` that subresource of every resource. `pods` does not cover
    `pods/log`, and `pods/*` is not a wildcard. A rule with `resourceNames` covers no request without a name.
    """
    return any(_covers(rule, request) for rule in rules)


def allows_path(rules: Iterable[PolicyRule], verb: str, path: str) -> bool:
    """Whether one of the rules allows the verb on a non-resource path such as `/metrics`."""
    return any(_has(rule.verbs, verb) and any(_path(url, path) for url in rule.non_resource_urls) for rule in rules)


def _covers(rule: PolicyRule, request: ResourceRequest) -> bool:
    return (
        _has(rule.verbs, request.verb)
        and _has(rule.api_groups, request.group)
        and _covers_resource(rule.resources, request)
        and (not rule.resource_names or request.name in rule.resource_names)
    )


def _covers_resource(resources: tuple[str, ...], request: ResourceRequest) -> bool:
    if not request.subresource:
        return _has(resources, request.resource)
    return _has(resources, f"{request.resource}/{request.subresource}") or f"*/{request.subresource}" in resources


def _has(listed: tuple[str, ...], value: str) -> bool:
    return ALL in listed or value in listed


def _path(url: str, path: str) -> bool:
    return url in (ALL, path) or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))
