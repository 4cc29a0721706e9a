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
from tests.support.chart import CURATED, SHARED, by_name, rendered, values_of

KEYS = SHARED.parents[1] / "keys-17.8.3.txt"

REFUSED = {
    "ignored-keys": "The chart does not read replicaCount. Use replicas.",
    "topology-spread-custom": "The chart does not read topologySpreadConstraints.",
}
"""Folders with keys that the chart ignores silently; the kit names them instead."""


def folders() -> list[Path]:
    found = [path for path in sorted(CURATED.iterdir()) if path.is_dir()]
    return found + (sorted(SHARED.iterdir()) if SHARED.is_dir() else [])


def projected(folder: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    return by_name(apply_values(rendered(folder.parent / "default"), values, namespace=""))


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


@pytest.mark.skipif(not KEYS.is_file(), reason="the chart's keys are not beside the checkout (../shared/chart)")
def test_the_default_values_are_those_of_the_chart() -> None:
    lines = (line.split(" = ", 1) for line in KEYS.read_text(encoding="utf-8").splitlines())
    chart = {path: json.loads(value) for path, value in lines}
    own = dict(leaves(defaults()))
    assert {path: chart[path] for path in own} == own


def leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
