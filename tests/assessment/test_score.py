"""Weights, score, coverage and level."""

from __future__ import annotations

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.score import WEIGHTS, score
from readiness_kit.model import (
    AdvisoryMatch,
    Choice,
    Level,
    Outcome,
    Reason,
    Settings,
    Severity,
    State,
    Thresholds,
)
from tests.assessment.samples import advisory, finding, judged, question

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
    assert got.score == pytest.approx(11 / 19)
    assert (got.applicable, got.judged, got.open) == (5, 4, 1)
    assert got.coverage == pytest.approx(0.8)
    assert got.counts[State.OPEN] == 1 and got.counts[State.ACCEPTED] == 0
    assert sum(got.counts.values()) == 6


def test_no_score_if_nothing_is_judged() -> None:
    got = judged([(CRITICAL, None, UNKNOWN), (LOW, Choice.DONT_KNOW, UNKNOWN)])
    assert got.total.score is None and got.total.coverage == 0
    assert score(()).score is None
    assert judged([(LOW, None, NOT_APPLICABLE)]).level is Level.NOT_ENOUGH_KNOWN


def test_lower_severity_of_a_finding_does_not_change_the_weight() -> None:
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
def test_unread_evidence_limits_the_level(value: Choice | None) -> None:
    got = judged([*GOOD, (LOW, value, UNKNOWN)], reason=Reason.FORBIDDEN)
    assert got.level is Level.NOT_ENOUGH_KNOWN
    assert got.level_why == "Evidence could not be read for Q9."


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
