"""A deadline for responses that arrive byte by byte: a socket's own time-out starts anew with every byte.

The body could be timed from outside; the status line, the headers and the sizes of chunks are read by the standard
library in lines of up to 64 KB, for as long as the server sends bytes.
"""

from __future__ import annotations

import io
import time
from functools import cache
from http.client import HTTPResponse
from typing import Any

SLOWEST_RESPONSE = 4.0
"""A response may take this many times the time-out of one read, however steadily it arrives."""


class _Until(io.RawIOBase):
    """The bytes of a socket until a moment of the monotonic clock; TimeoutError after it."""

    def __init__(self, raw: Any, end: float) -> None:
        self._raw = raw
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._end:
            raise TimeoutError("the response does not end")
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        limit = sock.gettimeout()
        if limit:
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_Until(raw, time.monotonic() + limit * SLOWEST_RESPONSE))


@cache
def _with_deadline(pool_class: type[Any]) -> type[Any]:
    """The class of a pool (plain, TLS or through SOCKS) whose responses have a deadline."""
    connection = type("Connection", (pool_class.ConnectionCls,), {"response_class": _Response})
    return type("Pool", (pool_class,), {"ConnectionCls": connection})


def enforce_deadline(pool: Any) -> None:
    """Give every response of a urllib3 pool a deadline. Anything that is not such a pool is left alone."""
    if hasattr(pool, "pool_classes_by_scheme"):
        classes = pool.pool_classes_by_scheme
        pool.pool_classes_by_scheme = {scheme: _with_deadline(pool_class) for scheme, pool_class in classes.items()}
