"""An end to answers that drip: a socket's own time-out starts anew with every byte, this one does not.

The body could be watched from outside; the status line, the headers and the sizes of chunks are read by the standard
library in lines of up to 64 KB, byte by byte for as long as somebody sends some.
"""

from __future__ import annotations

import io
import time
from functools import cache
from typing import Any

SLOWEST_RESPONSE = 4.0
"""A response may take this many times the time-out of one read, however steadily it drips."""


class _Until(io.RawIOBase):
    """The bytes of a socket until a moment; TimeoutError after it."""

    def __init__(self, raw: Any, end: float) -> None:
        self._raw = raw
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._end:
            raise TimeoutError("the answer does not end")
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


def enforce_deadline(pool: Any) -> None:
    """Has all answers of a urllib3 pool end in time. What is no such pool is left alone."""
    if hasattr(pool, "pool_classes_by_scheme"):
        pool.pool_classes_by_scheme = _classes()


@cache
def _classes() -> dict[str, type]:
    from http.client import HTTPResponse

    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Response(HTTPResponse):
        def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
            super().__init__(sock, *arguments, **named)
            limit = sock.gettimeout()
            if limit:
                raw = self.fp.detach()
                self.fp = io.BufferedReader(_Until(raw, time.monotonic() + limit * SLOWEST_RESPONSE))

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
