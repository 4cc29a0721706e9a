"""Ages of recurring tests, by the time of the snapshot and the thresholds of the settings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from readiness_kit.assessment.cadence import CADENCES, Cadence
from readiness_kit.assessment.judge import verdict
from readiness_kit.checklist import load_checklist
from readiness_kit.model import Choice, Outcome, QuestionKind, Reason, State, Thresholds, Verdict
from tests.assessment.samples import AS_OF, answer, finding, question

A, P, G = State.ATTESTED, State.PARTLY, State.GAP


def judged(id: str, age: int | None, value: Choice = Choice.YES, every: int | None = 30, **more: object) -> Verdict:
    done = None if age is None else AS_OF.date() - timedelta(days=age)
    given = answer(value, id, every=every, last_done=done)
    unknown = finding(Outcome.UNKNOWN, Reason.NOT_OBSERVABLE, id)
    return verdict(question(id, kind=QuestionKind.CADENCE), given, unknown, as_of=AS_OF, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("id", "age", "state"),
    [
        ("ha.failover_tested", 0, A),
        ("ha.failover_tested", 90, A),
        ("ha.failover_tested", 91, P),
        ("ha.failover_tested", 365, P),
        ("ha.failover_tested", 366, G),
        ("ha.failover_tested", None, P),
        ("ha.backup_test_frequency", 90, A),
        ("ha.backup_test_frequency", 91, P),
        ("ha.backup_test_frequency", 5000, P),
        ("ha.recovery_tested", 365, A),
        ("ha.recovery_tested", 366, P),
        ("sec.secret_process", 365, A),
        ("sec.secret_process", 366, P),
        ("sec.secret_process", None, P),
        ("perf.load_tested", 30, A),
        ("perf.load_tested", 31, P),  # without a threshold, the interval of the answer counts
    ],
)
def test_ages(id: str, age: int | None, state: State) -> None:
    assert judged(id, age).state is state


@pytest.mark.parametrize(
    ("id", "age", "line"),
    [
        ("ha.failover_tested", 100, "Last done 100 days ago: after 90 days it counts as partly met."),
        ("ha.failover_tested", 400, "Last done 400 days ago: after 365 days it counts as not done."),
        ("perf.load_tested", 31, "Last done 31 days ago, at an interval of 30 days: counts as partly met."),
        ("sec.secret_process", None, "The date when this was last done is missing: counts as partly met."),
    ],
)
def test_reason_is_given(id: str, age: int | None, line: str) -> None:
    assert line in judged(id, age).lines


@pytest.mark.parametrize(("every", "state"), [(30, A), (90, A), (91, P), (None, P)])
def test_restore_tests_must_be_regular(every: int | None, state: State) -> None:
    got = judged("ha.backup_test_frequency", 10, every=every)
    assert got.state is state
    interval = f"an interval of {every} days" if every else "no interval"
    line = f"The answer gives {interval}; at most 90 days are required: counts as partly met."
    assert (line in got.lines) is (state is P)


def test_other_questions_need_no_interval() -> None:
    assert judged("ha.failover_tested", 10, every=None).state is A
    assert judged("perf.load_tested", 900, every=None).state is A


def test_thresholds_come_from_the_settings() -> None:
    strict = Thresholds(failover_test_days=30, failover_test_stale_days=60)
    assert judged("ha.failover_tested", 31, thresholds=strict).state is P
    assert judged("ha.failover_tested", 61, thresholds=strict).state is G


@pytest.mark.parametrize(
    ("value", "age", "state"), [(Choice.PARTLY, 10, P), (Choice.PARTLY, 400, G), (Choice.NO, 10, G)]
)
def test_date_never_improves_an_answer(value: Choice, age: int, state: State) -> None:
    assert judged("ha.failover_tested", age, value).state is state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.MET, State.VERIFIED), (Outcome.PARTLY, P), (Outcome.NOT_MET, State.CONTRADICTED)],
)
def test_date_is_ignored_if_the_evidence_decides(outcome: Outcome, state: State) -> None:
    given = answer(Choice.YES, "ha.failover_tested", last_done=date(2020, 1, 1))
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    assert verdict(asked, given, finding(outcome, id="ha.failover_tested"), as_of=AS_OF).state is state


def test_test_after_the_snapshot_counts_unless_its_date_is_in_the_future() -> None:
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    week_later = datetime(2026, 12, 1, tzinfo=UTC)
    given = answer(Choice.YES, asked.id, last_done=date(2026, 11, 30), at=week_later)
    assert verdict(asked, given, None, as_of=AS_OF).state is A
    given = answer(Choice.YES, asked.id, last_done=date(2062, 11, 30), at=week_later)
    got = verdict(asked, given, None, as_of=AS_OF)
    assert got.state is P
    assert "The date 2062-11-30 is in the future: counts as partly met." in got.lines


def test_age_is_not_judged_without_a_date_to_compare_with() -> None:
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    got = verdict(asked, answer(Choice.YES, asked.id, last_done=date(1999, 1, 1)), None)
    assert got.state is A
    assert "Its age is not judged: there is no snapshot or date to compare with." in got.lines


def test_date_is_ignored_for_other_kinds_of_question() -> None:
    assert verdict(question(), answer(Choice.YES, last_done=date(1999, 1, 1)), None, as_of=AS_OF).state is A


def test_cadences_refer_to_existing_questions_and_thresholds() -> None:
    kinds = {question.id: question.kind for question in load_checklist()}
    for id, rule in CADENCES.items():
        assert kinds[id] is QuestionKind.CADENCE
        assert isinstance(rule, Cadence)
        assert {rule.good, rule.stale or rule.good} <= set(Thresholds.__struct_fields__)
