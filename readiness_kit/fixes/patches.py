"""Strategic merge patches that lead from one state of the objects to another, for `kubectl patch` and Kustomize.

For installations that no Helm values describe. A patch names the changed paths only; null removes a field.
"""

from __future__ import annotations

from typing import Any

import msgspec

from readiness_kit.fixes.merging import Objects, Plain, entry_key, plain
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject

DIRECTIVE = "$patch"


class Patch(msgspec.Struct, frozen=True):
    """The change of one object; `body` is the patch, with `apiVersion`, `kind` and the name of the object."""

    kind: str
    namespace: str
    name: str
    body: dict[str, Any]


def patches(before: Objects, after: Objects) -> tuple[Patch, ...]:
    """The patches of the objects that are in both states and differ, in the order of `before`.

    Objects in one state only need a manifest or a deletion instead. A patch consists of the fields that the kit keeps:
    a field that redaction hides or that no Struct names is neither compared nor changed.
    """
    found = []
    for key, objects in before.items():
        new = {_name(obj): obj for obj in after.get(key, ())}
        pairs = ((obj, new[_name(obj)]) for obj in objects if _name(obj) in new)
        found += [_patch(key, old, changed) for old, changed in pairs if old != changed]
    return tuple(found)


def _name(obj: KubeObject) -> tuple[str, str]:
    return obj.metadata.namespace, obj.metadata.name


def _patch(key: str, before: KubeObject, after: KubeObject) -> Patch:
    kind = KINDS[key]
    old, new = _complete(before), _complete(after)
    for part in (old, new):
        part.pop("status", None)
    changes = _difference(old, new, "")
    namespace, name = _name(before)
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {}) | changes.pop("metadata", {})
    body = {"apiVersion": kind.api, "kind": kind.kind, "metadata": metadata, **changes}
    return Patch(kind.kind, namespace, name, body)


class _Complete(dict[str, Any]):
    """All fields of a Struct; `brief` are those that differ from their default value."""

    brief: Plain


def _complete(value: Any) -> Any:
    """A value as plain data with the fields that have their default value; what is empty is None.

    A Struct without fields, of which only the presence is kept, becomes an empty map.
    """
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(type(value))
        complete = _Complete({field.encode_name: _complete(getattr(value, field.name)) for field in fields})
        complete.brief = plain(value)
        return complete
    if isinstance(value, tuple):
        return [_complete(item) for item in value] or None
    return None if value in ("", {}) else value


def _present(value: Any) -> Any:
    """The value without the fields that have their default value."""
    if isinstance(value, _Complete):
        return value.brief
    return [_present(item) for item in value] if isinstance(value, list) else value


def _difference(before: Any, after: Any, field: str) -> Any:
    """The patch from one form of a field to the other; the forms differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = (*before, *(name for name in after if name not in before))
        changed = (name for name in names if before.get(name) != after.get(name))
        return {name: _difference(before.get(name), after.get(name), name) for name in changed}
    if isinstance(after, list):
        rows = before if isinstance(before, list) else []
        key = entry_key(field, [*rows, *after])
        return _row_patches(rows, after, key) if key else _present(after)
    return _present(after)


def _row_patches(before: list[Plain], after: list[Plain], key: str) -> list[Plain]:
    """The patch of a list of named entries. Names that occur twice cannot be addressed: the list is replaced."""
    old, new = {row[key]: row for row in before}, {row[key]: row for row in after}
    if len(old) < len(before) or len(new) < len(after):
        return [*map(_present, after), {DIRECTIVE: "replace"}]
    removed = [{key: name, DIRECTIVE: "delete"} for name in old if name not in new]
    changed = [
        {key: name, **_difference(old[name], row, "")} if name in old else _present(row)
        for name, row in new.items()
        if old.get(name) != row
    ]
    return [*changed, *removed]
