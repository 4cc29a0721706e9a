"""What changed since an earlier assessment."""

from __future__ import annotations

from tests.report import sample
from tests.report.sample import words


def test_changes_stand_under_their_kind_with_before_and_now() -> None:
    shown = words(sample.page().changes())
    assert (
        "Compared with the milestone “October” of 20 October 2026: 1 new, 1 resolved, 1 better, 2 incomparable" in shown
    )
    new, resolved = shown.split("New gaps (1)")[1].split("Resolved (1)")
    assert "Q8 Weaviate backups Attested Gap" in new and "Q19 Suitable StorageClass Gap Verified" in resolved


def test_incomparable_questions_have_a_reason() -> None:
    shown = words(sample.page().changes()).split("Incomparable (2)")[1]
    assert "the text of the question changed" in shown and "not asked then" in shown
    assert "the change of the score is neither a gain nor a loss" in words(sample.page().changes())


def test_a_new_waiver_is_listed_although_no_verdict_moved() -> None:
    assert "Gap Accepted risk" in words(sample.page().changes()).split("Waivers added or removed")[-1]


def test_first_assessment_has_no_changes() -> None:
    first = sample.page(previous=None)
    assert first.changes().html == "" and "rk-since" not in first.cover().html
    assert "Since the milestone “October” of 20 October 2026: 1 closed, 1 better, 1 new," in words(
        sample.page().cover()
    )
