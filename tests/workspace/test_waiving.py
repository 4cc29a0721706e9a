"""Accepting a risk: what a waiver must have."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.errors import UsageError
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.waiving import waive
from tests.assessment.samples import question

VALID = {"reason": "Migration in spring", "owner": "Team", "approver": "Head", "expires": date(2027, 1, 31)}
TODAY = date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path).create()


def test_waiver_is_stored_without_surrounding_space(folder: Folder) -> None:
    made = waive(folder, question(), **{**VALID, "reason": " Migration in spring "}, control=" Export ", on=TODAY)  # type: ignore[arg-type]
    assert folder.waivers == (made,)
    assert (made.question, made.reason, made.control) == ("ha.one", "Migration in spring", "Export")


def test_expiry_on_the_day_of_the_assessment_is_allowed(folder: Folder) -> None:
    assert waive(folder, question(), **{**VALID, "expires": TODAY}, on=TODAY).expires == TODAY  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reason": " "}, "the waiver for ha.one has no reason"),
        ({"owner": ""}, "the waiver for ha.one has no owner"),
        ({"approver": ""}, "the waiver for ha.one has no approver"),
        ({"approver": "team "}, "the waiver for ha.one is owned and approved by the same person: Team"),
        ({"expires": date(2026, 11, 23)}, "the waiver for ha.one would have expired on 2026-11-23, before 2026-11-24"),
    ],
)
def test_invalid_waiver_is_not_stored(folder: Folder, change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        waive(folder, question(), **{**VALID, **change}, on=TODAY)  # type: ignore[arg-type]
    assert caught.value.what == message and caught.value.hint
    assert folder.waivers == ()
