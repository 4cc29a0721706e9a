"""Export and import of answers: what is imported, skipped, or a conflict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import yaml

from readiness_kit import files
from readiness_kit.checklist import load_checklist
from readiness_kit.errors import ReadinessError, UnreadableFileError, UsageError
from readiness_kit.model import Answer, Choice, QuestionKind
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.exchange import export_answers, import_answers
from tests.assessment.samples import question

QUESTIONS = [question("ha.a"), question("ha.b", revision=2), question("ha.c", kind=QuestionKind.CADENCE)]


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.json", "the assessor")


def edited(text: str, id: str, **fields: str) -> str:
    """The text with raw values in the entry of a question, as a person types them."""
    head, entry = text.split(f"\n  {id}:\n", 1)
    own, blank, rest = entry.partition("\n\n")
    lines = [line for line in own.splitlines() if line.strip().split(":")[0] not in fields]
    lines += [f"    {name}: {value}" for name, value in fields.items()]
    return f"{head}\n  {id}:\n" + "\n".join(lines) + blank + rest


def test_unchanged_file_changes_nothing(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.NO, note='Ü "x": #1\nsecond 😀', due=date(2026, 12, 1)))
    store.put(Answer("ha.c", Choice.YES, every=30, last_done=date(2026, 11, 1)))
    before = store.path.read_bytes()
    got = import_answers(export_answers(QUESTIONS, store.all()), store, QUESTIONS)
    assert (got.taken, got.conflicts, got.notes) == ((), (), ())
    assert store.path.read_bytes() == before


def test_export_has_every_question_in_valid_yaml() -> None:
    questions = load_checklist().questions
    text = export_answers(questions, {})
    assert list(yaml.safe_load(text)["answers"]) == [asked.id for asked in questions]
    assert all(f"# {asked.number}  " in text for asked in questions)


def test_answers_in_the_forms_that_people_type(store: AnswerStore) -> None:
    text = export_answers(QUESTIONS, {}).replace("answered_by:", "answered_by: the database team")
    text = edited(
        text, "ha.a", value="yes", note="all of it", link="https://example.com", owner="DBA", due="2026-12-01"
    )
    text = edited(text, "ha.b", value="Dont know")
    text = edited(text, "ha.c", value="no", every="90", last_done="2026-01-31")
    got = import_answers(text, store, QUESTIONS)
    assert got.taken == ("ha.a", "ha.b", "ha.c") and got.conflicts == ()
    a, b, c = (store.all()[id] for id in ("ha.a", "ha.b", "ha.c"))
    assert (a.value, a.note, a.link, a.owner, a.due) == (
        Choice.YES, "all of it", "https://example.com", "DBA", date(2026, 12, 1),
    )  # fmt: skip
    assert (b.value, b.revision) == (Choice.DONT_KNOW, 2)
    assert (c.value, c.every, c.last_done) == (Choice.NO, 90, date(2026, 1, 31))
    assert {given.by for given in (a, b, c)} == {"the database team"} and a.at is not None


def test_author_of_imported_answers(store: AnswerStore) -> None:
    text = edited(export_answers(QUESTIONS, {}), "ha.a", value="yes")
    import_answers(text, store, QUESTIONS)
    assert store.all()["ha.a"].by == "the assessor"
    import_answers(edited(text, "ha.b", value="no"), store, QUESTIONS, by="the customer")
    assert store.all()["ha.b"].by == "the customer"


def test_answer_changed_in_the_file_only_is_imported(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.YES, note="old"))
    text = edited(export_answers(QUESTIONS, store.all()), "ha.a", value="no")
    assert import_answers(text, store, QUESTIONS).taken == ("ha.a",)
    assert (store.all()["ha.a"].value, store.all()["ha.a"].note) == (Choice.NO, "old")


def test_answer_changed_in_the_store_only_is_kept(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.YES))
    text = export_answers(QUESTIONS, store.all())
    store.put(Answer("ha.a", Choice.NO))
    store.put(Answer("ha.b", Choice.NO))
    got = import_answers(text, store, QUESTIONS)
    assert got.taken == () and got.conflicts == ()
    assert store.all()["ha.a"].value is Choice.NO


@pytest.mark.parametrize("prefer", ["stored", "file"])
def test_answer_changed_on_both_sides_is_a_conflict(store: AnswerStore, prefer: str) -> None:
    store.put(Answer("ha.a", Choice.YES))
    text = edited(export_answers(QUESTIONS, store.all()), "ha.a", value="no")
    text = edited(text, "ha.b", value="partly")
    stored = store.put(Answer("ha.a", Choice.PARTLY))
    got = import_answers(text, store, QUESTIONS, prefer=prefer)  # type: ignore[arg-type]
    (conflict,) = got.conflicts
    assert (conflict.question, conflict.stored, conflict.offered.value) == ("ha.a", stored, Choice.NO)
    assert conflict.taken is (prefer == "file")
    assert store.all()["ha.a"].value is (Choice.NO if prefer == "file" else Choice.PARTLY)
    assert store.all()["ha.b"].value is Choice.PARTLY
    if prefer == "file":
        assert store.events.history("ha.a")[-1]["old"]["value"] == "partly"


def test_answer_given_while_the_file_is_imported_is_a_conflict(
    store: AnswerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = edited(export_answers(QUESTIONS, {}), "ha.a", value="yes")
    locked = files.locked

    @contextmanager
    def after_others(path: Path) -> Iterator[None]:
        monkeypatch.setattr(files, "locked", locked)
        AnswerStore(store.path, "somebody else").put(Answer("ha.a", Choice.NO))
        with locked(path):
            yield

    monkeypatch.setattr(files, "locked", after_others)
    got = import_answers(text, store, QUESTIONS)
    assert [conflict.question for conflict in got.conflicts] == ["ha.a"] and got.taken == ()
    assert store.all()["ha.a"].value is Choice.NO


def test_same_change_on_both_sides_is_no_conflict(store: AnswerStore) -> None:
    text = edited(export_answers(QUESTIONS, {}), "ha.a", value="yes")
    store.put(Answer("ha.a", Choice.YES))
    got = import_answers(text, store, QUESTIONS)
    assert got.taken == () and got.conflicts == ()


def test_file_without_digests_never_removes_an_answer(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.YES))
    text = "answers:\n  ha.a:\n  ha.b: {value: no}\n  ha.gone: {value: yes}\n"
    got = import_answers(text, store, QUESTIONS)
    assert got.taken == ("ha.b",) and got.conflicts == ()
    assert got.notes == ("ha.gone: this checklist has no such question; skipped",)
    conflicting = import_answers("answers: {ha.a: {value: no}}", store, QUESTIONS)
    assert [conflict.question for conflict in conflicting.conflicts] == ["ha.a"]


def test_answers_of_two_people_are_merged(store: AnswerStore, tmp_path: Path) -> None:
    other = AnswerStore(tmp_path / "other" / "answers.json", "the colleague")
    other.put(Answer("ha.a", Choice.NO))
    other.put(Answer("ha.b", Choice.PARTLY))
    other.put(Answer("ha.c", Choice.YES))
    store.put(Answer("ha.b", Choice.NO))
    store.put(Answer("ha.c", Choice.YES))
    got = import_answers(export_answers(QUESTIONS, other.all()), store, QUESTIONS)
    assert got.taken == ("ha.a",)
    assert [(conflict.question, conflict.offered.value) for conflict in got.conflicts] == [("ha.b", Choice.PARTLY)]


def test_unusual_characters_survive_the_exchange(store: AnswerStore) -> None:
    odd = question("ha.a", text="one\x85two\u2028three\x1bfour")
    store.put(Answer("ha.a", Choice.YES, note="\x1b \x85 \u2028 \ufeff 😀 - # : {"))
    text = export_answers([odd], store.all())
    fresh = AnswerStore(store.path.parent / "new" / "answers.json")
    assert import_answers(text, fresh, [odd]).taken == ("ha.a",)
    assert fresh.all()["ha.a"].note == store.all()["ha.a"].note


def test_answer_emptied_in_the_file_is_emptied(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.YES))
    text = edited(export_answers(QUESTIONS, store.all()), "ha.a", value="")
    assert import_answers(text, store, QUESTIONS).taken == ("ha.a",)
    assert store.all()["ha.a"].value is None


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("answers: [", UnreadableFileError, "back.yaml is not valid YAML"),
        ("[]", UnreadableFileError, "has no mapping `answers`"),
        ("schema: 2\nanswers: {}", UnreadableFileError, "schema 2"),
        ("answers: {ha.a: {value: maybe}}", UnreadableFileError, r"back.yaml: ha.a: .*\$.value"),
        ("answers: {ha.a: {valu: yes}}", UnreadableFileError, "ha.a: unknown field `valu`"),
        ("answers: {ha.a: yes}", UnreadableFileError, "ha.a: the entry is not a mapping"),
        ("answers: {ha.c: {every: often}}", UnreadableFileError, r"ha.c: .*\$.every"),
        ("answers: {ha.a: {every: 3}}", UnreadableFileError, "unknown field `every`"),
        (
            "answers: {ha.b: {value: no}, ha.a: {value: not_applicable}}",
            UsageError,
            "ha.a is not stored: .* reason",
        ),
    ],
)
def test_wrong_file_is_reported_and_nothing_is_stored(
    store: AnswerStore, text: str, error: type[ReadinessError], message: str
) -> None:
    with pytest.raises(error, match=message):
        import_answers(text, store, QUESTIONS, source="back.yaml")
    assert store.all() == {}


def test_cadence_fields_of_other_questions_are_kept(store: AnswerStore) -> None:
    store.put(Answer("ha.a", Choice.YES, every=30, last_done=date(2026, 1, 31)))
    text = edited(export_answers(QUESTIONS, store.all()), "ha.a", value="no")
    assert import_answers(text, store, QUESTIONS).taken == ("ha.a",)
    assert (store.all()["ha.a"].every, store.all()["ha.a"].last_done) == (30, date(2026, 1, 31))
