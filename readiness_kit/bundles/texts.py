"""The JSON documents in a file as people make it: any Unicode encoding, warnings around it, several lists, YAML.

PowerShell writes UTF-16 with a byte-order mark; `kubectl get … >>file` puts several lists into one file, and `2>&1`
mixes kubectl's warnings and errors with them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.documents import parse_yaml
from readiness_kit.errors import ReadinessError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+\\?(?:"|\Z)|[{}\[\]]', re.DOTALL)
_SEPARATOR = re.compile(r"(?m)^(?:---|\.\.\.)(?=\s|$)[^\n]*\n?")
_YAML_START = re.compile(rb"(?m)^(?:---\s*$|(?:- )?(?:apiVersion|kind|items|metadata):)")
_YAML_LIST = re.compile(r"\A\s*apiVersion: v1\r?\nitems:\r?\n(?P<items>- .*?)^kind: List$", re.DOTALL | re.MULTILINE)

_ANCHOR, _ALIAS = re.compile(r"[:-] &\w"), re.compile(r"[:-] \*\w")


class Text(NamedTuple):
    """`documents` are JSON; `lines` the text around them; `problem` why a part could not be read, or ""."""

    documents: list[bytes]
    lines: list[str]
    problem: str = ""


def as_utf8(body: bytes) -> bytes:
    """The same text in UTF-8 without a byte-order mark; unchanged where it is not Unicode text."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], encoding, body)
    # Without a mark, of two ASCII characters every other byte is 0.
    zeros = [index for index, byte in enumerate(body[:4]) if not byte]
    if zeros in ([0, 2], [1, 3]):
        return _decoded(body, "utf-16-be" if zeros == [0, 2] else "utf-16-le", body)
    return body


def _decoded(body: bytes, encoding: str, otherwise: bytes) -> bytes:
    try:
        return body.decode(encoding).encode()
    except UnicodeError:
        return otherwise


def documents(body: bytes) -> Text:
    """The documents of a JSON or YAML file in UTF-8, whatever its name is."""
    if body.lstrip()[:1] in (b"{", b"[") and _is_json(body):
        return Text([body], [])
    start = _YAML_START.search(body)
    opening = re.search(rb"(?m)^[{\[]", body)
    if start and not (opening and opening.start() < start.start()):
        return _of_yaml(body[start.start() :].decode("utf-8", "replace"), _lines(body[: start.start()]))
    found, lines = [], []
    end = 0
    for first, last in _spans(body):
        lines += _lines(body[end:first])
        found.append(body[first:last])
        end = last
    return Text(found, lines + _lines(body[end:]))


def _is_json(body: bytes) -> bool:
    try:
        decoder(msgspec.Raw).decode(body)
    except UNDECODABLE:
        return False
    return True


def _spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each value in brackets begins and ends that begins at the start of a line or after another value."""
    position = 0
    while opening := re.compile(rb"(?m)^[ \t]*[{\[]|(?<=[}\]])\s*[{\[]").search(body, position):
        first, depth = opening.end() - 1, 0
        for token in _TOKEN.finditer(body, first):
            depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(token[0], 0)
            if not depth:
                yield first, token.end()
                position = token.end()
                break
        else:
            return


def _lines(text: bytes) -> list[str]:
    return [line.strip() for line in text[:100_000].decode("utf-8", "replace").splitlines() if line.strip()]


def _listed(part: str) -> dict[str, object] | None:
    """The list of kubectl, item by item, because a whole one can exceed the limit of a document.

    None where it is another document, or where an item refers to another one by an alias.
    """
    listed = _YAML_LIST.match(part)
    if listed is None or (_ANCHOR.search(part) and _ALIAS.search(part)):
        return None
    items = re.split(r"(?m)^- ", listed["items"])[1:]
    values = [parse_yaml(f"  {item}", "an item of the list") for item in items]
    return {"apiVersion": "v1", "kind": "List", "items": values}


def _of_yaml(text: str, lines: list[str]) -> Text:
    found: list[bytes] = []
    problem = ""
    for part in _SEPARATOR.split(text):
        if not part.strip():
            continue
        try:
            if (value := _listed(part) or parse_yaml(part, "a document")) is not None:
                found.append(msgspec.json.encode(value))
        except (ReadinessError, TypeError, ValueError, RecursionError) as error:
            problem = problem or (error.what if isinstance(error, ReadinessError) else "a document is not valid YAML")
    return Text(found, lines, problem)
