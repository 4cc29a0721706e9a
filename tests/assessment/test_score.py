"""Weights, score, coverage and level."""

from __future__ import annotations

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.score import WEIGHTS, score
from readiness_kit.model import (
    AdvisoryMatch,
    Answer,
    Choice,
    Level,
    Outcome,
    Reason,
    Settings,
    Severity,
    State,
    Thresholds,
)
from tests.assessment.samples import AS_OF, advisory, answer, finding, judged, question

CRITICAL, HIGH, MEDIUM, LOW = Severity
MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome


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
    assert (got.proven, got.possible) == (pytest.approx(11 / 19), pytest.approx(17 / 19))
    assert (got.applicable, got.judged, got.open) == (5, 4, 1)
    assert got.coverage == pytest.approx(0.8)
    assert got.counts[State.OPEN] == 1 and got.counts[State.ACCEPTED] == 0
    assert sum(got.counts.values()) == 6


def test_nothing_is_proven_if_nothing_is_judged() -> None:
    got = judged([(CRITICAL, None, UNKNOWN), (LOW, Choice.DONT_KNOW, UNKNOWN)])
    assert (got.total.proven, got.total.possible, got.total.coverage) == (0, 1, 0)
    assert (score(()).proven, score(()).possible) == (0, 0)
    assert judged([(LOW, None, NOT_APPLICABLE)]).level is Level.NOT_ENOUGH_KNOWN


def test_lower_severity_of_a_finding_does_not_change_the_weight() -> None:
    questions = [question("ha.a", CRITICAL), question("ha.b", LOW)]
    findings = {"ha.a": finding(NOT_MET, id="ha.a", severity=LOW), "ha.b": finding(MET, id="ha.b")}
    got = assess(questions, findings, {})
    assert got.total.proven == pytest.approx(1 / 9)
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


def test_level_gives_its_reason() -> None:
    assert judged([*GOOD, (HIGH, None, NOT_MET)]).level_why == "1 blocker: Q9."
    why = judged([(CRITICAL, None, UNKNOWN), (LOW, None, MET)]).level_why
    assert why == "1 of 2 applicable questions are judged; 70 % are required. Critical questions still open: Q0."
    assert (
        judged([*GOOD, (LOW, None, NOT_MET)]).level_why
        == "No blocker; 1 gap. 10 of 10 applicable questions are judged."
    )


def test_required_coverage_is_a_setting() -> None:
    rows = [*GOOD, *[(LOW, None, UNKNOWN)] * 4]
    assert judged(rows, settings=Settings(thresholds=Thresholds(coverage_minimum=0.69))).level is Level.READY


@pytest.mark.parametrize("value", [None, *Choice])
def test_unread_evidence_of_a_critical_or_high_question_is_not_enough(value: Choice | None) -> None:
    got = judged([*GOOD, (HIGH, value, UNKNOWN)], reason=Reason.FORBIDDEN)
    if value is Choice.NO:
        assert got.level is Level.NOT_READY
    else:
        assert got.level is Level.NOT_ENOUGH_KNOWN and got.level_why == "Evidence could not be read for Q9."


@pytest.mark.parametrize("value", [None, *Choice])
def test_unread_evidence_of_any_question_is_a_risk(value: Choice | None) -> None:
    assert judged([*GOOD, (LOW, value, UNKNOWN)], reason=Reason.FORBIDDEN).level is Level.READY_WITH_RISKS


@pytest.mark.parametrize(("value", "outcome"), [(Choice.YES, UNKNOWN), (Choice.NOT_APPLICABLE, UNKNOWN)])
def test_claims_alone_are_never_ready(value: Choice, outcome: Outcome) -> None:
    got = judged([*GOOD, (HIGH, value, outcome)])
    assert got.level is Level.READY_WITH_RISKS
    assert "neither shown by the cluster nor by a confirmed proof: Q9" in got.level_why


def confirmed(value: Choice) -> Answer:
    return answer(value, link="https://wiki/runbook", confirmed_by="the assessor", confirmed_on=AS_OF.date())


@pytest.mark.parametrize("value", [Choice.YES, Choice.NOT_APPLICABLE])
def test_a_confirmed_proof_reaches_ready_and_a_refused_list_does_not(value: Choice) -> None:
    asked = [question("ha.one", CRITICAL), question("ha.two", CRITICAL)]
    seen = {"ha.one": finding(UNKNOWN), "ha.two": finding(MET, id="ha.two")}
    got = assess(asked, seen, {"ha.one": confirmed(value)})
    assert got.level is Level.READY and got.total.proven == 1.0
    less = assess(asked, {**seen, "ha.two": finding(UNKNOWN, Reason.FORBIDDEN, "ha.two")}, {"ha.one": confirmed(value)})
    assert less.level is Level.NOT_ENOUGH_KNOWN and less.total.proven < 1.0


def test_any_link_is_no_proof_until_it_is_confirmed() -> None:
    asked = [question("ha.one")]
    given = answer(Choice.YES, link="https://example.org")
    assert assess(asked, {}, {"ha.one": given}).total.proven == 0.5
    assert assess(asked, {}, {"ha.one": confirmed(Choice.YES)}).total.proven == 1.0


def test_an_unread_check_that_was_refused_takes_the_credit_of_partly_met() -> None:
    partly = finding(PARTLY, Reason.FORBIDDEN, at_best=True)
    got = assess([question("ha.one", CRITICAL)], {"ha.one": partly}, {"ha.one": answer(Choice.YES)})
    assert got.verdicts[0].state is State.PARTLY and got.total.proven == 0.0 and got.total.possible == 0.5
    assert got.level is Level.NOT_ENOUGH_KNOWN


def test_the_cluster_shows_more_than_the_answer_claims() -> None:
    got = judged([(LOW, Choice.NO, MET), (LOW, Choice.NO, UNKNOWN), (LOW, Choice.PARTLY, MET)])
    assert [row.question.id for row in got.disagreements] == ["ha.q0"]
    assert got.verdicts[0].state is State.GAP


# --- advisories -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "advisories", "level", "why"),
    [
        pytest.param(MET, [], Level.READY, "No blocker and no gap.", id="none"),
        pytest.param(MET, [advisory(CRITICAL, True)], Level.NOT_READY, "1 blocker: KI-1.", id="critical applies"),
        pytest.param(NOT_MET, [advisory(CRITICAL, True)], Level.NOT_READY, "2 blockers: Q0, KI-1.", id="and a gap"),
        pytest.param(MET, [advisory(CRITICAL, False)], Level.NOT_ENOUGH_KNOWN, "may apply: KI-1.", id="critical may"),
        pytest.param(NOT_MET, [advisory(CRITICAL, False)], Level.NOT_READY, "1 blocker: Q0.", id="gap before may"),
        pytest.param(MET, [advisory(HIGH, True)], Level.READY_WITH_RISKS, "1 advisory that applies", id="high applies"),
        pytest.param(MET, [advisory(MEDIUM, True)] * 2, Level.READY_WITH_RISKS, "2 advisories that apply", id="medium"),
        pytest.param(MET, [advisory(HIGH, False)], Level.READY, "No blocker and no gap.", id="high may apply"),
        pytest.param(MET, [advisory(LOW, True)], Level.READY, "No blocker and no gap.", id="information"),
    ],
)
def test_advisories_limit_the_level(outcome: Outcome, advisories: list[AdvisoryMatch], level: Level, why: str) -> None:
    got = assess(
        [question("ha.a", CRITICAL, number="Q0")], {"ha.a": finding(outcome, id="ha.a")}, {}, advisories=advisories
    )
    assert got.level is level and why in got.level_why
    assert got.advisories == tuple(advisories)


def test_advisories_do_not_change_the_score() -> None:
    questions, findings = [question("ha.a", CRITICAL)], {"ha.a": finding(MET, id="ha.a")}
    with_fault = assess(questions, findings, {}, advisories=[advisory(CRITICAL, True)])
    assert with_fault.total == assess(questions, findings, {}).total
