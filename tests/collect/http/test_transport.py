"""Retries, limits, credentials and the call log of one request, against a served API server."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate
from pathlib import Path
from socket import gaierror
from typing import Any

import pytest
import urllib3
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError, ProtocolError, ReadTimeoutError

from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.transport import (
    MAX_PAUSE,
    Limits,
    StatusError,
    StoppedError,
    TooLargeError,
    Transport,
    network_words,
)
from readiness_kit.errors import UnreachableError
from tests.collect.conftest import small
from tests.support.served import Fault, Reply, Request, ServedCluster, status

Open = Callable[..., Transport]


@pytest.fixture
def served() -> Iterator[ServedCluster]:
    with ServedCluster(small()) as cluster:
        yield cluster


@pytest.fixture
def opened(served: ServedCluster, pauses: list[float]) -> Iterator[Open]:
    made: list[Transport] = []

    def make(fault: Fault | None = None, limits: Limits | None = None, **named: Any) -> Transport:
        served.fault = fault
        headers = {"Authorization": "Bearer served-token"}
        transport = Transport(
            "kubernetes",
            served.url,
            urllib3.PoolManager(),
            check_kubernetes,
            lambda: headers,
            limits=limits or Limits(5),
            **named,
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


def first(*replies: Reply) -> Fault:
    """These replies to the first requests, the true answer to all that follow."""
    left = list(replies)
    return lambda request: left.pop(0) if left else None


def test_get_is_written_to_the_call_log(opened: Open, served: ServedCluster) -> None:
    transport = opened()
    body = transport.get("/api/v1/nodes", {"limit": "1", "continue": ""})
    call = transport.calls[0]
    assert (call.source, call.method, call.path, call.status) == (
        "kubernetes",
        "GET",
        "/api/v1/nodes?limit=1&continue=…",
        200,
    )
    assert call.size == len(body) > 0 and call.error == ""
    assert served.requests[0].headers["accept-encoding"] == "gzip"
    assert "served-token" not in str(transport.calls)


def test_responses_inside_the_cluster_are_not_compressed(opened: Open, served: ServedCluster) -> None:
    opened(compressed=False).get("/version")
    assert served.requests[0].headers["accept-encoding"] == "identity"


def test_a_compressed_answer_is_unpacked(opened: Open) -> None:
    reply = Reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
    assert opened(lambda request: reply).get("/version") == b'{"a": 1}'


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_transient_status_is_retried(opened: Open, pauses: list[float], code: int) -> None:
    transport = opened(first(status(code, "X", "busy"), status(code, "X", "busy")))
    transport.get("/version")
    assert [call.status for call in transport.calls] == [code, code, 200]
    assert len(pauses) == 2 and 0 < pauses[0] < pauses[1] * 2


@pytest.mark.parametrize("code", [400, 403, 404, 410, 422, 302])
def test_other_status_is_not_retried(opened: Open, pauses: list[float], code: int) -> None:
    transport = opened(lambda request: status(code, "X", "no: password=hunter22"))
    with pytest.raises(StatusError) as raised:
        transport.get("/version")
    assert (raised.value.status, raised.value.message) == (code, "no: password=[redacted]")
    assert len(transport.calls) == 1 and pauses == []


def test_retry_after_is_honoured(opened: Open, pauses: list[float]) -> None:
    opened(first(status(429, "X", "busy", Retry_After="3"))).get("/version")
    assert pauses == [3.0]


def test_retry_after_as_a_date(opened: Open, pauses: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
    opened(first(status(503, "X", "busy", Retry_After=at))).get("/version")
    assert 7 < pauses[0] <= 10


def test_long_retry_after_ends_the_request(opened: Open, pauses: list[float]) -> None:
    transport = opened(lambda request: status(429, "X", "busy", Retry_After=str(int(MAX_PAUSE) + 1)))
    with pytest.raises(StatusError, match="429"):
        transport.get("/version")
    assert pauses == [] and len(transport.calls) == 1


def test_attempts_and_pause_budget_are_limited(opened: Open, pauses: list[float]) -> None:
    transport = opened(lambda request: status(500, "X", "broken", Retry_After="15"))
    for _ in range(5):
        with pytest.raises(StatusError, match="500"):
            transport.get("/version")
    assert sum(pauses) == 90.0
    assert len(transport.calls) == 5 + 6


def test_cut_connection_is_retried_and_then_reported(opened: Open) -> None:
    transport = opened(first(Reply(200, b'{"a": 1}', cut=3)))
    assert b"gitVersion" in transport.get("/version")
    assert transport.calls[0].error != "" and transport.calls[1].status == 200
    transport = opened(lambda request: Reply(200, b'{"a": 1}', cut=3), Limits(5, 2))
    with pytest.raises(UnreachableError):
        transport.get("/version")
    assert len(transport.calls) == 2


def test_silent_server_times_out(opened: Open) -> None:
    transport = opened(lambda request: Reply(200, b"{}", delay=5), Limits(0.1, 2))
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="does not answer") as raised:
        transport.get("/version")
    assert time.monotonic() - began < 3
    assert "VPN" in raised.value.hint


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            NewConnectionError(HTTPConnection("::1", 1), "Failed to establish a new connection: [Errno 111] Refused"),
            "Refused",
        ),
        (ReadTimeoutError(HTTPConnectionPool("a.example", 80), "/", "Read timed out."), "Read timed out."),
        (NameResolutionError("a.example", HTTPSConnection("a.example"), gaierror(-2, "Name or service not known")),
         "Failed to resolve 'a.example' (Name or service not known)"),
        (ProtocolError("Connection aborted.", ConnectionError("Remote end closed connection")),
         "Connection aborted: Remote end closed connection"),
    ],
    ids=["refused", "slow", "unknown name", "cut"],
)  # fmt: skip
def test_network_errors_are_shown_without_library_names(problem: Exception, words: str) -> None:
    assert network_words(problem) == words


def test_response_over_the_size_limit_is_not_read_to_its_end(opened: Open) -> None:
    transport = opened(lambda request: Reply(200, b" " * 3_000_000), Limits(5, 5, 1_000_000))
    with pytest.raises(TooLargeError, match="1,000,000 bytes"):
        transport.get("/version")
    assert len(transport.calls) == 1 and transport.calls[0].error == "the answer is too large"


def test_gzip_bomb_is_stopped_at_its_unpacked_size(opened: Open) -> None:
    bomb = Reply(200, gzip.compress(b"0" * 20_000_000), {"Content-Encoding": "gzip"})
    with pytest.raises(TooLargeError):
        opened(lambda request: bomb, Limits(5, 5, 1_000_000)).get("/version")


def test_no_redirect_is_followed(opened: Open, served: ServedCluster) -> None:
    transport = opened(lambda request: Reply(307, b"", {"Location": "/api/v1/secrets"}))
    with pytest.raises(StatusError, match="307"):
        transport.get("/version")
    assert served.paths() == ["/version"]


def test_new_credentials_are_tried_once_after_a_401(opened: Open) -> None:
    asked: list[int] = []
    transport = opened(lambda request: status(401, "Unauthorized", "no"), refresh=lambda: asked.append(1) or True)
    with pytest.raises(StatusError, match="401"):
        transport.get("/version")
    assert asked == [1] and len(transport.calls) == 2


def test_nothing_is_sent_after_a_stop(opened: Open, served: ServedCluster) -> None:
    transport = opened()
    transport.stop.set()
    with pytest.raises(StoppedError):
        transport.get("/version")
    assert served.requests == []


def test_a_stop_ends_the_waiting_between_attempts(served: ServedCluster) -> None:
    transport = Transport("kubernetes", served.url, urllib3.PoolManager(), check_kubernetes, dict, limits=Limits(5))

    def fault(request: Request) -> Reply:
        transport.stop.set()
        return status(503, "X", "busy", Retry_After="19")

    served.fault = fault
    began = time.monotonic()
    with pytest.raises(StoppedError):
        transport.get("/version")
    assert time.monotonic() - began < 3
    transport.close()


def test_password_in_a_url_is_in_no_error(tmp_path: Path, pauses: list[float]) -> None:
    pool = urllib3.PoolManager()
    transport = Transport(
        "kubernetes", "http://me:hunter22@127.0.0.1:9", pool, check_kubernetes, dict, limits=Limits(1, 1)
    )
    with pytest.raises(UnreachableError) as raised:
        transport.get("/version")
    assert "hunter22" not in str(raised.value) + str(transport.calls)


@pytest.mark.parametrize(
    ("sent", "repeated"),
    [
        ("Bearer s3cret/key", "s3cret/key"),
        ("Bearer s3cret/key", "s3cret%2Fkey"),
        ("Bearer s3cret/key", "czNjcmV0L2tleQ=="),
        ("Basic bWU6cGFzc3dvcmQtMQ==", "password-1"),
        ("Basic bWU6cGFzc3dvcmQtMQ==", "bWU6cGFzc3dvcmQtMQ=="),
    ],
)
def test_credentials_are_removed_from_what_the_server_repeats(
    served: ServedCluster, pauses: list[float], sent: str, repeated: str
) -> None:
    served.fault = lambda request: status(400, "X", f"bad request with {repeated} in it")
    headers = {"Authorization": sent}
    transport = Transport("kubernetes", served.url, urllib3.PoolManager(), check_kubernetes, lambda: headers)
    with pytest.raises(StatusError) as raised:
        transport.get("/version")
    assert repeated.rstrip("=") not in str(raised.value) and "[redacted]" in raised.value.message
    transport.close()


@pytest.mark.parametrize(("ahead", "expected"), [(0, 0), (8_640_000, 8_640_000), (-3600, -3600)])
def test_clock_of_the_server_is_compared_with_the_own(ahead: int, expected: int) -> None:
    response = urllib3.HTTPResponse(headers={"Date": formatdate(time.time() + ahead, usegmt=True)})
    transport = Transport("kubernetes", "http://127.0.0.1:1", urllib3.PoolManager(), lambda *_: None, dict)
    transport._compare_clocks(response)
    assert transport.clock_skew == pytest.approx(expected, abs=2)
    transport._compare_clocks(urllib3.HTTPResponse(headers={"Date": "yesterday"}))
    assert transport.clock_skew == pytest.approx(expected, abs=2)
