"""What fixes change in the objects, field by field with the recorded value; and patches for objects of other origin.

An installation that is not from the official chart has no values: its owner gets a strategic-merge patch for each of
the objects that change, and a manifest for each that is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from readiness_kit.fixes.merge import merge_key
from readiness_kit.fixes.model import Change, Fragment
from readiness_kit.fixes.projection import Objects
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject

LIST_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
}
"""The lists that a strategic merge patch merges, with their key; any other list is replaced as a whole."""
IGNORED = ("status",)


def changes(before: Objects, after: Objects) -> tuple[Change, ...]:
    """Every field that differs, of the objects that are in both; in the order of the kinds."""
    found = []
    for key, old, new in _pairs(before, after):
        if old is not None and new is not None:
            for path, first, second in _fields(old, new, ()):
                found.append(Change(KINDS[key].kind, new["metadata"]["name"], ".".join(path), first, second))
    return tuple(found)


class ObjectPatch(NamedTuple):
    """A strategic-merge patch of an object that exists, or a manifest of a new one (`is_new`)."""

    is_new: bool
    body: Fragment


def patches(before: Objects, after: Objects) -> tuple[ObjectPatch, ...]:
    """What has to be applied to get from the objects before to those after; an object that is gone has none."""
    found = []
    for key, old, new in _pairs(before, after):
        kind = KINDS[key]
        head = {"apiVersion": f"{kind.group}/{kind.version}" if kind.group else kind.version, "kind": kind.kind}
        if old is None and new is not None:
            body = {**head, **{name: value for name, value in new.items() if name not in IGNORED}}
            found.append(ObjectPatch(True, body))
        elif new is not None and (body := _patch(old, new)):
            metadata = {name: new["metadata"][name] for name in ("name", "namespace") if name in new["metadata"]}
            found.append(ObjectPatch(False, {**head, **body, "metadata": {**metadata, **body.get("metadata", {})}}))
    return tuple(found)


def _pairs(before: Objects, after: Objects) -> Iterator[tuple[str, Any, Any]]:
    """(key, old, new) as plain data for the objects that differ; pods follow their workload and are left out."""
    for key in KINDS:
        if key == "pods" or before.get(key) == after.get(key):
            continue
        old = {(item.metadata.namespace, item.metadata.name): item for item in before.get(key, ())}
        new = {(item.metadata.namespace, item.metadata.name): item for item in after.get(key, ())}
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                first, second = old.get(name), new.get(name)
                yield key, _plain(first), _plain(second)


def _plain(item: KubeObject | None) -> Any:
    return None if item is None else msgspec.to_builtins(item)


def _fields(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if (path or key not in IGNORED) and old.get(key) != new.get(key):
                yield from _fields(old.get(key), new.get(key), (*path, key))
    elif (key := _list_key(path, old, new)) is not None:
        first, second = ({item[key]: item for item in items} for items in (old, new))
        for name in dict.fromkeys([*first, *second]):
            if first.get(name) != second.get(name):
                yield from _fields(first.get(name), second.get(name), (*path[:-1], f"{path[-1]}[{name}]"))
    else:
        yield path, old, new


def _patch(old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...] = ()) -> Fragment:
    changed: Fragment = {}
    for key in dict.fromkeys([*old, *new]):
        first, second = old.get(key), new.get(key)
        if first == second or (not path and key in IGNORED):
            continue
        here = (*path, key)
        if isinstance(first, Mapping) and isinstance(second, Mapping):
            changed[key] = _patch(first, second, here)
        elif (field := _list_key(here, first, second)) is not None:
            changed[key] = _list_patch(first, second, field, here)
        else:
            changed[key] = second
    return changed


def _list_patch(old: Any, new: Any, field: str, path: tuple[str, ...]) -> list[Any]:
    first = {item[field]: item for item in old}
    left = {item[field] for item in new}
    entries = [
        {field: item[field], **_patch(first[item[field]], item, path)} if item[field] in first else item
        for item in new
        if first.get(item[field]) != item
    ]
    return [*entries, *({field: name, "$patch": "delete"} for name in first if name not in left)]


def _list_key(path: tuple[str, ...], old: Any, new: Any) -> str | None:
    """The field by which a strategic merge patch merges this list; None where it replaces it."""
    key = LIST_KEYS.get(path[-1]) if path else None
    if key is None or not isinstance(old, (list, tuple)) or not isinstance(new, (list, tuple)):
        return None
    return key if merge_key([*old, *new]) is not None and all(key in item for item in (*old, *new)) else None
