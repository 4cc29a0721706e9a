"""Reads YAML and JSON documents into Structs, with errors that name the file and the field."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from readiness_kit import files
from readiness_kit.decoding import text_of
from readiness_kit.errors import ConfigError, ReadinessError

T = TypeVar("T")

MAX_YAML_BYTES = 4_000_000
MAX_ALIASES = 100
MAX_DEPTH = 100
MAX_REPEATED = 100_000
"""Values that aliases may repeat, taken together."""
_OF_PYTHON = (RecursionError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What PyYAML lets through of a key that is a mapping, a date in a thirteenth month, `!!bool q`, `!!timestamp q`."""
_ALIAS = re.compile(rb"(?m)(?:^|[\s\[,:-])\*[A-Za-z0-9_]")


def read_text(path: Path, what: str, error: type[ReadinessError] = ConfigError) -> str:
    """The text of a file in UTF-8 or UTF-16; `what` names its role in the error ("the checklist file")."""
    try:
        return text_of(files.read(path))
    except FileNotFoundError:
        raise error(f"{what} {path} does not exist", "check the path") from None
    except OSError as problem:
        raise error(f"{what} {path} cannot be read: {problem.strerror}", "check the path and its permissions") from None
    except UnicodeDecodeError:
        raise error(f"{what} {path} cannot be read: it is not UTF-8 text", "save it as UTF-8") from None


def parse_yaml(text: str, what: str, error: type[ReadinessError] = ConfigError) -> Any:
    """Plain data from a YAML text; refuses documents whose size, depth or aliases could explode in memory."""
    import yaml

    raw = text.encode("utf-8", "replace")
    if len(raw) > MAX_YAML_BYTES:
        raise error(f"{what} has {len(raw):,} bytes; at most {MAX_YAML_BYTES:,} are read", "shorten the file")
    if len(_ALIAS.findall(raw)) > MAX_ALIASES:
        raise error(f"{what} has more than {MAX_ALIASES} YAML aliases", "write the values out")
    try:
        if wrong := _explodes(text):
            raise error(f"{what} {wrong}", "write it flatter, and values out in place of aliases")
        return yaml.load(text, Loader=_strict_loader())
    except (yaml.YAMLError, *_OF_PYTHON) as problem:
        where = " ".join(f"{problem}".split())[:300] or "it is nested too deeply"
        raise error(f"{what} is not valid YAML: {where}", "mend the line it names") from None


def _explodes(text: str) -> str:
    """What of a document's shape would cost too much to build, "" for nothing.

    From the parser's events, which come one by one: the C loader recurses without a limit and ends the process, and a
    few aliases of aliases, or merges of merges, are more values than any memory holds.
    """
    import yaml

    sizes: dict[str, int] = {}
    open_ones: list[tuple[str | None, int]] = []
    count = repeated = 0
    for event in yaml.parse(text, Loader=_strict_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor, count))
            if len(open_ones) > MAX_DEPTH:
                return f"is nested more than {MAX_DEPTH} deep (line {event.start_mark.line + 1})"
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            sizes |= {anchor: count - before + 1} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in open_ones}:
                return f"has an alias that stands inside of what it names (line {event.start_mark.line + 1})"
            repeated += sizes.get(event.anchor, 1)
            count += sizes.get(event.anchor, 1)
        if repeated > MAX_REPEATED:
            return f"repeats more than {MAX_REPEATED:,} values by its aliases (line {event.start_mark.line + 1})"
        count += isinstance(event, yaml.NodeEvent)
    return ""


@cache
def _strict_loader() -> Any:
    """PyYAML's safe loader, which besides refuses a key that stands twice: the first would be lost silently."""
    import yaml

    class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if key.value in seen and isinstance(key.value, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice", key.start_mark
                    )
                seen.add(key.value if isinstance(key.value, str) else None)
            return super().construct_mapping(node, deep)

    return StrictLoader


def convert(data: Any, kind: type[T], what: str, error: type[ReadinessError] = ConfigError) -> T:
    """`data` as a value of `kind`; the error names the field (`$.questions[3].severity`)."""
    try:
        return msgspec.convert(data, kind, strict=True)
    except (msgspec.ValidationError, ValueError) as problem:
        raise error(f"{what}: {problem}", "mend the field it names") from None


def load_yaml(path: Path, kind: type[T], what: str, error: type[ReadinessError] = ConfigError) -> T:
    """A YAML file as a value of `kind`."""
    named = f"{what} {path}"
    return convert(parse_yaml(read_text(path, what, error), named, error), kind, named, error)


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a Struct. Docstrings become running text: from Python 3.13 on they come without indentation,
    and what is published must not depend on that."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: _running(inner) if name == "description" and isinstance(inner, str) else plain(inner)
                for name, inner in value.items()
            }
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    made: dict[str, Any] = plain(msgspec.json.schema(kind))
    return made


def _running(text: str) -> str:
    return " ".join(text.split())
