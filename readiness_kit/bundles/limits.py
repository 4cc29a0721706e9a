"""Limits on what a bundle may cost: memory stays below 4 times the uncompressed input plus 100 MB.

JSON of few bytes can describe many small values, each of which costs memory as a Python object: 60 MB of `{}` are 20
million objects. The objects of a real cluster stay far below all limits.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from readiness_kit.errors import UnreadableFileError

MAX_OBJECT_BYTES = 4_000_000
"""Kubernetes stores objects of at most 1.5 MB; indentation adds to it."""
MAX_DOCUMENT_BYTES = 1_000_000
"""The size of a file that is one small document, such as the version."""
_DENSE_FROM = 300_000
"""Size in bytes from which the parts of a single object are counted."""
_BYTES_PER_PART = 12
_ELEMENT_COST = 56
"""Memory of an undecoded element of a list."""
_OBJECT_COST, _PART_COST, _FIELD_COST = 300, 90, 55
"""Memory of an object, of each object within it, and of each further field or element, without the text."""
_FACTOR, _ALLOWANCE = 2, 40_000_000


def list_problem(body: bytes) -> str:
    """Why the elements of a JSON text are not even listed, "" if they may be."""
    elements = body.count(b",") + 1
    if elements * _ELEMENT_COST <= _FACTOR * len(body) + _ALLOWANCE:
        return ""
    return f"it has more values ({elements:,}) than {len(body):,} bytes of a cluster's objects can hold"


def object_problem(raw: msgspec.Raw) -> str:
    """Why an object is not decoded, "" if it may be."""
    body = memoryview(raw)
    if body.nbytes > MAX_OBJECT_BYTES:
        return f"an object of {body.nbytes:,} bytes; at most {MAX_OBJECT_BYTES:,} are read"
    if body.nbytes > _DENSE_FROM:
        text = bytes(raw)
        parts = text.count(b"{") + text.count(b"[")
        if parts * _BYTES_PER_PART > body.nbytes:
            return f"an object with {parts:,} parts in {body.nbytes:,} bytes"
    return ""


class MemoryMeter:
    """Estimates the memory of the objects kept of a bundle; raises UnreadableFileError if the input is too small."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._input = 0
        self._cost = 0

    def add_input(self, size: int) -> None:
        """Count the bytes of a file that was read."""
        self._input += size

    def add_object(self, kept: msgspec.Struct) -> None:
        """Count an object that is kept."""
        encoded = msgspec.json.encode(kept)
        parts, fields = encoded.count(b"{"), encoded.count(b",")
        self._cost += _OBJECT_COST + parts * _PART_COST + fields * _FIELD_COST + len(encoded)
        if self._cost > _FACTOR * self._input + _ALLOWANCE:
            raise UnreadableFileError(
                f"the bundle {self._path} has more objects than {self._input:,} bytes of a cluster's objects can hold",
                "ask the sender how the file was created",
            )
