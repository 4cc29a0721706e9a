"""The answers of an assessment: `answers.json`, and beside it `events.jsonl`, which remembers every change.

    {"schema": 1, "answers": {"ha.multi_az": {"question": "ha.multi_az", "value": "yes", …}, …}}

Saved on every change, question by question, under a lock: two notebooks, two tabs or two people never lose
one another's work. The last write wins; what it replaced stays whole in `events.jsonl`, which is written
first. A save touches the entry of its question only, so that what this kit cannot read is carried along.
"""

from __future__ import annotations

import json
import logging
import shutil
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
    """What a file holds: `raw` as it stands, the good entries, and what is wrong by question ("" for the file)."""

    raw: dict[str, Any]
    answers: dict[str, Answer]
    problems: dict[str, str]

    @property
    def schema(self) -> int:
        return self.raw.get("schema", SCHEMA_VERSION)


_EMPTY = _Content({}, {}, {})


class AnswerStore:
    """The answers in one file. `who` is written to each answer that is put; empty leaves the answer's own."""

    def __init__(self, path: Path, who: str = "") -> None:
        self.path = Path(path)
        self.who = who
        self.events = EventLog(self.path.with_name("events.jsonl"))
        self._seen: tuple[Any, _Content] = (None, _EMPTY)
        self._told: set[str] = set()

    # --- reading ---------------------------------------------------------------------------------

    def all(self) -> dict[str, Answer]:
        """The answers by question id.

        Raises UnreadableFileError for a file that is no JSON of this shape, after moving it aside. Entries that
        cannot be read are left out, named in `problems` and in the log.
        """
        content = self._content()
        for question, problem in content.problems.items():
            if problem not in self._told:
                self._told.add(problem)
                log.warning("%s: %s", self.path, f"{question}: {problem}" if question else problem)
        return dict(content.answers)

    def get(self, question: str) -> Answer | None:
        return self.all().get(question)

    @property
    def problems(self) -> tuple[str, ...]:
        """What in the file cannot be read, as `question: field and why`."""
        return tuple(f"{id}: {why}" if id else why for id, why in self._content().problems.items())

    def _content(self) -> _Content:
        try:
            return self._cached()
        except _BadFileError:
            with files.locked(self.path):
                return self._content_or_aside()

    def _cached(self) -> _Content:
        """What the file holds, decoded once for each state of it."""
        stamp = files.mark(self.path)
        if stamp is None:
            return _EMPTY
        if self._seen[0] != stamp:
            self._seen = (stamp, _read(self.path))
        return self._seen[1]

    def _content_or_aside(self) -> _Content:
        """Reads once more under the lock, for somebody may have mended the file; moves aside what is still bad."""
        try:
            return self._cached()
        except _BadFileError as bad:
            problem = bad
            kept = files.aside(self.path, "unreadable")
            with files.write_errors(self.path):
                self.path.rename(kept)
        raise UnreadableFileError(
            f"the answers file {self.path} cannot be read: {problem}. Nothing is lost: it is kept as {kept.name}",
            f"rebuild the answers from {self.events.path.name} with `kit.folder.answers.restore()`, "
            "or mend the kept file and rename it back",
        )

    # --- writing ---------------------------------------------------------------------------------

    def put(self, answer: Answer) -> Answer:
        """Stores one answer, stamped with who and when, and returns it as stored; it is on the disk then.

        Raises UsageError for an answer that is not allowed (not applicable without a reason), ReadOnlyError
        where the file cannot be written or is of a newer schema.
        """
        return self.put_all([answer])[0]

    def put_all(self, answers: Iterable[Answer], *, keep_author: bool = False) -> list[Answer]:
        """Stores several in one save; with `keep_author` what an answer says of who gave it and when stays."""
        wanted = [_checked(answer) for answer in answers]
        with files.locked(self.path):
            content = self._content_or_aside()
            if content.schema > SCHEMA_VERSION:
                raise ReadOnlyError(
                    f"{self.path} has schema {content.schema}, this kit writes {SCHEMA_VERSION}: open for reading only",
                    "update the kit (`pip install --upgrade readiness-kit`), then answer again",
                )
            if any(question in content.problems for question in ("", *(one.question for one in wanted))):
                self._keep_copy()
            entries: dict[str, Any] = dict(content.raw.get("answers", {}))
            stored = [self._enter(entries, content, answer, keep_author) for answer in wanted]
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
            # The event goes first: what is about to be replaced is safe before it is replaced.
            self.events.add(answer.question, old, new, answer.by)
            entries[answer.question] = new
        return answer

    def _keep_copy(self) -> None:
        kept = files.aside(self.path, "before")
        with files.write_errors(self.path):
            shutil.copy2(self.path, kept)
        log.warning("%s was edited by hand; as it was it is kept as %s", self.path, kept.name)

    def restore(self) -> int:
        """Rebuilds the file from the event log and returns how many answers it then has.

        What the present file holds comes last and wins, so that restoring is safe at any time.
        """
        with files.locked(self.path):
            present = self._content_or_aside()
            if present.schema > SCHEMA_VERSION:
                raise ReadOnlyError(f"{self.path} is of a newer schema and is not rewritten", "update the kit")
            entries = {**self.events.latest(), **present.raw.get("answers", {})}
            files.replace(self.path, files.pretty({**present.raw, "schema": SCHEMA_VERSION, "answers": entries}))
        return len(entries)


def _same(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same, whoever said it and when."""
    blank = {"by": "", "at": None}
    return msgspec.structs.replace(one, **blank) == msgspec.structs.replace(other, **blank)


def _checked(answer: Answer) -> Answer:
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        raise UsageError(
            f"{answer.question}: “not applicable” needs a reason; the answer is not stored",
            "say why it does not apply",
        )
    try:
        return msgspec.json.decode(msgspec.json.encode(answer), type=Answer)
    except (TypeError, ValueError) as problem:  # msgspec's errors and unencodable characters are ValueErrors
        raise UsageError(f"the answer to {answer.question} is not stored: {problem}", "mend that field") from None


# --- decoding -------------------------------------------------------------------------------------


class _BadFileError(Exception):
    """The file as a whole cannot be read."""


def _read(path: Path) -> _Content:
    doubled: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            names = [name for name, _ in items]
            doubled.extend(name for name in made if names.count(name) > 1)
        return made

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
            raise ReadOnlyError(f"{path} has schema {schema}, which this kit cannot read", "update the kit")
        raise _BadFileError("it is no object with `schema` and `answers`")
    whole = [f"written twice, the later one counts: {', '.join(doubled)}"] if doubled else []
    if schema < SCHEMA_VERSION:
        whole.append(f"of an older schema ({schema}); the next save brings it up to date and keeps a copy")
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
        raise ValueError(f"it names another question - at `$.question`: {answer.question}")
    return answer
