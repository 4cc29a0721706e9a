"""The options of every command: how much is shown, and whether in colour."""

from __future__ import annotations

from typing import Any

import click

_VERBOSE = "readiness.verbose"


def _no_color(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().color = False


def _verbose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().meta[_VERBOSE] = True


def options() -> tuple[click.Option, ...]:
    """`-v` and `--no-color`; their values are in the context, not in the arguments of the command."""
    shared: dict[str, Any] = {"is_flag": True, "expose_value": False}
    return (
        click.Option(
            ["-v", "--verbose"], help="Show more: every question and all details.", callback=_verbose, **shared
        ),
        click.Option(["--no-color"], help="No colour, as with $NO_COLOR.", callback=_no_color, **shared),
    )


def is_verbose() -> bool:
    """Whether the running command has `-v`."""
    ctx = click.get_current_context(silent=True)
    return bool(ctx and ctx.find_root().meta.get(_VERBOSE))
