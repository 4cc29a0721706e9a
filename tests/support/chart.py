"""Objects that the official chart renders, read as the kit reads a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from readiness_kit import bundles
from readiness_kit.documents import parse_yaml
from readiness_kit.fixes.merging import Objects

ROOT = Path(__file__).resolve().parents[2]
CURATED = ROOT / "tests" / "data" / "chart"
NAMESPACE = "weaviate"
"""The namespace that the manifests were rendered for."""
SHARED = ROOT.parent / "shared" / "chart" / "renders" / "17.8.3"


@cache
def rendered(folder: Path) -> Objects:
    """The objects of the manifests in a folder."""
    return bundles.load(folder / "manifests.yaml").kept


def values_of(folder: Path) -> dict[str, Any]:
    """The values of a folder as one fragment: `values.yaml`, then `values-2.yaml` where there is one."""
    found: dict[str, Any] = {}
    for file in (folder / "values.yaml", folder / "values-2.yaml"):
        if file.exists():
            found = with_nulls(found, parse_yaml(file.read_text(encoding="utf-8"), file.name) or {})
    return found


def with_nulls(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two fragments as one: maps are merged, everything else replaced; null stays, as it removes a default."""
    merged = dict(first)
    for name, value in second.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = with_nulls(merged[name], value) if both else value
    return merged


def by_name(objects: Objects) -> dict[str, dict[tuple[str, str], Any]]:
    """The objects without their order; kinds without an object are left out."""
    return {
        key: {(found.metadata.namespace, found.metadata.name): found for found in objects[key]}
        for key in objects
        if objects[key]
    }
