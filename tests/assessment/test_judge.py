"""The verdict table, cell by cell, and what surrounds it."""

from __future__ import annotations

from datetime import date

import pytest

from readiness_kit.assessment.judge import TABLE, verdict
from readiness_kit.model import Choice, Finding, Outcome, Reason, Severity, State
from tests.assessment.making import AS_OF, answer, finding, question, waiver

VERIFIED, PARTLY, GAP, OPEN = State.VERIFIED, State.PARTLY, State.GAP, State.OPEN
CONTRADICTED, ATTESTED, NA = State.CONTRADICTED, State.ATTESTED, State.NOT_APPLICABLE


# answer              met       partly        not met       unknown   not appl.  no finding
CELLS = {
    None:                  (VERIFIED, PARTLY,       GAP,          OPEN,     NA,       OPEN),
    Choice.DONT_KNOW:      (VERIFIED, PARTLY,       GAP,          OPEN,     NA,       OPEN),
    Choice.YES:            (VERIFIED, PARTLY,       CONTRADICTED, ATTESTED, ATTESTED, ATTESTED),
    Choice.PARTLY:         (PARTLY,   PARTLY,       GAP,          PARTLY,   PARTLY,   PARTLY),
    Choice.NO:             (GAP,      GAP,          GAP,          GAP,      GAP,      GAP),
    Choice.NOT_APPLICABLE: (NA,       CONTRADICTED, CONTRADICTED, NA,       NA,       NA),
}  # fmt: skip
COLUMNS = (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE, None)
ROWS = [
    pytest.param(value, outcome, state, id=f"{value.value if value else None}+{outcome.value if outcome else None}")
    for value, states in CELLS.items()
    for outcome, state in zip(COLUMNS, states, strict=True)
]
CREDIT = {VERIFIED: 1.0, ATTESTED: 0.5, PARTLY: 0.5, GAP: 0.0, CONTRADICTED: 0.0, OPEN: 0.0, NA: 0.0}


def found(outcome: Outcome | None) -> Finding | None:
    return finding(outcome) if outcome else None


@pytest.mark.parametrize(("value", "outcome", "state"), ROWS)
def test_each_cell(value: Choice | None, outcome: Outcome | None, state: State) -> None:
    got = verdict(question(), answer(value), found(outcome), as_of=AS_OF)
    assert got.state is state
    assert got.credit == CREDIT[state]
    assert got.applicable is (state is not NA)
    assert got.judged is (state not in (NA, OPEN))
    assert got.beneath is None and got.blocker is False  # medium never blocks


def test_no_answer_at_all_is_as_an_empty_one() -> None:
    for outcome in COLUMNS:
        assert verdict(question(), None, found(outcome)).state is CELLS[None][COLUMNS.index(outcome)]


def test_the_table_has_no_hole() -> None:
    assert len(TABLE) == 5 * 5


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR])
@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, OPEN),
        (Choice.DONT_KNOW, OPEN),
        (Choice.YES, ATTESTED),
        (Choice.PARTLY, PARTLY),
        (Choice.NO, GAP),
        (Choice.NOT_APPLICABLE, ATTESTED),  # left out of the count, it would lift the score
    ],
)
def test_withheld_evidence_earns_nothing(reason: Reason, value: Choice | None, state: State) -> None:
    got = verdict(question(), answer(value, link="https://example.com/proof"), finding(Outcome.UNKNOWN, reason))
    assert got.state is state
    assert got.credit == 0 and got.applicable
    if value in (Choice.YES, Choice.PARTLY, Choice.NOT_APPLICABLE):
        assert "It earns nothing until the evidence can be read." in got.lines


@pytest.mark.parametrize("reason", [Reason.ABSENT, Reason.NOT_COLLECTED, Reason.NOT_OBSERVABLE])
def test_other_unknown_evidence_leaves_an_answer_its_credit(reason: Reason) -> None:
    seen = finding(Outcome.UNKNOWN, reason)
    assert verdict(question(), answer(Choice.YES), seen).credit == 0.5
    assert verdict(question(), answer(Choice.YES, link="https://example.com/proof"), seen).credit == 1.0
    assert verdict(question(), answer(Choice.YES, link="  "), seen).credit == 0.5
    assert verdict(question(), answer(Choice.PARTLY, link="https://example.com/proof"), seen).credit == 0.5


@pytest.mark.parametrize(
    ("severity", "shown", "expected", "blocks"),
    [
        (Severity.CRITICAL, None, Severity.CRITICAL, True),
        (Severity.HIGH, None, Severity.HIGH, True),
        (Severity.MEDIUM, None, Severity.MEDIUM, False),
        (Severity.CRITICAL, Severity.HIGH, Severity.HIGH, True),
        (Severity.CRITICAL, Severity.LOW, Severity.LOW, False),
        (Severity.LOW, Severity.CRITICAL, Severity.LOW, False),
    ],
)
def test_a_finding_lowers_the_severity_and_never_raises_it(
    severity: Severity, shown: Severity | None, expected: Severity, blocks: bool
) -> None:
    for value, state in ((None, GAP), (Choice.YES, CONTRADICTED)):
        got = verdict(question(severity=severity), answer(value), finding(Outcome.NOT_MET, severity=shown))
        assert (got.state, got.severity, got.blocker) == (state, expected, blocks)
        assert got.question.severity is severity


def test_a_partly_met_critical_question_blocks_nothing() -> None:
    assert verdict(question(severity=Severity.CRITICAL), None, finding(Outcome.PARTLY)).blocker is False


# --- sentences and special answers ----------------------------------------------------------------


def test_not_applicable_without_a_reason_is_no_answer() -> None:
    got = verdict(question(), answer(Choice.NOT_APPLICABLE, reason=" "), finding(Outcome.NOT_MET))
    assert got.state is GAP
    assert "“Not applicable” without a reason counts as no answer." in got.lines


def test_an_answer_to_an_earlier_wording_is_kept_and_marked() -> None:
    got = verdict(question(revision=3), answer(Choice.YES, revision=2), None)
    assert got.state is ATTESTED
    assert got.lines[0] == "Answered to an earlier wording (revision 2, now 3)."
    assert "earlier wording" not in " ".join(verdict(question(revision=2), answer(Choice.YES, revision=2), None).lines)


@pytest.mark.parametrize("value", [Choice.NO, Choice.PARTLY])
def test_better_evidence_than_answer_is_said(value: Choice) -> None:
    got = verdict(question(), answer(value), finding(Outcome.MET))
    assert got.lines == ("The evidence says better than the answer, which decides: is it out of date?",)


def test_below_a_question_that_does_not_apply() -> None:
    below = question(severity=Severity.CRITICAL, parent="ha.above")
    got = verdict(below, answer(Choice.NO), finding(Outcome.NOT_MET), parent_na=True)
    assert got.state is NA and not got.applicable and not got.blocker
    assert got.answer == answer(Choice.NO)
    assert got.lines == ("Not applicable because ha.above is not. Its answer is kept.",)


# --- waivers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "outcome", "beneath"),
    [(None, Outcome.NOT_MET, GAP), (Choice.YES, Outcome.NOT_MET, CONTRADICTED), (Choice.NO, Outcome.MET, GAP)],
)
def test_a_live_waiver_accepts(value: Choice | None, outcome: Outcome, beneath: State) -> None:
    got = verdict(question(severity=Severity.CRITICAL), answer(value), finding(outcome), waiver(), as_of=AS_OF)
    assert (got.state, got.beneath, got.credit, got.blocker) == (State.ACCEPTED, beneath, 0.0, False)
    assert got.judged and got.waiver == waiver()
    assert "Accepted by the head of operations until 2027-01-31: Migration in spring" in got.lines


@pytest.mark.parametrize("outcome", [Outcome.PARTLY, Outcome.MET, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE])
def test_a_waiver_covers_nothing_but_gaps(outcome: Outcome) -> None:
    got = verdict(question(), None, finding(outcome), waiver(), as_of=AS_OF)
    assert got.state is CELLS[None][COLUMNS.index(outcome)]
    assert got.waiver is None


@pytest.mark.parametrize(
    ("expires", "state"),
    [(date(2026, 11, 25), State.ACCEPTED), (date(2026, 11, 24), State.ACCEPTED), (date(2026, 11, 23), GAP)],
)
def test_a_waiver_holds_through_its_last_day(expires: date, state: State) -> None:
    got = verdict(question(severity=Severity.HIGH), None, finding(Outcome.NOT_MET), waiver(expires), as_of=AS_OF)
    assert got.state is state
    assert got.blocker is (state is GAP)
    assert (f"Its waiver expired on {expires} and no longer counts." in got.lines) is (state is GAP)


def test_without_a_time_no_waiver_counts() -> None:
    got = verdict(question(), None, finding(Outcome.NOT_MET), waiver())
    assert got.state is GAP
    assert "no telling whether it expired" in got.lines[-1]
