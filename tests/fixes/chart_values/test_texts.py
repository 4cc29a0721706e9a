"""How values are merged and printed, as Helm does it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from readiness_kit.fixes.chart_values.texts import image_parts, merged, printed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (0, "0"),
        (-1, "-1"),
        (524288, "524288"),
        (999999, "999999"),
        (1000000, "1e+06"),
        (1048576, "1.048576e+06"),
        (10_000_000, "1e+07"),
        (2.0, "2"),
        (1.10, "1.1"),
        (0.5, "0.5"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        ("1000000", "1000000"),
        ("", ""),
        (["one", "two"], "[one two]"),
        ({"one": 1, "a": True}, "map[a:true one:1]"),
        (datetime.date(2025, 1, 31), "2025-01-31"),
    ],
)
def test_a_value_is_printed_as_a_template_prints_it(value: Any, text: str) -> None:
    assert printed(value) == text


def test_maps_merge_lists_are_replaced_and_null_removes() -> None:
    values = {"a": {"b": 1, "c": 2}, "l": [1, 2], "x": 1}
    fragment = {"a": {"b": None, "d": 3}, "l": [3], "x": None, "unknown": None}
    assert merged(values, fragment) == {"a": {"c": 2, "d": 3}, "l": [3]}
    assert values == {"a": {"b": 1, "c": 2}, "l": [1, 2], "x": 1}


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("cr.weaviate.io/semitechnologies/weaviate:1.38.2", ("cr.weaviate.io", "semitechnologies/weaviate", "1.38.2")),
        ("registry:5000/weaviate:1.38.2", ("registry:5000", "weaviate", "1.38.2")),
        ("a.io/weaviate:1.38.2@sha256:00", ("a.io", "weaviate", "1.38.2@sha256:00")),
        ("weaviate", ("weaviate", "", "")),
    ],
)
def test_an_image_is_divided_as_the_chart_joins_it(image: str, parts: tuple[str, str, str]) -> None:
    found = image_parts(image)
    assert (found["registry"], found["repo"], found["tag"]) == parts
