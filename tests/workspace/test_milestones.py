"""Frozen assessments, and what changed: a gap only counts as closed where as much was seen as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.comparison import Comparison, Milestone, compare
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.model import Assessment, Choice, Level, Outcome, Reason, Settings, State
from readiness_kit.workspace.milestones import freeze, load, milestones
from tests.assessment.making import AS_OF, answer, finding, question, waiver

MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome
LISTS = Comparison.__struct_fields__[:6]


def one(value: Choice | None, outcome: Outcome, reason: Reason | None = None, **more: Any) -> Assessment:
    """An assessment of one question `ha.one`; `missing`, `waived`, `revision` as needed."""
    waivers = [waiver()] if more.pop("waived", False) else []
    asked = question(revision=more.pop("revision", 1))
    return assess(
        [asked], {"ha.one": finding(outcome, reason, **more)}, {"ha.one": answer(value)}, waivers, Settings(), AS_OF
    )


def where(old: Assessment | Milestone, new: Assessment | Milestone) -> tuple[str, str]:
    got = compare(old, new)
    ((name, change),) = [(name, change) for name in LISTS for change in getattr(got, name)]
    return name, change.why


YES, NO, HALF = Choice.YES, Choice.NO, Choice.PARTLY


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (one(None, MET), one(None, NOT_MET), "new"),
        (one(None, UNKNOWN), one(None, NOT_MET), "new"),
        (one(YES, UNKNOWN), one(YES, NOT_MET), "new"),
        (one(None, MET), one(None, PARTLY), "new"),
        (one(None, NOT_MET), one(None, MET), "resolved"),
        (one(YES, NOT_MET), one(YES, MET), "resolved"),
        (one(NO, UNKNOWN), one(YES, UNKNOWN), "resolved"),
        (one(None, PARTLY), one(None, NOT_MET), "worse"),
        (one(None, NOT_MET), one(YES, NOT_MET), "worse"),
        (one(YES, UNKNOWN), one(None, UNKNOWN), "worse"),
        (one(None, NOT_MET), one(None, PARTLY), "better"),
        (one(YES, UNKNOWN), one(YES, MET), "better"),
        (one(None, UNKNOWN), one(None, MET), "better"),
        (one(None, MET), one(None, MET), "unchanged"),
        (one(NO, UNKNOWN), one(NO, UNKNOWN), "unchanged"),
        (one(None, NOT_APPLICABLE), one(None, NOT_APPLICABLE), "unchanged"),
    ],
)
def test_changes(old: Assessment, new: Assessment, expected: str) -> None:
    assert where(old, new) == (expected, "")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (one(None, NOT_MET), one(None, UNKNOWN, Reason.FORBIDDEN), "its evidence could be read then and not now"),
        (one(None, MET), one(None, UNKNOWN, Reason.FORBIDDEN), "its evidence could be read then and not now"),
        (one(YES, NOT_MET), one(YES, UNKNOWN, Reason.NOT_COLLECTED), "its evidence could be read then and not now"),
        (one(None, NOT_MET), one(None, MET, missing=("pods",)), "not read any more: pods"),
        (one(None, MET), one(None, MET, missing=("pods",)), "not read any more: pods"),
        (one(None, NOT_MET), one(None, NOT_MET, revision=2), "the text of the question changed"),
        (one(None, NOT_MET), one(None, NOT_APPLICABLE), "no longer applies"),
        (one(None, NOT_APPLICABLE), one(None, MET), "applies now and did not"),
        (one(NO, UNKNOWN), one(None, UNKNOWN), "no longer known"),
    ],
)
def test_incomparable(old: Assessment, new: Assessment, why: str) -> None:
    assert where(old, new) == ("incomparable", why)


def test_a_gap_that_is_seen_with_less_is_still_one() -> None:
    assert where(one(None, NOT_MET), one(None, NOT_MET, missing=("pods",)))[0] == "unchanged"
    assert where(one(None, MET), one(None, NOT_MET, missing=("pods",)))[0] == "new"


def test_seeing_more_is_comparable() -> None:
    assert where(one(None, UNKNOWN, Reason.FORBIDDEN), one(None, MET))[0] == "better"
    assert where(one(None, MET, missing=("pods",)), one(None, MET))[0] == "unchanged"


def test_a_waiver_is_no_change_beneath() -> None:
    assert where(one(None, NOT_MET), one(None, NOT_MET, waived=True)) == ("unchanged", "accepted now")
    assert where(one(None, NOT_MET, waived=True), one(None, NOT_MET)) == ("unchanged", "no longer accepted")
    assert where(one(None, NOT_MET, waived=True), one(None, MET)) == ("resolved", "no longer accepted")


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ((), (), "resolved"),
        ((), ("a",), "incomparable"),
        (("a", "b"), ("a",), "incomparable"),
        (("a",), ("a", "b"), "resolved"),
        (("a",), (), "resolved"),
        (("a",), ("b",), "incomparable"),
    ],
)
def test_scope(was: tuple, now: tuple, expected: str) -> None:
    old = Milestone(1, "old", one(None, NOT_MET), was)
    new = Milestone(1, "new", one(None, MET), now)
    assert where(old, new)[0] == expected


def test_questions_asked_once_only() -> None:
    first, second = question("ha.a"), question("ha.b")
    old = assess([first], {}, {})
    new = assess([second], {}, {})
    got = compare(old, new)
    assert [(change.question.id, change.before, change.after, change.why) for change in got.incomparable] == [
        ("ha.b", None, State.OPEN, "not asked then"),
        ("ha.a", State.OPEN, None, "not asked any more"),
    ]


def test_a_change_tells_of_answer_and_evidence() -> None:
    got = compare(one(YES, NOT_MET), one(HALF, MET))
    (change,) = got.better
    assert (change.before, change.after) == (State.CONTRADICTED, State.PARTLY)
    assert change.answers == (YES, HALF) and change.outcomes == (NOT_MET, MET)
    assert got.scores == (0.0, 0.5) and got.coverages == (1.0, 1.0)
    assert got.levels == (Level.READY_WITH_RISKS, Level.READY_WITH_RISKS)


# --- files ----------------------------------------------------------------------------------------


def test_frozen_and_read_back(tmp_path: Path) -> None:
    assessed = one(YES, NOT_MET, waived=True)
    path = freeze(assessed, "after the workshop", tmp_path / "milestones", ["a"])
    assert path.name == "after-the-workshop.json"
    assert load(path) == Milestone(1, "after the workshop", assessed, ("a",))
    assert [found.name for found in milestones(path.parent)] == ["after the workshop"]


def test_never_overwritten_and_never_outside(tmp_path: Path) -> None:
    path = freeze(one(None, MET), "first", tmp_path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        freeze(one(None, NOT_MET), "first", tmp_path)
    assert path.read_bytes() == before
    for name in ("", "../up", "a/b", ".hidden", "x" * 81, "a\nb"):
        with pytest.raises(UsageError, match="is no name for a milestone"):
            freeze(one(None, MET), name, tmp_path)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "is no milestone"),
        ("[]", "is no milestone"),
        ('{"schema": 2}', "schema 2"),
        ('{"schema": 1, "name": "x"}', "assessment"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, body: str, says: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(body)
    with pytest.raises(UnreadableFileError, match=says):
        load(path)
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        load(tmp_path / "gone.json")
