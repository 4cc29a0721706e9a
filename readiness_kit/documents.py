"""Read YAML and JSON documents into Structs, with errors that name the file and the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from readiness_kit import files
from readiness_kit.decoding import MAX_DEPTH, text_of
from readiness_kit.errors import ConfigError, ReadinessError

T = TypeVar("T")

MAX_YAML_BYTES = 4_000_000
MAX_ALIASES = 100
MAX_REPEATED = 100_000
"""Total number of values that aliases may repeat."""
_CONSTRUCTION_ERRORS = (RecursionError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""Errors that PyYAML does not wrap: a mapping as a key, an invalid date, `!!bool q`, `!!timestamp q`."""
_ALIAS = re.compile(rb"(?m)(?:^|[\s\[,:-])\*[A-Za-z0-9_]")


def read_text(path: Path, what: str, error: type[ReadinessError] = ConfigError) -> str:
    """The text of a file in UTF-8 or UTF-16. Raises `error`, in which `what` names its role ("the checklist file")."""
    try:
        return text_of(files.read(path))
    except FileNotFoundError:
        raise error(f"{what} {path} does not exist", "check the path") from None
    except OSError as problem:
        raise error(f"{what} {path} cannot be read: {problem.strerror}", "check the path and its permissions") from None
    except UnicodeDecodeError:
        raise error(f"{what} {path} cannot be read: it is not UTF-8 text", "save it as UTF-8") from None


def parse_yaml(text: str, what: str, error: type[ReadinessError] = ConfigError) -> Any:
    """Plain data from a YAML text. Raises `error` for invalid YAML or exceeded limits of size, depth, aliases."""
    raw = text.encode("utf-8", "replace")
    if len(raw) > MAX_YAML_BYTES:
        raise error(f"{what} has {len(raw):,} bytes; the maximum is {MAX_YAML_BYTES:,}", "shorten the file")
    if len(_ALIAS.findall(raw)) > MAX_ALIASES:
        raise error(f"{what} has more than {MAX_ALIASES} YAML aliases", "write the values out")
    try:
        if problem := _exceeded_limit(text):
            raise error(f"{what} {problem}", "reduce the nesting, and write values instead of aliases")
        return yaml.load(text, Loader=_strict_loader())  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, *_CONSTRUCTION_ERRORS) as problem:
        detail = " ".join(f"{problem}".split())[:300] or "it is nested too deeply"
        raise error(f"{what} is not valid YAML: {detail}", "correct the line that is named") from None


def _exceeded_limit(text: str) -> str:
    """The limit that the structure of a document exceeds; "" for none.

    It is found from the parser's events, before anything is built: the C loader recurses without a limit and crashes
    the process, and a few nested aliases or merges produce more values than fit into memory.
    """
    sizes: dict[str, int] = {}
    open_collections: list[tuple[str | None, int]] = []
    count = repeated = 0
    for event in _events(text):
        if event is None:
            return f"is nested more than {MAX_DEPTH} levels deep"
        if isinstance(event, yaml.CollectionStartEvent):
            open_collections.append((event.anchor, count))
            if len(open_collections) > MAX_DEPTH:
                return f"is nested more than {MAX_DEPTH} levels deep (line {event.start_mark.line + 1})"
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_collections.pop()
            sizes |= {anchor: count - before + 1} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in open_collections}:
                return f"has an alias inside its own anchor (line {event.start_mark.line + 1})"
            repeated += sizes.get(event.anchor, 1)
            count += sizes.get(event.anchor, 1)
        if repeated > MAX_REPEATED:
            return f"repeats more than {MAX_REPEATED:,} values by aliases (line {event.start_mark.line + 1})"
        count += isinstance(event, yaml.NodeEvent)
    return ""


def _events(text: str) -> Iterator[Any]:
    """The parser's events; None as the last one where libyaml itself refuses the depth, as it does from 0.2.6."""
    try:
        yield from yaml.parse(text, Loader=_strict_loader())
    except yaml.scanner.ScannerError as problem:
        if "maximum nesting depth" not in f"{problem}":
            raise
        yield None


@cache
def _strict_loader() -> Any:
    """PyYAML's safe loader, which also rejects duplicate keys instead of silently dropping the first."""

    class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if key.value in seen and isinstance(key.value, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is duplicated", key.start_mark
                    )
                seen.add(key.value if isinstance(key.value, str) else None)
            return super().construct_mapping(node, deep)

    return StrictLoader


def convert(data: Any, kind: type[T], what: str, error: type[ReadinessError] = ConfigError) -> T:
    """`data` as a value of `kind`. Raises `error` with the invalid field (`$.questions[3].severity`)."""
    try:
        return msgspec.convert(data, kind, strict=True)
    except (msgspec.ValidationError, ValueError) as problem:
        raise error(f"{what}: {problem}", "correct the field that is named") from None


def load_yaml(path: Path, kind: type[T], what: str, error: type[ReadinessError] = ConfigError) -> T:
    """A YAML file as a value of `kind`. Raises `error` as `read_text`, `parse_yaml` and `convert` do."""
    named = f"{what} {path}"
    return convert(parse_yaml(read_text(path, what, error), named, error), kind, named, error)


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a Struct.

    The docstrings in it become running text, because Python 3.13 changed their indentation and the published schema
    must not depend on the version.
    """
    schema: dict[str, Any] = _with_running_text(msgspec.json.schema(kind))
    return schema


def _with_running_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: " ".join(inner.split())
            if name == "description" and isinstance(inner, str)
            else _with_running_text(inner)
            for name, inner in value.items()
        }
    return [_with_running_text(inner) for inner in value] if isinstance(value, list) else value
