"""What fixes change in the objects, field by field with the recorded value, and the objects that they create."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_kit.fixes.merging import Objects, entry_key, plain
from readiness_kit.fixes.model import Change, Fragment
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject

IGNORED = ("status",)
CHECKSUM = "checksum/config"
"""An annotation that only follows the configuration."""


def changes(before: Objects, after: Objects) -> tuple[Change, ...]:
    """Every field that differs, of the objects that are in both; in the order of the kinds."""
    found = []
    for key, old, new in _pairs(before, after):
        if old is not None and new is not None:
            for path, first, second in _fields(plain(old), plain(new), ()):
                found.append(Change(KINDS[key].kind, new.metadata.name, ".".join(path), first, second))
    return tuple(change for change in found if CHECKSUM not in change.path)


def created(before: Objects, after: Objects) -> tuple[Fragment, ...]:
    """A manifest for each object that only the state after has."""
    found = []
    for key, old, new in _pairs(before, after):
        if old is None and new is not None:
            body = {name: value for name, value in plain(new).items() if name not in IGNORED}
            found.append({"apiVersion": KINDS[key].api, "kind": KINDS[key].kind, **body})
    return tuple(found)


def _pairs(before: Objects, after: Objects) -> Iterator[tuple[str, KubeObject | None, KubeObject | None]]:
    """(key, old, new) of the objects that differ; pods follow their workload and are left out."""
    for key in KINDS:
        if key == "pods" or before.get(key) is after.get(key):
            continue
        old = {(item.metadata.namespace, item.metadata.name): item for item in before.get(key, ())}
        new = {(item.metadata.namespace, item.metadata.name): item for item in after.get(key, ())}
        for name in dict.fromkeys([*old, *new]):
            first, second = old.get(name), new.get(name)
            if first is not second and first != second:
                yield key, first, second


def _fields(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if (path or key not in IGNORED) and old.get(key) != new.get(key):
                yield from _fields(old.get(key), new.get(key), (*path, key))
    elif key := _list_key(path, old, new):
        first, second = ({item[key]: item for item in items} for items in (old, new))
        for name in dict.fromkeys([*first, *second]):
            if first.get(name) != second.get(name):
                yield from _fields(first.get(name), second.get(name), (*path[:-1], f"{path[-1]}[{name}]"))
    else:
        yield path, old, new


def _list_key(path: tuple[str, ...], old: Any, new: Any) -> str:
    both = isinstance(old, (list, tuple)) and isinstance(new, (list, tuple))
    return entry_key(path[-1], [*old, *new]) if both and path else ""
