"""Comparing two assessments: an improvement counts only if as much was read."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.comparison import Comparison, Milestone, compare
from readiness_kit.model import Assessment, Choice, Level, Outcome, Reason, Settings, State
from tests.assessment.samples import AS_OF, answer, finding, question, waiver

MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome
LISTS = Comparison.__struct_fields__[:6]


def assessed(value: Choice | None, outcome: Outcome, reason: Reason | None = None, **more: Any) -> Assessment:
    """An assessment of one question `ha.one`; `missing`, `waived`, `revision` as needed."""
    waivers = [waiver()] if more.pop("waived", False) else []
    asked = question(revision=more.pop("revision", 1))
    return assess(
        [asked], {"ha.one": finding(outcome, reason, **more)}, {"ha.one": answer(value)}, waivers, Settings(), AS_OF
    )


def changed(old: Assessment | Milestone, new: Assessment | Milestone) -> tuple[str, str]:
    got = compare(old, new)
    ((name, change),) = [(name, change) for name in LISTS for change in getattr(got, name)]
    return name, change.why


YES, NO, HALF = Choice.YES, Choice.NO, Choice.PARTLY


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (assessed(None, MET), assessed(None, NOT_MET), "new"),
        (assessed(None, UNKNOWN), assessed(None, NOT_MET), "new"),
        (assessed(YES, UNKNOWN), assessed(YES, NOT_MET), "new"),
        (assessed(None, MET), assessed(None, PARTLY), "new"),
        (assessed(None, NOT_MET), assessed(None, MET), "resolved"),
        (assessed(YES, NOT_MET), assessed(YES, MET), "resolved"),
        (assessed(None, PARTLY), assessed(None, NOT_MET), "worse"),
        (assessed(None, NOT_MET), assessed(YES, NOT_MET), "worse"),
        (assessed(YES, UNKNOWN), assessed(None, UNKNOWN), "worse"),
        (assessed(None, NOT_MET), assessed(None, PARTLY), "better"),
        (assessed(YES, UNKNOWN), assessed(YES, MET), "better"),
        (assessed(None, UNKNOWN), assessed(None, MET), "better"),
        (assessed(None, MET), assessed(None, MET), "unchanged"),
        (assessed(NO, UNKNOWN), assessed(NO, UNKNOWN), "unchanged"),
        (assessed(None, NOT_APPLICABLE), assessed(None, NOT_APPLICABLE), "unchanged"),
    ],
)
def test_changes(old: Assessment, new: Assessment, expected: str) -> None:
    assert changed(old, new) == (expected, "")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (assessed(None, NOT_MET), assessed(None, UNKNOWN, Reason.FORBIDDEN), "its evidence can no longer be read"),
        (assessed(None, MET), assessed(None, UNKNOWN, Reason.FORBIDDEN), "its evidence can no longer be read"),
        (assessed(YES, NOT_MET), assessed(YES, UNKNOWN, Reason.NOT_COLLECTED), "its evidence can no longer be read"),
        (assessed(None, NOT_MET), assessed(None, MET, missing=("pods",)), "no longer read: pods"),
        (assessed(None, MET), assessed(None, MET, missing=("pods",)), "no longer read: pods"),
        (assessed(None, NOT_MET), assessed(None, NOT_MET, revision=2), "the text of the question changed"),
        (assessed(None, NOT_MET), assessed(None, NOT_APPLICABLE), "no longer applies"),
        (assessed(None, NOT_APPLICABLE), assessed(None, MET), "now applies"),
        (assessed(NO, UNKNOWN), assessed(None, UNKNOWN), "no longer known"),
    ],
)
def test_incomparable(old: Assessment, new: Assessment, why: str) -> None:
    assert changed(old, new) == ("incomparable", why)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (assessed(YES, NOT_MET), assessed(NO, NOT_MET)),
        (assessed(YES, NOT_MET), assessed(None, NOT_MET)),
        (assessed(NO, UNKNOWN), assessed(YES, UNKNOWN)),
        (assessed(NO, UNKNOWN), assessed(HALF, UNKNOWN)),
    ],
)
def test_a_change_of_the_answer_alone_is_no_improvement(old: Assessment, new: Assessment) -> None:
    assert changed(old, new) == ("unchanged", "only the answer changed")


def test_a_changed_answer_with_a_confirmed_proof_is_an_improvement() -> None:
    proof = {"confirmed_by": "the assessor", "confirmed_on": AS_OF.date()}
    new = assess([question()], {"ha.one": finding(UNKNOWN)}, {"ha.one": answer(YES, **proof)}, (), Settings(), AS_OF)
    assert changed(assessed(NO, UNKNOWN), new) == ("resolved", "")


def test_gap_that_remains_with_less_evidence_is_comparable() -> None:
    assert changed(assessed(None, NOT_MET), assessed(None, NOT_MET, missing=("pods",)))[0] == "unchanged"
    assert changed(assessed(None, MET), assessed(None, NOT_MET, missing=("pods",)))[0] == "new"


def test_more_evidence_is_comparable() -> None:
    assert changed(assessed(None, UNKNOWN, Reason.FORBIDDEN), assessed(None, MET))[0] == "better"
    assert changed(assessed(None, MET, missing=("pods",)), assessed(None, MET))[0] == "unchanged"


def test_waiver_does_not_change_the_state_that_it_covers() -> None:
    assert changed(assessed(None, NOT_MET), assessed(None, NOT_MET, waived=True)) == ("unchanged", "accepted now")
    assert changed(assessed(None, NOT_MET, waived=True), assessed(None, NOT_MET)) == (
        "unchanged",
        "no longer accepted",
    )
    assert changed(assessed(None, NOT_MET, waived=True), assessed(None, MET)) == ("resolved", "no longer accepted")


@pytest.mark.parametrize(
    ("old_scope", "new_scope", "expected"),
    [
        ((), (), "resolved"),
        ((), ("a",), "incomparable"),
        (("a", "b"), ("a",), "incomparable"),
        (("a",), ("a", "b"), "resolved"),
        (("a",), (), "resolved"),
        (("a",), ("b",), "incomparable"),
    ],
)
def test_scope(old_scope: tuple, new_scope: tuple, expected: str) -> None:
    old = Milestone(1, "old", assessed(None, NOT_MET), old_scope)
    new = Milestone(1, "new", assessed(None, MET), new_scope)
    assert changed(old, new)[0] == expected


def test_question_asked_only_once_is_incomparable() -> None:
    first, second = question("ha.a"), question("ha.b")
    old = assess([first], {}, {})
    new = assess([second], {}, {})
    got = compare(old, new)
    assert [(change.question.id, change.before, change.after, change.why) for change in got.incomparable] == [
        ("ha.b", None, State.OPEN, "not asked then"),
        ("ha.a", State.OPEN, None, "no longer asked"),
    ]


def test_change_has_answers_and_outcomes() -> None:
    got = compare(assessed(YES, NOT_MET), assessed(HALF, MET))
    (change,) = got.better
    assert (change.before, change.after) == (State.CONTRADICTED, State.PARTLY)
    assert change.answers == (YES, HALF) and change.outcomes == (NOT_MET, MET)
    assert got.scores == (0.0, 0.5) and got.coverages == (1.0, 1.0)
    assert got.levels == (Level.READY_WITH_RISKS, Level.READY_WITH_RISKS)
