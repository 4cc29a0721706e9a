"""Answers survive: other writers, crashes, hand edits, full disks, folders that cannot be written."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from readiness_kit import files
from readiness_kit.errors import ReadinessError, ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.model import Answer, Choice
from readiness_kit.workspace.answers import AnswerStore
from tests.assessment.making import answer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.json", "the assessor")


def lines(store: AnswerStore) -> list[dict]:
    return [json.loads(line) for line in store.events.path.read_text("utf-8").splitlines()]


def python(code: str, *arguments: object, **more: object) -> subprocess.Popen:
    call = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload]


# --- the ordinary ---------------------------------------------------------------------------------


def test_an_answer_is_stamped_stored_and_read_back(store: AnswerStore) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    put = store.put(Answer("ha.one", Choice.YES, note="Grüße 😀", every=30, by="somebody"))
    assert put.by == "the assessor" and put.at is not None and put.at >= before
    assert store.get("ha.one") == put == AnswerStore(store.path).get("ha.one")
    assert store.get("ha.two") is None
    assert "Grüße 😀" in store.path.read_text("utf-8")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_an_empty_folder_has_no_answers_and_reading_makes_no_file(store: AnswerStore) -> None:
    assert store.all() == {} and store.problems == ()
    assert list(store.path.parent.iterdir()) == []


def test_the_file_is_sorted_and_made_for_people(store: AnswerStore) -> None:
    store.put(answer(Choice.NO, "sec.b"))
    store.put(answer(Choice.YES, "ha.a"))
    data = json.loads(store.path.read_text("utf-8"))
    assert data["schema"] == 1 and list(data["answers"]) == ["ha.a", "sec.b"]
    assert store.path.read_text("utf-8").startswith('{\n  "answers": {\n    "ha.a": {\n')


def test_a_replaced_answer_stays_whole_in_the_events(store: AnswerStore) -> None:
    first = store.put(answer(Choice.YES, note="as in March", link="https://example.com/proof"))
    store.put(answer(Choice.NO))
    assert [event["new"]["value"] for event in lines(store)] == ["yes", "no"]
    second = lines(store)[1]
    assert second["question"] == "ha.one" and second["by"] == "the assessor"
    assert second["old"] == {
        "question": "ha.one",
        "value": "yes",
        "note": "as in March",
        "link": "https://example.com/proof",
        "by": "the assessor",
        "at": first.at.strftime("%Y-%m-%dT%H:%M:%SZ") if first.at else "",
    }
    assert [event["question"] for event in store.events.history("ha.one")] == ["ha.one", "ha.one"]


def test_saying_the_same_again_changes_nothing(store: AnswerStore) -> None:
    first = store.put(answer(Choice.YES))
    body = store.path.read_bytes()
    assert AnswerStore(store.path, "somebody else").put(answer(Choice.YES)) == first
    assert store.path.read_bytes() == body and len(lines(store)) == 1


def test_two_stores_merge_by_question_and_see_one_another(store: AnswerStore) -> None:
    other = AnswerStore(store.path, "the colleague")
    store.put(answer(Choice.YES, "ha.a"))
    other.put(answer(Choice.NO, "ha.b"))
    store.put(answer(Choice.PARTLY, "ha.a"))
    for one in (store, other):
        assert {id: said.value for id, said in one.all().items()} == {"ha.a": Choice.PARTLY, "ha.b": Choice.NO}
    assert store.all()["ha.b"].by == "the colleague"


@pytest.mark.parametrize(
    "wrong",
    [
        Answer("ha.one", Choice.NOT_APPLICABLE),
        Answer("ha.one", Choice.NOT_APPLICABLE, reason="  "),
        Answer("no id", Choice.YES),
        Answer("ha.one", "perhaps"),  # type: ignore[arg-type]
        Answer("ha.one", every=0),
        Answer("ha.one", note="\ud800"),
    ],
)
def test_an_answer_that_is_not_allowed_is_refused(store: AnswerStore, wrong: Answer) -> None:
    with pytest.raises(UsageError) as told:
        store.put(wrong)
    assert wrong.question in told.value.what and "not stored" in told.value.what
    assert not store.path.exists()


def test_of_several_a_wrong_one_keeps_all_out(store: AnswerStore) -> None:
    with pytest.raises(UsageError):
        store.put_all([answer(Choice.YES, "ha.a"), Answer("ha.b", Choice.NOT_APPLICABLE)])
    assert store.all() == {}


def test_a_clock_that_goes_back_loses_nothing(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(answer(Choice.YES))

    class Back(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("readiness_kit.workspace.answers.datetime", Back)
    store.put(answer(Choice.NO))
    store.path.unlink()
    store.restore()
    assert store.all()["ha.one"].value is Choice.NO  # the order of the lines counts


# --- several at once ------------------------------------------------------------------------------

MANY = """
import sys
from pathlib import Path
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.model import Answer, Choice
store = AnswerStore(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3])):
    store.put(Answer(f"{sys.argv[2]}.q{number % 50}", Choice.YES, note=str(number)))
    if number % 10 == 0:
        store.put(Answer("both.q", note=f"{sys.argv[2]} {number}"))
"""


def test_two_processes_lose_nothing_of_one_another(store: AnswerStore) -> None:
    each = 1000
    running = [python(MANY, store.path, name, each) for name in ("left", "right")]
    for process in running:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said
    for name in ("left", "right"):
        kept = [store.all()[f"{name}.q{question}"].note for question in range(50)]
        assert kept == [str(number) for number in range(each - 50, each)]
        said = [int(event["new"]["note"]) for event in store.events if event["question"].startswith(f"{name}.")]
        assert said == list(range(each))
    shared = store.events.history("both.q")
    assert [event["new"]["note"] for event in shared if event["by"] == "left"] == [
        f"left {n}" for n in range(0, each, 10)
    ]
    # Each superseded value is the one that stood before: the two histories are one chain.
    assert [event["old"] for event in shared[1:]] == [event["new"] for event in shared[:-1]]


def test_threads_lose_nothing_of_one_another(store: AnswerStore) -> None:
    def run(name: str) -> None:
        for number in range(20):
            store.put(answer(Choice.YES, f"{name}.q{number}"))

    threads = [Thread(target=run, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(store.all()) == 60 and len(lines(store)) == 60


def test_a_lock_held_elsewhere_is_named(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
    with files.locked(store.path), pytest.raises(ReadOnlyError, match="locked by another process"):
        store.put(answer(Choice.YES))


# --- crashes --------------------------------------------------------------------------------------

FOR_EVER = """
import sys
from pathlib import Path
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.model import Answer
store = AnswerStore(Path(sys.argv[1]))
start = int(sys.argv[2])
for number in range(start, start + 100_000):
    store.put(Answer("ha.counter", note=str(number)))
    print(number, flush=True)
"""


def test_killed_at_any_moment_nothing_confirmed_is_lost(store: AnswerStore) -> None:
    start = 0
    for delay in range(20):
        process = python(FOR_EVER, store.path, start)
        assert process.stdout is not None
        confirmed = int(process.stdout.readline())
        time.sleep(delay * 0.0007)  # a different moment of a save each time
        process.send_signal(signal.SIGKILL)
        # Not by communicate(), which passes over what the first line brought along into the buffer.
        rest = process.stdout.read().split()
        process.communicate(timeout=30)
        confirmed = int(rest[-1]) if rest else confirmed
        got = AnswerStore(store.path).get("ha.counter")
        assert got is not None and confirmed <= int(got.note) <= confirmed + 1
        start = int(got.note) + 1
    assert store.problems == ()
    kept = [int(event["new"]["note"]) for event in store.events.history("ha.counter")]
    assert set(kept) >= set(range(start))


@pytest.mark.parametrize("point", ["append_line", "fsync", "mkstemp", "chmod", "replace"])
def test_killed_at_each_step_of_a_save(store: AnswerStore, point: str) -> None:
    store.put(answer(Choice.YES, note="before"))
    code = f"""
import os, signal, sys, tempfile
from pathlib import Path
from readiness_kit import files
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.model import Answer, Choice
where = {{"append_line": files, "fsync": os, "mkstemp": tempfile, "chmod": os, "replace": os}}["{point}"]
setattr(where, "{point}", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
AnswerStore(Path(sys.argv[1])).put(Answer("ha.one", Choice.NO))
"""
    process = python(code, store.path)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    got = AnswerStore(store.path).get("ha.one")
    assert got is not None and (got.value, got.note) == (Choice.YES, "before")
    store.put(answer(Choice.PARTLY))  # the lock of the dead is free, and a torn line spoils only itself
    assert store.events.history("ha.one")[-1]["new"]["value"] == "partly"


def test_a_torn_last_line_of_the_events_spoils_only_itself(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    with store.events.path.open("ab") as log:
        log.write(b'{"at": "2026-11-24T06:26:46Z", "quest')
    store.put(answer(Choice.NO, "ha.b"))
    assert [event["question"] for event in store.events] == ["ha.a", "ha.b"]


# --- the disk -------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_loses_nothing(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    code = """
import resource, sys
from pathlib import Path
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.errors import ReadOnlyError
from readiness_kit.model import Answer, Choice
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
try:
    AnswerStore(Path(sys.argv[1])).put(Answer("ha.b", Choice.NO, note="x" * 2000))
except ReadOnlyError as problem:
    print(problem)
"""
    said = python(code, store.path).communicate(timeout=30)[0]
    assert "cannot be written: File too large" in said and "previous content is unchanged" in said
    assert {id: one.value for id, one in store.all().items()} == {"ha.a": Choice.YES}
    assert store.put(answer(Choice.NO, "ha.b")).value is Choice.NO
    assert [event["question"] for event in store.events] == ["ha.a", "ha.b"]
    assert not list(store.path.parent.glob(".answers.json.*[!k]"))  # no temporary file stays


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        (os, "open", 0),
        *((os, "fsync", nth) for nth in range(3)),
        (tempfile, "mkstemp", 0),
        (os, "chmod", 0),
        (os, "replace", 0),
    ],
)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_no_room_at_any_step_of_a_save(
    store: AnswerStore, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, nth: int, code: int
) -> None:
    """Whichever call fails, and how: it is said, the old answer stands, nothing lies about, the next save works."""
    store.put(answer(Choice.YES, note="before"))
    real, calls = getattr(module, name), iter(range(100))

    def failing(*arguments: Any, **named: Any) -> Any:
        if str(next(iter(arguments), "")).endswith(".lock") or next(calls) != nth:
            return real(*arguments, **named)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as full:
        full.setattr(module, name, failing)
        with pytest.raises(
            ReadOnlyError, match=rf"cannot be written: {re.escape(os.strerror(code))}.*previous content is unchanged"
        ):
            store.put(answer(Choice.NO, note="after"))
    got = AnswerStore(store.path).get("ha.one")
    assert got is not None and got.note in ({"before", "after"} if nth == 2 else {"before"})
    assert not [
        path
        for path in store.path.parent.iterdir()
        if path.name.startswith(".answers.json.") and path.suffix != ".lock"
    ]
    assert store.put(answer(Choice.PARTLY)).value is Choice.PARTLY
    assert [event["new"]["value"] for event in store.events][-1] == "partly"


def test_a_folder_that_cannot_be_written_can_be_read(store: AnswerStore) -> None:
    store.put(answer(Choice.YES))
    folder = store.path.parent
    code = """
import os, sys
from pathlib import Path
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.errors import ReadOnlyError
from readiness_kit.model import Answer, Choice
import filelock, msgspec, yaml, datetime, tempfile
if os.getuid() == 0:
    os.setuid(65534)
store = AnswerStore(Path(sys.argv[1]))
print(store.all()["ha.one"].value.value)
try:
    store.put(Answer("ha.one", Choice.NO))
except ReadOnlyError as problem:
    print(problem)
"""
    for part in (folder, *list(folder.parents)[:3]):
        if part.owner() == Path.home().owner() or os.getuid() == 0:
            part.chmod(part.stat().st_mode | 0o055)
    store.path.chmod(0o444)
    folder.chmod(0o555)
    try:
        said, wrong = python(code, store.path).communicate(timeout=30)
    finally:
        folder.chmod(0o755)
    assert said.startswith("yes\n"), wrong
    assert "answers.json cannot be written: Permission denied" in said
    assert store.all()["ha.one"].value is Choice.YES


# --- files that are not as they should be ---------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[1]", b'{"schema": 1}', b'{"schema": 1, "answers": []}', b"\xff\xfe", b"[" * 100_000]
)
@pytest.mark.parametrize(
    "use", [AnswerStore.all, lambda store: store.put(answer(Choice.NO, "ha.new"))], ids=["all", "put"]
)
def test_an_unreadable_file_is_moved_aside_and_named(
    store: AnswerStore, body: bytes, use: Callable[[AnswerStore], object]
) -> None:
    store.put(answer(Choice.YES, "ha.a", note="kept"))
    store.put(answer(Choice.NO, "ha.b"))
    store.path.write_bytes(body)
    with pytest.raises(UnreadableFileError) as told:
        use(store)
    (kept,) = store.path.parent.glob("answers.json.unreadable-*")
    assert kept.read_bytes() == body
    assert kept.name in told.value.what and "Nothing is lost" in told.value.what and "restore()" in told.value.hint
    assert store.restore() == 2
    assert {id: (one.value, one.note) for id, one in store.all().items()} == {
        "ha.a": (Choice.YES, "kept"),
        "ha.b": (Choice.NO, ""),
    }


def test_restoring_keeps_what_was_answered_since(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    store.put(answer(Choice.YES, "ha.b"))
    store.path.write_text("broken")
    with pytest.raises(UnreadableFileError):
        store.all()
    store.put(answer(Choice.NO, "ha.b"))
    store.restore()
    assert {id: one.value for id, one in store.all().items()} == {"ha.a": Choice.YES, "ha.b": Choice.NO}


def write(store: AnswerStore, data: object) -> None:
    store.path.write_text(json.dumps(data), "utf-8")


BAD = {
    "schema": 1,
    "answers": {
        "ha.good": {"question": "ha.good", "value": "yes", "colour": "green"},
        "ha.bare": {"value": "no"},
        "ha.bad": {"question": "ha.bad", "value": "maybe"},
        "ha.day": {"question": "ha.day", "due": "soon"},
        "ha.other": {"question": "ha.good", "value": "no"},
        "ha.list": [],
    },
    "remark": "ours",
}


def test_a_bad_entry_is_named_and_the_good_ones_count(store: AnswerStore, caplog: pytest.LogCaptureFixture) -> None:
    write(store, BAD)
    assert {id: one.value for id, one in store.all().items()} == {"ha.good": Choice.YES, "ha.bare": Choice.NO}
    told = dict(problem.split(": ", 1) for problem in store.problems)
    assert set(told) == {"ha.bad", "ha.day", "ha.other", "ha.list"}
    assert "$.value" in told["ha.bad"] and "$.due" in told["ha.day"] and "$.question" in told["ha.other"]
    store.all()
    assert [record.getMessage() for record in caplog.records if "ha.bad" in record.getMessage()] == [
        f"{store.path}: ha.bad: {told['ha.bad']}"
    ]


def test_a_save_carries_along_what_it_cannot_read(store: AnswerStore) -> None:
    write(store, BAD)
    store.put(answer(Choice.PARTLY, "ha.new"))
    data = json.loads(store.path.read_text("utf-8"))
    new = data["answers"].pop("ha.new")
    assert new["value"] == "partly"
    assert data == BAD
    assert not list(store.path.parent.glob("answers.json.*"))


def test_half_characters_and_huge_numbers_in_other_entries_do_not_stop_a_save(store: AnswerStore) -> None:
    store.path.write_text(
        '{"schema": 1, "answers": {"ha.half": {"note": "\\ud800"}, "ha.huge": {"every": 1' + "0" * 40 + "}}}"
    )
    store.put(answer(Choice.YES, "ha.good"))
    store.put(answer(Choice.YES, "ha.half"))
    data = json.loads(store.path.read_text("utf-8"))["answers"]
    assert data["ha.huge"] == {"every": 10**40}
    assert lines(store)[-1]["old"] == {"note": "\ud800"}
    assert set(store.all()) == {"ha.good", "ha.half"}


def test_answering_a_bad_entry_keeps_it_twice(store: AnswerStore) -> None:
    write(store, BAD)
    store.put(answer(Choice.YES, "ha.bad"))
    (kept,) = store.path.parent.glob("answers.json.before-*")
    assert json.loads(kept.read_text("utf-8")) == BAD
    assert lines(store)[0]["old"] == {"question": "ha.bad", "value": "maybe"}
    assert store.all()["ha.bad"].value is Choice.YES


def test_an_entry_written_twice_is_named_and_kept(store: AnswerStore) -> None:
    text = '{"schema": 1, "answers": {"ha.a": {"value": "no"}, "ha.a": {"value": "yes"}}}'
    store.path.write_text(text)
    assert store.all()["ha.a"].value is Choice.YES
    assert store.problems == ("written twice, the later one counts: ha.a",)
    store.put(answer(Choice.YES, "ha.b"))
    (kept,) = store.path.parent.glob("answers.json.before-*")
    assert kept.read_text() == text
    assert store.problems == ()


def test_an_older_schema_is_brought_up_to_date_and_kept(store: AnswerStore) -> None:
    write(store, {"answers": {"ha.a": {"question": "ha.a", "value": "yes"}}})
    assert store.all()["ha.a"].value is Choice.YES
    store.put(answer(Choice.NO, "ha.b"))
    assert json.loads(store.path.read_text("utf-8"))["schema"] == 1
    assert len(list(store.path.parent.glob("answers.json.before-*"))) == 1
    assert set(store.all()) == {"ha.a", "ha.b"}


def test_a_newer_schema_is_read_and_never_written(store: AnswerStore) -> None:
    write(store, {"schema": 2, "answers": {"ha.a": {"question": "ha.a", "value": "yes", "mood": "fine"}}})
    body = store.path.read_bytes()
    assert store.all()["ha.a"].value is Choice.YES
    for change in (lambda: store.put(answer(Choice.NO, "ha.a")), store.restore):
        with pytest.raises(ReadOnlyError, match="schema"):
            change()
    write(store, {"schema": 2, "answers": ["new shape"]})
    with pytest.raises(ReadOnlyError, match="schema 2"):
        store.all()
    store.path.write_bytes(body)
    assert sorted(path.name for path in store.path.parent.iterdir() if path.suffix != ".lock") == ["answers.json"]


def test_each_error_is_of_the_kit(store: AnswerStore) -> None:
    store.path.mkdir()
    for use in (store.all, lambda: store.put(answer(Choice.YES))):
        with pytest.raises(ReadinessError, match=r"answers\.json cannot be read: Is a directory"):
            use()
