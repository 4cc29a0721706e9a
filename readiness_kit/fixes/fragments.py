"""Merges fragments of values: maps merge, lists keep all entries and merge by key, two different values are an error.

Helm itself replaces lists, so a fragment must hold the entries that the running object has; `with_running_entries`
adds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from readiness_kit.errors import DefectError
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.model import Fragment

KEYS = ("name", "key", "containerPort", "port")
"""By the first of these that all entries of a list have, its entries are merged; others are compared as a whole."""
Path = tuple[str, ...]


class ConflictError(DefectError):
    """Two sources set one path to different values."""


def merged(fragments: Iterable[tuple[str, Fragment]]) -> Fragment:
    """One fragment of several, each with the id of its fix.

    Raises ConflictError, an error of the catalogue, where two of them set one path to different values.
    """
    owners: dict[Path, str] = {}
    whole: Fragment = {}
    for fix, fragment in fragments:
        whole = _map(whole, fragment, (), fix, owners)
    return whole


def paths(fragment: Fragment, prefix: Path = ()) -> Iterable[Path]:
    """The paths of all values other than maps; a list is one value, an empty map is one as well."""
    for key, value in fragment.items():
        if isinstance(value, Mapping) and value:
            yield from paths(dict(value), (*prefix, key))
        else:
            yield (*prefix, key)


def _map(below: Fragment, above: Fragment, path: Path, fix: str, owners: dict[Path, str]) -> Fragment:
    whole = dict(below)
    for key, value in above.items():
        here = (*path, key)
        whole[key] = _value(whole[key], value, here, fix, owners) if key in whole else value
        owners.setdefault(here, fix)
    return whole


def _value(below: Any, above: Any, path: Path, fix: str, owners: dict[Path, str]) -> Any:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return _map(dict(below), dict(above), path, fix, owners)
    if isinstance(below, list) and isinstance(above, list):
        return _list(below, above, path, fix, owners)
    if below != above or type(below) is not type(above):
        first = owners.get(path) or owners.get(path[:1], "an earlier fix")
        raise ConflictError(
            f"the fixes {first} and {fix} set {'.'.join(path)} to different values", "please report this defect"
        )
    return below


def _list(below: list[Any], above: list[Any], path: Path, fix: str, owners: dict[Path, str]) -> list[Any]:
    key = merge_key([*below, *above])
    if key is None:
        return [*below, *(item for item in above if item not in below)]
    whole = {item[key]: item for item in below}
    for item in above:
        name = item[key]
        found = whole.get(name)
        whole[name] = item if found is None else _map(found, item, (*path, str(name)), fix, owners)
    return list(whole.values())


def merge_key(entries: list[Any]) -> str | None:
    """The field that identifies the entries of a list; None where they have none in common."""
    maps = [entry for entry in entries if isinstance(entry, Mapping)]
    if len(maps) < len(entries):
        return None
    for key in KEYS:
        values = [entry.get(key) for entry in maps]
        if all(isinstance(value, (str, int)) for value in values):
            return key
    return None


# --- the lists of the running object --------------------------------------------------------------


def with_running_entries(fragment: Fragment, facts: ClusterFacts) -> Fragment:
    """The fragment, with the entries that its lists have in the running pod template, so that none is lost."""
    spec = facts.weaviate.spec
    running = {
        "affinity": msgspec.to_builtins(spec.affinity) if spec.affinity else {},
        "tolerations": msgspec.to_builtins(list(spec.tolerations)),
    }
    return {key: _completed(value, running.get(key)) for key, value in fragment.items()}


def _completed(value: Any, running: Any) -> Any:
    if isinstance(value, dict) and isinstance(running, dict):
        return {key: _completed(inner, running.get(key)) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(running, (list, tuple)):
        return [*running, *(item for item in value if item not in running)]
    return value
