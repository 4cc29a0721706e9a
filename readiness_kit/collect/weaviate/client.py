"""Requests to one Weaviate server: address, credentials, time-outs and the budget of calls.

A key or token is kept in memory only, while a collection runs.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from readiness_kit.collect.http.guards import check_weaviate
from readiness_kit.collect.http.login import authorization, parse_address
from readiness_kit.collect.http.pools import make_pool
from readiness_kit.collect.http.reasons import failure
from readiness_kit.collect.http.transport import BudgetError, Limits, StatusError, Transport, UnexpectedAnswerError
from readiness_kit.decoding import UNDECODABLE, plain
from readiness_kit.errors import UsageError
from readiness_kit.model import Call, Reason
from readiness_kit.redact import redact_text

T = TypeVar("T")

MAX_CALLS = 95
"""With RBAC on, each call is a line in the server's audit log."""
ATTEMPTS = 2
TIMEOUT = 10.0
"""Seconds. `meta` asks every module, which may be slow to answer."""
NODES_TIMEOUT = 40.0
"""Seconds; the server itself waits 30 s for its nodes."""
BACKUPS_TIMEOUT = 60.0
"""Seconds; a listing fetches one metadata object for each backup."""
ABSENT = frozenset({404, 405, 501})
"""Statuses of a path that this version does not have."""

_ANONYMOUS = {"Authorization": ""}
_NO_SCHEME = "no authentication scheme is configured"
_NOT_IMPLEMENTED = "not implemented"


class Client:
    """Reads from one server. Requests marked `anonymous` are sent without credentials.

    Raises what `address` raises, and ConfigError for credentials over plain HTTP to another machine.
    """

    def __init__(self, url: str, token: str, *, ca_file: str = "", stop: threading.Event | None = None) -> None:
        self.server = address(url)
        self._credentials = authorization(self.server, "Weaviate", bearer=token)
        pool = make_pool(self.server, ca_file=ca_file, connections=2)
        self._transport = Transport("weaviate", self.server, pool, check_weaviate, lambda: self._credentials)
        self.stop = self._transport.stop = stop or threading.Event()

    @property
    def calls(self) -> tuple[Call, ...]:
        """The requests that were sent."""
        return self._transport.calls

    @property
    def has_credentials(self) -> bool:
        """Whether requests carry a key or a token."""
        return bool(self._credentials)

    def drop_credentials(self) -> None:
        """Send no token from now on: a server without any authentication scheme answers 401 to every token."""
        self._credentials = {}

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
        """The body of a GET of `path` (beginning with `/v1/`). Raises what Transport.get raises, and BudgetError."""
        if len(self.calls) >= MAX_CALLS:
            raise BudgetError(f"not requested: this run has sent its {MAX_CALLS} requests to Weaviate")
        sent = {**(headers or {}), **(_ANONYMOUS if anonymous else {})}
        return self._transport.get(path, params, headers=sent, limits=Limits(timeout, attempts))

    def json(self, path: str, params: Mapping[str, str] | None = None, **how: Any) -> Any:
        """The decoded body of a GET. A body that is not JSON raises an error of UNDECODABLE."""
        return plain(self.get(path, params, **how))

    def read(self, parse: Callable[[Any], T], path: str, params: Mapping[str, str] | None = None, **how: Any) -> T:
        """The answer to a GET as `parse` returns it. Raises UnexpectedAnswerError where its form is not Weaviate's."""
        try:
            return parse(self.json(path, params, **how))
        except (*UNDECODABLE, AttributeError, TypeError) as problem:
            raise UnexpectedAnswerError(
                f"the answer to {path} is not what Weaviate answers: {redact_text(str(problem))[:200]}",
                "check the address, and for a proxy between here and the server",
            ) from None

    @staticmethod
    def why(problem: Exception) -> tuple[Reason, str]:
        """Reason and message of a failed read; before a feature exists, releases answer 500 "not implemented"."""
        reason, message = failure(problem, ABSENT)
        missing = isinstance(problem, StatusError) and _NOT_IMPLEMENTED in problem.message.lower()
        return Reason.ABSENT if missing else reason, message

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


def has_no_scheme(problem: StatusError) -> bool:
    """Whether the server refuses a token because it has no authentication scheme at all."""
    return problem.status == 401 and _NO_SCHEME in problem.message.lower()


def address(url: str) -> str:
    """The base address, without `/v1` and a closing slash.

    Raises UsageError for anything that is not one, and for credentials in it: an address is stored and shown.
    """
    example = "https://weaviate.example.com or http://127.0.0.1:8080"
    found = parse_address(url, "Weaviate", without="/v1", example=example)
    if re.match(r"[^/]*//[^/]*@", url.strip()):
        raise UsageError(
            "the address of Weaviate holds credentials", "leave them out and set WEAVIATE_API_KEY to the key instead"
        )
    return found.url
