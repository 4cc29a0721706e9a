"""Differences between two forms of an object, and the same change made to a third, as plain data.

Lists of named entries are compared entry by entry, with the merge keys of Kubernetes' strategic merge patch; all other
lists are replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeVar

import msgspec

from readiness_kit.decoding import with_texts
from readiness_kit.kinds.meta import KubeObject

K = TypeVar("K", bound=msgspec.Struct)
Plain = dict[str, Any]
"""An object, or a part of one, as in JSON."""
Objects = Mapping[str, tuple[KubeObject, ...]]
"""The objects of a snapshot by kind (a key of `kinds.KINDS`), as `Snapshot.kept` holds them."""

MERGE_KEYS = {
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumeMounts": "mountPath",
    "volumes": "name",
}
"""Field -> merge key (`patchMergeKey` of the API types)."""
PORT_KEYS = ("containerPort", "port")
"""The merge keys of `ports`, in a container and in a Service."""


def plain(obj: msgspec.Struct) -> Plain:
    """An object as plain data with the names of JSON; fields with their default value are left out."""
    found: Plain = msgspec.json.decode(msgspec.json.encode(obj))
    return found


def from_plain(data: Plain, kind: type[K]) -> K:
    """Plain data as an object; fields that the kit does not keep are dropped."""
    return msgspec.convert(with_texts(data, kind), kind)


def entry_key(field: str, entries: Sequence[Any]) -> str:
    """The merge key of a list in this field; "" where the list is replaced as a whole."""
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        return ""
    keys = PORT_KEYS if field == "ports" else (MERGE_KEYS.get(field, ""),)
    return next((key for key in keys if key and all(key in entry for entry in entries)), "")


def changed(live: Any, before: Any, after: Any, field: str = "") -> Any:
    """`live` with the changes that lead from `before` to `after`, and nothing else changed.

    An entry of a list that is in `before` and in `after`, but not in `live`, is not added.
    """
    if before == after:
        return live
    if isinstance(before, dict) and isinstance(after, dict):
        return _changed_mapping(live if isinstance(live, dict) else {}, before, after)
    if isinstance(before, list) and isinstance(after, list):
        rows = list(live) if isinstance(live, list) else []
        if key := entry_key(field, [*before, *after, *rows]):
            return _changed_rows(rows, before, after, key)
    return after


def followed(live: K, before: K, after: K) -> K:
    """As `changed`, for Structs; `live` has at least their fields. Where it equals `before`, it becomes as `after`."""
    changes = {}
    for name in before.__struct_fields__:
        old, new, own = (getattr(value, name) for value in (before, after, live))
        if old != new and own != old:
            return from_plain(changed(plain(live), plain(before), plain(after)), type(live))
        if old != new:
            changes[name] = new
    return msgspec.structs.replace(live, **changes) if changes else live


def _changed_mapping(live: Plain, before: Plain, after: Plain) -> Plain:
    result = dict(live)
    for name in (*before, *(name for name in after if name not in before)):
        if name not in after:
            result.pop(name, None)
        elif name not in before and not isinstance(after[name], dict | list):
            result[name] = after[name]
        elif before.get(name) != after[name]:
            empty: Any = {} if isinstance(after[name], dict) else [] if isinstance(after[name], list) else None
            result[name] = changed(result.get(name, empty), before.get(name, empty), after[name], name)
    return result


def _numbered(rows: Sequence[Any], key: str) -> dict[tuple[Any, int], Any]:
    """Entries by key and number, because an entry may be there twice (`env`)."""
    numbered: dict[tuple[Any, int], Any] = {}
    for row in rows:
        number = 0
        while (row[key], number) in numbered:
            number += 1
        numbered[(row[key], number)] = row
    return numbered


def _changed_rows(live: list[Any], before: list[Any], after: list[Any], key: str) -> list[Any]:
    old, new, result = _numbered(before, key), _numbered(after, key), _numbered(live, key)
    for name in old.keys() - new.keys():
        result.pop(name, None)
    moved, order = _moved(list(old), list(new)), list(new)
    for position, name in enumerate(order):
        row = new[name]
        if name in old:
            if name not in result:
                continue
            row = changed(result[name], old[name], new[name])
        if name in moved:
            del result[name]
        if name in result:
            result[name] = row
        else:
            result = _inserted(result, name, row, order[:position])
    return list(result.values())


def _moved(old: list[Any], new: list[Any]) -> set[Any]:
    """The rows of both that have another place among the rest."""
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    if before == after:
        return set()
    blocks = SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks()
    return set(after) - {name for block in blocks for name in after[block.b : block.b + block.size]}


def _inserted(rows: dict[Any, Any], name: Any, row: Any, before: list[Any]) -> dict[Any, Any]:
    """The rows with a further one, after the last row of `before` that is there; at the start where there is none."""
    present = [known for known in before if known in rows]
    items = list(rows.items())
    position = list(rows).index(present[-1]) + 1 if present else 0
    return dict([*items[:position], (name, row), *items[position:]])
