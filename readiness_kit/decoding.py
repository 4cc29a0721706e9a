"""JSON decoders for msgspec types, and the errors they raise."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for a body of anybody's: no JSON of the type, no UTF-8, brackets within brackets."""

_making = threading.Lock()


def decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    """A JSON decoder for a type, made one at a time.

    msgspec works out a Struct's fields when its first decoder is made, and two threads that do so at once for Structs
    in common end the process with a segmentation fault.
    """
    with _making:
        return _made(shape)


@cache
def _made(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)
