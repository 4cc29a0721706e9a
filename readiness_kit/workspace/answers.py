"""The answers of an assessment in `answers.json`, with the history of every change in `events.jsonl`.

    {"schema": 1, "answers": {"ha.multi_az": {"question": "ha.multi_az", "value": "yes", …}, …}}

Every change is saved at once, question by question and under a lock, so parallel notebooks, tabs or people do not lose
answers. The last write wins; the replaced answer is kept in `events.jsonl`, which is written first. A save changes only
the entry of its question: entries that cannot be read are kept unchanged.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from readiness_kit import files
from readiness_kit.errors import ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.model import SCHEMA_VERSION, Answer, Choice
from readiness_kit.workspace.events import EventLog

log = logging.getLogger(__name__)


class _Content(NamedTuple):
    """A decoded file: its JSON, the valid answers, and the problems by question ("" for the whole file)."""

    raw: dict[str, Any]
    answers: dict[str, Answer]
    problems: dict[str, str]

    @property
    def schema(self) -> int:
        return int(self.raw.get("schema", SCHEMA_VERSION))


_EMPTY = _Content({}, {}, {})


class AnswerStore:
    """The answers in one file. `who` signs each stored answer; if empty, the answer keeps its own `by`."""

    def __init__(self, path: Path, who: str = "") -> None:
        self.path = Path(path)
        self.who = who
        self.events = EventLog(self.path.with_name("events.jsonl"))
        self._seen: tuple[Any, _Content] = (None, _EMPTY)
        self._logged: set[str] = set()

    # --- reading ---------------------------------------------------------------------------------

    def all(self) -> dict[str, Answer]:
        """The answers by question id.

        Entries that cannot be read are left out and named in `problems` and in the log. Raises UnreadableFileError for
        a file that does not have this shape, after renaming it.
        """
        content = self._content()
        for question, problem in content.problems.items():
            if problem not in self._logged:
                self._logged.add(problem)
                log.warning("%s: %s", self.path, f"{question}: {problem}" if question else problem)
        return dict(content.answers)

    def get(self, question: str) -> Answer | None:
        """The answer to one question, None without one."""
        return self.all().get(question)

    @property
    def problems(self) -> tuple[str, ...]:
        """The parts of the file that cannot be read, as `question: field and reason`."""
        return tuple(f"{id}: {why}" if id else why for id, why in self._content().problems.items())

    def _content(self) -> _Content:
        try:
            return self._cached()
        except _BadFileError:
            with files.locked(self.path):
                return self._content_or_rename()

    def _cached(self) -> _Content:
        """The content of the file, decoded once for each version of it."""
        stamp = files.mark(self.path)
        if stamp is None:
            return _EMPTY
        if self._seen[0] != stamp:
            self._seen = (stamp, _read(self.path))
        return self._seen[1]

    def _content_or_rename(self) -> _Content:
        """The content, read under the lock; a file that still cannot be read is renamed and reported."""
        try:
            return self._cached()
        except _BadFileError as problem:
            kept = files.aside(self.path, "unreadable")
            with files.write_errors(self.path):
                self.path.rename(kept)
            raise UnreadableFileError(
                f"the answers file {self.path} cannot be read: {problem}. Nothing is lost: it is kept as {kept.name}",
                f"rebuild the answers from {self.events.path.name} with `kit.folder.answers.restore()`, "
                "or correct the kept file and rename it back",
            ) from None

    # --- writing ---------------------------------------------------------------------------------

    def put(self, answer: Answer) -> Answer:
        """Stores one answer with its author and time, flushes it to disk and returns it as stored.

        Raises UsageError for an invalid answer (not applicable without a reason), ReadOnlyError if the file cannot be
        written or has a newer schema.
        """
        return self.put_all([answer])[0]

    def put_all(self, answers: Iterable[Answer], *, keep_author: bool = False) -> list[Answer]:
        """Stores several answers in one save, as `put`; with `keep_author` they keep their own author and time."""
        checked = [_checked(answer) for answer in answers]
        with files.locked(self.path):
            content = self._content_or_rename()
            if content.schema > SCHEMA_VERSION:
                raise ReadOnlyError(
                    f"{self.path} has schema {content.schema}, this version writes {SCHEMA_VERSION}: it is read-only",
                    "update the kit (`pip install --upgrade readiness-kit`), then answer again",
                )
            if any(question in content.problems for question in ("", *(answer.question for answer in checked))):
                self._keep_copy()
            entries: dict[str, Any] = dict(content.raw.get("answers", {}))
            stored = [self._enter(entries, content, answer, keep_author) for answer in checked]
            raw = {**content.raw, "schema": SCHEMA_VERSION, "answers": entries}
            if raw != content.raw:
                files.replace(self.path, files.pretty(raw))
        return stored

    def _enter(self, entries: dict[str, Any], content: _Content, answer: Answer, keep_author: bool) -> Answer:
        before = content.answers.get(answer.question)
        if before is not None and _same(before, answer) and not keep_author:
            return before
        by, at = (answer.by, answer.at) if keep_author else ("", None)
        now = datetime.now(UTC).replace(microsecond=0)
        answer = msgspec.structs.replace(answer, by=by or self.who or answer.by, at=at or now)
        old = entries.get(answer.question)
        new = msgspec.to_builtins(answer)
        if old != new:
            # The event is written first, so that the old answer is safe before it is replaced.
            self.events.add(answer.question, old, new, answer.by)
            entries[answer.question] = new
        return answer

    def _keep_copy(self) -> None:
        kept = files.aside(self.path, "before")
        with files.write_errors(self.path):
            shutil.copy2(self.path, kept)
        log.warning("%s was edited manually; a copy is kept as %s", self.path, kept.name)

    def restore(self) -> int:
        """Rebuilds the file from the event log and returns the number of its answers.

        Entries of the current file take precedence, so restoring is safe at any time. Raises ReadOnlyError if the file
        cannot be written or has a newer schema.
        """
        with files.locked(self.path):
            present = self._content_or_rename()
            if present.schema > SCHEMA_VERSION:
                raise ReadOnlyError(
                    f"{self.path} has the newer schema {present.schema}: it is read-only", "update the kit"
                )
            entries = {**self.events.latest(), **present.raw.get("answers", {})}
            files.replace(self.path, files.pretty({**present.raw, "schema": SCHEMA_VERSION, "answers": entries}))
        return len(entries)


def _same(old: Answer, new: Answer) -> bool:
    """Whether two answers are equal apart from author and time."""
    return msgspec.structs.replace(new, by=old.by, at=old.at) == old


def _checked(answer: Answer) -> Answer:
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        raise UsageError(
            f"the answer to {answer.question} is not stored: “not applicable” needs a reason",
            "explain why the question does not apply",
        )
    try:
        return msgspec.json.decode(msgspec.json.encode(answer), type=Answer)
    except (TypeError, ValueError) as problem:  # msgspec's errors and unencodable characters are ValueErrors
        raise UsageError(f"the answer to {answer.question} is not stored: {problem}", "correct that field") from None


# --- decoding -------------------------------------------------------------------------------------


class _BadFileError(Exception):
    """The file as a whole cannot be decoded."""


def _read(path: Path) -> _Content:
    duplicates: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        names = Counter(name for name, _ in items)
        duplicates.extend(name for name, number in names.items() if number > 1)
        return dict(items)

    try:
        raw = json.loads(path.read_bytes().decode("utf-8"), object_pairs_hook=pairs)
    except FileNotFoundError:
        return _EMPTY
    except OSError as problem:
        raise UnreadableFileError(f"{path} cannot be read: {problem.strerror}", "check its permissions") from None
    except (ValueError, RecursionError) as problem:
        raise _BadFileError(f"{problem}") from None
    schema = raw.get("schema", 0) if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(schema, int) or not isinstance(raw.get("answers"), dict):
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise ReadOnlyError(f"{path} has schema {schema}, which this version cannot read", "update the kit")
        raise _BadFileError("it is not an object with `schema` and `answers`")
    whole = [f"duplicate entries, the last one counts: {', '.join(duplicates)}"] if duplicates else []
    if schema < SCHEMA_VERSION:
        whole.append(f"older schema ({schema}); the next save updates it and keeps a copy")
    problems = {"": "; ".join(whole)} if whole else {}
    answers: dict[str, Answer] = {}
    for question, entry in raw["answers"].items():
        try:
            answers[question] = _answer(question, entry)
        except ValueError as problem:
            problems[question] = f"left out, {problem}"
    return _Content(raw, answers, problems)


def _answer(question: str, entry: Any) -> Answer:
    data = {"question": question, **entry} if isinstance(entry, dict) else entry
    answer = msgspec.convert(data, Answer)
    if answer.question != question:
        raise ValueError(f"it names a different question - at `$.question`: {answer.question}")
    return answer
