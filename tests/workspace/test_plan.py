"""The plan of an assessment folder: owner, due date and state of fixes, kept as the answers are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from readiness_kit.errors import ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.fixes.model import Assignment, FixState
from readiness_kit.workspace.plan import PlanStore

ENTRY = Assignment("replicas.three", "Ada", date(2026, 12, 1), FixState.IN_PROGRESS)


def test_an_assignment_is_stored_and_read_again(tmp_path: Path) -> None:
    PlanStore(tmp_path).put(ENTRY)
    PlanStore(tmp_path).put(Assignment("separation.nodes", "Grace"))
    assert PlanStore(tmp_path).all() == {ENTRY.fix: ENTRY, "separation.nodes": Assignment("separation.nodes", "Grace")}


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert PlanStore(tmp_path).all() == {}
    assert list(tmp_path.iterdir()) == []


def test_parallel_changes_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: PlanStore(tmp_path).put(Assignment(f"topic.fix_{at}", "Ada")), range(12)))
    assert len(PlanStore(tmp_path).all()) == 12


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "is not an object"),
        ('{"schema": 1, "fixes": {"a.b": {"due": "soon"}}}', "a.b: .*due"),
        ('{"schema": 1, "fixes": {"a.b": {"fix": "c.d"}}}', "a different fix, c.d"),
        ('{"schema": 1, "fixes": {"a.b": {}, "a.b": {}}}', "duplicate keys: a.b"),
        ('{"schema": "x", "fixes": {}}', "not a number"),
    ],
)
def test_an_unreadable_file_is_named_and_never_changed(tmp_path: Path, body: str, message: str) -> None:
    store = PlanStore(tmp_path)
    store.path.write_text(body, encoding="utf-8")
    for act in (store.all, lambda: store.put(ENTRY)):
        with pytest.raises(UnreadableFileError, match=message):
            act()
    assert store.path.read_text(encoding="utf-8") == body


def test_a_newer_file_is_read_only(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    store.path.write_text('{"schema": 99, "fixes": {}}', encoding="utf-8")
    with pytest.raises(ReadOnlyError, match="newer schema"):
        store.put(ENTRY)


def test_text_that_is_not_unicode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="surrogate"):
        PlanStore(tmp_path).put(Assignment("a.b", "\ud800"))
