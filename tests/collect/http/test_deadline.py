"""A server that sends single bytes slowly: the response ends at the deadline, whichever part is slow."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3

from readiness_kit.collect.http.deadline import SLOWEST_RESPONSE
from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.transport import Limits, Transport
from readiness_kit.errors import UnreachableError

LIMIT = 0.25
PAUSE = 0.05
WHOLE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"items": []}'
OPEN = b"HTTP/1.1 200 OK\r\n"
DRIPPING = {
    "the status line": (b"HTTP/1.1 200 ", b"O"),
    "a header": (OPEN + b"X-Long: ", b"x"),
    "headers": (OPEN, b"X-A: 1\r\n"),
    "the body": (OPEN + b"Content-Length: 100000\r\n\r\n", b" "),
    "the size of a chunk": (OPEN + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "an interim answer": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@contextmanager
def dripping(head: bytes, drop: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends the head and then the drop for ever; what it was asked."""
    asked: list[bytes] = []
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    asked.append(connection.recv(65_536))
                    connection.sendall(head)
                    while drop and not ended.wait(PAUSE):
                        connection.sendall(drop)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        ended.set()
        thread.join(5)
        listener.close()


def transport(url: str, attempts: int = 3) -> Transport:
    return Transport("kubernetes", url, urllib3.PoolManager(), check_kubernetes, dict, limits=Limits(LIMIT, attempts))


@pytest.mark.parametrize(("head", "drop"), DRIPPING.values(), ids=DRIPPING)
def test_dripping_response_ends_at_the_deadline(head: bytes, drop: bytes) -> None:
    with dripping(head, drop) as (url, asked):
        began = time.monotonic()
        with pytest.raises(UnreachableError, match=r"the answer to /api/v1/nodes did not end within 1 s"):
            transport(url).get("/api/v1/nodes")
        took = time.monotonic() - began
    assert LIMIT * SLOWEST_RESPONSE <= took < LIMIT * SLOWEST_RESPONSE + 3
    assert len(asked) == 1, "a slow response is not requested again"


def test_broken_response_is_requested_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    with dripping(WHOLE, b"") as (url, _):
        assert transport(url).get("/api/v1/nodes") == b'{"items": []}'
    with dripping(b"", b"") as (url, asked), pytest.raises(UnreachableError, match="does not answer"):
        transport(url, attempts=2).get("/api/v1/nodes")
    assert len(asked) == 2
