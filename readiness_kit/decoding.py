"""Text from bytes, JSON decoders for msgspec types, and the errors they raise."""

from __future__ import annotations

import codecs
import threading
from functools import cache
from typing import Any

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of a decoder for untrusted input: invalid JSON or another type, invalid UTF-8, too deep nesting."""

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
