"""Reads the questions from the shipped YAML files and those of a customer.

A file has the shape

    section: security            # one of model.Section; every question of the file inherits it
    questions:
      - id: sec.tls              # the fields of model.Question, without `section`
        number: Q22
        …

Questions are in the order of the sections, then of the files, the shipped ones first. An error in a file is a
ConfigError that names the file, the question (by id or by place) and the field.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import documents, paths
from readiness_kit.errors import ConfigError, UsageError
from readiness_kit.model import Profile, Question, Section

WHAT = "the checklist file"


@dataclass(frozen=True)
class Checklist:
    """The questions of one assessment, in checklist order: by section, then as written."""

    questions: tuple[Question, ...]

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def _by_number(self) -> dict[str, Question]:
        return {question.number: question for question in self.questions}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in checklist order."""
        return tuple(self._by_id)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def get(self, id: str) -> Question:
        """The question with this id or number (Q15). Raises UsageError with similar ids if there is none."""
        found = self._by_id.get(id) or self._by_number.get(id.upper())
        if found is None:
            close = _close_matches(id, self.questions)
            hint = f"did you mean {' or '.join(close)}?" if close else "`readiness checklist` lists all questions"
            raise UsageError(f"the checklist has no question {id!r}", hint)
        return found

    def section(self, section: Section) -> tuple[Question, ...]:
        """The questions of one section; empty if the profile has none there."""
        return tuple(question for question in self.questions if question.section is section)

    def children(self, id: str) -> tuple[Question, ...]:
        """The questions nested directly under `id`. Raises UsageError for an unknown id."""
        parent = self.get(id)
        return tuple(question for question in self.questions if question.parent == parent.id)

    def profile(self, profile: Profile) -> Checklist:
        """The core questions only, or all questions for the extended profile."""
        if profile is Profile.EXTENDED:
            return self
        return Checklist(tuple(question for question in self.questions if question.profile is Profile.CORE))


def load_checklist(extra: Iterable[Path] = (), profile: Profile = Profile.EXTENDED) -> Checklist:
    """The shipped questions and those of the `extra` files, as far as they belong to `profile`.

    An extra file can add questions with new ids and numbers to any section; it cannot redefine a shipped question.
    Raises ConfigError with file, question and field.
    """
    files = [Path(path) for path in extra]
    if not files:
        return _shipped().profile(profile)
    entries = [(question, _SHIPPED) for question in _shipped()]
    for path in files:
        entries += [(question, f"{WHAT} {path}") for question in read_file(path)]
    return _assemble(entries).profile(profile)


def read_file(path: Path) -> tuple[Question, ...]:
    """The questions of one file, each checked on its own. Raises ConfigError with question and field."""
    named = f"{WHAT} {path}"
    section, raw = _outline(documents.parse_yaml(documents.read_text(path, WHAT), named), named)
    return tuple(_question(entry, index, section, named) for index, entry in enumerate(raw))


def schema() -> dict[str, Any]:
    """The JSON Schema of a checklist file, for use in editors."""
    body = documents.json_schema(_File)
    question = body["$defs"]["Question"]
    del question["properties"]["section"]
    question["required"].remove("section")
    question["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Checklist file", **body}


# --- reading one file -----------------------------------------------------------------------------


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The shape of a file, for its JSON Schema. Questions are decoded one by one, for better errors."""

    section: Section
    questions: list[Question]


def _outline(data: Any, named: str) -> tuple[Section, list[Any]]:
    if not isinstance(data, dict):
        raise ConfigError(f"{named} is empty or not a mapping", "add `section:` and `questions:`")
    unknown = [str(key) for key in data if key not in ("section", "questions")]
    if unknown:
        raise ConfigError(f"{named}: unknown field `{unknown[0]}`", "only `section` and `questions` are allowed")
    names = [section.value for section in Section]
    if data.get("section") not in names:
        raise ConfigError(f"{named}: field `section` is {data.get('section')!r}", f"choose one of {', '.join(names)}")
    questions = data.get("questions")
    if not isinstance(questions, list) or not questions:
        raise ConfigError(f"{named}: field `questions` is not a list with entries", "add at least one question")
    return Section(data["section"]), questions


def _question(entry: Any, index: int, section: Section, named: str) -> Question:
    where = f"{named}: question {_name(entry, index)}"
    if isinstance(entry, dict) and "section" in entry:
        raise ConfigError(f"{where}: field `section` belongs to the file", "remove it; it is inherited")
    data = {**entry, "section": section.value} if isinstance(entry, dict) else entry
    question = documents.convert(data, Question, where)
    blank = next(_blank_fields(msgspec.to_builtins(question), "$"), None)
    if blank:
        raise ConfigError(f"{where}: the text at `{blank}` is blank", "add a text")
    return question


def _name(entry: Any, index: int) -> str:
    """The id, if there is a usable one, and the place in the file (from 0, as in error paths)."""
    place = f"questions[{index}]"
    id = entry.get("id") if isinstance(entry, dict) else None
    return f"{id} ({place})" if isinstance(id, str) and id.strip() else place


def _blank_fields(value: Any, path: str) -> Iterator[str]:
    """Paths of texts of white space only; the types refuse empty ones."""
    if isinstance(value, str) and value and not value.strip():
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _blank_fields(inner, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _blank_fields(inner, f"{path}[{index}]")


# --- merging files --------------------------------------------------------------------------------

_SHIPPED = "the shipped checklist"


@lru_cache(maxsize=1)
def _shipped() -> Checklist:
    folder = paths.checklist()
    files = [folder / f"{section.value}.yaml" for section in Section]
    return _assemble([(question, f"{WHAT} {path}") for path in files for question in read_file(path)])


def _assemble(entries: Sequence[tuple[Question, str]]) -> Checklist:
    """The questions in checklist order. Checks what concerns more than one question: ids, numbers and parents."""
    ids: dict[str, tuple[Question, str]] = {}
    numbers: dict[str, Question] = {}
    for question, source in entries:
        where = f"{source}: question {question.id}"
        if question.id in ids:
            raise ConfigError(f"{where}: field `id` is already used in {ids[question.id][1]}", "choose a different id")
        if question.number in numbers:
            used_by = numbers[question.number].id
            raise ConfigError(
                f"{where}: field `number` {question.number} is already used by {used_by}", "choose a different number"
            )
        _check_parent(question, where, ids)
        ids[question.id] = (question, source)
        numbers[question.number] = question
    order = list(Section)
    return Checklist(
        tuple(sorted((question for question, _ in entries), key=lambda question: order.index(question.section)))
    )


def _check_parent(question: Question, where: str, earlier: dict[str, tuple[Question, str]]) -> None:
    if question.parent is None:
        return
    wrong = f"{where}: field `parent` {question.parent}"
    if question.parent not in earlier:
        raise ConfigError(f"{wrong} is not a question before this one", "use an existing id, and put the parent first")
    parent = earlier[question.parent][0]
    if parent.section is not question.section:
        raise ConfigError(f"{wrong} is in section {parent.section.value}", f"use a parent in {question.section.value}")
    if parent.profile is Profile.EXTENDED and question.profile is Profile.CORE:
        raise ConfigError(f"{wrong} is in the extended profile only", "set `profile: extended` for the question too")


def _close_matches(id: str, questions: Sequence[Question]) -> list[str]:
    """Up to three ids that may be meant: the same number, the same last word, or a similar spelling."""
    id = id.lower()
    exact = [question.id for question in questions if id in (question.number.lower(), question.id)]
    same_word = [question.id for question in questions if question.id.rpartition(".")[2] == id.rpartition(".")[2]]
    similar = difflib.get_close_matches(id, [question.id for question in questions], n=3, cutoff=0.6)
    return list(dict.fromkeys(exact + same_word + similar))[:3]
