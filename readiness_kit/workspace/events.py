"""The history of answers, `events.jsonl`: an append-only log with one JSON object a line.

{"at": "2026-11-24T06:26:46Z", "by": "…", "question": "ha.multi_az", "old": {…} or null, "new": {…}}
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness_kit import files
from readiness_kit.decoding import require_shallow
from readiness_kit.errors import UnreadableFileError

MAX_BYTES = 1_000_000_000


class EventLog:
    """The log at `path`. Appending requires the lock of the answers file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, question: str, old: Any, new: Any, by: str) -> None:
        """Appends one change and flushes it to disk. Raises ReadOnlyError if that fails."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {"at": at, "by": by, "question": question, "old": old, "new": new}
        try:
            line = json.dumps(event, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:  # a lone surrogate from a file that was edited manually
            line = json.dumps(event).encode("ascii")
        files.append_line(self.path, line)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The changes, oldest first. An incomplete line after a crash is skipped: its change was never confirmed."""
        try:
            body = files.read(self.path, MAX_BYTES)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise UnreadableFileError(
                f"the history of answers {self.path} cannot be read: {problem.strerror}", "check its permissions"
            ) from None
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UnreadableFileError(
                f"the history of answers {self.path} cannot be read: it is not UTF-8 text", "save it as UTF-8"
            )
        for line in body.removeprefix(codecs.BOM_UTF8).split(b"\n"):
            try:
                event = json.loads(line)
                require_shallow(event)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and isinstance(event.get("question"), str):
                yield event

    def history(self, question: str) -> list[dict[str, Any]]:
        """The changes of one question, oldest first."""
        return [event for event in self if event["question"] == question]

    def latest(self) -> dict[str, Any]:
        """The newest entry of each question. The order of the lines decides, not their times."""
        entries: dict[str, Any] = {}
        for event in self:
            if isinstance(event.get("new"), dict):
                entries[event["question"]] = event["new"]
        return entries
