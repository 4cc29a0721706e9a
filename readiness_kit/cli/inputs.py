"""`-f FILE`: what a command reads, `-` being standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness_kit.bundles import as_file
from readiness_kit.cli.forms import STANDARD
from readiness_kit.errors import ReadinessError, UnreadableFileError, UsageError

STANDARD_INPUT = "standard input"
MAX_BYTES = 200_000_000
"""Of standard input; the manifests of a whole cluster have far fewer."""


@contextmanager
def piped(path: Path | None) -> Iterator[Path | None]:
    """The path; for `-` a private file with what standard input holds, which errors name as standard input.

    Raises UsageError if nothing is piped, UnreadableFileError for nothing or too much.
    """
    if path != STANDARD:
        yield path
        return
    with as_file(_read(), "stdin") as copied:
        try:
            yield copied
        except ReadinessError as problem:
            raise type(problem)(problem.what.replace(str(copied), STANDARD_INPUT), problem.hint) from None


def _read() -> bytes:
    source = sys.stdin.buffer
    if sys.stdin.isatty():
        raise UsageError("- reads standard input, and nothing is piped into it", "pipe a file into it, or name a file")
    body = source.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise UnreadableFileError(f"standard input has more than {MAX_BYTES:,} bytes", "give the name of a file")
    if not body.strip():
        raise UnreadableFileError(
            "standard input is empty", "check the command before the pipe; `set -o pipefail` shows that it failed"
        )
    return body
