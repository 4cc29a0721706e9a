"""A click group that imports the module of a command only when that command runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is defined (`module:attribute`) and its line in the list of commands."""

    target: str
    help: str


class LazyGroup(click.Group):
    """Lists its commands from a table, under headings, without importing them.

    `readiness --help` and shell completion stay fast however much a command needs. A test compares every line of the
    table with the help of the command itself.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, Entry]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.sections = sections
        self._entries = {name: entry for entries in sections.values() for name, entry in entries.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._entries)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._entries:
            from difflib import get_close_matches

            close: Sequence[str] = get_close_matches(name, self._entries, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else " `readiness --help` lists the commands."
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self._entries))
        for title, entries in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.help) for name, entry in entries.items()])
