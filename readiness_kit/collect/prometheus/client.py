"""One Prometheus-compatible server: what may be asked of it, how it is asked, and its answers as arrays.

Queries are posted, to exactly two paths; the rest are five metadata paths by GET. A query that timed out on the
server is not sent again: it would hurt it a second time.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

import msgspec
import numpy as np

from readiness_kit.collect.http.certificates import near, require_tls
from readiness_kit.collect.http.guards import check_prometheus
from readiness_kit.collect.http.transport import Limits, StatusError, Transport
from readiness_kit.collect.prometheus.queries import Query
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.redact import redact_text

MAX_QUERIES = 80
MAX_POINTS = 5_000_000
"""Of all queries of a run together, as asked for."""
MAX_BYTES = 64_000_000
TIMEOUT = 30.0
"""Seconds; the server is told a little less, so that it gives up first and says so."""
_PATH = re.compile(r"(/[\w.~-]+)*")
_HEADER = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
_DROPPED = b'[]" \n\r\t'


class BudgetError(ReadinessError):
    """The run has asked as much as it allows itself."""


class Row(NamedTuple):
    """One series of an answer. Times in Unix seconds; NaN values are left in."""

    labels: Mapping[str, str]
    times: np.ndarray
    values: np.ndarray


class Answer(NamedTuple):
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


class _Failure(msgspec.Struct):
    error: str = ""
    message: str = ""


class _PrometheusTransport(Transport):
    """Takes the server's own words from `error`, and does not repeat what overloaded it."""

    def _failed(self, response: Any, status: int, body: bytes, path: str) -> Exception:
        problem = super()._failed(response, status, body, path)
        try:
            said = decoder(_Failure).decode(body)
        except UNDECODABLE:
            said = _Failure()
        words = redact_text(" ".join((said.error or said.message).split()))[:300]
        if status == 503:
            return StatusError(status, words or "service unavailable", path)
        return StatusError(status, words, path) if words and isinstance(problem, StatusError) else problem


class Login(NamedTuple):
    """How to reach a server. `user` and `password` or `bearer`; neither is kept anywhere but here."""

    url: str
    bearer: str = ""
    user: str = ""
    password: str = ""
    tenant: str = ""
    ca: str = ""
    verify: bool = True

    def __repr__(self) -> str:
        return f"Login({self.shown!r})"

    @property
    def shown(self) -> str:
        """Scheme, host and port: what may be said of it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def log_in(
    url: str, bearer: str = "", user: str = "", password: str = "", tenant: str = "", ca: str = "", verify: bool = True
) -> Login:
    """Checks what was given and takes credentials out of the URL. Raises UsageError or ConfigError."""
    parts = urlsplit(url.strip())
    path = re.sub(r"/(api/v1(/query)?|graph|query)?/*$", "", parts.path)
    hint = "give the address as in http://127.0.0.1:9090 or https://metrics.example.com/prometheus"
    try:
        known = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.query or parts.fragment or not _PATH.fullmatch(path) or ".." in path:
        raise UsageError("the Prometheus URL cannot be used", hint)
    if parts.username or parts.password:
        user, password = user or unquote(parts.username or ""), password or unquote(parts.password or "")
    if bearer and user:
        raise UsageError("a token and a user for Prometheus were both given", "give one of them")
    for name, value in (("token", bearer), ("tenant", tenant)):
        if value and not _HEADER.fullmatch(value):
            raise ConfigError(f"the Prometheus {name} has characters that no header can carry", "check its environment")
    if bearer or user:
        require_tls(url, "Prometheus")
    netloc = parts.netloc.rpartition("@")[2]
    return Login(f"{parts.scheme}://{netloc}{path}", bearer, user, password, tenant, ca, verify)


class Server:
    """Asks one server; safe to use from several threads. Close it, or use it in a `with`."""

    def __init__(self, login: Login, stop: threading.Event, timeout: float = TIMEOUT) -> None:
        self.shown = login.shown
        self._timeout = timeout
        self._lock = threading.Lock()
        self.queries = 0
        self.points = 0
        self.transport = _PrometheusTransport(
            "prometheus",
            login.url,
            _pool(login),
            check_prometheus,
            lambda: _headers(login),
            compressed=not near(login.url),
            limits=Limits(timeout, 3, MAX_BYTES),
        )
        self.transport.stop = stop

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a metadata GET. Raises what `Transport.get` raises."""
        return self.transport.get(path, params)

    def ask(self, query: Query) -> Answer:
        """The answer to a query. Raises StatusError, UnreachableError, TooLargeError, BudgetError, StoppedError."""
        with self._lock:
            if self.queries >= MAX_QUERIES or self.points + query.count > MAX_POINTS:
                raise BudgetError(f"the run's own limit of {MAX_QUERIES} queries is used up")
            self.queries += 1
        form = {"query": query.promql, "timeout": f"{max(1, round(self._timeout - 2))}s"}
        if query.step:
            form |= {"start": str(query.start), "end": str(query.end), "step": str(query.step)}
            body = self.transport.post("/api/v1/query_range", urlencode(form).encode())
        else:
            form["time"] = str(query.end)
            body = self.transport.post("/api/v1/query", urlencode(form).encode())
        answer = parsed(body, query.name)
        with self._lock:
            self.points += sum(len(row.values) for row in answer.rows)
        return answer

    def close(self) -> None:
        self.transport.close()


def _headers(login: Login) -> dict[str, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if login.tenant:
        headers["X-Scope-OrgID"] = login.tenant
    if login.bearer:
        headers["Authorization"] = f"Bearer {login.bearer}"
    elif login.user:
        pair = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


def _pool(login: Login) -> Any:
    import urllib3

    settings: dict[str, Any] = {"num_pools": 2, "maxsize": 4, "block": True}
    if login.url.startswith("https:"):
        settings["cert_reqs"] = "CERT_REQUIRED" if login.verify else "CERT_NONE"
        if login.ca:
            settings["ca_certs"] = login.ca
        if not login.verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return urllib3.PoolManager(**settings)


# --- answers --------------------------------------------------------------------------------------


class _Series(msgspec.Struct, gc=False):
    metric: dict[str, str] = {}
    value: msgspec.Raw = msgspec.Raw(b"")
    values: msgspec.Raw = msgspec.Raw(b"")


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    result_type: str = ""
    result: list[_Series] = []


class _Body(msgspec.Struct):
    status: str = ""
    data: _Data = _Data()
    warnings: list[str] = []


class NotPrometheusError(ReadinessError):
    """A body that is not the JSON of this API."""

    exit_code = 4


def parsed(body: bytes, name: str = "a query") -> Answer:
    """A vector or a matrix; series without floats (native histograms) are left out. Raises NotPrometheusError."""
    try:
        found = decoder(_Body).decode(body)
        rows = [_row(series) for series in found.data.result]
    except (*UNDECODABLE, ValueError) as problem:
        # ValueError: what numpy says of samples that are no numbers.
        raise NotPrometheusError(
            f"the answer to {name} is not that of a Prometheus API: {redact_text(str(problem))[:200]}",
            "check the URL, and what stands between here and the server",
        ) from None
    warnings = tuple(redact_text(text)[:200] for text in found.warnings[:3])
    return Answer(tuple(row for row in rows if len(row.values)), warnings)


def _row(series: _Series) -> Row:
    """Pairs of a time and a quoted number: without brackets and quotes they are one list of numbers."""
    text = bytes(series.values or series.value).translate(None, _DROPPED).decode("ascii", "replace")
    pairs = np.fromstring(text, sep=",") if text else np.array([], float)
    pairs = pairs[: len(pairs) // 2 * 2].reshape(-1, 2)
    return Row(series.metric, pairs[:, 0], pairs[:, 1])
