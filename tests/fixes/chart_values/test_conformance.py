"""Applying a folder's values to the default installation gives the objects that the chart renders for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.errors import ConfigError
from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.chart_values.defaults import defaults
from tests.support.chart import CURATED, NAMESPACE, SHARED, by_name, rendered, values_of

KEYS = SHARED.parents[1] / "keys-17.8.3.txt"

REFUSED = {
    "ignored-keys": "The chart does not read replicaCount. Use replicas.",
    "topology-spread-custom": "The chart does not read topologySpreadConstraints.",
}
"""Folders with keys that the chart ignores silently; the kit names them instead."""

NOT_UNDONE = {
    "backup-s3-service-account": "the objects do not show which of the two values names the service account",
}
needs_keys = pytest.mark.skipif(
    not KEYS.is_file(), reason="the chart's keys are not beside the checkout (../shared/chart)"
)


def folders() -> list[Path]:
    found = [path for path in sorted(CURATED.iterdir()) if path.is_dir()]
    return found + (sorted(SHARED.iterdir()) if SHARED.is_dir() else [])


def projected(folder: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    return by_name(apply_values(rendered(folder.parent / "default"), values, namespace=NAMESPACE))


@pytest.mark.parametrize("folder", folders(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_projection_equals_what_the_chart_renders(folder: Path) -> None:
    values = values_of(folder)
    if folder.name in REFUSED:
        with pytest.raises(ConfigError, match=REFUSED[folder.name]):
            projected(folder, values)
        values = {"replicas": values["replicas"]} if "replicas" in values else {}
    assert projected(folder, values) == by_name(rendered(folder))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the rendered manifests are not beside the checkout (../shared/chart)")
def test_every_rendered_folder_is_reached() -> None:
    rows = (SHARED.parents[1] / "index-17.8.3.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {row.split("\t")[0] for row in rows} == {path.name for path in folders() if path.parent == SHARED}


def test_values_make_the_same_of_every_installation_whose_values_they_replace() -> None:
    """From any folder to any other one that sets at least the same values."""
    for group in (CURATED, SHARED):
        values = {path: values_of(path) for path in folders() if path.parent == group and path.name not in REFUSED}
        set_by = {path: {".".join(found) for found in leaf_paths(values[path])} for path in values}
        pairs = [(first, second) for first in values for second in values if set_by[first] <= set_by[second]]
        assert not values or len(pairs) > len(values)
        for first, second in pairs:
            found = by_name(apply_values(rendered(first), values[second], namespace=NAMESPACE))
            assert found == by_name(rendered(second)), f"from {first.name} to {second.name}"


def chart_keys() -> dict[str, Any]:
    lines = (line.split(" = ", 1) for line in KEYS.read_text(encoding="utf-8").splitlines())
    return {path: json.loads(value) for path, value in lines}


@needs_keys
@pytest.mark.parametrize(
    "folder", [path for path in folders() if path.name not in (*REFUSED, *NOT_UNDONE)], ids=lambda path: path.name
)
def test_the_default_values_undo_every_folder(folder: Path) -> None:
    fragment: dict[str, Any] = {}
    for path in leaf_paths(values_of(folder)):
        for name, value in default_of(path, chart_keys()):
            put(fragment, name, value)
    found = by_name(apply_values(rendered(folder), fragment, namespace=NAMESPACE))
    assert found == by_name(rendered(folder.parent / "default"))


def default_of(path: tuple[str, ...], keys: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The default values at a path and below it; null at the first part of the path that has none."""
    for length in range(1, len(path) + 1):
        prefix = ".".join(path[:length])
        below = [key for key in keys if key.startswith(f"{prefix}.")]
        if prefix not in keys and not below:
            yield path[:length], None
            return
    dotted = ".".join(path)
    for key in keys:
        if key == dotted or key.startswith(f"{dotted}."):
            yield tuple(key.split(".")), keys[key]


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


@needs_keys
def test_the_default_values_are_those_of_the_chart() -> None:
    chart = chart_keys()
    own = {".".join(path): value for path, value in leaves(defaults())}
    assert {path: chart[path] for path in own} == own


def leaves(values: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def leaf_paths(values: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [path for path, _ in leaves(values)]
