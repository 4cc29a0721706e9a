"""Answers are not lost: with parallel writers, crashes, manual edits, full disks and read-only folders."""

from __future__ import annotations

import codecs
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from readiness_kit import files
from readiness_kit.errors import ReadinessError, ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.model import Answer, Choice
from readiness_kit.workspace.answers import AnswerStore
from tests.assessment.samples import answer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.json", "the assessor")


def lines(store: AnswerStore) -> list[dict]:
    return [json.loads(line) for line in store.events.path.read_text("utf-8").splitlines()]


def python(code: str, *arguments: object, **more: object) -> subprocess.Popen:
    call = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload]


# --- storing and reading --------------------------------------------------------------------------


def test_answer_is_signed_stored_and_read_back(store: AnswerStore) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    put = store.put(Answer("ha.one", Choice.YES, note="Grüße 😀", every=30, by="somebody"))
    assert put.by == "the assessor" and put.at is not None and put.at >= before
    assert store.get("ha.one") == put == AnswerStore(store.path).get("ha.one")
    assert store.get("ha.two") is None
    assert "Grüße 😀" in store.path.read_text("utf-8")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_reading_an_empty_folder_creates_no_file(store: AnswerStore) -> None:
    assert store.all() == {} and store.problems == ()
    assert list(store.path.parent.iterdir()) == []


def test_file_is_sorted_and_indented(store: AnswerStore) -> None:
    store.put(answer(Choice.NO, "sec.b"))
    store.put(answer(Choice.YES, "ha.a"))
    data = json.loads(store.path.read_text("utf-8"))
    assert data["schema"] == 1 and list(data["answers"]) == ["ha.a", "sec.b"]
    assert store.path.read_text("utf-8").startswith('{\n  "answers": {\n    "ha.a": {\n')


def test_replaced_answer_is_kept_in_the_events(store: AnswerStore) -> None:
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


def test_same_answer_again_changes_nothing(store: AnswerStore) -> None:
    first = store.put(answer(Choice.YES))
    body = store.path.read_bytes()
    assert AnswerStore(store.path, "somebody else").put(answer(Choice.YES)) == first
    assert store.path.read_bytes() == body and len(lines(store)) == 1


def test_a_confirmation_keeps_the_author_and_ends_with_a_change_of_the_proof(store: AnswerStore) -> None:
    given = store.put(Answer("ha.one", Choice.YES, link="https://wiki.example.com"))
    confirmed = store.confirm("ha.one", "The assessor", date(2026, 11, 20))
    assert (confirmed.confirmed_by, confirmed.confirmed_on) == ("The assessor", date(2026, 11, 20))
    assert (confirmed.by, confirmed.at) == (given.by, given.at)
    kept = store.put(msgspec.structs.replace(confirmed, owner="The platform team"))
    assert kept.confirmed_by == "The assessor"
    changed = store.put(msgspec.structs.replace(kept, link="https://elsewhere.example.com"))
    assert (changed.confirmed_by, changed.confirmed_on) == ("", None)


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (Answer("ha.one", Choice.YES), "The assessor"),
        (Answer("ha.one", Choice.NO, link="https://wiki.example.com"), "The assessor"),
        (Answer("ha.one", Choice.YES, link="https://wiki.example.com"), " "),
    ],
)
def test_nothing_is_confirmed_without_a_yes_its_proof_and_a_name(store: AnswerStore, given: Answer, by: str) -> None:
    store.put(given)
    with pytest.raises(UsageError):
        store.confirm("ha.one", by)
    assert store.all()["ha.one"].confirmed_by == ""


def test_two_stores_of_one_file_merge_by_question(store: AnswerStore) -> None:
    other = AnswerStore(store.path, "the colleague")
    store.put(answer(Choice.YES, "ha.a"))
    other.put(answer(Choice.NO, "ha.b"))
    store.put(answer(Choice.PARTLY, "ha.a"))
    for each in (store, other):
        assert {id: given.value for id, given in each.all().items()} == {"ha.a": Choice.PARTLY, "ha.b": Choice.NO}
    assert store.all()["ha.b"].by == "the colleague"


@pytest.mark.parametrize(
    "invalid",
    [
        Answer("ha.one", Choice.NOT_APPLICABLE),
        Answer("ha.one", Choice.NOT_APPLICABLE, reason="  "),
        Answer("no id", Choice.YES),
        Answer("ha.one", "perhaps"),  # type: ignore[arg-type]
        Answer("ha.one", every=0),
        Answer("ha.one", note="\ud800"),
    ],
)
def test_invalid_answer_is_not_stored(store: AnswerStore, invalid: Answer) -> None:
    with pytest.raises(UsageError) as caught:
        store.put(invalid)
    assert invalid.question in caught.value.what and "not stored" in caught.value.what
    assert not store.path.exists()


def test_one_invalid_answer_prevents_the_whole_save(store: AnswerStore) -> None:
    with pytest.raises(UsageError):
        store.put_all([answer(Choice.YES, "ha.a"), Answer("ha.b", Choice.NOT_APPLICABLE)])
    assert store.all() == {}


def test_clock_that_goes_back_loses_nothing(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
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


# --- parallel writers -----------------------------------------------------------------------------

MANY = """
import os, sys
from pathlib import Path
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.model import Answer, Choice
# Between running processes, the page cache decides; thousands of flushes to the disk would only take time.
os.fsync = lambda descriptor: None
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
        _, errors = process.communicate(timeout=280)
        assert process.returncode == 0, errors
    for name in ("left", "right"):
        kept = [store.all()[f"{name}.q{question}"].note for question in range(50)]
        assert kept == [str(number) for number in range(each - 50, each)]
        notes = [int(event["new"]["note"]) for event in store.events if event["question"].startswith(f"{name}.")]
        assert notes == list(range(each))
    shared = store.events.history("both.q")
    assert [event["new"]["note"] for event in shared if event["by"] == "left"] == [
        f"left {n}" for n in range(0, each, 10)
    ]
    # Each replaced value is the one stored before: both processes wrote one history.
    assert [event["old"] for event in shared[1:]] == [event["new"] for event in shared[:-1]]


@pytest.fixture
def changed_before_the_lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[AnswerStore, Answer], None]:
    """Lets somebody else store an answer at the moment before a change gets the lock."""
    locked = files.locked

    def install(store: AnswerStore, others: Answer) -> None:
        @contextmanager
        def after_others(path: Path) -> Iterator[None]:
            monkeypatch.setattr(files, "locked", locked)
            AnswerStore(store.path, "somebody else").put(others)
            with locked(path):
                yield

        monkeypatch.setattr(files, "locked", after_others)

    return install


def test_confirmation_does_not_bring_back_an_answer_that_was_changed_meanwhile(
    store: AnswerStore, changed_before_the_lock: Callable[[AnswerStore, Answer], None]
) -> None:
    store.put(answer(Choice.YES, link="https://example.com/old"))
    changed_before_the_lock(store, answer(Choice.YES, link="https://example.com/new"))
    assert store.confirm("ha.one", "ada").link == "https://example.com/new"
    changed_before_the_lock(store, answer(Choice.NO))
    with pytest.raises(UsageError, match="no proof to confirm"):
        store.confirm("ha.one", "ada")


def test_parallel_threads_lose_no_answers(store: AnswerStore) -> None:
    def run(name: str) -> None:
        for number in range(20):
            store.put(answer(Choice.YES, f"{name}.q{number}"))

    threads = [Thread(target=run, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(store.all()) == 60 and len(lines(store)) == 60


def test_lock_of_a_different_process_is_reported(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
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
        time.sleep(delay * 0.0007)  # each time at a different moment of a save
        process.send_signal(signal.SIGKILL)
        # communicate() would skip what is in the buffer after the first line.
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
    store.put(answer(Choice.PARTLY))  # the lock is released, and an incomplete line affects only itself
    assert store.events.history("ha.one")[-1]["new"]["value"] == "partly"


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
    output = python(code, store.path).communicate(timeout=30)[0]
    assert "cannot be written: File too large" in output and "previous content is unchanged" in output
    assert {id: given.value for id, given in store.all().items()} == {"ha.a": Choice.YES}
    assert store.put(answer(Choice.NO, "ha.b")).value is Choice.NO
    assert [event["question"] for event in store.events] == ["ha.a", "ha.b"]
    assert not list(store.path.parent.glob(".answers.json.*[!k]"))  # no temporary file remains


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
def test_failed_system_call_at_each_step_of_a_save(
    store: AnswerStore, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, nth: int, code: int
) -> None:
    """The error is reported, the old answer is kept, no temporary file remains, and the next save works."""
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


def test_read_only_folder_can_be_read(store: AnswerStore) -> None:
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
        output, errors = python(code, store.path).communicate(timeout=30)
    finally:
        folder.chmod(0o755)
    assert output.startswith("yes\n"), errors
    assert "answers.json cannot be written: Permission denied" in output
    assert store.all()["ha.one"].value is Choice.YES


# --- files that were edited -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[1]", b'{"schema": 1}', b'{"schema": 1, "answers": []}', b"\xff\xfe", b"[" * 100_000]
)
@pytest.mark.parametrize(
    "use", [AnswerStore.all, lambda store: store.put(answer(Choice.NO, "ha.new"))], ids=["all", "put"]
)
def test_unreadable_file_fails_until_it_is_restored_and_is_never_moved(
    store: AnswerStore, body: bytes, use: Callable[[AnswerStore], object]
) -> None:
    store.put(answer(Choice.YES, "ha.a", note="kept"))
    store.put(answer(Choice.NO, "ha.b"))
    store.path.write_bytes(body)
    before = sorted(path.name for path in store.path.parent.iterdir())
    messages = set()
    for each in (store, store, AnswerStore(store.path)):
        with pytest.raises(UnreadableFileError) as caught:
            use(each)
        messages.add(str(caught.value))
    assert len(messages) == 1 and "answers.json cannot be read" in messages.pop()
    assert "readiness answers restore" in caught.value.hint
    assert store.path.read_bytes() == body
    assert sorted(path.name for path in store.path.parent.iterdir()) == before
    assert store.restore() == 2
    assert {id: (given.value, given.note) for id, given in store.all().items()} == {
        "ha.a": (Choice.YES, "kept"),
        "ha.b": (Choice.NO, ""),
    }
    (kept,) = store.path.parent.glob("answers.json.before-*")
    assert kept.read_bytes() == body


def test_restoring_keeps_entries_that_only_the_file_has(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    store.put(answer(Choice.YES, "ha.b"))
    write(store, {"schema": 1, "answers": {"ha.b": {"value": "no"}}})
    assert store.restore() == 2
    assert {id: given.value for id, given in store.all().items()} == {"ha.a": Choice.YES, "ha.b": Choice.NO}


def test_file_set_aside_by_an_earlier_version_fails_until_it_is_settled(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    aside = store.path.with_name("answers.json.unreadable-20261124T062646Z")
    aside.write_bytes(codecs.BOM_UTF8 + b'{"schema": 1, "answers": {"ha.b": {"value": "no"}}}')
    for _ in range(2):
        for use in (store.all, lambda: store.put(answer(Choice.YES, "ha.c"))):
            with pytest.raises(UnreadableFileError, match=aside.name):
                use()
    assert store.restore() == 2
    assert {id: given.value for id, given in store.all().items()} == {"ha.a": Choice.YES, "ha.b": Choice.NO}
    assert not aside.exists() and len(list(store.path.parent.glob("answers.json.before-*"))) == 1


def test_deleting_the_file_set_aside_settles_it(store: AnswerStore) -> None:
    store.put(answer(Choice.YES, "ha.a"))
    aside = store.path.with_name("answers.json.unreadable-20261124T062646Z")
    aside.write_text("broken")
    with pytest.raises(UnreadableFileError):
        store.all()
    aside.unlink()
    assert set(store.all()) == {"ha.a"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_is_accepted_at_each_run(store: AnswerStore, encoding: str) -> None:
    body = '{"schema": 1, "answers": {"ha.a": {"value": "yes", "note": "Grüße"}}}'.encode(encoding)
    store.path.write_bytes(body)
    for _ in range(3):
        assert AnswerStore(store.path).all()["ha.a"].note == "Grüße"
    assert store.path.read_bytes() == body
    store.put(answer(Choice.NO, "ha.b"))
    assert set(AnswerStore(store.path).all()) == {"ha.a", "ha.b"}


def test_symbolic_link_is_written_through(store: AnswerStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "shared" / "team.json"
    elsewhere.parent.mkdir()
    store.path.symlink_to(elsewhere)
    for value in (Choice.YES, Choice.NO):
        store.put(answer(value))
        assert store.path.is_symlink() and AnswerStore(elsewhere).all()["ha.one"].value is value
    store.path.unlink()
    store.path.symlink_to(store.path.name)
    with pytest.raises(ReadinessError, match="symbolic links"):
        store.put(answer(Choice.YES))
    assert store.path.is_symlink()


def test_pipe_in_place_of_a_file_is_reported_and_does_not_wait(store: AnswerStore) -> None:
    os.mkfifo(store.events.path)
    for use in (lambda: list(store.events), lambda: store.put(answer(Choice.YES))):
        with pytest.raises(ReadinessError, match=r"events\.jsonl cannot be"):
            use()
    os.mkfifo(store.path)
    for use, verb in ((store.all, "read"), (lambda: store.put(answer(Choice.YES)), "written")):
        with pytest.raises(ReadinessError, match=rf"answers\.json cannot be {verb}: it is a pipe"):
            use()


def test_half_a_character_costs_only_its_entry(store: AnswerStore) -> None:
    store.path.write_text('{"schema": 1, "answers": {"ha.a": {"value": "yes"}, "ha.b": {"note": "\\ud800"}}}')
    for _ in range(2):
        assert set(AnswerStore(store.path).all()) == {"ha.a"}
    assert store.problems == ("ha.b: left out, it has half of a character (a lone surrogate)",)


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


def test_invalid_entry_is_reported_and_valid_ones_count(store: AnswerStore, caplog: pytest.LogCaptureFixture) -> None:
    write(store, BAD)
    assert {id: given.value for id, given in store.all().items()} == {"ha.good": Choice.YES, "ha.bare": Choice.NO}
    problems = dict(problem.split(": ", 1) for problem in store.problems)
    assert set(problems) == {"ha.bad", "ha.day", "ha.other", "ha.list"}
    assert "$.value" in problems["ha.bad"] and "$.due" in problems["ha.day"]
    assert "$.question" in problems["ha.other"]
    store.all()
    assert [record.getMessage() for record in caplog.records if "ha.bad" in record.getMessage()] == [
        f"{store.path}: ha.bad: {problems['ha.bad']}"
    ]


def test_a_save_carries_along_what_it_cannot_read(store: AnswerStore) -> None:
    write(store, BAD)
    store.put(answer(Choice.PARTLY, "ha.new"))
    data = json.loads(store.path.read_text("utf-8"))
    new = data["answers"].pop("ha.new")
    assert new["value"] == "partly"
    assert data == BAD
    assert not list(store.path.parent.glob("answers.json.*"))


def test_lone_surrogates_and_huge_numbers_in_other_entries_do_not_prevent_a_save(store: AnswerStore) -> None:
    store.path.write_text(
        '{"schema": 1, "answers": {"ha.half": {"note": "\\ud800"}, "ha.huge": {"every": 1' + "0" * 40 + "}}}"
    )
    store.put(answer(Choice.YES, "ha.good"))
    store.put(answer(Choice.YES, "ha.half"))
    data = json.loads(store.path.read_text("utf-8"))["answers"]
    assert data["ha.huge"] == {"every": 10**40}
    assert lines(store)[-1]["old"] == {"note": "\ud800"}
    assert set(store.all()) == {"ha.good", "ha.half"}


def test_answering_an_invalid_entry_keeps_a_copy_of_the_file(store: AnswerStore) -> None:
    write(store, BAD)
    store.put(answer(Choice.YES, "ha.bad"))
    (kept,) = store.path.parent.glob("answers.json.before-*")
    assert json.loads(kept.read_text("utf-8")) == BAD
    assert lines(store)[0]["old"] == {"question": "ha.bad", "value": "maybe"}
    assert store.all()["ha.bad"].value is Choice.YES


def test_duplicate_entry_is_reported_and_kept(store: AnswerStore) -> None:
    text = '{"schema": 1, "answers": {"ha.a": {"value": "no"}, "ha.a": {"value": "yes"}}}'
    store.path.write_text(text)
    assert store.all()["ha.a"].value is Choice.YES
    assert store.problems == ("duplicate entries, the last one counts: ha.a",)
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


def test_folder_in_place_of_the_file_is_reported(store: AnswerStore) -> None:
    store.path.mkdir()
    for use, verb in ((store.all, "read"), (lambda: store.put(answer(Choice.YES)), "written")):
        with pytest.raises(ReadinessError, match=rf"answers\.json cannot be {verb}: Is a directory"):
            use()
