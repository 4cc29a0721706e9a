"""`--no-color` of every command, and `-v` of those that can show more."""

from __future__ import annotations

from collections.abc import Callable
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
    """The options of every command; their values are in the context, not in the arguments of the command."""
    text = "No colour, as with $NO_COLOR."
    return (click.Option(["--no-color"], is_flag=True, expose_value=False, help=text, callback=_no_color),)


def verbose_option(text: str) -> Callable[..., Any]:
    """`-v` of a command that can show more; `text` is its help, and `is_verbose` its value."""
    return click.option("-v", "--verbose", is_flag=True, expose_value=False, help=text, callback=_verbose)


def is_verbose() -> bool:
    """Whether the running command has `-v`."""
    ctx = click.get_current_context(silent=True)
    return bool(ctx and ctx.find_root().meta.get(_VERBOSE))
