"""Text from bytes, JSON decoders for msgspec types, and the errors they raise."""

from __future__ import annotations

import codecs
import threading
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of a decoder for untrusted input: invalid JSON or another type, invalid UTF-8, too deep nesting."""

MAX_DEPTH = 100
"""Levels of nesting of a document; it bounds every function that descends into one."""

_creation = threading.Lock()
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins the same way
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(raw: bytes) -> str:
    """Text in the encoding that its byte-order mark names, without the mark; UTF-8 if there is none.

    Raises UnicodeDecodeError. Windows tools write UTF-8 and UTF-16 with such a mark.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding)
    return raw.decode("utf-8")


def plain(body: bytes | str) -> Any:
    """The data of a JSON text. Raises an error of UNDECODABLE, also for more than MAX_DEPTH levels."""
    value = msgspec.json.decode(body)
    require_shallow(value)
    return value


def require_shallow(value: Any) -> None:
    """Raises RecursionError for data with more than MAX_DEPTH levels. It does not recurse itself."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise RecursionError(f"it is nested more than {MAX_DEPTH} levels deep")


def decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    """A JSON decoder for a type; decoders are created one at a time.

    msgspec analyses a Struct when its first decoder is created. Two threads that do this at once for shared Structs
    crash the process with a segmentation fault.
    """
    with _creation:
        return _create(shape)


@cache
def _create(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def with_texts(value: Any, shape: Any) -> Any:
    """`value` with numbers as text where the type has only text, as in `cpu: 8` of a manifest.

    A quantity may be written as a number; the API server stores it as text.
    """
    if get_origin(shape) in (UnionType, Union):
        options = [option for option in get_args(shape) if option is not type(None)]
        return with_texts(value, options[0]) if len(options) == 1 else value
    if shape is str:
        return f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else value
    if isinstance(value, list) and get_origin(shape) in (tuple, list):
        return [with_texts(item, get_args(shape)[0]) for item in value]
    if not isinstance(value, dict):
        return value
    if get_origin(shape) is dict:
        return {key: with_texts(item, get_args(shape)[1]) for key, item in value.items()}
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        types = _types_of(shape)
        return {key: with_texts(item, types[key]) if key in types else item for key, item in value.items()}
    return value


@cache
def _types_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Name in JSON -> type of the fields of a Struct."""
    hints = get_type_hints(shape)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(shape)}
