"""YAML documents: errors name the file, line and field."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from readiness_kit.documents import convert, json_schema, load_yaml, parse_yaml
from readiness_kit.errors import ConfigError


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    size: int = 0


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"'size' is duplicated.*line 2"):
        parse_yaml("size: 1\nsize: 2\n", "the file f.yaml")


def test_the_same_key_in_two_mappings_is_fine() -> None:
    assert parse_yaml("- a: 1\n- a: 2\n", "f") == [{"a": 1}, {"a": 2}]


def test_merge_keys_still_work() -> None:
    assert parse_yaml("x: &x {a: 1}\ny: {<<: *x, b: 2}\n", "f")["y"] == {"a": 1, "b": 2}


def test_aliases_that_would_explode_are_refused() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{i}: [{', '.join(['*a'] * 20)}]\n" for i in range(20))
    with pytest.raises(ConfigError, match="aliases"):
        parse_yaml(bomb, "f")


def test_tags_that_would_run_code_are_refused() -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        parse_yaml("!!python/object/apply:os.system ['true']", "f")


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(ConfigError, match=r"the file f: .*\$\.size"):
        convert({"size": "big"}, Thing, "the file f")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the settings file .*gone\.yaml does not exist"):
        load_yaml(tmp_path / "gone.yaml", Thing, "the settings file")


@pytest.mark.parametrize("text", ["? {a: b}\n: 1\n", "a: 2026-13-45\n"])
def test_what_python_itself_objects_to_is_said_like_any_other_mistake(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        parse_yaml(text, "f")


NESTED = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "closed brackets": "[" * 50_000 + "]" * 50_000,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_what_is_nested_without_end_does_not_end_the_process(text: str) -> None:
    """The C loader recurses: with this it would end in a segmentation fault."""
    with pytest.raises(ConfigError, match="the file f is nested more than 100 levels deep"):
        parse_yaml(text, "the file f")


def doubling(line: str, levels: int = 30) -> str:
    """Each line stands twice in the next one: fewer than a hundred aliases, a thousand million values."""
    return "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {line.format(f'a{n - 1}')}\n".replace("@", f"k{n}") for n in range(1, levels)
    )


@pytest.mark.parametrize("line", ["[*{0}, *{0}]", "{{@: *{0}, y: *{0}}}", "{{<<: [*{0}, *{0}]}}"])
def test_few_aliases_that_double_one_another_are_refused(line: str) -> None:
    with pytest.raises(ConfigError, match="repeats more than 100,000 values"):
        parse_yaml(doubling(line), "the file f")
    assert parse_yaml(doubling(line, 5), "the file f")["a0"] == {"x": 1}


def test_an_alias_of_what_it_stands_in_is_refused() -> None:
    with pytest.raises(ConfigError, match="inside its own anchor"):
        parse_yaml("a: &a [1, *a]", "the file f")


class Inner(msgspec.Struct):
    """First line.

    Second
        line."""

    description: str = ""


class Outer(msgspec.Struct):
    inner: Inner


def test_a_schemas_descriptions_do_not_depend_on_how_python_keeps_docstrings() -> None:
    found = json_schema(Outer)["$defs"]["Inner"]
    assert found["description"] == "First line. Second line."
    assert found["properties"]["description"] == {"type": "string", "default": ""}
