"""One Prometheus-compatible server: address and credentials, queries within a budget, answers as arrays.

Queries are sent by POST, to exactly two paths; the rest are five metadata paths by GET. A query that the server gave
up (503) is not sent again, because it would load the server a second time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
import numpy as np

from readiness_kit.collect.http.certificates import is_near
from readiness_kit.collect.http.guards import check_prometheus
from readiness_kit.collect.http.login import authorization, check_header, parse_address
from readiness_kit.collect.http.pools import make_pool
from readiness_kit.collect.http.transport import (
    RETRY_STATUSES,
    BudgetError,
    Limits,
    Transport,
    UnexpectedAnswerError,
)
from readiness_kit.collect.prometheus.queries import Query
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.redact import redact_text

MAX_QUERIES = 80
MAX_POINTS = 5_000_000
"""Of all answers of a run together."""
MAX_BYTES = 64_000_000
TIMEOUT = 30.0
"""Seconds; the server is given a little less, so that it gives up first and reports it."""
_DROPPED = b'[]" \n\r\t'


class Row(NamedTuple):
    """One series of an answer. Times in Unix seconds; NaN values are kept."""

    labels: Mapping[str, str]
    times: np.ndarray
    values: np.ndarray


Answer = tuple[Row, ...]


class Login(NamedTuple):
    """How to reach a server; `headers` hold the credentials, and are kept nowhere else."""

    url: str
    headers: Mapping[str, str] = {}
    ca: str = ""

    def __repr__(self) -> str:
        return f"Login({self.shown!r})"

    @property
    def shown(self) -> str:
        """Scheme, host and port, for messages."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def log_in(url: str, bearer: str = "", user: str = "", password: str = "", tenant: str = "", ca: str = "") -> Login:
    """Check an address and credentials; user and password may be in the URL, and are taken out of it.

    Raises UsageError for an impossible address or two credentials; ConfigError for credentials that cannot be sent.
    """
    example = "http://127.0.0.1:9090 or https://metrics.example.com/prometheus"
    found = parse_address(url, "Prometheus", without="/api/v1(/query)?|/graph|/query", example=example)
    check_header(tenant, "Prometheus tenant")
    headers = authorization(
        found.url, "Prometheus", bearer=bearer, user=user or found.user, password=password or found.password
    )
    return Login(found.url, headers | ({"X-Scope-OrgID": tenant} if tenant else {}), ca)


class Server:
    """Sends queries to one server; safe to use from several threads."""

    def __init__(self, login: Login, stop: threading.Event, timeout: float = TIMEOUT) -> None:
        self.shown = login.shown
        self._timeout = timeout
        self._lock = threading.Lock()
        self.queries = 0
        self.points = 0
        headers = {"Content-Type": "application/x-www-form-urlencoded", **login.headers}
        self.transport = Transport(
            "prometheus",
            login.url,
            make_pool(login.url, ca_file=login.ca),
            check_prometheus,
            lambda: headers,
            compressed=not is_near(login.url),
            limits=Limits(timeout, 3, MAX_BYTES),
            retry=RETRY_STATUSES - {503},
        )
        self.transport.stop = stop

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a metadata GET. Raises what `Transport.get` raises."""
        return self.transport.get(path, params)

    def ask(self, query: Query) -> Answer:
        """The answer to a query. Raises what `Transport.post` raises, BudgetError and UnexpectedAnswerError."""
        with self._lock:
            if self.queries >= MAX_QUERIES or self.points + query.count > MAX_POINTS:
                raise BudgetError(f"not requested: this run has used its limit of {MAX_QUERIES} queries")
            self.queries += 1
        form = {"query": query.promql, "timeout": f"{max(1, round(self._timeout - 2))}s"}
        if query.step:
            form |= {"start": str(query.start), "end": str(query.end), "step": str(query.step)}
        else:
            form["time"] = str(query.end)
        path = "/api/v1/query_range" if query.step else "/api/v1/query"
        answer = parsed(self.transport.post(path, urlencode(form).encode()), query.name)
        with self._lock:
            self.points += sum(len(row.values) for row in answer)
        return answer

    def close(self) -> None:
        self.transport.close()


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


def parsed(body: bytes, name: str = "a query") -> Answer:
    """A vector or a matrix; series without floats (native histograms) are left out. Raises UnexpectedAnswerError."""
    try:
        found = decoder(_Body).decode(body)
        rows = [_row(series) for series in found.data.result]
    except (*UNDECODABLE, ValueError) as problem:
        # numpy raises ValueError for samples that are no numbers.
        raise UnexpectedAnswerError(
            f"the answer to {name} is not that of a Prometheus API: {redact_text(str(problem))[:200]}",
            "check the URL, and for a proxy between here and the server",
        ) from None
    return tuple(row for row in rows if len(row.values))


def _row(series: _Series) -> Row:
    """Pairs of a time and a quoted number, which without brackets and quotes are one list of numbers."""
    text = bytes(series.values or series.value).translate(None, _DROPPED).decode("ascii", "replace")
    pairs = np.fromstring(text, sep=",") if text else np.array([], float)
    pairs = pairs[: len(pairs) // 2 * 2].reshape(-1, 2)
    return Row(series.metric, pairs[:, 0], pairs[:, 1])
