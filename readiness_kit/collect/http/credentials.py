"""The credentials that were sent to a server, and their removal from everything that comes back."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus

from readiness_kit.kinds.marks import REDACTED

MIN_SECRET_LENGTH = 4
"""Characters; removing a shorter credential from a text would remove parts of ordinary words."""
MIN_IN_ANSWER = 8
"""Characters from which a credential is removed from an answer, too, unless it is an ordinary word or name."""
PIECE = 16
"""Characters; a piece of a credential of this length is removed from an error, which may quote it cut off."""
_NO_CREDENTIAL = frozenset({"accept", "accept-encoding", "content-type", "user-agent", "x-scope-orgid"})


class SentCredentials:
    """Collects the credentials of a transport in plain, base64, URL, JSON and HTML form. Safe for several threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}
        self._forms: tuple[str, ...] = ()
        self._in_answers: tuple[bytes, ...] = ()
        self._pieces: frozenset[str] = frozenset()

    def add(self, headers: Mapping[str, str]) -> None:
        """Adds the credentials in the headers of a request."""
        key = tuple(headers.items())
        if key in self._known:
            return
        secrets = {secret for name, value in key if name.lower() not in _NO_CREDENTIAL for secret in _secrets(value)}
        self._known[key] = tuple(form for secret in secrets for form in forms(secret))
        found = {form for known in tuple(self._known.values()) for form in known}
        self._forms = tuple(sorted(found, key=len, reverse=True))
        self._in_answers = tuple(form.encode() for form in self._forms if _is_distinctive(form))
        self._pieces = frozenset(
            form[start : start + PIECE] for form in self._forms for start in range(len(form) - PIECE + 1)
        )

    def remove(self, text: str) -> str:
        """A message without the credentials."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return self._without_pieces(text)

    def remove_bytes(self, body: bytes) -> bytes:
        """The body of an error without the credentials."""
        for form in self._forms:
            body = body.replace(form.encode(), REDACTED.encode())
        return self._without_pieces(body.decode("latin-1")).encode("latin-1")

    def _without_pieces(self, text: str) -> str:
        """The text without pieces of a credential that was cut off. Time: linear in the text."""
        if not self._pieces:
            return text
        kept: list[str] = []
        position = copied = 0
        while position <= len(text) - PIECE:
            if text[position : position + PIECE] not in self._pieces:
                position += 1
                continue
            end = position + 1
            while text[end : end + PIECE] in self._pieces:
                end += 1
            kept += [text[copied:position], REDACTED]
            position = copied = end + PIECE - 1
        return "".join((*kept, text[copied:]))

    def remove_from_answer(self, body: bytes) -> bytes:
        """The body of an answer without the credentials.

        A password that is an ordinary word stays: removing it would change names on which evidence depends.
        """
        for form in self._in_answers:
            if form in body:
                body = body.replace(form, REDACTED.encode())
        return body


def _secrets(value: str) -> Iterator[str]:
    """The secrets in the value of a header: token, or user and password together and the password alone."""
    scheme, separator, secret = value.partition(" ")
    yield secret if separator else value
    if scheme.lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError, ValueError):
            pair = base64.b64decode(secret).decode()
            yield pair
            yield pair.partition(":")[2]


def forms(secret: str) -> tuple[str, ...]:
    """The ways in which a secret may appear in a text; those that are too short to be removed are left out."""
    if len(secret) < MIN_SECRET_LENGTH:
        return ()
    found = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret)}
    found |= {quote(secret, safe="").replace("%2F", "%2f").replace("%3D", "%3d").replace("%2B", "%2b")}
    found |= {json.dumps(secret)[1:-1], secret.replace("=", "\\u003d").replace("&", "\\u0026").replace("+", "\\u002b")}
    found |= {form for plain in (secret, quote(secret, safe="")) for form in _base64_forms(plain)}
    found |= {secret.encode().hex()}
    return tuple(form for form in found if len(form) >= MIN_SECRET_LENGTH)


def _base64_forms(text: str) -> Iterator[str]:
    """Base64 of the text, also within a longer text, at each of the three offsets, in both alphabets."""
    raw = text.encode()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for offset in range(3):
        # The characters that also depend on what is around the text are left out.
        end = (offset + len(raw)) // 3 * 4
        inside = base64.b64encode(b"\0" * offset + raw).decode()[-(-offset * 8 // 6) : end]
        if len(inside) >= MIN_IN_ANSWER:
            yield inside
            yield inside.replace("+", "-").replace("/", "_")


def _is_distinctive(form: str) -> bool:
    """Whether a form is certainly no name of an object or a word."""
    mixed = form.lower() != form or not form.replace("-", "").replace(".", "").isalpha()
    return len(form) >= MIN_IN_ANSWER and mixed
