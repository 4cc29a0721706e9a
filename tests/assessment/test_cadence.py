"""How old a test may be: by the time of the snapshot, with thresholds that the user can change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from readiness_kit.assessment.cadence import CADENCES, Cadence
from readiness_kit.assessment.judge import verdict
from readiness_kit.checklist import load_checklist
from readiness_kit.model import Choice, Outcome, QuestionKind, Reason, State, Thresholds, Verdict
from tests.assessment.making import AS_OF, answer, finding, question

A, P, G = State.ATTESTED, State.PARTLY, State.GAP


def judged(id: str, age: int | None, value: Choice = Choice.YES, every: int | None = 30, **more: object) -> Verdict:
    done = None if age is None else AS_OF.date() - timedelta(days=age)
    said = answer(value, id, every=every, last_done=done)
    seen = finding(Outcome.UNKNOWN, Reason.NOT_OBSERVABLE, id)
    return verdict(question(id, kind=QuestionKind.CADENCE), said, seen, as_of=AS_OF, **more)  # type: ignore[arg-type]


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
        ("perf.load_tested", 31, P),  # without a number of the kit's own, the promised interval counts
    ],
)
def test_ages(id: str, age: int | None, state: State) -> None:
    assert judged(id, age).state is state


def test_the_reason_is_said() -> None:
    assert "Last done 100 days ago: after 90 days it counts partly." in judged("ha.failover_tested", 100).lines
    assert "Last done 400 days ago: after 365 days it counts as not done." in judged("ha.failover_tested", 400).lines
    assert "No date says when it was last done: it counts partly." in judged("sec.secret_process", None).lines


@pytest.mark.parametrize(("every", "state"), [(30, A), (90, A), (91, P), (None, P)])
def test_restores_have_to_be_regular(every: int | None, state: State) -> None:
    assert judged("ha.backup_test_frequency", 10, every=every).state is state


def test_other_questions_do_not_ask_for_an_interval() -> None:
    assert judged("ha.failover_tested", 10, every=None).state is A
    assert judged("perf.load_tested", 900, every=None).state is A


def test_thresholds_come_from_the_settings() -> None:
    strict = Thresholds(failover_test_days=30, failover_test_stale_days=60)
    assert judged("ha.failover_tested", 31, thresholds=strict).state is P
    assert judged("ha.failover_tested", 61, thresholds=strict).state is G


@pytest.mark.parametrize(
    ("value", "age", "state"), [(Choice.PARTLY, 10, P), (Choice.PARTLY, 400, G), (Choice.NO, 10, G)]
)
def test_a_date_never_improves_an_answer(value: Choice, age: int, state: State) -> None:
    assert judged("ha.failover_tested", age, value).state is state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.MET, State.VERIFIED), (Outcome.PARTLY, P), (Outcome.NOT_MET, State.CONTRADICTED)],
)
def test_where_the_evidence_decides_the_date_does_not(outcome: Outcome, state: State) -> None:
    said = answer(Choice.YES, "ha.failover_tested", last_done=date(2020, 1, 1))
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    assert verdict(asked, said, finding(outcome, id="ha.failover_tested"), as_of=AS_OF).state is state


def test_a_test_done_after_the_snapshot_counts() -> None:
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    week_later = datetime(2026, 12, 1, tzinfo=UTC)
    said = answer(Choice.YES, asked.id, last_done=date(2026, 11, 30), at=week_later)
    assert verdict(asked, said, None, as_of=AS_OF).state is A
    said = answer(Choice.YES, asked.id, last_done=date(2062, 11, 30), at=week_later)
    got = verdict(asked, said, None, as_of=AS_OF)
    assert got.state is P
    assert "The date 2062-11-30 lies in the future: it counts partly." in got.lines


def test_without_a_time_the_age_is_not_judged_and_that_is_said() -> None:
    asked = question("ha.failover_tested", kind=QuestionKind.CADENCE)
    got = verdict(asked, answer(Choice.YES, asked.id, last_done=date(1999, 1, 1)), None)
    assert got.state is A
    assert "Its age is not judged: there is no snapshot or date to count from." in got.lines


def test_a_date_on_another_kind_of_question_means_nothing() -> None:
    assert verdict(question(), answer(Choice.YES, last_done=date(1999, 1, 1)), None, as_of=AS_OF).state is A


def test_the_table_names_cadence_questions_and_thresholds_that_exist() -> None:
    kinds = {one.id: one.kind for one in load_checklist()}
    for id, rule in CADENCES.items():
        assert kinds[id] is QuestionKind.CADENCE
        assert isinstance(rule, Cadence)
        assert {rule.good, rule.stale or rule.good} <= set(Thresholds.__struct_fields__)
