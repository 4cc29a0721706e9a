"""The scan of every export before it is written: no text in it may look like a secret.

Snapshots are redacted when they are saved; notes, links and file names that people wrote are not. A match is named
by kind and place, never shown.
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
    """An export contains what looks like a secret; the file was not written."""


def check(text: str, target: Path) -> None:
    """Raises SecretFoundError where `text`, to be written to `target`, contains what looks like a secret."""
    for kind, place in found(text):
        raise SecretFoundError(
            f"{target} is not written: it contains what looks like a secret ({kind}) {place}",
            "remove it from the answer, note, setting or notebook where it was entered, and rotate that secret",
        )


def found(text: str) -> Iterator[tuple[str, str]]:
    """Kind and place of each match, in the document and in its embedded pictures."""
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
    """The line, and the element or question before it; a match over several lines is located by its end."""
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if kind in redact.secret_shapes(html.unescape(line)):
            return f"in line {number} ({_near(text, start + _offset(line, kind))})"
        start += len(line)
    return f"near the end of ({_near(text, _offset(text, kind))})"


def _offset(line: str, kind: str) -> int:
    """The length of the shortest start of the line that contains the match."""
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
