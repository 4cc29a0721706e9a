"""Progress on standard error: one line that is rewritten on a terminal, separate lines elsewhere."""

from __future__ import annotations

import sys

from readiness_kit.cli.output import rewrite_line, write_line
from readiness_kit.collect import Event


def show_collection(event: Event) -> None:
    """The kind that is read and how many are done; away from a terminal only completed kinds."""
    text = f"{event.done_kinds:>3}/{event.all_kinds} {event.key} {event.state} {event.objects or ''}".rstrip()
    if sys.stderr.isatty():
        rewrite_line(text, last=event.done_kinds == event.all_kinds)
    elif event.state not in ("start", "page"):
        write_line(text, err=True)


def show_report(done: int, total: int) -> None:
    """How many cells of the report have run; away from a terminal one line in all."""
    if sys.stderr.isatty():
        rewrite_line(f"Writing the report: {done} of {total}", last=done == total)
    elif done == 0:
        write_line("Writing the report …", err=True)
