"""From the JSON of a Weaviate server to what is kept of it. Pure; raises msgspec.ValidationError where it cannot be.

Go writes empty lists as null and missing times as year 1: both are taken for "not there".
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, TypeVar

import msgspec

from readiness_kit.kinds import weaviate as kinds
from readiness_kit.redact import redact_text

T = TypeVar("T")

_SCHEMES = re.compile(r"available methods: \[([^\]]*)\]")
_RESOURCES = (
    "aliases backups collections data groups namespaces nodes replicate roles tenants users".split()
)  # of a permission
_EVERYTHING = ("*", ".*", "verbose", "all")


def schemes(message: str) -> tuple[str, ...]:
    """The ways to sign in that the message of a 401 names."""
    found = _SCHEMES.search(message)
    return tuple(part.strip() for part in found[1].split(",") if part.strip()) if found else ()


def openid(raw: Any) -> kinds.OpenIdConfiguration:
    found = _kept(raw, kinds.OpenIdConfiguration)
    return msgspec.structs.replace(found, configured=True, href=redact_text(found.href))


def meta(raw: Any) -> kinds.Meta:
    modules = raw.get("modules") if isinstance(raw, dict) else None
    shown = {
        name: {**value, "failed": "error" in value}
        for name, value in (modules if isinstance(modules, dict) else {}).items()
        if isinstance(value, dict)
    }
    found = _kept({**_mapping(raw), "modules": shown}, kinds.Meta)
    cleaned = {
        name: msgspec.structs.replace(module, endpoint=redact_text(module.endpoint))
        for name, module in found.modules.items()
    }
    return msgspec.structs.replace(found, modules=cleaned)


def own_info(raw: Any) -> kinds.OwnInfo:
    raw = _clean(_mapping(raw))
    own = roles([one for one in raw.get("roles", []) if isinstance(one, dict)])
    permissions = sorted({one for role in own for one in role.permissions}, key=_order)
    return kinds.OwnInfo(tuple(sorted(_named(raw.get("roles", [])))), tuple(permissions), len(raw.get("groups", [])))


def nodes(raw: Any) -> kinds.Nodes:
    return _kept(_mapping(raw), kinds.Nodes)


def statistics(raw: Any, polls: int) -> kinds.Statistics:
    raw = _clean(_mapping(raw))
    for one in raw.get("statistics", []):
        raft = one.get("raft", {})
        # Typed "object" in the specification; only the list of servers says something.
        if not isinstance(raft.get("latestConfiguration"), list):
            raft.pop("latestConfiguration", None)
        if not isinstance(one.get("leaderId"), str):
            one.pop("leaderId", None)
    return msgspec.structs.replace(_kept(raw, kinds.Statistics), polls=polls)


def schema(raw: Any, from_leader: bool) -> kinds.Schema:
    classes = [_collection(one) for one in _clean(_mapping(raw)).get("classes", [])]
    return kinds.Schema(tuple(classes), from_leader)


def _collection(raw: dict[str, Any]) -> kinds.CollectionSchema:
    properties = sorted(f"{one.get('name')}:{one.get('dataType')}" for one in raw.get("properties", []))
    vectors = {
        name: {**vector, "vectorizer": _module(vector.get("vectorizer"))}
        for name, vector in raw.get("vectorConfig", {}).items()
    }
    kept = {
        **raw,
        "vectorConfig": vectors,
        "propertyCount": len(properties),
        "propertySet": hashlib.sha256("\n".join(properties).encode()).hexdigest()[:12] if properties else "",
    }
    return _kept(kept, kinds.CollectionSchema)


def _module(vectorizer: Any) -> str:
    """`{"text2vec-openai": {…}}`, of which only the name is kept."""
    return next(iter(vectorizer), "") if isinstance(vectorizer, dict) else str(vectorizer or "")


def backups(raw: Any) -> tuple[kinds.BackupEntry, ...]:
    """Newest first; entries without a time stay in their order behind those with one."""
    entries = _kept(raw, tuple[kinds.BackupEntry, ...])
    dated = [one for one in entries if one.started_at or one.completed_at]
    dated.sort(key=lambda one: (one.started_at or one.completed_at, one.id), reverse=True)
    return (*dated, *(one for one in entries if not (one.started_at or one.completed_at)))


def restore_status(raw: Any) -> str:
    return str(_mapping(raw).get("status") or "")


def roles(raw: Any) -> tuple[kinds.Role, ...]:
    found = []
    for one in _clean(raw) or []:
        permissions = {_permission(permission) for permission in one.get("permissions", [])}
        found.append(kinds.Role(str(one.get("name", "")), tuple(sorted(permissions, key=_order))))
    return tuple(sorted(found, key=lambda role: role.name))


def _order(permission: kinds.Permission) -> tuple[str, bool]:
    return permission.action, permission.wide


def _permission(raw: dict[str, Any]) -> kinds.Permission:
    """Wide: each name that it is about is `*`, nodes are listed verbosely, roles in whole."""
    values = [
        value for resource in _RESOURCES for field, value in raw.get(resource, {}).items() if field != "groupType"
    ]
    return kinds.Permission(str(raw.get("action", "")), all(value in _EVERYTHING for value in values))


def assignments(raw: Any) -> int:
    """To how many users a role is assigned; the same user of two kinds is one."""
    return len({one.get("userId") if isinstance(one, dict) else one for one in _clean(raw) or []})


def users(raw: Any) -> tuple[kinds.User, ...]:
    listed = [{**one, "kind": one.get("dbUserType", "")} for one in _clean(raw) or []]
    found = _kept(listed, tuple[kinds.User, ...])
    # The order of the list would follow the names.
    return tuple(sorted(found, key=lambda one: (one.kind, one.roles, one.active, str(one.created_at))))


def tasks(raw: Any) -> dict[str, tuple[kinds.Task, ...]]:
    return _kept(_mapping(raw), dict[str, tuple[kinds.Task, ...]])


def _named(roles: list[Any]) -> list[str]:
    return [str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in roles]


def _mapping(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise msgspec.ValidationError(f"a mapping was expected, not {type(raw).__name__}")
    return raw


def _kept(raw: Any, kind: type[T]) -> T:
    return msgspec.convert(_clean(raw), kind, strict=False)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items() if not _nothing(item)}
    if isinstance(value, list):
        return [_clean(item) for item in value if not _nothing(item)]
    return value


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.startswith("0001-01-01T"))
