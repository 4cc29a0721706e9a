"""The one place that opens connections.

A `Transport` sends requests to one server, after its guard has agreed to each: with a time-out, retries inside a
budget, a size limit, no redirects, and an entry in the call log. It takes a urllib3 pool and never sees how the
credentials were come by. (The `kubernetes` client makes the pool, because that is where TLS, proxies and client
certificates are set up alike in all its versions; its own request methods would log bodies and hold whole lists in
typed objects.)
"""

from __future__ import annotations

import io
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from readiness_kit.collect.http.deadline import SLOWEST_RESPONSE, enforce_deadline
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError, UnreachableError
from readiness_kit.model import Call
from readiness_kit.redact import redact_text

MAX_RESPONSE_BYTES = 256_000_000
ATTEMPTS = 5
MAX_PAUSE = 20.0
"""Seconds; a server that asks for more by Retry-After is not waited for any longer."""
PAUSE_BUDGET = 90.0
"""Seconds that all requests of a transport together may spend waiting for another try."""
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_CHUNK = 1 << 18
_OF_URLLIB3 = re.compile(
    r"HTTPS?Connection(?:Pool)?\(host=(?:'[^']*'|\"[^\"]*\"), port=\w+\): (?:Failed to establish a new connection: )?"
    r"|\[Errno -?\d+\] "
)

_TLS_HINTS = {
    "kubernetes": "check certificate-authority-data and the server name in the kubeconfig, and that the certificate is"
    " still valid",
    "weaviate": "give its certificate authorities with --weaviate-ca; check the name in the address and the date",
    "prometheus": "give its certificate authorities with --prometheus-ca; check the name in the address and the date",
}

Guard = Callable[[str, str, Mapping[str, str]], None]


class StatusError(ReadinessError):
    """An answer that is not a success. `message` is the server's own, redacted."""

    exit_code = 4

    def __init__(self, status: int, message: str, path: str) -> None:
        super().__init__(f"the server answered {status} to {path}: {message}", "see the call log")
        self.status = status
        self.message = message


class TooLargeError(ReadinessError):
    """An answer beyond the size limit; reading it was given up."""

    exit_code = 4


class StoppedError(ReadinessError):
    """The caller's stop event was set."""


class Limits(NamedTuple):
    """`timeout` is in seconds, for connecting and for each read."""

    timeout: float = 30.0
    attempts: int = ATTEMPTS
    max_bytes: int = MAX_RESPONSE_BYTES


class Transport:
    """Sends requests to one server. `pool` is a urllib3 PoolManager; `headers` gives the current credentials.

    `refresh` is called once after a 401 and says whether there are new credentials to try. Safe to use from
    several threads.
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
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._budget = PAUSE_BUDGET

    @property
    def calls(self) -> tuple[Call, ...]:
        """The call log so far: every attempt, in the order in which they ended."""
        with self._lock:
            return tuple(self._calls)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a successful GET. Raises StatusError, UnreachableError, TooLargeError or StoppedError."""
        return self._send("GET", path, dict(params or {}), None)

    def post(self, path: str, body: bytes) -> bytes:
        """The body of a successful POST, which the guard allows for very few paths."""
        return self._send("POST", path, {}, body)

    def close(self) -> None:
        self._pool.clear()

    def _send(self, method: str, path: str, params: dict[str, str], body: bytes | None) -> bytes:
        self._guard(method, path, params)
        refreshed = False
        attempt = 0
        while True:
            if self.stop.is_set():
                raise StoppedError("the collection was stopped")
            attempt += 1
            try:
                return self._once(method, path, params, body)
            except RetryableError as problem:
                if attempt >= self._limits.attempts or not self._pause(problem.after, attempt):
                    raise problem.error from None
            except StatusError as problem:
                if problem.status != 401 or refreshed or not self._refresh():
                    raise
                refreshed = True

    def _pause(self, after: float | None, attempt: int) -> bool:
        """Waits for the next attempt; False where the budget does not allow it."""
        if after is not None and after > MAX_PAUSE:
            return False
        seconds = after if after is not None else random.uniform(0.5, 1.0) * min(0.25 * 2**attempt, 8.0)
        with self._lock:
            if seconds > self._budget:
                return False
            self._budget -= seconds
        self.wait(seconds)
        return True

    def wait(self, seconds: float) -> None:
        """Sleeps, unless it is stopped meanwhile."""
        self.stop.wait(seconds)

    def _once(self, method: str, path: str, params: dict[str, str], body: bytes | None) -> bytes:
        from urllib3.exceptions import HTTPError

        began = time.monotonic()
        status: int | None = None
        size = 0
        error = ""
        try:
            response = self._open(method, path, params, body)
            try:
                status = response.status
                received = self._read(response, path, began)
            except BaseException:
                response.close()
                raise
            response.release_conn()
            size = len(received)
            if status >= 300:
                raise self._failed(response, status, received, path)
            return received
        except HTTPError as problem:
            error = type(problem).__name__
            if time.monotonic() - began >= self._limits.timeout * SLOWEST_RESPONSE:
                raise self._endless(path) from None
            raise self._unreachable(problem) from None
        except (RetryableError, ReadinessError) as problem:
            error = type(problem).__name__ if status is None or status < 300 else ""
            raise
        finally:
            shown = path + (f"?{_shown(params)}" if params else "")
            call = Call(self.source, method, shown, status, round(time.monotonic() - began, 4), size, error)
            with self._lock:
                self._calls.append(call)

    def _open(self, method: str, path: str, params: dict[str, str], body: bytes | None) -> Any:
        from urllib3 import Timeout

        url = self.server + path + (f"?{urlencode(params)}" if params else "")
        headers = {"Accept": "application/json", "Accept-Encoding": self._encoding, "User-Agent": "readiness-kit"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._pool.request(
            method,
            url,
            body=body,
            headers={**headers, **self._headers()},
            timeout=Timeout(connect=min(self._limits.timeout, 10.0), read=self._limits.timeout),
            preload_content=False,
            retries=False,
            redirect=False,
        )

    def _read(self, response: Any, path: str, began: float) -> bytes:
        # Grown in place and given away without a copy; joined parts would be in memory twice.
        received = io.BytesIO()
        while chunk := response.read1(_CHUNK, decode_content=True):
            received.write(chunk)
            if received.tell() > self._limits.max_bytes:
                raise TooLargeError(
                    f"the answer to {path} is larger than {self._limits.max_bytes:,} bytes and was not read to its end",
                    "narrow the assessment to fewer namespaces",
                )
            if time.monotonic() - began > self._limits.timeout * SLOWEST_RESPONSE:
                raise self._endless(path)
        return received.getvalue()

    def _endless(self, path: str) -> UnreachableError:
        return UnreachableError(
            f"the answer to {path} did not end within {self._limits.timeout * SLOWEST_RESPONSE:.0f} s",
            "check the network between here and the server",
        )

    def _failed(self, response: Any, status: int, body: bytes, path: str) -> Exception:
        error = StatusError(status, _message(body, response.reason or ""), path)
        return RetryableError(error, _retry_after(response)) if status in RETRY_STATUSES else error

    def _unreachable(self, problem: Exception) -> Exception:
        """TLS failures name themselves and are not tried again; all else of the network is."""
        from urllib3.exceptions import SSLError

        host = redact_text(self.server)
        words = redact_text(network_words(problem))[:300]
        if isinstance(problem, SSLError) or isinstance(problem.__cause__, SSLError) or "CERTIFICATE" in words.upper():
            return UnreachableError(f"the TLS connection to {host} failed: {words}", _TLS_HINTS[self.source])
        error = UnreachableError(
            f"{host} does not answer: {words}",
            "check the server address, the VPN or proxy, and that the API server runs",
        )
        return RetryableError(error, None)


class RetryableError(Exception):
    """Worth another try. `after` is the server's own wish in seconds."""

    def __init__(self, error: ReadinessError, after: float | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


class _Status(msgspec.Struct):
    """Kubernetes says `message`, Prometheus `error`, Weaviate `error: [{message}]`."""

    message: str = ""
    error: Any = None

    @property
    def text(self) -> str:
        first = self.error[0] if isinstance(self.error, list) and self.error else self.error
        nested = first.get("message") if isinstance(first, dict) else first
        return self.message or (nested if isinstance(nested, str) else "")


def network_words(problem: Exception) -> str:
    """What urllib3 says of a failure, without its own class names and the numbers of the system's errors."""
    from urllib3.exceptions import ProtocolError

    said = [str(one).rstrip(".") for one in problem.args] if isinstance(problem, ProtocolError) else [str(problem)]
    return " ".join(_OF_URLLIB3.sub("", ": ".join(said)).split())


def _message(body: bytes, reason: str) -> str:
    try:
        text: str = decoder(_Status).decode(body).text
    except UNDECODABLE:
        text = body[:300].decode("utf-8", "replace")
    return redact_text(" ".join((text or reason).split()))[:500]


def _retry_after(response: Any) -> float | None:
    """Seconds, from either form of the header."""
    value = (response.headers.get("Retry-After") or "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _shown(params: Mapping[str, str]) -> str:
    """The query for the call log; a continue token is an opaque, long string of the server's."""
    return "&".join(f"{name}={'…' if name == 'continue' else redact_text(value)}" for name, value in params.items())
