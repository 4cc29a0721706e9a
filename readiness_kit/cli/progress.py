"""Progress on standard error: one line that is rewritten on a terminal, separate lines elsewhere."""

from __future__ import annotations

import sys

import click

from readiness_kit.collect import Event


def show_collection(event: Event) -> None:
    """The kind that is read and how many are done; away from a terminal only completed kinds."""
    text = f"{event.done_kinds:>3}/{event.all_kinds} {event.key} {event.state} {event.objects or ''}".rstrip()
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", err=True, nl=event.done_kinds == event.all_kinds)
    elif event.state not in ("start", "page"):
        click.echo(text, err=True)


def show_report(done: int, total: int) -> None:
    """How many cells of the report have run; away from a terminal one line in all."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[KWriting the report: {done} of {total}", err=True, nl=done == total)
    elif done == 0:
        click.echo("Writing the report …", err=True)
