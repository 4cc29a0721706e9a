"""`-f FILE`: what a command reads, `-` being standard input."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from readiness_kit.cli.forms import STANDARD
from readiness_kit.errors import ReadinessError, UsageError

STANDARD_INPUT = "standard input"


@contextmanager
def piped(path: Path | None) -> Iterator[Path | None]:
    """The path; for `-` a private file with what standard input holds, which errors name as standard input.

    Raises UsageError if nothing is piped.
    """
    if path != STANDARD:
        yield path
        return
    source = click.get_binary_stream("stdin")
    if source.isatty():
        raise UsageError("- reads standard input, and nothing is piped into it", "pipe a file into it, or name a file")
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        copied = Path(folder) / "stdin"
        with copied.open("wb") as target:
            shutil.copyfileobj(source, target)
        if copied.stat().st_size == 0:
            raise UsageError("standard input is empty", "check the command before the pipe")
        try:
            yield copied
        except ReadinessError as problem:
            raise type(problem)(problem.what.replace(str(copied), STANDARD_INPUT), problem.hint) from None
