"""The whole assessment: orders, nested questions, and no gain from missing permissions."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.model import (
    Answer,
    Assessment,
    Choice,
    Finding,
    Level,
    Outcome,
    Question,
    Reason,
    Section,
    Settings,
    Severity,
    State,
)
from tests.assessment.samples import AS_OF, answer, finding, ids, judged, question, waiver

CRITICAL, HIGH, MEDIUM, LOW = Severity
MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome


def test_orders_of_blockers_and_actions() -> None:
    got = judged(
        [
            (HIGH, None, NOT_MET),  # q0 blocker
            (CRITICAL, None, NOT_MET),  # q1 blocker
            (LOW, None, NOT_MET),  # q2 gap
            (HIGH, Choice.YES, NOT_MET),  # q3 contradiction, blocker
            (HIGH, None, PARTLY),  # q4 partly
            (MEDIUM, None, PARTLY),  # q5 partly
            (MEDIUM, None, NOT_MET),  # q6 gap, before the partly of equal weight
            (HIGH, None, UNKNOWN),  # q7 to find out
            (CRITICAL, None, UNKNOWN),  # q8 to find out, first
            (LOW, None, UNKNOWN),  # q9 open, no action
            (CRITICAL, None, MET),  # q10
            (LOW, Choice.YES, NOT_MET),  # q11 contradiction that blocks nothing
        ]
    )
    assert ids(got.blockers) == ["ha.q3", "ha.q1", "ha.q0"]
    assert ids(got.contradictions) == ["ha.q3", "ha.q11"]
    assert ids(got.actions) == [f"ha.q{n}" for n in (3, 1, 0, 4, 6, 5, 2, 11, 8, 7)]
    assert ids(got.verdicts) == [f"ha.q{n}" for n in range(12)]


def test_accepted_contradiction_is_shown_and_needs_no_action() -> None:
    got = judged([(CRITICAL, Choice.YES, NOT_MET)], (waiver(id="ha.q0"),))
    assert ids(got.contradictions) == ["ha.q0"]
    assert got.blockers == () and got.actions == ()
    assert got.total.proven == 0.0 and got.level is Level.READY_WITH_RISKS


def test_sections_are_scored_by_themselves() -> None:
    questions = [question("ha.a"), question("sec.b", section=Section.SECURITY)]
    got = assess(questions, {"ha.a": finding(MET, id="ha.a"), "sec.b": finding(NOT_MET, id="sec.b")}, {})
    assert {section: score.proven for section, score in got.sections.items()} == {
        Section.HIGH_AVAILABILITY: 1.0,
        Section.SECURITY: 0.0,
    }


NESTED = [
    question("ha.top", CRITICAL),
    question("ha.sub", HIGH, parent="ha.top"),
    question("ha.leaf", LOW, parent="ha.sub"),
]


def test_questions_under_one_that_does_not_apply_do_not_apply() -> None:
    findings = {"ha.sub": finding(NOT_MET, id="ha.sub"), "ha.leaf": finding(NOT_MET, id="ha.leaf")}
    answers = {"ha.top": answer(Choice.NOT_APPLICABLE, "ha.top"), "ha.sub": answer(Choice.NO, "ha.sub")}
    got = assess(NESTED, findings, answers)
    assert [verdict.state for verdict in got.verdicts] == [State.NOT_APPLICABLE] * 3
    assert got.verdicts[1].answer == answers["ha.sub"]
    assert got.total.applicable == 0


@pytest.mark.parametrize("top", [finding(NOT_MET, id="ha.top"), finding(UNKNOWN, Reason.FORBIDDEN, "ha.top")])
def test_questions_under_an_undetermined_one_give_no_credit(top: Finding) -> None:
    findings = {"ha.top": top, "ha.sub": finding(MET, id="ha.sub"), "ha.leaf": finding(NOT_MET, id="ha.leaf")}
    got = assess(NESTED, findings, {"ha.top": answer(Choice.NOT_APPLICABLE, "ha.top")})
    assert [verdict.state for verdict in got.verdicts[1:]] == [State.VERIFIED, State.GAP]
    assert got.total.proven == 0.0
    assert got.verdicts[1].lines[-1] == "Adds nothing to the score until it is clear whether ha.top applies."


def test_assessment_survives_json() -> None:
    questions = load_checklist().questions
    findings = {asked.id: finding(MET, id=asked.id) for asked in questions[::2]}
    got = assess(questions, findings, {questions[1].id: answer(Choice.YES, questions[1].id)}, (), Settings(), AS_OF)
    assert msgspec.json.decode(msgspec.json.encode(got), type=Assessment) == got


def test_same_input_gives_the_same_value() -> None:
    rows = [(HIGH, Choice.YES, NOT_MET), (LOW, None, PARTLY)]
    assert msgspec.json.encode(judged(rows)) == msgspec.json.encode(judged(rows))


QUESTIONS = [
    question("ha.a", CRITICAL),
    question("ha.b", HIGH, parent="ha.a"),
    question("ha.c", LOW, parent="ha.b"),
    question("ha.d", MEDIUM),
    question("ha.e", HIGH),
]
FINDINGS = st.sampled_from(
    [*((outcome, None) for outcome in (MET, PARTLY, NOT_MET, NOT_APPLICABLE, UNKNOWN)), (UNKNOWN, Reason.FORBIDDEN)]
)
ANSWERS = st.sampled_from([None, *Choice])
PROOFS = st.sampled_from([{}, {"confirmed_by": "the assessor", "confirmed_on": AS_OF.date()}])
LEVELS = list(Level)


def by_id(values: list[tuple]) -> dict[str, tuple]:
    return {asked.id: value for asked, value in zip(QUESTIONS, values, strict=True)}


def assessed(outcomes: dict[str, tuple], choices: dict[str, tuple]) -> Assessment:
    findings: dict[str, Finding] = {id: finding(row[0], row[1], id) for id, row in outcomes.items()}
    answers: dict[str, Answer] = {id: answer(value, id, **proof) for id, (value, proof) in choices.items()}
    return assess(QUESTIONS, findings, answers, (), Settings(), AS_OF)


CHOICES = st.lists(st.tuples(ANSWERS, PROOFS), min_size=5, max_size=5).map(by_id)
OUTCOMES = st.lists(FINDINGS, min_size=5, max_size=5).map(by_id)


@settings(max_examples=400, deadline=None)
@given(
    OUTCOMES, CHOICES, st.sampled_from(QUESTIONS), st.sampled_from([(MET, PARTLY), (PARTLY, NOT_MET), (MET, NOT_MET)])
)
def test_worse_finding_never_raises_the_score(outcomes: dict, choices: dict, asked: Question, step: tuple) -> None:
    before = assessed({**outcomes, asked.id: (step[0], None)}, choices)
    after = assessed({**outcomes, asked.id: (step[1], None)}, choices)
    assert after.total.proven <= before.total.proven
    assert not set(ids(before.blockers)) - set(ids(after.blockers))


@settings(max_examples=400, deadline=None)
@given(OUTCOMES, CHOICES, st.sampled_from(QUESTIONS))
def test_missing_permission_never_raises_score_or_level(outcomes: dict, choices: dict, asked: Question) -> None:
    before = assessed(outcomes, choices)
    after = assessed({**outcomes, asked.id: (UNKNOWN, Reason.FORBIDDEN)}, choices)
    assert after.total.proven <= before.total.proven
    assert LEVELS.index(after.level) <= max(LEVELS.index(before.level), LEVELS.index(Level.NOT_ENOUGH_KNOWN))
