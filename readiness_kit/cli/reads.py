"""What a collection read, for people: one line for all reads that failed alike."""

from __future__ import annotations

from collections.abc import Iterable

from readiness_kit.errors import UnreachableError
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.model import Read, Reason
from readiness_kit.report.exports.terminal import FAINT, POOR, STRONG, Line, line

SERVERS = {"weaviate": "Weaviate", "prometheus": "Prometheus"}
_SHOWN = 4


def reads_lines(reads: Iterable[Read], *, verbose: bool = False) -> list[Line]:
    """How many kinds were read, notes on those, and what could not be read, grouped by source and reason.

    With `verbose` also every read with the number of objects that it kept.
    """
    found = list(reads)
    unread = [read for read in found if read.reason not in (None, Reason.ABSENT)]
    lines = [line(f"Read {count(len(found) - len(unread), 'kind')}; {len(unread)} could not be read", STRONG)]
    if verbose:
        lines += [line(f"{read.key}: {_kept(read)}", FAINT, indent=2, hang=2) for read in found]
    lines += [
        line(f"{read.key}: {read.message}", indent=2, hang=2) for read in found if read.reason is None and read.message
    ]
    groups: dict[tuple[str, Reason | None, str], list[Read]] = {}
    for read in unread:
        source = SERVERS.get(read.key.partition("/")[0], "")
        groups.setdefault((source, read.reason, read.message if source else ""), []).append(read)
    return lines + [line(_group(source, reads), POOR, indent=2, hang=2) for (source, _, _), reads in groups.items()]


def _kept(read: Read) -> str:
    if read.reason is not None:
        return REASON_WORDS[read.reason]
    return count(read.count, "object") + (", incomplete" if read.partial else "")


def _group(source: str, reads: list[Read]) -> str:
    """`Prometheus (9 reads): could not be reached (…)`, or the kinds of the cluster that failed alike."""
    first = reads[0]
    words = REASON_WORDS[first.reason] if first.reason else ""
    keys = [read.key for read in reads]
    if source and len(reads) > 1:
        name = f"{source} ({count(len(reads), 'read')})"
    else:
        name = ", ".join(keys[:_SHOWN]) + (f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else "")
    messages = dict.fromkeys(read.message for read in reads if read.message)
    return f"{name}: {words}" + (f" ({next(iter(messages))})" if messages else "")


def unreachable_source(reads: Iterable[Read]) -> UnreachableError | None:
    """The error for a server that was asked and of which nothing was read; None where there is no such server."""
    asked: dict[str, list[Read]] = {}
    for read in reads:
        if (name := SERVERS.get(read.key.partition("/")[0])) and read.reason is not Reason.NOT_COLLECTED:
            asked.setdefault(name, []).append(read)
    for name, answers in asked.items():
        if all(read.reason is not None for read in answers):
            return UnreachableError(
                f"nothing could be read from {name}: {answers[0].message or REASON_WORDS[answers[0].reason]}",  # type: ignore[index]
                "check the address and the credentials, or leave out --require-sources",
            )
    return None
