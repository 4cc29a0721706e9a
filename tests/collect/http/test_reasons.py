"""One table from failure to reason, for all sources."""

from __future__ import annotations

import msgspec
import pytest

from readiness_kit.collect.http.reasons import Absent, failure
from readiness_kit.collect.http.transport import (
    RETRY_STATUSES,
    BudgetError,
    StatusError,
    StoppedError,
    TooLargeError,
    UnexpectedAnswerError,
)
from readiness_kit.errors import ConfigError, UnreachableError
from readiness_kit.model import Reason


@pytest.mark.parametrize(
    ("status", "absent", "reason"),
    [
        (401, (), Reason.FORBIDDEN),
        (403, (403,), Reason.FORBIDDEN),
        (404, (), Reason.ERROR),
        (404, (404,), Reason.ABSENT),
        (501, (404, 405, 501), Reason.ABSENT),
        (400, (), Reason.ERROR),
        (410, (404,), Reason.ERROR),
        (422, (), Reason.ERROR),
        (302, (), Reason.ERROR),
        (507, (), Reason.ERROR),
        *((status, (404,), Reason.UNREACHABLE) for status in sorted(RETRY_STATUSES)),
    ],
)
def test_reason_of_a_status(status: int, absent: tuple[int, ...], reason: Reason) -> None:
    assert failure(StatusError(status, "text", "/path"), absent) == (reason, f"{status}: text")


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (StoppedError(), Reason.NOT_COLLECTED),
        (UnreachableError("gone"), Reason.UNREACHABLE),
        (ConfigError("no token"), Reason.FORBIDDEN),
        (BudgetError("used"), Reason.ERROR),
        (TooLargeError("large"), Reason.ERROR),
        (UnexpectedAnswerError("odd"), Reason.ERROR),
        (Absent("no such API"), Reason.ABSENT),
    ],
)
def test_reason_of_an_exception(problem: Exception, reason: Reason) -> None:
    assert failure(problem) == (reason, str(problem))


def test_undecodable_answer_is_an_error_without_secrets() -> None:
    reason, message = failure(msgspec.DecodeError("password=hunter22 is not valid"))
    assert reason is Reason.ERROR
    assert message.startswith("the answer does not have the expected form") and "hunter22" not in message
