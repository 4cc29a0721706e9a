"""Requests to one Weaviate server: address, credentials, time-outs and the count of calls.

A key or token lives in this object only, while a collection runs. It goes out in one header and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

from readiness_kit.collect.http.certificates import require_tls
from readiness_kit.collect.http.guards import check_weaviate
from readiness_kit.collect.http.transport import Limits, StatusError, StoppedError, TooLargeError, Transport
from readiness_kit.errors import ReadinessError, UnreachableError, UsageError
from readiness_kit.model import Call, Reason
from readiness_kit.redact import redact_text

MAX_CALLS = 95
"""With RBAC on, each call is a line in the server's audit log."""
ATTEMPTS = 2
TIMEOUT = 10.0
"""Seconds. `meta` asks every module, which may be far away: not longer than this."""
NODES_TIMEOUT = 40.0
"""The server itself gives the nodes 30 s to answer it."""
BACKUPS_TIMEOUT = 60.0
"""A listing fetches one object of metadata for each backup."""

_NO_SCHEME = "no authentication scheme is configured"


class BudgetError(ReadinessError):
    """The run's calls are used up."""


class Client:
    """Reads from one server. `anonymous` answers are asked without credentials whatever there is."""

    def __init__(
        self, url: str, token: str, *, ca_file: str = "", verify: bool = True, stop: threading.Event | None = None
    ) -> None:
        self.server = address(url)
        if token:
            require_tls(self.server, "Weaviate")
        self.stop = stop or threading.Event()
        self.calls: list[Call] = []
        self._token = token
        self._pool = _pool(self.server, ca_file, verify)

    @property
    def has_credentials(self) -> bool:
        return bool(self._token)

    def drop_credentials(self) -> None:
        """A server without any scheme to sign in by answers 401 to every token: from now on none is sent."""
        self._token = ""

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        timeout: float = TIMEOUT,
        attempts: int = ATTEMPTS,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of a GET of `path` (from `/v1/` on). Raises what Transport.get raises, and BudgetError."""
        if len(self.calls) >= MAX_CALLS:
            raise BudgetError(f"not asked: this run has sent its {MAX_CALLS} requests to Weaviate")
        sent = dict(headers or {})
        if self._token and not anonymous:
            sent["Authorization"] = f"Bearer {self._token}"
        transport = Transport(
            "weaviate", self.server, self._pool, check_weaviate, lambda: sent, limits=Limits(timeout, max(1, attempts))
        )
        transport.stop = self.stop
        try:
            return transport.get(path, params)
        finally:
            self.calls += transport.calls

    def json(self, path: str, params: Mapping[str, str] | None = None, **how: Any) -> Any:
        """The decoded body of a GET. A body that is no JSON raises msgspec.DecodeError."""
        return msgspec.json.decode(self.get(path, params, **how))

    def why(self, problem: Exception) -> tuple[Reason, str]:
        """The reason and the words for the record of a read that failed; neither ever holds the key."""
        reason, words = _why(problem)
        return reason, self.clean(words)

    def clean(self, text: str) -> str:
        shown = redact_text(text)
        return shown.replace(self._token, "[redacted]") if self._token else shown

    def close(self) -> None:
        self._pool.clear()


def no_scheme(problem: StatusError) -> bool:
    return problem.status == 401 and _NO_SCHEME in problem.message.lower()


def _why(problem: Exception) -> tuple[Reason, str]:
    if isinstance(problem, (StoppedError, BudgetError)):
        return Reason.NOT_COLLECTED, problem.what
    if isinstance(problem, UnreachableError):
        return Reason.UNREACHABLE, problem.what
    if isinstance(problem, TooLargeError):
        return Reason.ERROR, problem.what
    if not isinstance(problem, StatusError):
        return Reason.ERROR, f"the answer is not what Weaviate answers: {problem}"
    status, message = problem.status, problem.message
    words = f"{status}: {message}"
    if status in (401, 403):
        return Reason.FORBIDDEN, words
    if status in (404, 405, 501) or "not implemented" in message.lower():
        return Reason.ABSENT, words
    busy = status in (429, 502, 503, 504) or "leader" in message.lower()
    return (Reason.UNREACHABLE if busy else Reason.ERROR), words


def address(url: str) -> str:
    """The base address, without `/v1` and a closing slash. Raises UsageError for what is none, and for credentials
    in it: an address is stored and shown."""
    hint = "give it as https://weaviate.example.com or http://127.0.0.1:8080"
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise UsageError("the address of Weaviate cannot be read", hint) from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise UsageError(
            "the address of Weaviate holds credentials", "leave them out and set WEAVIATE_API_KEY to the key instead"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{redact_text(url)!r} is not the address of a Weaviate server", hint)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}"


def _pool(server: str, ca_file: str, verify: bool) -> Any:
    """A pool with the system's certificates or those of a file, through the environment's proxy where there is one."""
    import urllib3

    settings: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED" if verify else "CERT_NONE", "maxsize": 2}
    if ca_file:
        settings["ca_certs"] = ca_file
    if not verify:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    parts = urlsplit(server)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc) and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return urllib3.ProxyManager(proxy, **settings)
    return urllib3.PoolManager(**settings)
