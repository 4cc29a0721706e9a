"""From a failed request to the reason in its record: one table for all sources.

=============================================================  =============
stopped by the user                                            not_collected
status 401 or 403; credentials that cannot be obtained         forbidden
a status that `absent` names; `Absent`                         absent
status 429, 500, 502, 503 or 504; no answer in time; no         unreachable
connection; TLS
any other status; an answer of unexpected form or size; the    error
request budget of the run is used up
=============================================================  =============

The five statuses under `unreachable` are those that the transport tries again: the server cannot serve the request
now. Absence counts as proof in judging, so a status means it only where a caller documents that for its path (404 of
a Kubernetes list; 404, 405 and 501 of Weaviate; 400, 404, 405 and 501 of Prometheus metadata). All of `forbidden`,
`unreachable` and `error` withhold evidence: with less permission, or a failing server, no result gets better.
"""

from __future__ import annotations

from collections.abc import Container

from readiness_kit.collect.http.transport import RETRY_STATUSES, StatusError, StoppedError
from readiness_kit.decoding import UNDECODABLE
from readiness_kit.errors import ConfigError, ReadinessError, UnreachableError
from readiness_kit.model import Reason
from readiness_kit.redact import redact_text


class Absent(Exception):  # noqa: N818 - a state of the server, not a fault
    """The server has no such API or no such series; the text names it."""


FAILURES = (ReadinessError, Absent, *UNDECODABLE)
"""What reading one answer may raise without ending the others."""


def failure(problem: Exception, absent: Container[int] = ()) -> tuple[Reason, str]:
    """The reason and the message for the record of a read that raised `problem`, one of FAILURES.

    absent: the statuses that mean the resource does not exist
    """
    if isinstance(problem, StatusError):
        return _of_status(problem.status, absent), f"{problem.status}: {problem.message}"
    if isinstance(problem, Absent):
        return Reason.ABSENT, str(problem)
    if not isinstance(problem, ReadinessError):
        return Reason.ERROR, f"the answer does not have the expected form: {redact_text(str(problem))[:200]}"
    return _REASONS.get(type(problem), Reason.ERROR), problem.what


_REASONS = {
    StoppedError: Reason.NOT_COLLECTED,
    UnreachableError: Reason.UNREACHABLE,
    ConfigError: Reason.FORBIDDEN,
}


def _of_status(status: int, absent: Container[int]) -> Reason:
    if status in (401, 403):
        return Reason.FORBIDDEN
    if status in absent:
        return Reason.ABSENT
    return Reason.UNREACHABLE if status in RETRY_STATUSES else Reason.ERROR
