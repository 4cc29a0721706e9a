"""The last look before a file leaves the house: nothing in it may have the shape of a secret.

Snapshots are redacted when they are saved; notes, links and file names that people wrote were not. What is found is
named by kind and place, never shown.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from pathlib import Path

from readiness_kit import redact
from readiness_kit.errors import ReadinessError

_PICTURE = re.compile(r"data:image/[a-z+.-]+;base64,([A-Za-z0-9+/=]+)")
_ID = re.compile(r'\bid="([^"]+)"|"(?:id|ruleId|question)": "([^"]+)"')


class SecretFoundError(ReadinessError):
    """An export holds what looks like a secret; the file was not written."""


def check(text: str, target: Path) -> None:
    """Raises SecretFoundError where `text`, about to be written to `target`, holds the shape of a secret."""
    for kind, place in found(text):
        raise SecretFoundError(
            f"{target} is not written: it holds something of the shape of a secret ({kind}) {place}",
            "take it out of the answer, note, setting or notebook it comes from, and replace that secret",
        )


def found(text: str) -> Iterator[tuple[str, str]]:
    """Kind and place of each shape: in the document, and in the pictures inside of it."""
    for number, picture in enumerate(_PICTURE.finditer(text), start=1):
        for kind in redact.secret_shapes(_decoded(picture[1])):
            yield kind, f"in picture {number} ({_near(text, picture.start())})"
    words = _PICTURE.sub("data:image/", text)
    plain = html.unescape(words)
    for kind in redact.secret_shapes(plain):
        yield kind, _place(words, kind)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return data.encode("ascii")


def _place(text: str, kind: str) -> str:
    """The line, and the element or question before it; a shape over several lines is narrowed down by its end."""
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if kind in redact.secret_shapes(html.unescape(line)):
            return f"in line {number} ({_near(text, start + _offset(line, kind))})"
        start += len(line)
    return f"near the end of ({_near(text, _offset(text, kind))})"


def _offset(line: str, kind: str) -> int:
    """How much of a line it takes until the shape is whole."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high) // 2
        if kind in redact.secret_shapes(html.unescape(line[:middle])):
            high = middle
        else:
            low = middle + 1
    return low


def _near(text: str, position: int) -> str:
    ids = [named[1] or named[2] for named in _ID.finditer(text, 0, position)]
    return f"after `{ids[-1]}`" if ids else "at the beginning"
