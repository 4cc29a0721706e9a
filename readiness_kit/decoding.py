"""JSON decoders for msgspec types, and the errors they raise."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of a decoder for untrusted input: invalid JSON or another type, invalid UTF-8, too deep nesting."""

_creation = threading.Lock()


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
