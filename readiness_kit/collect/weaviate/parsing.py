"""From the JSON of a Weaviate server to what is kept of it: pure functions, called by `Client.read`.

They raise msgspec.ValidationError, AttributeError or TypeError for JSON of another form. Go writes empty lists as
null and missing times as year 1: both are taken as missing.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, TypeVar

import msgspec

from readiness_kit.kinds import weaviate as kinds
from readiness_kit.redact import redact_text

T = TypeVar("T")

_SCHEMES = re.compile(r"available methods: \[([^\[\]]*)\]")
_RESOURCES = (
    "aliases backups collections data groups namespaces nodes replicate roles tenants users".split()
)  # of a permission
_EVERYTHING = ("*", ".*", "verbose", "all")


def schemes(message: str) -> tuple[str, ...]:
    """The authentication schemes that the message of a 401 names."""
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
    own = roles([role for role in raw.get("roles", []) if isinstance(role, dict)])
    permissions = sorted({permission for role in own for permission in role.permissions}, key=_order)
    return kinds.OwnInfo(tuple(sorted(_named(raw.get("roles", [])))), tuple(permissions), len(raw.get("groups", [])))


def nodes(raw: Any) -> kinds.Nodes:
    return _kept(_mapping(raw), kinds.Nodes)


def statistics(raw: Any, polls: int) -> kinds.Statistics:
    raw = _clean(_mapping(raw))
    for node in raw.get("statistics", []):
        raft = node.get("raft", {})
        # Typed "object" in the specification; it is of use only as the list of servers.
        if not isinstance(raft.get("latestConfiguration"), list):
            raft.pop("latestConfiguration", None)
        if not isinstance(node.get("leaderId"), str):
            node.pop("leaderId", None)
    return msgspec.structs.replace(_kept(raw, kinds.Statistics), polls=polls)


def schema(raw: Any, from_leader: bool) -> kinds.Schema:
    classes = [_collection(found) for found in _clean(_mapping(raw)).get("classes", [])]
    return kinds.Schema(tuple(classes), from_leader)


def _collection(raw: dict[str, Any]) -> kinds.CollectionSchema:
    properties = sorted(f"{found.get('name')}:{found.get('dataType')}" for found in raw.get("properties", []))
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
    """Only the name is kept of `{"text2vec-openai": {…}}`."""
    return next(iter(vectorizer), "") if isinstance(vectorizer, dict) else str(vectorizer or "")


def backups(raw: Any) -> tuple[kinds.BackupEntry, ...]:
    """Newest first; entries without a time stay in their order behind those with one."""
    entries = _kept(raw or [], tuple[kinds.BackupEntry, ...])
    dated = [entry for entry in entries if entry.started_at or entry.completed_at]
    dated.sort(key=lambda entry: (entry.started_at or entry.completed_at, entry.id), reverse=True)
    return (*dated, *(entry for entry in entries if not (entry.started_at or entry.completed_at)))


def restore_status(raw: Any) -> str:
    return str(_mapping(raw).get("status") or "")


def roles(raw: Any) -> tuple[kinds.Role, ...]:
    found = []
    for role in _clean(raw) or []:
        permissions = {_permission(permission) for permission in role.get("permissions", [])}
        found.append(kinds.Role(str(role.get("name", "")), tuple(sorted(permissions, key=_order))))
    return tuple(sorted(found, key=lambda role: role.name))


def _order(permission: kinds.Permission) -> tuple[str, bool]:
    return permission.action, permission.wide


def _permission(raw: dict[str, Any]) -> kinds.Permission:
    """A permission is wide where it covers every name (`*`), verbose nodes and complete roles."""
    values = [
        value for resource in _RESOURCES for field, value in raw.get(resource, {}).items() if field != "groupType"
    ]
    return kinds.Permission(str(raw.get("action", "")), all(value in _EVERYTHING for value in values))


def assignments(raw: Any) -> int:
    """The number of users that have a role; the same user id of two kinds counts once."""
    return len({user.get("userId") if isinstance(user, dict) else user for user in _clean(raw) or []})


def users(raw: Any) -> tuple[kinds.User, ...]:
    listed = [{**user, "kind": user.get("dbUserType", "")} for user in _clean(raw) or []]
    found = _kept(listed, tuple[kinds.User, ...])
    # The server sorts by name, and names are not kept.
    return tuple(sorted(found, key=lambda user: (user.kind, user.roles, user.active, str(user.created_at))))


def tasks(raw: Any) -> dict[str, tuple[kinds.Task, ...]]:
    return _kept(_mapping(raw), dict[str, tuple[kinds.Task, ...]])


def _named(roles: list[Any]) -> list[str]:
    return [str(role.get("name", "")) if isinstance(role, dict) else str(role) for role in roles]


def _mapping(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise msgspec.ValidationError(f"a mapping was expected, not {type(raw).__name__}")
    return raw


def _kept(raw: Any, kind: type[T]) -> T:
    return msgspec.convert(_clean(raw), kind, strict=False)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items() if not _is_missing(item)}
    if isinstance(value, list):
        return [_clean(item) for item in value if not _is_missing(item)]
    return value


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.startswith("0001-01-01T"))
