"""Exports answers as a YAML file to be filled in without the kit, and imports it again.

Each entry has a digest of the answer that was exported (`base`). On import an entry without a change is skipped, an
answer that was changed in the file only is taken, and one that was changed on both sides is a conflict: it is reported
with both values and taken only if the caller prefers the file. A digest that this store never had comes from another
assessment: the answers are merged, and a question with two different answers is a conflict.
"""

from __future__ import annotations

import contextlib
import hashlib
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from readiness_kit import documents
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import SCHEMA_VERSION, Answer, Question, QuestionKind
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.yaml_edit import scalar

WHAT = "the answers file"
_COMMENTS = {
    "value": "yes | partly | no | not_applicable | dont_know",
    "reason": "required for not_applicable",
    "note": "",
    "link": "link to proof",
    "owner": "",
    "due": "YYYY-MM-DD",
}
_CADENCE_COMMENTS = {"every": "number of days", "last_done": "YYYY-MM-DD"}
_INTERNAL = ("revision", "base")
_EMPTY = "none"
_HEADER = """\
# Answers to the production-readiness checklist. Fill in `value` and the other fields that you know.
# Return the file, or import it with `readiness answers import -f FILE`. Do not change the lines `base` and `revision`.
"""
Side: TypeAlias = Literal["stored", "file"]
"""The side that is kept in a conflict."""


class Conflict(msgspec.Struct, frozen=True):
    """A question with different answers in the store and in the file; `taken` if the file's answer was stored."""

    question: str
    stored: Answer | None
    offered: Answer
    taken: bool


class Imported(msgspec.Struct, frozen=True):
    """The result of an import: ids of stored questions, conflicts, and sentences about skipped entries."""

    taken: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


def _fields(question: Question) -> dict[str, str]:
    """The fields that a person fills in, each with its comment in the file."""
    return {**_COMMENTS, **_CADENCE_COMMENTS} if question.kind is QuestionKind.CADENCE else _COMMENTS


def _digest(answer: Answer | None, question: Question) -> str:
    """A digest of those fields; `none` if all are empty."""
    values = [getattr(answer, field) for field in _fields(question)] if answer else []
    if not any(value not in (None, "") for value in values):
        return _EMPTY
    return "a" + hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:12]


# --- export ---------------------------------------------------------------------------------------


def export_answers(questions: Iterable[Question], answers: Mapping[str, Answer]) -> str:
    """The file as text: every question in the given order, with its number and text as comments."""
    parts = [_HEADER, f"schema: {SCHEMA_VERSION}", "answered_by:  # your name", "answers:"]
    for question in questions:
        parts += _entry(question, answers.get(question.id))
    return "\n".join(parts) + "\n"


def _entry(question: Question, answer: Answer | None) -> list[str]:
    title = "".join(letter if letter.isprintable() else " " for letter in f"{question.number}  {question.text}")
    lines = ["", *(f"  # {line}" for line in textwrap.wrap(title, 110)), f"  {question.id}:"]
    for field, hint in _fields(question).items():
        value = getattr(answer, field, None)
        shown = "" if value in (None, "") else f" {scalar(value)}"
        lines.append(f"    {field}:{shown}" + (f"  # {hint}" if hint else ""))
    return [*lines, f"    revision: {question.revision}", f"    base: {_digest(answer, question)}"]


# --- import ---------------------------------------------------------------------------------------


def import_answers(
    text: str,
    store: AnswerStore,
    questions: Iterable[Question],
    *,
    prefer: Side = "stored",
    by: str = "",
    source: str = "",
) -> Imported:
    """Imports the text of such a file into the store, in one save.

    `by` signs the imported answers; if empty, `answered_by` of the file does, or the assessor of the store. `source` is
    the name of the file in errors. Raises UnreadableFileError with question and field, UsageError for an invalid answer
    (not applicable without a reason); nothing is stored then.
    """
    named = f"{WHAT} {source}".strip()
    data = _whole(text, named)
    author = by or str(data.get("answered_by") or "")
    known = {question.id: question for question in questions}
    notes = [f"{id}: this checklist has no such question; skipped" for id in data["answers"] if id not in known]
    taken: list[Answer] = []
    conflicts: list[Conflict] = []

    def decide(answers: Mapping[str, Answer]) -> list[Answer]:
        digests = _past_digests(answers, store, known)
        for id in (id for id in data["answers"] if id in known):
            stored = answers.get(id)
            offered, base = _offered(known[id], data["answers"][id], stored, author, f"{named}: {id}")
            action = _action(
                offered=_digest(offered, known[id]),
                base=base if base in digests.get(id, ()) else _EMPTY,
                stored=_digest(stored, known[id]),
            )
            if action == "conflict":
                conflicts.append(Conflict(id, stored, offered, prefer == "file"))
            if action == "take" or (action == "conflict" and prefer == "file"):
                taken.append(offered)
        return taken

    store.change(decide, keep_author=True)
    return Imported(tuple(answer.question for answer in taken), tuple(conflicts), tuple(notes))


def _action(*, offered: str, base: str, stored: str) -> Literal["skip", "take", "conflict"]:
    """What to do with an entry, from the digests of its answer, the exported answer and the stored one."""
    if offered in (stored, base):
        return "skip"
    return "take" if stored == base else "conflict"


def _past_digests(
    answers: Mapping[str, Answer], store: AnswerStore, known: Mapping[str, Question]
) -> dict[str, set[str]]:
    """The digests of all answers that the store has and ever had, by question."""
    digests = {id: {_digest(answer, known[id])} for id, answer in answers.items() if id in known}
    for event in store.events:
        if event["question"] in known:
            for entry in (event.get("old"), event.get("new")):
                with contextlib.suppress(ValueError):  # an entry that cannot be read was never exported
                    past = msgspec.convert(entry, Answer)
                    digests.setdefault(past.question, set()).add(_digest(past, known[past.question]))
    return digests


def _whole(text: str, named: str) -> dict[str, Any]:
    data = documents.parse_yaml(text, named, UnreadableFileError)
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise UnreadableFileError(
            f"{named} has no mapping `answers`", "choose a file that `readiness answers export` wrote"
        )
    schema = data.get("schema", SCHEMA_VERSION)
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"{named} has schema {schema}, this version reads up to {SCHEMA_VERSION}", "update the kit"
        )
    return data


def _offered(question: Question, entry: Any, stored: Answer | None, author: str, where: str) -> tuple[Answer, str]:
    """The answer of an entry, and the digest at its export ("" if it has none)."""
    entry = {} if entry is None else entry
    fields = _fields(question)
    if not isinstance(entry, dict):
        raise UnreadableFileError(f"{where}: the entry is not a mapping", f"use the fields {', '.join(fields)}")
    if unknown := [str(key) for key in entry if key not in fields and key not in _INTERNAL]:
        raise UnreadableFileError(f"{where}: unknown field `{unknown[0]}`", f"use only {', '.join(fields)}")
    data = {key: entry[key] for key in fields if entry.get(key) is not None}
    if "value" in data:
        data["value"] = _choice(data["value"])
    # The file has no cadence fields for other questions; stored ones are kept.
    kept = {field: getattr(stored, field) for field in _CADENCE_COMMENTS if stored and field not in fields}
    data = {**kept, **data, "question": question.id, "by": author, "revision": entry.get("revision", question.revision)}
    return documents.convert(data, Answer, where, UnreadableFileError), str(entry.get("base") or "")


def _choice(value: Any) -> Any:
    """YAML reads a plain yes or no as a truth value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip().lower().replace(" ", "_").replace("'", "") if isinstance(value, str) else value
