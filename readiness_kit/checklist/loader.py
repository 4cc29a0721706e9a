"""Reads the questions: the shipped YAML files, and a customer's further ones.

A file has the shape

    section: security            # one of model.Section; every question of the file inherits it
    questions:
      - id: sec.tls              # then the fields of model.Question, without `section`
        number: Q22
        …

Order is that of the sections, then that of the files, the shipped ones first. Everything wrong with a file
is a ConfigError that names the file, the question (its id, else its place) and the field.
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

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def get(self, id: str) -> Question:
        """The question of that id; UsageError with the nearest ids where there is none."""
        found = self._by_id.get(id)
        if found is None:
            near = _near_misses(id, self.questions)
            hint = f"did you mean {' or '.join(near)}?" if near else "`ids` of the checklist lists all of them"
            raise UsageError(f"the checklist has no question {id!r}", hint)
        return found

    def section(self, section: Section) -> tuple[Question, ...]:
        """The questions of one section; empty where the profile has none there."""
        return tuple(question for question in self.questions if question.section is section)

    def children(self, id: str) -> tuple[Question, ...]:
        """The questions nested directly under `id`; UsageError for an unknown id."""
        parent = self.get(id)
        return tuple(question for question in self.questions if question.parent == parent.id)

    def profile(self, profile: Profile) -> Checklist:
        """Core: only the core questions. Extended: all of them."""
        if profile is Profile.EXTENDED:
            return self
        return Checklist(tuple(question for question in self.questions if question.profile is Profile.CORE))


def load_checklist(extra: Iterable[Path] = (), profile: Profile = Profile.EXTENDED) -> Checklist:
    """The shipped questions with those of the `extra` files, cut to `profile`.

    An extra file may add questions to any section, under ids and numbers of its own; it cannot redefine a
    shipped one. Raises ConfigError, naming file, question and field.
    """
    files = [Path(path) for path in extra]
    if not files:
        return _shipped().profile(profile)
    entries = [(question, _SHIPPED) for question in _shipped()]
    for path in files:
        entries += [(question, f"{WHAT} {path}") for question in read_file(path)]
    return _assemble(entries).profile(profile)


def read_file(path: Path) -> tuple[Question, ...]:
    """The questions of one file, each valid by itself; ConfigError otherwise."""
    named = f"{WHAT} {path}"
    section, raw = _outline(documents.parse_yaml(documents.read_text(path, WHAT), named), named)
    return tuple(_question(entry, index, section, named) for index, entry in enumerate(raw))


def schema() -> dict[str, Any]:
    """The JSON Schema of a checklist file, for the editor in which somebody writes one."""
    made = documents.json_schema(_File)
    question = made["$defs"]["Question"]
    del question["properties"]["section"]
    question["required"].remove("section")
    question["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Checklist file", **made}


# --- reading one file -----------------------------------------------------------------------------


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The shape of a file, for the JSON Schema alone; reading goes question by question for better errors."""

    section: Section
    questions: list[Question]


def _outline(data: Any, named: str) -> tuple[Section, list[Any]]:
    if not isinstance(data, dict):
        raise ConfigError(f"{named} is empty or not a mapping", "give it `section:` and `questions:`")
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
        raise ConfigError(f"{where}: field `section` belongs to the file", "remove it; the file's section is inherited")
    data = {**entry, "section": section.value} if isinstance(entry, dict) else entry
    question = documents.convert(data, Question, where)
    blank = next(_blank_fields(msgspec.to_builtins(question), "$"), None)
    if blank:
        raise ConfigError(f"{where}: the text at `{blank}` is blank", "write it out")
    return question


def _name(entry: Any, index: int) -> str:
    """The id where there is a usable one, and always the place in the file (from 0, as in error paths)."""
    place = f"questions[{index}]"
    id = entry.get("id") if isinstance(entry, dict) else None
    return f"{id} ({place})" if isinstance(id, str) and id.strip() else place


def _blank_fields(value: Any, path: str) -> Iterator[str]:
    """Paths of texts that have characters but only white ones; the types already refuse the empty ones."""
    if isinstance(value, str) and value and not value.strip():
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _blank_fields(inner, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _blank_fields(inner, f"{path}[{index}]")


# --- putting files together -----------------------------------------------------------------------

_SHIPPED = "the shipped checklist"


@lru_cache(maxsize=1)
def _shipped() -> Checklist:
    folder = paths.checklist()
    files = [folder / f"{section.value}.yaml" for section in Section]
    return _assemble([(question, f"{WHAT} {path}") for path in files for question in read_file(path)])


def _assemble(entries: Sequence[tuple[Question, str]]) -> Checklist:
    """All questions in checklist order, after the checks that need more than one question."""
    ids: dict[str, tuple[Question, str]] = {}
    numbers: dict[str, Question] = {}
    for question, source in entries:
        where = f"{source}: question {question.id}"
        if question.id in ids:
            raise ConfigError(
                f"{where}: field `id` is already taken in {ids[question.id][1]}", "choose an id of its own"
            )
        if question.number in numbers:
            other = numbers[question.number].id
            raise ConfigError(f"{where}: field `number` {question.number} is already that of {other}", "choose another")
        _check_parent(question, where, ids)
        ids[question.id] = (question, source)
        numbers[question.number] = question
    order = list(Section)
    return Checklist(tuple(sorted((question for question, _ in entries), key=lambda one: order.index(one.section))))


def _check_parent(question: Question, where: str, earlier: dict[str, tuple[Question, str]]) -> None:
    if question.parent is None:
        return
    wrong = f"{where}: field `parent` {question.parent}"
    if question.parent not in earlier:
        raise ConfigError(f"{wrong} is no question that comes before it", "name an existing one, and put it first")
    parent = earlier[question.parent][0]
    if parent.section is not question.section:
        raise ConfigError(f"{wrong} is in section {parent.section.value}", f"use a parent in {question.section.value}")
    if parent.profile is Profile.EXTENDED and question.profile is Profile.CORE:
        raise ConfigError(f"{wrong} is in the extended profile only", "give the question `profile: extended` too")


def _near_misses(id: str, questions: Sequence[Question]) -> list[str]:
    """Ids a person may have meant: the same number, the same last word, or a similar spelling."""
    exact = [one.id for one in questions if one.number.lower() == id.lower() or one.id == id.lower()]
    word = id.lower().rpartition(".")[2]
    same_word = [one.id for one in questions if one.id.rpartition(".")[2] == word]
    similar = difflib.get_close_matches(id.lower(), [one.id for one in questions], n=3, cutoff=0.6)
    return list(dict.fromkeys(exact + same_word + similar))[:3]
