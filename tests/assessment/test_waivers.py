"""Waivers: what they cover, until when, and the audit."""

from __future__ import annotations

from datetime import date

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.judge import TABLE, verdict
from readiness_kit.assessment.waivers import waiver_for
from readiness_kit.model import (
    Choice,
    Outcome,
    Settings,
    Severity,
    State,
)
from tests.assessment.samples import AS_OF, answer, finding, judged, question, waiver

CRITICAL, HIGH, MEDIUM, LOW = Severity
MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome


@pytest.mark.parametrize(
    ("value", "outcome", "covered"),
    [(None, NOT_MET, State.GAP), (Choice.YES, NOT_MET, State.CONTRADICTED), (Choice.NO, MET, State.GAP)],
)
def test_live_waiver_accepts_a_gap(value: Choice | None, outcome: Outcome, covered: State) -> None:
    got = verdict(question(severity=Severity.CRITICAL), answer(value), finding(outcome), waiver(), as_of=AS_OF)
    assert (got.state, got.without_waiver, got.credit, got.blocker) == (State.ACCEPTED, covered, 0.0, False)
    assert got.judged and got.waiver == waiver()
    assert "Accepted by the head of operations until 2027-01-31: Migration in spring." in got.lines


@pytest.mark.parametrize("outcome", [PARTLY, MET, UNKNOWN, NOT_APPLICABLE])
def test_waiver_covers_only_gaps(outcome: Outcome) -> None:
    got = verdict(question(), None, finding(outcome), waiver(), as_of=AS_OF)
    assert got.state is TABLE[None, outcome]
    assert got.waiver is None


@pytest.mark.parametrize(
    ("expires", "state"),
    [(date(2026, 11, 25), State.ACCEPTED), (date(2026, 11, 24), State.ACCEPTED), (date(2026, 11, 23), State.GAP)],
)
def test_last_day_of_a_waiver_is_included(expires: date, state: State) -> None:
    got = verdict(question(severity=Severity.HIGH), None, finding(Outcome.NOT_MET), waiver(expires), as_of=AS_OF)
    assert got.state is state
    assert got.blocker is (state is State.GAP)
    assert (f"The waiver expired on {expires} and no longer counts." in got.lines) is (state is State.GAP)


def test_waiver_does_not_count_without_a_date() -> None:
    got = verdict(question(), None, finding(Outcome.NOT_MET), waiver())
    assert got.state is State.GAP
    assert got.lines == ("The waiver does not count: there is no snapshot or date to check its expiry.",)


def test_date_of_the_settings_counts_without_a_snapshot() -> None:
    questions, findings = [question("ha.q0", HIGH)], {"ha.q0": finding(NOT_MET, id="ha.q0")}
    waivers = [waiver(date(2026, 6, 30), "ha.q0")]
    last_day = assess(questions, findings, {}, waivers, Settings(date=date(2026, 6, 30)))
    next_day = assess(questions, findings, {}, waivers, Settings(date=date(2026, 7, 1)))
    undated = assess(questions, findings, {}, waivers, Settings())
    states = [assessment.verdicts[0].state for assessment in (last_day, next_day, undated)]
    assert states == [State.ACCEPTED, State.GAP, State.GAP]
    assert last_day.as_of is None and last_day.waiver_audit == ()
    assert undated.waiver_audit[0].endswith(": not applied; there is no snapshot or date to check its expiry.")


def test_audit_lists_waivers_without_effect() -> None:
    waivers = (
        waiver(id="ha.q0"),
        waiver(date(2026, 12, 1), id="ha.q0"),
        waiver(date(2026, 1, 1), id="ha.q1"),
        waiver(id="ha.q2"),
        waiver(id="ha.gone"),
    )
    got = judged([(LOW, None, NOT_MET), (LOW, None, NOT_MET), (LOW, None, PARTLY)], waivers)
    assert [line.split(": ", 1)[1] for line in got.waiver_audit] == [
        "unused; a waiver with a later expiry covers the same question.",
        "expired; it no longer counts.",
        "unused; the verdict is “partly”.",
        "unused; the checklist has no such question.",
    ]
    assert [verdict.state for verdict in got.verdicts] == [State.ACCEPTED, State.GAP, State.PARTLY]


def test_compensating_control_follows_the_reason() -> None:
    got = verdict(question(), None, finding(NOT_MET), waiver(control="Nightly export."), as_of=AS_OF)
    assert got.lines[-1].endswith("Migration in spring. Compensating control: Nightly export.")


def test_waiver_with_the_latest_expiry_covers_a_question() -> None:
    short, long, other = waiver(date(2026, 12, 1)), waiver(date(2027, 6, 1)), waiver(date(2028, 1, 1), "ha.two")
    assert waiver_for("ha.one", (short, long, other)) == long
    assert waiver_for("ha.three", (short, long, other)) is None
