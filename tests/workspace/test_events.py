"""The history of answers in `events.jsonl`."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.errors import ReadOnlyError
from readiness_kit.model import Choice
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.events import EventLog
from tests.assessment.samples import answer


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.json", "the assessor")


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "events.jsonl")


def test_log_without_a_file_is_empty(log: EventLog) -> None:
    assert list(log) == [] and log.latest() == {} and log.history("ha.a") == []
    assert not log.path.exists()


def test_history_and_latest_follow_the_order_of_the_lines(log: EventLog) -> None:
    log.add("ha.a", None, {"value": "yes"}, "the assessor")
    log.add("ha.b", None, {"value": "no"}, "the assessor")
    log.add("ha.a", {"value": "yes"}, {"value": "partly"}, "a colleague")
    assert [(event["by"], event["new"]["value"]) for event in log.history("ha.a")] == [
        ("the assessor", "yes"), ("a colleague", "partly"),
    ]  # fmt: skip
    assert log.latest() == {"ha.a": {"value": "partly"}, "ha.b": {"value": "no"}}


@pytest.mark.parametrize("line", [b"[1]", b"{}", b'{"question": 3}', b"\xff", b"[" * 100_000])
def test_lines_that_are_no_events_are_skipped(log: EventLog, line: bytes) -> None:
    log.add("ha.a", None, {"value": "yes"}, "")
    with log.path.open("ab") as stream:
        stream.write(line + b"\n")
    log.add("ha.b", None, {"value": "no"}, "")
    assert [event["question"] for event in log] == ["ha.a", "ha.b"]


def test_lone_surrogate_is_written_as_an_escape(log: EventLog) -> None:
    log.add("ha.a", {"note": "\ud800"}, {"note": "é"}, "")
    assert log.latest() == {"ha.a": {"note": "é"}}
    assert b"\\ud800" in log.path.read_bytes()


def test_log_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadOnlyError, match=r"events\.jsonl cannot be written"):
        EventLog(tmp_path / "file" / "events.jsonl").add("ha.a", None, {}, "")


def test_incomplete_last_line_affects_only_itself(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    with store.events.path.open("ab") as log:
        log.write(b'{"at": "2026-11-24T06:26:46Z", "quest')
    store.put(answer(Choice.NO, "ha.b"))
    assert [event["question"] for event in store.events] == ["ha.a", "ha.b"]
