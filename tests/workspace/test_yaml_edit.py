"""Editing YAML text: what a person wrote is kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from readiness_kit.workspace.yaml_edit import LossyEditError, edit, scalar


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("a: 1 # one\nb: 2\n", {"b": 3}, "a: 1 # one\nb: 3\n"),
        ("# only a comment", {"a": "x"}, '# only a comment\na: "x"\n'),
        ("", {"a.b": "x"}, 'a:\n  b: "x"\n'),
        ("a:\n# next\nc: 1\n", {"c": 2}, "a:\n# next\nc: 2\n"),
        ("{a: [x]}\n", {"a": ("y", "z")}, '{a: ["y", "z"]}\n'),
        ("a:\n  - x\n  - y\n\n# next\nc: 1\n", {"a": ("z",)}, 'a:\n  - "z"\n\n# next\nc: 1\n'),
        ("a:\n  - x  # first\n  - y\n# next\nc: 1\n", {"a": ("x",)}, 'a:\n  - "x" # first\n# next\nc: 1\n'),
        ("a:\n  - x\n\n# next\nc: 1\n", {"a": ("x", "y")}, 'a:\n  - "x"\n  - "y"\n\n# next\nc: 1\n'),
        ("a:\n  - x\n\n# next\nc: 1\n", {"a": ()}, "a: []\n\n# next\nc: 1\n"),
        ("a:\n  # b: 1  # meaning (kit default)\n  c: 2\n", {"a.b": 5}, "a:\n  b: 5  # meaning\n  c: 2\n"),
        ("a:\n  # b: 1\n\n# next\nc: 1\n", {"a.b": 5}, "a:\n  b: 5\n\n# next\nc: 1\n"),
        ("a:\n  c: 2\n\n# next\nd: 1\n", {"a.b": 5}, "a:\n  b: 5\n  c: 2\n\n# next\nd: 1\n"),
        ("---\na: 1\n", {"a": 2}, "---\na: 2\n"),
        ("a: 1\r\nb: 2\r\n", {"b": 3}, "a: 1\r\nb: 3\r\n"),
        ("a:\n    b: 1\n", {"a.c": 2}, "a:\n    c: 2\n    b: 1\n"),
    ],
)
def test_fields_are_set_and_the_rest_is_kept(text: str, fields: dict[str, Any], expected: str) -> None:
    assert edit(text, fields) == expected


@pytest.mark.parametrize(
    "value", ["0777", "0x1F", "1e3", "1.80e-166", "yes", "1:30", "2026-01-02", "1_000", "'q'", '"d"']
)
def test_values_of_other_fields_are_kept_as_written(value: str) -> None:
    assert edit(f"a: {value}\nb: 1\n", {"b": 2}) == f"a: {value}\nb: 2\n"


def test_anchors_and_aliases_are_kept() -> None:
    assert edit("a: &x [1]\nb: *x\nc: 1\n", {"c": 2}) == "a: &x [1]\nb: *x\nc: 2\n"


def test_edit_that_would_lose_a_comment_is_refused() -> None:
    with pytest.raises(LossyEditError, match="would be lost: first"):
        edit("a:\n  - x  # first\n  - y\n", {"a": ()})


@pytest.mark.parametrize(
    "value", ["", "yes", "null", "#", "a: b", "two\nlines", "😀", "\x85", 1, 2.5, 1e16, True, None, ("a", "1")]
)
def test_scalar_is_read_back_as_the_same_value(value: Any) -> None:
    (read,) = yaml.safe_load(f"[{scalar(value)}]") or (None,)
    assert read == (list(value) if isinstance(value, tuple) else value)
    assert "\n" not in scalar(value)


def test_two_fields_of_a_block_that_is_not_there_yet() -> None:
    edited = edit("customer: Example\n", {"cluster.context": "prod", "cluster.weaviate": "search/weaviate"})
    assert yaml.safe_load(edited)["cluster"] == {"context": "prod", "weaviate": "search/weaviate"}
