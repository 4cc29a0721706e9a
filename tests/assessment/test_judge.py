"""The verdict table, cell by cell, and the rules around it."""

from __future__ import annotations

import pytest

from readiness_kit.assessment.judge import TABLE, verdict
from readiness_kit.model import Choice, Finding, Outcome, Reason, Severity, State
from tests.assessment.samples import AS_OF, answer, finding, question

VERIFIED, PARTLY, GAP, OPEN = State.VERIFIED, State.PARTLY, State.GAP, State.OPEN
CONTRADICTED, ATTESTED, NA = State.CONTRADICTED, State.ATTESTED, State.NOT_APPLICABLE
# answer              met       partly        not met       unknown   not appl.  no finding  partly at best
CELLS = {
    None:                  (VERIFIED, PARTLY,       GAP,          OPEN,     NA,       OPEN,       PARTLY),
    Choice.DONT_KNOW:      (VERIFIED, PARTLY,       GAP,          OPEN,     NA,       OPEN,       PARTLY),
    Choice.YES:            (VERIFIED, PARTLY,       CONTRADICTED, ATTESTED, ATTESTED, ATTESTED,   PARTLY),
    Choice.PARTLY:         (PARTLY,   PARTLY,       GAP,          PARTLY,   PARTLY,   PARTLY,     PARTLY),
    Choice.NO:             (GAP,      GAP,          GAP,          GAP,      GAP,      GAP,        GAP),
    Choice.NOT_APPLICABLE: (NA,       CONTRADICTED, CONTRADICTED, NA,       NA,       NA,         CONTRADICTED),
}  # fmt: skip
COLUMNS = (
    Outcome.MET,
    Outcome.PARTLY,
    Outcome.NOT_MET,
    Outcome.UNKNOWN,
    Outcome.NOT_APPLICABLE,
    None,
    "partly at best",
)
ROWS = [
    pytest.param(value, outcome, state, id=f"{value.value if value else None}+{outcome}")
    for value, states in CELLS.items()
    for outcome, state in zip(COLUMNS, states, strict=True)
]
PROOF = {"link": "https://example.com/proof", "confirmed_by": "the assessor", "confirmed_on": AS_OF.date()}
CREDIT = {VERIFIED: 1.0, ATTESTED: 0.5, PARTLY: 0.5, GAP: 0.0, CONTRADICTED: 0.0, OPEN: 0.0, NA: 0.0}


def found(outcome: Outcome | str | None) -> Finding | None:
    if outcome == "partly at best":
        return finding(Outcome.PARTLY, Reason.NOT_OBSERVABLE, at_best=True)
    return finding(Outcome(outcome)) if outcome else None


@pytest.mark.parametrize(("value", "outcome", "state"), ROWS)
def test_each_cell(value: Choice | None, outcome: Outcome | str | None, state: State) -> None:
    got = verdict(question(), answer(value), found(outcome), as_of=AS_OF)
    assert got.state is state
    assert got.credit == CREDIT[state]
    assert got.applicable is (state is not NA)
    assert got.judged is (state not in (NA, OPEN))
    assert got.without_waiver is None and got.blocker is False  # medium never blocks


def test_missing_answer_counts_as_an_empty_one() -> None:
    for outcome in COLUMNS:
        assert verdict(question(), None, found(outcome)).state is CELLS[None][COLUMNS.index(outcome)]


def test_table_is_complete() -> None:
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
        (Choice.NOT_APPLICABLE, ATTESTED),  # left out, it would raise the score
    ],
)
def test_unread_evidence_gives_no_credit(reason: Reason, value: Choice | None, state: State) -> None:
    got = verdict(question(), answer(value, **PROOF), finding(Outcome.UNKNOWN, reason))
    assert got.state is state
    assert got.credit == 0 and got.applicable
    if value in (Choice.YES, Choice.PARTLY, Choice.NOT_APPLICABLE):
        assert "Adds nothing to the score until the evidence can be read." in got.lines


@pytest.mark.parametrize("reason", [Reason.ABSENT, Reason.NOT_COLLECTED, Reason.NOT_OBSERVABLE])
def test_answer_keeps_its_credit_if_there_is_no_evidence_to_read(reason: Reason) -> None:
    unknown = finding(Outcome.UNKNOWN, reason)
    assert verdict(question(), answer(Choice.YES), unknown).credit == 0.5
    assert verdict(question(), answer(Choice.YES, **PROOF), unknown).credit == 1.0
    assert verdict(question(), answer(Choice.YES, link="  "), unknown).credit == 0.5
    assert verdict(question(), answer(Choice.PARTLY, **PROOF), unknown).credit == 0.5


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
def test_finding_can_only_lower_the_severity(
    severity: Severity, shown: Severity | None, expected: Severity, blocks: bool
) -> None:
    for value, state in ((None, GAP), (Choice.YES, CONTRADICTED)):
        got = verdict(question(severity=severity), answer(value), finding(Outcome.NOT_MET, severity=shown))
        assert (got.state, got.severity, got.blocker) == (state, expected, blocks)
        assert got.question.severity is severity


def test_partly_met_critical_question_is_not_a_blocker() -> None:
    assert verdict(question(severity=Severity.CRITICAL), None, finding(Outcome.PARTLY)).blocker is False


def test_not_applicable_without_a_reason_counts_as_no_answer() -> None:
    got = verdict(question(), answer(Choice.NOT_APPLICABLE, reason=" "), finding(Outcome.NOT_MET))
    assert got.state is GAP
    assert "“Not applicable” without a reason counts as no answer." in got.lines


def test_answer_to_a_reworded_question_is_kept_and_marked() -> None:
    got = verdict(question(revision=3), answer(Choice.YES, revision=2), None)
    assert got.state is ATTESTED
    assert got.lines[0] == "Answered before the question was reworded (revision 2, now 3)."
    assert "reworded" not in " ".join(verdict(question(revision=2), answer(Choice.YES, revision=2), None).lines)


@pytest.mark.parametrize("value", [Choice.NO, Choice.PARTLY])
def test_evidence_that_is_better_than_the_answer_is_noted(value: Choice) -> None:
    got = verdict(question(), answer(value), finding(Outcome.MET))
    assert got.lines == (
        "The evidence is better than the answer. The answer decides; check whether it is out of date.",
    )


def test_question_under_one_that_does_not_apply() -> None:
    nested = question(severity=Severity.CRITICAL, parent="ha.above")
    got = verdict(nested, answer(Choice.NO), finding(Outcome.NOT_MET), parent_na=True)
    assert got.state is NA and not got.applicable and not got.blocker
    assert got.answer == answer(Choice.NO)
    assert got.lines == ("Not applicable because ha.above does not apply. The answer is kept.",)


@pytest.mark.parametrize(
    ("value", "outcome", "line"),
    [
        (
            Choice.YES,
            Outcome.UNKNOWN,
            "There is no proof: the answer counts half",
        ),
        (
            Choice.NO,
            Outcome.NOT_APPLICABLE,
            "The evidence shows nothing that this question applies to. The answer decides.",
        ),
        (Choice.NOT_APPLICABLE, Outcome.MET, "The evidence shows that the requirement is met."),
    ],
)
def test_combination_of_answer_and_evidence_is_explained(value: Choice, outcome: Outcome, line: str) -> None:
    (given,) = verdict(question(), answer(value), finding(outcome)).lines
    assert given.startswith(line)
