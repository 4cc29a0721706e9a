"""Score, coverage, level, orders of display, and the promise that less is never more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit.assessment import assess
from readiness_kit.assessment.score import WEIGHTS, score
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
    Thresholds,
    Waiver,
)
from tests.assessment.making import AS_OF, answer, finding, question, waiver

CRITICAL, HIGH, MEDIUM, LOW = Severity
MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome


def judged(
    rows: Sequence[tuple[Severity, Choice | None, Outcome]],
    waivers: tuple[Waiver, ...] = (),
    chosen: Settings | None = None,
    reason: Reason | None = None,
) -> Assessment:
    """One question `ha.q0`, `ha.q1` … for each row of severity, answer and outcome."""
    questions = [question(f"ha.q{n}", row[0], number=f"Q{n}") for n, row in enumerate(rows)]
    answers = {f"ha.q{n}": answer(row[1], f"ha.q{n}") for n, row in enumerate(rows) if row[1]}
    findings = {
        f"ha.q{n}": finding(row[2], reason if row[2] is UNKNOWN else None, f"ha.q{n}") for n, row in enumerate(rows)
    }
    return assess(questions, findings, answers, waivers, chosen or Settings(), AS_OF)


def ids(verdicts: tuple) -> list[str]:
    return [one.question.id for one in verdicts]


def test_weights() -> None:
    assert WEIGHTS == {CRITICAL: 8, HIGH: 4, MEDIUM: 2, LOW: 1}


def test_score_and_coverage() -> None:
    got = judged(
        [
            (CRITICAL, None, MET),  # 8 of 8
            (HIGH, Choice.YES, UNKNOWN),  # 2 of 4: attested without proof
            (MEDIUM, None, PARTLY),  # 1 of 2
            (LOW, None, NOT_MET),  # 0 of 1
            (HIGH, None, UNKNOWN),  # 0 of 4: open
            (CRITICAL, None, NOT_APPLICABLE),  # not counted
        ]
    ).total
    assert got.score == pytest.approx(11 / 19)
    assert (got.applicable, got.judged, got.open) == (5, 4, 1)
    assert got.coverage == pytest.approx(0.8)
    assert got.counts[State.OPEN] == 1 and got.counts[State.ACCEPTED] == 0
    assert sum(got.counts.values()) == 6


def test_nothing_judged_has_no_score() -> None:
    got = judged([(CRITICAL, None, UNKNOWN), (LOW, Choice.DONT_KNOW, UNKNOWN)])
    assert got.total.score is None and got.total.coverage == 0
    assert score(()).score is None
    assert judged([(LOW, None, NOT_APPLICABLE)]).level is Level.NOT_ENOUGH_KNOWN


def test_a_lower_severity_of_a_finding_does_not_make_the_question_lighter() -> None:
    questions = [question("ha.a", CRITICAL), question("ha.b", LOW)]
    findings = {"ha.a": finding(NOT_MET, id="ha.a", severity=LOW), "ha.b": finding(MET, id="ha.b")}
    got = assess(questions, findings, {})
    assert got.total.score == pytest.approx(1 / 9)
    assert got.blockers == ()


GOOD = [(CRITICAL, None, MET)] * 9


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        (GOOD, Level.READY),
        ([*GOOD, (LOW, None, UNKNOWN)], Level.READY),
        ([*GOOD, (LOW, None, NOT_MET)], Level.READY_WITH_RISKS),
        ([*GOOD, (CRITICAL, None, PARTLY)], Level.READY_WITH_RISKS),
        ([*GOOD, (LOW, Choice.YES, NOT_MET)], Level.READY_WITH_RISKS),
        ([*GOOD, (CRITICAL, None, UNKNOWN)], Level.NOT_ENOUGH_KNOWN),
        ([*GOOD, *[(LOW, None, UNKNOWN)] * 4], Level.NOT_ENOUGH_KNOWN),
        ([*GOOD, (HIGH, None, NOT_MET)], Level.NOT_READY),
        ([(CRITICAL, Choice.YES, NOT_MET), *[(LOW, None, UNKNOWN)] * 9], Level.NOT_READY),
    ],
)
def test_levels(rows: list, level: Level) -> None:
    assert judged(rows).level is level


def test_the_level_says_why() -> None:
    assert judged([*GOOD, (HIGH, None, NOT_MET)]).level_why == "1 blocker: Q9."
    why = judged([(CRITICAL, None, UNKNOWN), (LOW, None, MET)]).level_why
    assert why == "1 of 2 applicable questions are judged; 70 % are needed. Critical and still open: Q0."
    assert (
        judged([*GOOD, (LOW, None, NOT_MET)]).level_why
        == "No blocker; 1 gap. 10 of 10 applicable questions are judged."
    )


def test_coverage_needed_is_a_setting() -> None:
    rows = [*GOOD, *[(LOW, None, UNKNOWN)] * 4]
    assert judged(rows, chosen=Settings(thresholds=Thresholds(coverage_minimum=0.69))).level is Level.READY


@pytest.mark.parametrize("value", [None, *Choice])
def test_withheld_evidence_keeps_the_level_down(value: Choice | None) -> None:
    got = judged([*GOOD, (LOW, value, UNKNOWN)], reason=Reason.FORBIDDEN)
    assert got.level is Level.NOT_ENOUGH_KNOWN
    assert got.level_why == "Evidence could not be read for Q9."


# --- orders ---------------------------------------------------------------------------------------


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


def test_an_accepted_contradiction_is_still_shown_as_one_and_calls_for_nothing() -> None:
    got = judged([(CRITICAL, Choice.YES, NOT_MET)], (waiver(id="ha.q0"),))
    assert ids(got.contradictions) == ["ha.q0"]
    assert got.blockers == () and got.actions == ()
    assert got.total.score == 0.0 and got.level is Level.READY_WITH_RISKS


def test_sections_are_scored_by_themselves() -> None:
    questions = [question("ha.a"), question("sec.b", section=Section.SECURITY)]
    got = assess(questions, {"ha.a": finding(MET, id="ha.a"), "sec.b": finding(NOT_MET, id="sec.b")}, {})
    assert {section: one.score for section, one in got.sections.items()} == {
        Section.HIGH_AVAILABILITY: 1.0,
        Section.SECURITY: 0.0,
    }


# --- nested questions -----------------------------------------------------------------------------

NESTED = [
    question("ha.top", CRITICAL),
    question("ha.sub", HIGH, parent="ha.top"),
    question("ha.leaf", LOW, parent="ha.sub"),
]


def test_all_below_a_question_that_does_not_apply_is_left_out() -> None:
    findings = {"ha.sub": finding(NOT_MET, id="ha.sub"), "ha.leaf": finding(NOT_MET, id="ha.leaf")}
    answers = {"ha.top": answer(Choice.NOT_APPLICABLE, "ha.top"), "ha.sub": answer(Choice.NO, "ha.sub")}
    got = assess(NESTED, findings, answers)
    assert [one.state for one in got.verdicts] == [State.NOT_APPLICABLE] * 3
    assert got.verdicts[1].answer == answers["ha.sub"]
    assert got.total.applicable == 0


@pytest.mark.parametrize("above", [finding(NOT_MET, id="ha.top"), finding(UNKNOWN, Reason.FORBIDDEN, "ha.top")])
def test_below_a_doubtful_not_applicable_gaps_show_and_nothing_is_earned(above: Finding) -> None:
    findings = {"ha.top": above, "ha.sub": finding(MET, id="ha.sub"), "ha.leaf": finding(NOT_MET, id="ha.leaf")}
    got = assess(NESTED, findings, {"ha.top": answer(Choice.NOT_APPLICABLE, "ha.top")})
    assert [one.state for one in got.verdicts[1:]] == [State.VERIFIED, State.GAP]
    assert got.total.score == 0.0
    assert got.verdicts[1].lines[-1] == "It earns nothing until it is settled whether ha.top applies."


# --- time and waivers -----------------------------------------------------------------------------


def test_without_a_snapshot_the_date_of_the_settings_counts() -> None:
    asked, seen = [question("ha.q0", HIGH)], {"ha.q0": finding(NOT_MET, id="ha.q0")}
    held = [waiver(date(2026, 6, 30), "ha.q0")]
    before = assess(asked, seen, {}, held, Settings(date=date(2026, 6, 30)))
    after = assess(asked, seen, {}, held, Settings(date=date(2026, 7, 1)))
    never = assess(asked, seen, {}, held, Settings())
    assert [one.verdicts[0].state for one in (before, after, never)] == [State.ACCEPTED, State.GAP, State.GAP]
    assert before.as_of is None and before.waiver_audit == ()
    assert never.waiver_audit[0].endswith("not applied, there is no snapshot or date to judge its expiry by.")


def test_the_audit_lists_unknown_expired_unused_and_doubled_waivers() -> None:
    held = (
        waiver(id="ha.q0"),
        waiver(date(2026, 12, 1), id="ha.q0"),
        waiver(date(2026, 1, 1), id="ha.q1"),
        waiver(id="ha.q2"),
        waiver(id="ha.gone"),
    )
    got = judged([(LOW, None, NOT_MET), (LOW, None, NOT_MET), (LOW, None, PARTLY)], held)
    assert [line.split(": ", 1)[1] for line in got.waiver_audit] == [
        "unused, another one for the same question lasts longer.",
        "expired, it no longer counts.",
        "unused, the verdict is partly.",
        "unknown, this checklist has no such question.",
    ]
    assert [one.state for one in got.verdicts] == [State.ACCEPTED, State.GAP, State.PARTLY]


# --- as a value -----------------------------------------------------------------------------------


def test_an_assessment_goes_through_json_and_back() -> None:
    questions = load_checklist().questions
    findings = {one.id: finding(MET, id=one.id) for one in questions[::2]}
    got = assess(questions, findings, {questions[1].id: answer(Choice.YES, questions[1].id)}, (), Settings(), AS_OF)
    assert msgspec.json.decode(msgspec.json.encode(got), type=Assessment) == got


def test_the_same_input_gives_the_same_value() -> None:
    rows = [(HIGH, Choice.YES, NOT_MET), (LOW, None, PARTLY)]
    assert msgspec.json.encode(judged(rows)) == msgspec.json.encode(judged(rows))


# --- less is never more ---------------------------------------------------------------------------

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
LINKS = st.sampled_from(["", "https://example.com/proof"])
LEVELS = list(Level)


def by_id(values: list[tuple]) -> dict[str, tuple]:
    return {one.id: value for one, value in zip(QUESTIONS, values, strict=True)}


def of(seen: dict[str, tuple], said: dict[str, tuple]) -> Assessment:
    findings: dict[str, Finding] = {id: finding(row[0], row[1], id) for id, row in seen.items()}
    answers: dict[str, Answer] = {id: answer(value, id, link=link) for id, (value, link) in said.items()}
    return assess(QUESTIONS, findings, answers, (), Settings(), AS_OF)


SAID = st.lists(st.tuples(ANSWERS, LINKS), min_size=5, max_size=5).map(by_id)
SEEN = st.lists(FINDINGS, min_size=5, max_size=5).map(by_id)


@settings(max_examples=400, deadline=None)
@given(SEEN, SAID, st.sampled_from(QUESTIONS), st.sampled_from([(MET, PARTLY), (PARTLY, NOT_MET), (MET, NOT_MET)]))
def test_a_worse_finding_never_raises_the_score(seen: dict, said: dict, asked: Question, step: tuple) -> None:
    before = of({**seen, asked.id: (step[0], None)}, said)
    after = of({**seen, asked.id: (step[1], None)}, said)
    assert (after.total.score or 0.0) <= (before.total.score or 0.0)
    assert not set(ids(before.blockers)) - set(ids(after.blockers))


@settings(max_examples=400, deadline=None)
@given(SEEN, SAID, st.sampled_from(QUESTIONS))
def test_a_permission_taken_away_never_raises_score_or_level(seen: dict, said: dict, asked: Question) -> None:
    before, after = of(seen, said), of({**seen, asked.id: (UNKNOWN, Reason.FORBIDDEN)}, said)
    assert (after.total.score or 0.0) <= (before.total.score or 0.0)
    assert LEVELS.index(after.level) <= max(LEVELS.index(before.level), LEVELS.index(Level.NOT_ENOUGH_KNOWN))
