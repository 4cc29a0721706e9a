"""Progress on standard error: one line that is rewritten on a terminal, a short summary elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from readiness_kit.cli.output import rewrite_line, write_line
from readiness_kit.collect import Event
from readiness_kit.labels import count

_SOURCES = {"weaviate": "Weaviate", "prometheus": "Prometheus"}
_MIDDLE = ("start", "page")


class Collection:
    """The progress of a collection, called with each Event.

    On a terminal the kind that is read and how many are done; elsewhere one line for each source at the end, so that
    the log of a CI job stays short. Nothing with `quiet`.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._began = time.monotonic()
        self._done: dict[str, dict[str, int]] = {}

    def __call__(self, event: Event) -> None:
        """Takes one step."""
        if self._quiet:
            return
        if sys.stderr.isatty():
            text = f"{event.done_kinds:>3}/{event.all_kinds} {event.key} {event.state} {event.objects or ''}".rstrip()
            rewrite_line(text, last=event.done_kinds == event.all_kinds)
        elif event.state not in _MIDDLE:
            source = _SOURCES.get(event.key.partition("/")[0], "Kubernetes")
            states = self._done.setdefault(source, {})
            states[event.state] = states.get(event.state, 0) + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        for source, states in self._done.items():
            parts = ", ".join(f"{number} {state}" for state, number in states.items())
            write_line(f"{source}: {count(sum(states.values()), 'read')}, {parts}", err=True)
        if self._done and kind is None:
            write_line(f"Collected in {time.monotonic() - self._began:.1f} s", err=True)


def show_report(done: int, total: int) -> None:
    """How many cells of the report have run; away from a terminal one line in all."""
    if sys.stderr.isatty():
        rewrite_line(f"Writing the report: {done} of {total}", last=done == total)
    elif done == 0:
        write_line("Writing the report …", err=True)
