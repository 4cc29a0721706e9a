r"""The only writer of the command line: nothing that a server or a file contains can control the terminal.

Control characters, direction marks and invisible characters are written as `\u001b`, which JSON and quoted YAML read
as the same character. Texts of one line stay one line, so that a value cannot imitate another message.
"""

from __future__ import annotations

import codecs
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from readiness_kit.errors import ReadOnlyError, UsageError

_UNSAFE = re.compile(
    "\r(?!\n)|(?<!\\A)\ufeff|["  # a return within a line; a byte-order mark but at the start, where CSV has one
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and the ends of lines
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb"  # direction, invisible, line ends
    "\ud800-\udfff\U000e0000-\U000e007f"  # surrogates, tags
    "]"
)
_LINE_ENDS = re.compile(r"[\r\n]\s*")
FALLBACK = "readiness-ascii"
"""The handler of characters that a stream cannot encode: ASCII that reads alike, otherwise an escape."""
_ALIKE = {
    "✓": "+", "✗": "x", "·": "-", "…": "...", "→": "->", "–": "-", "—": "-", "×": "x", "≥": ">=", "≤": "<=",
    "“": '"', "”": '"', "‘": "'", "’": "'", "█": "#", "▒": "=", "◐": "~", "⚠": "!", "○": "o", "●": "*", "\u00a0": " ",
    "\u202f": " ", "\u2009": " ",
}  # fmt: skip
_REWRITE = "\r\033[K"


def _alike(problem: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end]
    return "".join(_ALIKE.get(letter, ascii(letter)[1:-1]) for letter in text), problem.end


codecs.register_error(FALLBACK, _alike)


def neutralised(text: str) -> str:
    """The text with every character that could control a terminal as a JSON escape."""
    return _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    raw = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{raw[at : at + 4]}" for at in range(0, len(raw), 4))


def write_line(text: str, *, err: bool = False) -> None:
    """Writes one line; line ends within the text become spaces."""
    _write(neutralised_line(text) + "\n", err)


def write_text(text: str, *, err: bool = False, end: str = "\n") -> None:
    """Writes a text of several lines."""
    _write(neutralised(text + end), err)


def write_bytes(body: bytes) -> None:
    """Writes a file to standard output, which must not be a terminal."""
    if sys.stdout.isatty():
        raise UsageError("the output is a file and would be printed on the terminal", "redirect it, or name a file")
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def write_rendered(text: str, *, err: bool = False) -> None:
    """Writes a text with the escapes of `styled`, whose parts went through `neutralised_line`."""
    _write(text, err)


def rewrite_line(text: str, *, last: bool) -> None:
    """Replaces the present line of the terminal on standard error; `last` ends it."""
    _write(_REWRITE + neutralised_line(text) + ("\n" if last else ""), err=True)


def confirm(text: str) -> bool:
    """Asks a question that is answered with yes or no."""
    return click.confirm(neutralised_line(text))


def neutralised_line(text: str) -> str:
    """The text as one line, with every character that could control a terminal as a JSON escape."""
    return neutralised(_LINE_ENDS.sub(" ", text.strip("\r\n")))


def _write(text: str, err: bool) -> None:
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        click.echo(text.encode(encoding, FALLBACK).decode(encoding), err=err, nl=False)
    except BrokenPipeError:
        _discard(stream)  # the reader has seen enough; the command still ends with its own exit code
    except OSError as problem:
        _discard(stream)
        if not err:
            raise ReadOnlyError(f"standard output cannot be written: {problem.strerror}", "write to a file") from None


def _discard(stream: TextIO) -> None:
    """Sends the rest of a stream nowhere, also what Python flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class _LogHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        write_line(f"{record.levelname.capitalize()}: {record.getMessage()}", err=True)


@contextmanager
def logged_to_terminal() -> Iterator[None]:
    """Writes warnings of the kit and of its libraries to standard error while the context lasts."""
    handler = _LogHandler(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(handler)
