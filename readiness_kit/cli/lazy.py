"""A click group that imports the module of a command only when that command is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is defined (`module:attribute`) and its line in the list of commands."""

    target: str
    help: str


class LazyCommands(Mapping[str, click.Command]):
    """The commands of a group by name. Iterating imports nothing; a lookup imports the module of that command."""

    def __init__(self, entries: Mapping[str, Entry], common: Callable[[], Iterable[click.Option]]) -> None:
        self._entries = entries
        self._common = common

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = self._entries[name].target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a click command")
        self._complete(command)
        return command

    def _complete(self, command: click.Command) -> None:
        """Adds the common options to a command; of a group, to each of its commands."""
        if isinstance(command, click.Group):
            for member in command.commands.values():
                self._complete(member)
            return
        present = {param.name for param in command.params}
        command.params += [option for option in self._common() if option.name not in present]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class LazyGroup(click.Group):
    """Lists its commands from a table, under headings, without importing them.

    `sections` maps a heading to commands by name. `--help` and shell completion stay fast however much a command
    imports. `common` makes the options that every command has. The short help is repeated in the table; a test
    compares both. click names the closest commands for an
    unknown one.
    """

    def __init__(
        self,
        *args: Any,
        sections: Mapping[str, Mapping[str, Entry]],
        common: Callable[[], Iterable[click.Option]] = tuple,
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self.sections = sections
        self.commands = LazyCommands(  # type: ignore[assignment]  # click only reads it here
            {name: entry for entries in sections.values() for name, entry in entries.items()}, common
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One list for each heading, all aligned alike."""
        width = max(map(len, self.commands))
        for title, entries in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.help) for name, entry in entries.items()])
