"""The answers of an assessment in `answers.json`, with the history of every change in `events.jsonl`.

    {"schema": 1, "answers": {"ha.multi_az": {"question": "ha.multi_az", "value": "yes", …}, …}}

Every change is saved at once, question by question and under a lock, so parallel notebooks, tabs or people do not lose
answers. The last write wins; the replaced answer is kept in `events.jsonl`, which is written first. A save changes only
the entry of its question: entries that cannot be read are kept unchanged.
"""

from __future__ import annotations

import contextlib
import glob
import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from readiness_kit import files
from readiness_kit.errors import ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.model import SCHEMA_VERSION, Answer, Choice
from readiness_kit.workspace.events import EventLog
from readiness_kit.workspace.json_file import BadContentError, convert_entry, read_json

WHAT = "the answers file"
RESTORE = "correct it, or rebuild the answers with `readiness answers restore`, which keeps a copy"

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
        a file that does not have this shape, at each reading until a person corrects or restores it.
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

    @property
    def unsettled(self) -> list[Path]:
        """Unreadable answers files that an earlier version set aside and that are not restored yet."""
        return sorted(self.path.parent.glob(f"{glob.escape(self.path.name)}.unreadable-*"))

    def _content(self) -> _Content:
        """The content of the file, decoded once for each version of it. Nothing is moved or changed."""
        if kept := self.unsettled:
            raise UnreadableFileError(
                f"{WHAT} {self.path} could not be read earlier and is kept as {kept[0].name}: answers may be missing",
                "rebuild them with `readiness answers restore`, or delete the kept file if nothing is missing",
            )
        stamp = files.mark(self.path)
        if stamp is None:
            return _EMPTY
        if self._seen[0] != stamp:
            self._seen = (stamp, _read(self.path))
        return self._seen[1]

    # --- writing ---------------------------------------------------------------------------------

    def put(self, answer: Answer) -> Answer:
        """Stores one answer with its author and time, flushes it to disk and returns it as stored.

        Raises UsageError for an invalid answer (not applicable without a reason), ReadOnlyError if the file cannot be
        written or has a newer schema.
        """
        return self.put_all([answer])[0]

    def put_all(self, answers: Iterable[Answer], *, keep_author: bool = False) -> list[Answer]:
        """Stores several answers in one save, as `put`; with `keep_author` they keep their own author and time."""
        return self.change(lambda stored: answers, keep_author=keep_author)

    def change(
        self, decide: Callable[[Mapping[str, Answer]], Iterable[Answer]], *, keep_author: bool = False
    ) -> list[Answer]:
        """Stores the answers that `decide` derives from the stored ones, which stay locked until then."""
        with files.locked(self.path):
            content = self._content()
            if content.schema > SCHEMA_VERSION:
                raise ReadOnlyError(
                    f"{self.path} has schema {content.schema}, this version writes {SCHEMA_VERSION}: it is read-only",
                    "update the kit (`pip install --upgrade readiness-kit`), then answer again",
                )
            checked = [_checked(answer) for answer in decide(self.all())]
            if not checked:
                return []
            if any(question in content.problems for question in ("", *(answer.question for answer in checked))):
                self._keep_copy()
            entries: dict[str, Any] = dict(content.raw.get("answers", {}))
            stored = [self._enter(entries, content, answer, keep_author) for answer in checked]
            raw = {**content.raw, "schema": SCHEMA_VERSION, "answers": entries}
            if raw != content.raw:
                files.replace(self.path, files.pretty(raw))
        return stored

    def confirm(self, question: str, by: str, on: date | None = None) -> Answer:
        """Records that `by` has checked the proof of an answer, by default today; the answer keeps its author.

        The record is removed when the answer or its proof changes. Raises UsageError without a name, and for an answer
        that has nothing to confirm.
        """
        if not by.strip():
            raise UsageError("the person who confirms is not named", "set `assessor` in readiness.yaml, or add --by")

        def confirmed(stored: Mapping[str, Answer]) -> list[Answer]:
            answer = stored.get(question)
            if answer is None or answer.value not in (Choice.YES, Choice.NOT_APPLICABLE):
                raise UsageError(
                    f"the answer to {question} has no proof to confirm", "answer yes, or not applicable with its reason"
                )
            if answer.value is Choice.YES and not (answer.link.strip() or answer.note.strip()):
                raise UsageError(f"the answer to {question} has no proof", "add a link to the proof, or a note on it")
            day = on or datetime.now(UTC).date()
            return [msgspec.structs.replace(answer, confirmed_by=by.strip(), confirmed_on=day)]

        return self.change(confirmed, keep_author=True)[0]

    def _enter(self, entries: dict[str, Any], content: _Content, answer: Answer, keep_author: bool) -> Answer:
        before = content.answers.get(answer.question)
        if before is not None and _same(before, answer) and not keep_author:
            return before
        if before is not None and _proof(before) != _proof(answer) and _confirmation(before) == _confirmation(answer):
            answer = msgspec.structs.replace(answer, confirmed_by="", confirmed_on=None)
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
        log.warning("%s is replaced; a copy with its previous content is kept as %s", self.path, kept.name)

    def restore(self) -> int:
        """Rebuilds the file from the event log and returns the number of its answers.

        Entries of the current file take precedence, so restoring is safe at any time; those of a file that was set
        aside are taken where they can be read. A file that cannot be read is kept as a copy. Raises ReadOnlyError if
        the file cannot be written or has a newer schema.
        """
        with files.locked(self.path):
            aside = self.unsettled
            try:
                present = _read(self.path)
            except BadContentError:
                self._keep_copy()
                present = _EMPTY
            if present.schema > SCHEMA_VERSION:
                raise ReadOnlyError(
                    f"{self.path} has the newer schema {present.schema}: it is read-only", "update the kit"
                )
            entries = {**self.events.latest(), **_readable_entries(aside), **present.raw.get("answers", {})}
            files.replace(self.path, files.pretty({**present.raw, "schema": SCHEMA_VERSION, "answers": entries}))
            for path in aside:  # last, so that a crash before leaves them to be restored again
                with files.write_errors(path):
                    path.rename(files.aside(self.path, "before"))
        return len(entries)


def _same(old: Answer, new: Answer) -> bool:
    """Whether two answers are equal apart from author and time."""
    return msgspec.structs.replace(new, by=old.by, at=old.at) == old


def _proof(answer: Answer) -> tuple[Any, ...]:
    """What a confirmation stands for: it does not outlive a change of these."""
    return answer.value, answer.reason, answer.note, answer.link, answer.every, answer.last_done, answer.revision


def _confirmation(answer: Answer) -> tuple[str, date | None]:
    return answer.confirmed_by, answer.confirmed_on


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


def _readable_entries(paths: Iterable[Path]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for path in paths:
        with contextlib.suppress(BadContentError):
            entries |= _read(path).raw.get("answers", {})
    return entries


def _read(path: Path) -> _Content:
    found = read_json(path, WHAT, RESTORE)
    if found is None:
        return _EMPTY
    raw, duplicates = found
    schema = raw.get("schema", 0) if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(schema, int) or not isinstance(raw.get("answers"), dict):
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise ReadOnlyError(f"{path} has schema {schema}, which this version cannot read", "update the kit")
        raise BadContentError(f"{WHAT} {path} cannot be read: it is not an object with `schema` and `answers`", RESTORE)
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
    answer = convert_entry(data, Answer)
    if answer.question != question:
        raise ValueError(f"it names a different question - at `$.question`: {answer.question}")
    return answer
