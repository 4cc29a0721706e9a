"""Addresses and credentials of servers: checked before anything is sent, and shown nowhere."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from readiness_kit.collect.http.certificates import require_tls
from readiness_kit.errors import ConfigError, UsageError

_PATH = re.compile(r"(/[\w.~-]+)*")
_HEADER = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


class Address(NamedTuple):
    """`url` is scheme, host, port and path without a closing slash; `user` and `password` stood before the host."""

    url: str
    user: str = ""
    password: str = ""


def parse_address(url: str, whose: str, *, without: str, example: str) -> Address:
    """The base address of an HTTP API.

    without: a regular expression for an ending of the path that people copy along (`/v1`)
    example: an address for the error's next step

    Raises UsageError for anything that is not such an address, without repeating it: it may hold credentials.
    """
    try:
        parts = urlsplit(url.strip())
        valid = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        raise UsageError(f"the {whose} URL cannot be used", f"give it as in {example}") from None
    path = re.sub(rf"(?:{without})\Z", "", parts.path.rstrip("/")).rstrip("/")
    if not valid or parts.query or parts.fragment or not _PATH.fullmatch(path) or ".." in path:
        raise UsageError(f"the {whose} URL cannot be used", f"give it as in {example}")
    host = parts.netloc.rpartition("@")[2]
    return Address(f"{parts.scheme}://{host}{path}", unquote(parts.username or ""), unquote(parts.password or ""))


def authorization(url: str, whose: str, *, bearer: str = "", user: str = "", password: str = "") -> dict[str, str]:
    """The `Authorization` header for a server, {} without credentials.

    Raises UsageError for a token and a user together; ConfigError for a token that no header can carry, and where
    credentials would go over plain HTTP to another machine.
    """
    if bearer and user:
        raise UsageError(f"a token and a user for {whose} were both given", "give one of them")
    if user:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return authorization_header(url, whose, f"Basic {pair}")
    return authorization_header(url, whose, f"Bearer {bearer}" if bearer else "")


def authorization_header(url: str, whose: str, value: str) -> dict[str, str]:
    """As `authorization`, from the header's complete value."""
    if not value:
        return {}
    check_header(value, f"token for {whose}")
    require_tls(url, whose)
    return {"Authorization": value}


def check_header(value: str, name: str) -> None:
    """Raise ConfigError for a value that no header can carry: http.client would show it in its own error."""
    if value and not _HEADER.fullmatch(value):
        raise ConfigError(
            f"the {name} holds characters that no token has", "check the file or the variable that it comes from"
        )
