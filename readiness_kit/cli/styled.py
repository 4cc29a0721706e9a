"""Styled lines on the terminal: wrapped with hanging indents, coloured where a person reads.

Loaded only by commands that print such lines, so that `--help` does not load rich.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

import click
from rich.console import Console
from rich.text import Text

from readiness_kit.cli.output import neutralised_line, write_rendered
from readiness_kit.report.exports.terminal import BAD, FAINT, GOOD, POOR, STRONG, Line

MAX_WIDTH = 120
MIN_WIDTH = 40
UNWRAPPED = 10_000
"""Columns of a pipe, whose reader searches the text or wraps it again."""
COLOURS = {GOOD: "green", POOR: "yellow", BAD: "bold red", FAINT: "dim", STRONG: "bold", "": ""}


def width(err: bool = False) -> int:
    """Columns to write in: those of the terminal or of $COLUMNS, at most 120; whole lines in a pipe or a log."""
    if not _stream(err).isatty() and not os.environ.get("COLUMNS"):
        return UNWRAPPED
    return max(MIN_WIDTH, min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH))


def _stream(err: bool) -> TextIO:
    return sys.stderr if err else sys.stdout


def is_coloured(err: bool = False) -> bool:
    """Whether to colour: on a terminal that can, unless --no-color or $NO_COLOR."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and ctx.find_root().color is False:
        return False
    return _stream(err).isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def rendered(lines: Iterable[Line], columns: int, coloured: bool) -> str:
    """The lines as text, wrapped at `columns`."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=columns,
        force_terminal=coloured,
        color_system="standard" if coloured else None,
        no_color=not coloured,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in lines:
        text = Text(overflow="fold")
        for part, style in line.parts:
            text.append(neutralised_line(part), COLOURS[style])
        _print(console, text, line, columns)
    return "\n".join(row.rstrip() for row in out.getvalue().split("\n"))


def _print(console: Console, text: Text, line: Line, columns: int) -> None:
    """The text with its indent; what does not fit in the first row is wrapped at the hanging indent."""
    first = text.wrap(console, columns - line.indent)
    if len(first) <= 1:
        rows = list(first)
    else:
        rest = text[len(first[0]) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        rows = [first[0], *rest.wrap(console, columns - line.indent - line.hang)]
    for number, row in enumerate(rows):
        console.print(Text(" " * (line.indent + (line.hang if number else 0))) + row, soft_wrap=True)
    if not rows:
        console.print()


def write_lines(lines: Iterable[Line], *, err: bool = False) -> None:
    """Writes lines to standard output or standard error as it is: colour and width by the terminal."""
    write_rendered(rendered(lines, width(err), is_coloured(err)), err=err)
