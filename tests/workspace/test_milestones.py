"""Milestone files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.assessment import assess
from readiness_kit.assessment.comparison import Milestone
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.model import Assessment, Choice, Outcome, Reason, Settings
from readiness_kit.workspace.milestones import find, freeze, load, milestones
from tests.assessment.samples import AS_OF, answer, finding, question, waiver

MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = Outcome


def assessed(value: Choice | None, outcome: Outcome, reason: Reason | None = None, **more: Any) -> Assessment:
    """An assessment of one question `ha.one`; `missing`, `waived`, `revision` as needed."""
    waivers = [waiver()] if more.pop("waived", False) else []
    asked = question(revision=more.pop("revision", 1))
    return assess(
        [asked], {"ha.one": finding(outcome, reason, **more)}, {"ha.one": answer(value)}, waivers, Settings(), AS_OF
    )


def test_milestone_is_written_and_read_back(tmp_path: Path) -> None:
    frozen = assessed(Choice.YES, NOT_MET, waived=True)
    path = freeze(frozen, "after the workshop", tmp_path / "milestones", ["a"])
    assert path.name == "after-the-workshop.json"
    assert load(path) == Milestone(1, "after the workshop", frozen, ("a",))
    assert [found.name for found in milestones(path.parent)] == ["after the workshop"]


def test_milestone_is_never_overwritten_nor_outside_the_folder(tmp_path: Path) -> None:
    path = freeze(assessed(None, MET), "first", tmp_path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="already exists"):
        freeze(assessed(None, NOT_MET), "first", tmp_path)
    assert path.read_bytes() == before
    for name in ("", "../up", "a/b", ".hidden", "x" * 81, "a\nb"):
        with pytest.raises(UsageError, match="is not a valid name for a milestone"):
            freeze(assessed(None, MET), name, tmp_path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "is not a milestone file"),
        ("[]", "is not a milestone file"),
        ('{"schema": 2}', "schema 2"),
        ('{"schema": 1, "name": "x"}', "assessment"),
    ],
)
def test_wrong_file_is_named(tmp_path: Path, body: str, message: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(body)
    with pytest.raises(UnreadableFileError, match=message):
        load(path)
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        load(tmp_path / "gone.json")


def test_milestone_is_found_by_its_name(tmp_path: Path) -> None:
    path = freeze(assessed(None, MET), "after the workshop", tmp_path)
    assert find("after the workshop", tmp_path) == path
    assert find("before", tmp_path) is find("../after the workshop", tmp_path) is None


def test_unreadable_milestone_is_named_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    freeze(assessed(None, MET), "good", tmp_path)
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for _ in range(2):
        caplog.clear()
        assert [found.name for found in milestones(tmp_path)] == ["good"]
        named = [record.getMessage() for record in caplog.records]
        assert len(named) == 3 and all("Left out: " in line for line in named)
    assert sorted(path.name for path in tmp_path.glob("*.json")) == [
        "bad.json",
        "folder.json",
        "good.json",
        "pipe.json",
    ]
