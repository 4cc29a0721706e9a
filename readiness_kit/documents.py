"""Reads YAML and JSON documents into Structs, with errors that name the file and the field."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from readiness_kit.errors import ConfigError, ReadinessError

T = TypeVar("T")

MAX_YAML_BYTES = 4_000_000
MAX_ALIASES = 100
_ALIAS = re.compile(rb"(?m)(?:^|[\s\[,:-])\*[A-Za-z0-9_]")


def read_text(path: Path, what: str, error: type[ReadinessError] = ConfigError) -> str:
    """The text of a file, UTF-8; `what` names its role in the error ("the checklist file")."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(f"{what} {path} does not exist", "check the path") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"{what} {path} cannot be read: {problem}", "check its permissions and encoding") from None


def parse_yaml(text: str, what: str, error: type[ReadinessError] = ConfigError) -> Any:
    """Plain data from a YAML text; refuses documents whose size or aliases could explode in memory."""
    import yaml

    raw = text.encode("utf-8", "replace")
    if len(raw) > MAX_YAML_BYTES:
        raise error(f"{what} has {len(raw):,} bytes; at most {MAX_YAML_BYTES:,} are read", "shorten the file")
    if len(_ALIAS.findall(raw)) > MAX_ALIASES:
        raise error(f"{what} has more than {MAX_ALIASES} YAML aliases", "write the values out")
    try:
        return yaml.load(text, Loader=_strict_loader())
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as problem:
        # A key that is a mapping, a date in a thirteenth month: PyYAML lets Python's own errors through.
        where = " ".join(str(problem).split())[:300]
        raise error(f"{what} is not valid YAML: {where}", "mend the line it names") from None


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
