"""Answers as a YAML file that somebody fills in away from the kit, and the way back.

Each entry carries the mark of the answer it was exported from. On import an entry that nobody touched changes
nothing, an answer that only the file changed is taken, and one that changed on both sides is a conflict: it is
shown with both values and taken only where the caller says which side to prefer. A mark that this store never
held is that of another assessment: two people's answers are merged, and where both answered, they are compared.
"""

from __future__ import annotations

import contextlib
import hashlib
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from readiness_kit import documents
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import SCHEMA_VERSION, Answer, Question, QuestionKind
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.settings import scalar

WHAT = "the answers file"
_COMMENTS = {
    "value": "yes | partly | no | not_applicable | dont_know",
    "reason": "needed for not_applicable",
    "note": "",
    "link": "link to proof",
    "owner": "",
    "due": "YYYY-MM-DD",
}
_CADENCE_COMMENTS = {"every": "number of days", "last_done": "YYYY-MM-DD"}
_OURS = ("revision", "base")
NOTHING = "none"
_HEADER = """\
# Answers to the production-readiness checklist. Fill in `value` and what you know besides; leave the rest empty.
# Send the file back, or read it in with `readiness answers import FILE`. Leave the lines `base` and `revision` alone.
"""


class Conflict(msgspec.Struct, frozen=True):
    """One question answered differently here and in the file. `taken` says whether the file's answer now stands."""

    question: str
    stored: Answer | None
    offered: Answer
    taken: bool


class Imported(msgspec.Struct, frozen=True):
    """What an import did: question ids taken, conflicts, and sentences on what was passed over."""

    taken: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


def _fields(question: Question) -> dict[str, str]:
    """The fields a person fills in, with what the file says of them."""
    return {**_COMMENTS, **_CADENCE_COMMENTS} if question.kind is QuestionKind.CADENCE else _COMMENTS


def _mark(answer: Answer | None, question: Question) -> str:
    """Changes with what an answer says in those fields; `none` where it says nothing."""
    said = [getattr(answer, field) for field in _fields(question)] if answer else []
    if not any(value not in (None, "") for value in said):
        return NOTHING
    return "a" + hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:12]


# --- out ------------------------------------------------------------------------------------------


def export_answers(questions: Iterable[Question], answers: Mapping[str, Answer]) -> str:
    """The file as text: every question in checklist order, with its number and text as comments."""
    parts = [_HEADER, f"schema: {SCHEMA_VERSION}", "answered_by:  # your name", "answers:"]
    for question in questions:
        parts += _entry(question, answers.get(question.id))
    return "\n".join(parts) + "\n"


def _entry(question: Question, answer: Answer | None) -> list[str]:
    told = "".join(letter if letter.isprintable() else " " for letter in f"{question.number}  {question.text}")
    text = textwrap.wrap(told, 110)
    lines = ["", *(f"  # {line}" for line in text), f"  {question.id}:"]
    for field, hint in _fields(question).items():
        value = getattr(answer, field, None)
        shown = "" if value in (None, "") else f" {scalar(value)}"
        lines.append(f"    {field}:{shown}" + (f"  # {hint}" if hint else ""))
    return [*lines, f"    revision: {question.revision}", f"    base: {_mark(answer, question)}"]


# --- in -------------------------------------------------------------------------------------------


def import_answers(
    text: str,
    store: AnswerStore,
    questions: Iterable[Question],
    *,
    prefer: Literal["stored", "file"] = "stored",
    by: str = "",
    source: str = "",
) -> Imported:
    """Reads such a file into the store, all in one save.

    `by` signs what is taken (else the file's `answered_by`, else the store's own name); `source` names the file
    in errors. Raises UnreadableFileError naming question and field, UsageError for an answer that is not allowed
    (not applicable without a reason); nothing is stored then.
    """
    named = f"{WHAT} {source}".strip()
    data = _whole(text, named)
    author = by or str(data.get("answered_by") or "")
    known = {question.id: question for question in questions}
    stored = store.all()
    held = _held(store, known)
    take: list[Answer] = []
    conflicts: list[Conflict] = []
    notes = [f"{id}: this checklist has no such question; passed over" for id in data["answers"] if id not in known]
    for id in (id for id in data["answers"] if id in known):
        here = stored.get(id)
        offered, base = _offered(known[id], data["answers"][id], here, author, f"{named}: {id}")
        own = base if base and base in held.get(id, ()) else NOTHING
        verdict = _compared(_mark(offered, known[id]), own, _mark(here, known[id]))
        if verdict == "conflict":
            conflicts.append(Conflict(id, here, offered, prefer == "file"))
        if verdict == "take" or (verdict == "conflict" and prefer == "file"):
            take.append(offered)
    if take:
        store.put_all(take, keep_author=True)
    return Imported(tuple(answer.question for answer in take), tuple(conflicts), tuple(notes))


def _compared(offered: str, base: str, here: str) -> str:
    """What to do with an entry, by the marks of what it says, what it was exported from, and what is stored."""
    if offered in (here, base):
        return "leave"
    return "take" if here == base else "conflict"


def _held(store: AnswerStore, known: Mapping[str, Question]) -> dict[str, set[str]]:
    """The marks of all that the store ever held, by question."""
    marks: dict[str, set[str]] = {id: {_mark(answer, known[id])} for id, answer in store.all().items() if id in known}
    for event in store.events:
        if event["question"] in known:
            for entry in (event.get("old"), event.get("new")):
                with contextlib.suppress(ValueError):  # an entry that cannot be read was never exported
                    past = msgspec.convert(entry, Answer)
                    marks.setdefault(past.question, set()).add(_mark(past, known[past.question]))
    return marks


def _whole(text: str, named: str) -> dict[str, Any]:
    data = documents.parse_yaml(text, named, UnreadableFileError)
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise UnreadableFileError(
            f"{named} has no mapping `answers`", "give a file that `readiness answers export` made"
        )
    schema = data.get("schema", SCHEMA_VERSION)
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"{named} has schema {schema}, this kit reads up to {SCHEMA_VERSION}", "update the kit"
        )
    return data


def _offered(question: Question, entry: Any, here: Answer | None, author: str, where: str) -> tuple[Answer, str | None]:
    """The answer an entry holds, and its mark at export."""
    entry = {} if entry is None else entry
    fields = _fields(question)
    wrong = [str(key) for key in entry if key not in fields and key not in _OURS] if isinstance(entry, dict) else ["."]
    if wrong or not isinstance(entry, dict):
        raise UnreadableFileError(f"{where}: unknown field `{wrong[0]}`", f"use only {', '.join(fields)}")
    data = {key: entry[key] for key in fields if entry.get(key) is not None}
    if "value" in data:
        data["value"] = _choice(data["value"])
    kept = (
        {}
        if question.kind is QuestionKind.CADENCE or here is None
        else {"every": here.every, "last_done": here.last_done}
    )
    data = {**kept, **data, "question": question.id, "by": author, "revision": entry.get("revision", question.revision)}
    base = entry.get("base")
    return documents.convert(data, Answer, where, UnreadableFileError), str(base) if base is not None else None


def _choice(value: Any) -> Any:
    """YAML reads a bare yes and no as true and false."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip().lower().replace(" ", "_").replace("'", "") if isinstance(value, str) else value
