"""Reads the JSON files of an assessment, which people edit: any encoding with a mark, and every fault with a reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from readiness_kit import files
from readiness_kit.decoding import require_shallow, text_of
from readiness_kit.errors import UnreadableFileError

T = TypeVar("T")


class BadContentError(UnreadableFileError):
    """The content of a file cannot be decoded; the file itself was read."""


class JsonFile(NamedTuple):
    """The data of a file and the keys that occur twice in an object, of which JSON keeps the last."""

    data: Any
    duplicates: tuple[str, ...]


def read_json(path: Path, what: str, hint: str) -> JsonFile | None:
    """The content of a file, None without one; the file is only read. `hint` is the next step for bad content.

    Raises UnreadableFileError if the file cannot be read, BadContentError if it is not JSON.
    """
    duplicates: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        duplicates.extend(name for name, number in Counter(name for name, _ in items).items() if number > 1)
        return dict(items)

    try:
        data = json.loads(text_of(files.read(path)), object_pairs_hook=pairs)
        require_shallow(data)
        return JsonFile(data, tuple(duplicates))
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise UnreadableFileError(
            f"{what} {path} cannot be read: {problem.strerror}", "check the file and its permissions"
        ) from None
    except UnicodeDecodeError:
        raise BadContentError(f"{what} {path} cannot be read: it is not UTF-8 text", hint) from None
    except RecursionError:
        raise BadContentError(f"{what} {path} cannot be read: it is nested too deeply", hint) from None
    except ValueError as problem:
        raise BadContentError(f"{what} {path} cannot be read: {problem}", hint) from None


def convert_entry(entry: Any, kind: type[T]) -> T:
    """An entry of a file as a Struct. Raises ValueError with field and reason, also for text that is not Unicode."""
    try:
        converted = msgspec.convert(entry, kind)
        msgspec.json.encode(converted)
    except UnicodeEncodeError:
        raise ValueError("it has half of a character (a lone surrogate)") from None
    return converted
