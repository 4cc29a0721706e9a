"""The one place that sends requests.

A `Transport` sends requests to one server after its guard has allowed each of them: with a time-out, retries within a
budget, a size limit, no redirects, and an entry in the call log. It takes a urllib3 pool and a function that gives
the credentials of the moment; it removes these from every message that comes back.
"""

from __future__ import annotations

import io
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import urllib3
from urllib3.exceptions import DecodeError, HTTPError, NewConnectionError, ProtocolError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as TimeoutError_

from readiness_kit.collect.http.credentials import SentCredentials
from readiness_kit.collect.http.deadline import SLOWEST_RESPONSE, enforce_deadline
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError, UnreachableError
from readiness_kit.model import Call
from readiness_kit.redact import redact_text
from readiness_kit.redact.shapes import MAX_MESSAGE

MAX_RESPONSE_BYTES = 256_000_000
ATTEMPTS = 5
MAX_PAUSE = 20.0
"""Seconds; where a server asks for more by Retry-After, the request is given up."""
PAUSE_BUDGET = 90.0
"""Seconds that all requests of a transport together may spend waiting for the next attempt."""
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
MAX_ERROR_BYTES = 1_000_000
"""Bytes of an error's body that are looked at."""
_CHUNK = 1 << 18
_URLLIB3_DETAILS = re.compile(
    r"\b_*[A-Z]\w{0,63}\(host=(?:'[^'\n]{0,512}'|\"[^\"\n]{0,512}\"), port=\w{1,8}\):? ?"
    r"|<[\w.]{1,200} object at 0x[0-9a-f]{1,16}>:? ?|Failed to establish a new connection: |\[Errno -?\d{1,9}\] "
    r"|\b_*[A-Z]\w{0,63}(?:Error|Exception)(?=\()"
)

_TLS_HINTS = {
    "kubernetes": "check certificate-authority-data and the server name in the kubeconfig, and that the certificate is"
    " still valid",
    "weaviate": "give its certificate authorities with --weaviate-ca; check the name in the address and the date",
    "prometheus": "give its certificate authorities with --prometheus-ca; check the name in the address and the date",
}

Guard = Callable[[str, str, Mapping[str, str]], None]


class StatusError(ReadinessError):
    """A response other than a success. `message` is the server's own, redacted."""

    exit_code = 4

    def __init__(self, status: int, message: str, path: str) -> None:
        super().__init__(f"the server answered {status} to {path}: {message}", "see the call log")
        self.status = status
        self.message = message


class TooLargeError(ReadinessError):
    """A response beyond the size limit, of which the rest was not read."""

    exit_code = 4


class UnexpectedAnswerError(ReadinessError):
    """A response that is not what this API answers."""

    exit_code = 4


class StoppedError(ReadinessError):
    """The caller's stop event was set."""

    def __init__(self) -> None:
        super().__init__("stopped before it was read")


class BudgetError(ReadinessError):
    """The run has sent as many requests as it allows itself for one server."""


class RetryableError(Exception):
    """A failure that may pass. `after` is the pause in seconds that the server asked for."""

    def __init__(self, error: ReadinessError, after: float | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


class Limits(NamedTuple):
    """`timeout` is in seconds, for connecting and for each read."""

    timeout: float = 30.0
    attempts: int = ATTEMPTS
    max_bytes: int = MAX_RESPONSE_BYTES


class _Request(NamedTuple):
    method: str
    path: str
    params: Mapping[str, str]
    body: bytes | None
    headers: Mapping[str, str | tuple[str, ...]]
    limits: Limits


class Transport:
    """Sends requests to one server. `pool` is a urllib3 PoolManager; `headers` gives the current credentials.

    `refresh` is called once after a 401 and returns whether there are new credentials to try; `retry` are the
    statuses after which a request is sent again. Safe to use from several threads.
    """

    def __init__(
        self,
        source: str,
        server: str,
        pool: Any,
        guard: Guard,
        headers: Callable[[], Mapping[str, str]],
        *,
        refresh: Callable[[], bool] = lambda: False,
        compressed: bool = True,
        limits: Limits | None = None,
        retry: frozenset[int] = RETRY_STATUSES,
    ) -> None:
        self.source = source
        self.server = server.rstrip("/")
        self.stop = threading.Event()
        enforce_deadline(pool)
        self._pool = pool
        self._guard = guard
        self._headers = headers
        self._refresh = refresh
        self._encoding = "gzip" if compressed else "identity"
        self._limits = limits or Limits()
        self._retry = retry
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._budget = PAUSE_BUDGET
        self._sent = SentCredentials()
        self.clock_skew: float | None = None
        """Seconds by which the server's clock is ahead, by the last `Date` header; None without one."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The call log so far: every attempt, in the order in which they ended."""
        with self._lock:
            return tuple(self._calls)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str | tuple[str, ...]] | None = None,
        limits: Limits | None = None,
    ) -> bytes:
        """The body of a successful GET. Raises StatusError, UnreachableError, TooLargeError or StoppedError."""
        return self._send("GET", path, params or {}, None, headers, limits)

    def post(self, path: str, body: bytes, *, headers: Mapping[str, str | tuple[str, ...]] | None = None) -> bytes:
        """The body of a successful POST, which the guard allows for very few paths."""
        return self._send("POST", path, {}, body, headers)

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()

    def redact(self, text: str) -> str:
        """A text from outside without the credentials that were sent, and without anything that looks like one."""
        return redact_text(self._sent.remove(text))

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str | tuple[str, ...]] | None = None,
        limits: Limits | None = None,
    ) -> bytes:
        self._guard(method, path, params)
        request = _Request(method, path, params, body, headers or {}, limits or self._limits)
        refreshed = False
        attempt = 0
        while True:
            if self.stop.is_set():
                raise StoppedError
            attempt += 1
            try:
                return self._once(request)
            except RetryableError as problem:
                if attempt >= request.limits.attempts or not self._pause(problem.after, attempt):
                    raise problem.error from None
            except StatusError as problem:
                if problem.status != 401 or refreshed or not self._refresh():
                    raise
                refreshed = True

    def _pause(self, after: float | None, attempt: int) -> bool:
        """Wait for the next attempt; False where the budget does not allow it."""
        if after is not None and after > MAX_PAUSE:
            return False
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - only spreads the attempts
        seconds = after if after is not None else jitter * min(0.25 * 2**attempt, 8.0)
        with self._lock:
            if seconds > self._budget:
                return False
            self._budget -= seconds
        self.wait(seconds)
        return True

    def wait(self, seconds: float) -> None:
        """Sleep until the time is over or the collection is stopped."""
        self.stop.wait(seconds)

    def _once(self, request: _Request) -> bytes:
        began = time.monotonic()
        status: int | None = None
        size = 0
        error = ""
        try:
            response = self._open(request)
            try:
                status = response.status
                self._compare_clocks(response)
                received = self._read(response, request, began)
            except BaseException:
                response.close()
                raise
            response.release_conn()
            size = len(received)
            if status >= 300:
                raise self._failed(response, status, received, request.path)
            return self._sent.remove_from_answer(received)
        except HTTPError as problem:
            error = _cause(problem)
            if time.monotonic() - began >= request.limits.timeout * SLOWEST_RESPONSE:
                raise _endless(request) from None
            raise self._unreachable(problem) from None
        except (RetryableError, ReadinessError) as problem:
            error = _cause(problem) if status is None or status < 300 else ""
            raise
        finally:
            seconds = round(time.monotonic() - began, 4)
            call = Call(self.source, request.method, _logged(request), status, seconds, size, error)
            with self._lock:
                self._calls.append(call)

    def _open(self, request: _Request) -> Any:
        url = self.server + request.path + (f"?{urlencode(request.params)}" if request.params else "")
        headers = {"Accept": "application/json", "Accept-Encoding": self._encoding, "User-Agent": "readiness-kit"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        credentials = self._headers()
        self._sent.add(credentials)
        timeout = request.limits.timeout
        return self._pool.request(
            request.method,
            url,
            body=request.body,
            headers=_header_lines({**headers, **credentials, **request.headers}),
            timeout=urllib3.Timeout(connect=min(timeout, 10.0), read=timeout),
            preload_content=False,
            retries=False,
            redirect=False,
        )

    def _compare_clocks(self, response: Any) -> None:
        with suppress(TypeError, ValueError, OverflowError):
            self.clock_skew = parsedate_to_datetime(response.headers.get("Date")).timestamp() - time.time()

    def _read(self, response: Any, request: _Request, began: float) -> bytes:
        # Grown in place and returned without a copy; joined parts would be in memory twice.
        received = io.BytesIO()
        limits = request.limits
        while chunk := response.read1(_CHUNK, decode_content=True):
            received.write(chunk)
            if received.tell() > limits.max_bytes:
                raise TooLargeError(
                    f"the answer to {request.path} is larger than {limits.max_bytes:,} bytes; the rest was not read",
                    "narrow the assessment to fewer namespaces",
                )
            if time.monotonic() - began > limits.timeout * SLOWEST_RESPONSE:
                raise _endless(request)
        return received.getvalue()

    def _failed(self, response: Any, status: int, body: bytes, path: str) -> Exception:
        message = self.redact(_message(self._sent.remove_bytes(body[:MAX_ERROR_BYTES]), response.reason or ""))[:500]
        error = StatusError(status, message, path)
        return RetryableError(error, _retry_after(response)) if status in self._retry else error

    def _unreachable(self, problem: Exception) -> Exception:
        """A failure of TLS is final; any other failure of the network is tried again."""
        host = redact_text(self.server)
        words = self.redact(network_words(problem))[:300]
        if isinstance(problem, SSLError) or isinstance(problem.__cause__, SSLError) or "CERTIFICATE" in words.upper():
            return UnreachableError(f"the TLS connection to {host} failed: {words}", _TLS_HINTS[self.source])
        error = UnreachableError(
            f"{host} does not answer: {words}", "check the address, the VPN or proxy, and that the server runs"
        )
        return RetryableError(error, None)


class _Status(msgspec.Struct):
    """An error's body: Kubernetes has `message`, Prometheus `error`, Weaviate `error: [{message}]`."""

    message: str = ""
    error: Any = None

    @property
    def text(self) -> str:
        first = self.error[0] if isinstance(self.error, list) and self.error else self.error
        nested = first.get("message") if isinstance(first, dict) else first
        return self.message or (nested if isinstance(nested, str) else "")


def _header_lines(headers: Mapping[str, str | tuple[str, ...]]) -> urllib3.HTTPHeaderDict:
    """The headers that have a value; one with several values is sent once for each."""
    lines = urllib3.HTTPHeaderDict()
    for name, value in headers.items():
        for line in (value,) if isinstance(value, str) else value:
            if line:
                lines.add(name, line)
    return lines


def network_words(problem: Exception) -> str:
    """urllib3's message without its own class names and the system's error numbers."""
    causes = problem.args if isinstance(problem, ProtocolError) else (problem,)
    text = ": ".join(str(cause).rstrip(".") if len(causes) > 1 else str(cause) for cause in causes)
    return " ".join(_URLLIB3_DETAILS.sub("", text).split())


_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (SSLError, "TLS failed"),
    (TimeoutError_, "no answer in time"),
    (NewConnectionError, "no connection"),
    (ProxyError, "the proxy failed"),
    (ProtocolError, "the connection broke"),
    (DecodeError, "the answer cannot be unpacked"),
    (TooLargeError, "the answer is too large"),
    (UnreachableError, "no answer in time"),
    (ReadinessError, "not sent"),
)


def _cause(problem: Exception) -> str:
    """The error of a call in the call log, in words."""
    return next((words for kind, words in _CAUSES if isinstance(problem, kind)), "the request failed")


def _endless(request: _Request) -> UnreachableError:
    return UnreachableError(
        f"the answer to {request.path} did not end within {request.limits.timeout * SLOWEST_RESPONSE:.0f} s",
        "check the network between here and the server",
    )


def _message(body: bytes, reason: str) -> str:
    """The text of an error in one line; what is too long is cut where credentials are removed."""
    try:
        text: str = decoder(_Status).decode(body).text
    except UNDECODABLE:
        text = body[:MAX_MESSAGE].decode("utf-8", "replace")
    return " ".join((text[:MAX_ERROR_BYTES] or reason[:MAX_MESSAGE]).split())


def _retry_after(response: Any) -> float | None:
    """Seconds, from either form of the header."""
    value = (response.headers.get("Retry-After") or "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _logged(request: _Request) -> str:
    """Path and query for the call log; a continue token is a long, opaque string of the server."""
    shown = (f"{name}={'…' if name == 'continue' else redact_text(value)}" for name, value in request.params.items())
    return request.path + ("?" + "&".join(shown) if request.params else "")
