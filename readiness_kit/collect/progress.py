"""Answers, records and progress of one collection, kept alike for Kubernetes, Weaviate and Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from readiness_kit.collect.http.reasons import FAILURES, failure
from readiness_kit.model import Call, Read, Reason
from readiness_kit.snapshot import Snapshot

EventState = Literal["start", "page", "done", "refused", "absent", "skipped", "failed"]
_STATES: Mapping[Reason | None, EventState] = {
    None: "done",
    Reason.FORBIDDEN: "refused",
    Reason.ABSENT: "absent",
    Reason.NOT_COLLECTED: "skipped",
}
_COUNTED = ("classes", "nodes", "statistics", "pod", "claim", "node", "tracks", "active")
"""Fields of which an answer has at most one: its length is the number of things read."""


class Event(msgspec.Struct, frozen=True):
    """One step of a collection: `objects` read of `key` so far, `done_kinds` of `all_kinds` finished."""

    key: str
    done_kinds: int
    all_kinds: int
    objects: int
    state: EventState


Progress = Callable[[Event], None]
Classify = Callable[[Exception], tuple[Reason, str]]


class Partial(NamedTuple):
    """An answer that is incomplete, and why."""

    answer: Any
    reason: Reason
    message: str


class Recorder:
    """`answers` and `records` by key, for the `keys` of one source. Safe to use from several threads.

    `progress` is called with an Event at each step, by one thread at a time; `classify` gives the reason and the
    message for what a question raised.
    """

    def __init__(self, keys: Iterable[str], progress: Progress | None, classify: Classify = failure) -> None:
        self.keys = tuple(keys)
        self.answers: dict[str, Any] = {}
        self.records: dict[str, Read] = {}
        self._progress = progress
        self._classify = classify
        self._emitting = threading.Lock()

    @property
    def reads(self) -> tuple[Read, ...]:
        """The records, in the order of `keys`."""
        return tuple(self.records[key] for key in self.keys)

    def emit(self, key: str, objects: int = 0, state: EventState = "start") -> None:
        """Report a step that is not the last one of `key`."""
        if self._progress is not None:
            with self._emitting:
                self._progress(Event(key, len(self.records), len(self.keys), objects, state))

    def keep(self, record: Read, answer: Any = None) -> None:
        """Store the record of a read and its answer, if there is one."""
        if answer is not None:
            self.answers[record.key] = answer
        self.records[record.key] = record
        self.emit(record.key, record.count, _STATES.get(record.reason, "failed"))

    def ask(self, key: str, question: Callable[[], Any], queries: Callable[[], dict[str, str]] = dict) -> None:
        """Call `question` for the answer of `key`; a failure becomes its record. `queries` gives what was sent."""
        self.emit(key)
        try:
            found = question()
        except FAILURES as problem:
            self.keep(_with_queries(Read(key), *self._classify(problem), queries()))
            return
        partial = found if isinstance(found, Partial) else None
        answer = partial.answer if partial else found
        record = Read(key, _count(answer), partial=partial is not None)
        reason, message = (partial.reason, partial.message) if partial else (None, "")
        self.keep(_with_queries(record, reason, message, queries()), answer)

    def fail_rest(self, reason: Reason, message: str) -> None:
        """Give every key without a record this one."""
        for key in self.keys:
            if key not in self.records:
                self.keep(Read(key, reason=reason, message=message))


def _with_queries(record: Read, reason: Reason | None, message: str, queries: dict[str, str]) -> Read:
    return msgspec.structs.replace(record, reason=reason, message=message, queries=queries)


def _count(answer: Any) -> int:
    """Entries of a collection, rows of a table, 1 for a single value."""
    columns = (getattr(answer, name, None) for name in _COUNTED)
    entries = next((column for column in columns if isinstance(column, dict | tuple)), answer)
    return len(entries) if isinstance(entries, dict | tuple) else 1


def merged(snapshot: Snapshot, reads: Sequence[Read], answers: Mapping[str, Any], calls: Iterable[Call]) -> Snapshot:
    """The snapshot with the reads and answers of one more source, in place of earlier ones of the same keys."""
    keys = {read.key for read in reads}
    kept = (read for read in snapshot.manifest.reads if read.key not in keys)
    earlier = {key: answer for key, answer in snapshot.answers.items() if key not in keys}
    return msgspec.structs.replace(
        snapshot,
        manifest=msgspec.structs.replace(snapshot.manifest, reads=(*kept, *reads)),
        answers={**earlier, **answers},
        calls=(*snapshot.calls, *calls),
    )
