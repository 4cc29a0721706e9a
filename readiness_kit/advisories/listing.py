"""The tables as text for a terminal: all known faults, those of one release, and an upgrade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from readiness_kit.advisories import loading
from readiness_kit.advisories.conditions import CONDITIONS
from readiness_kit.advisories.matching import affecting, load_faults, nearest_fix
from readiness_kit.advisories.support import weaviate_window
from readiness_kit.advisories.tables import Fault, is_old
from readiness_kit.advisories.upgrade_path import UpgradePath
from readiness_kit.kinds.versions import Version
from readiness_kit.labels import SEVERITY_WORDS, count


def all_faults(on: date) -> str:
    """Every known fault of the table, the most severe first."""
    table = load_faults()
    order = list(SEVERITY_WORDS)
    rows = sorted(table.faults, key=lambda row: order.index(row.severity))
    return "\n".join([_dated(table.as_of, on), "", *_lines(_short(row) for row in rows)])


def of_release(release: Version, on: date) -> str:
    """Support and known faults of one release, with the conditions under which they concern a cluster."""
    table = load_faults()
    rows = affecting(release)
    window = weaviate_window(loading.support(), release, on)
    parts = [_dated(table.as_of, on), "", window.sentence]
    if window.newest and Version.parse(window.newest) != release:
        parts.append(f"The newest patch of {window.minor} known is {window.newest}.")
    if not table.inspected.covers(release):
        parts += _row(
            f"{release} came out after {table.inspected.date}, when the releases were inspected: it may hold fixes "
            "that the table does not know."
        )
    parts += [
        "",
        f"Known faults of {release}: {len(rows)}" if rows else f"No known fault of {release} is in the table.",
        "",
    ]
    parts += _lines(_full(row, release) for row in rows)
    return "\n".join(parts).rstrip()


def of_upgrade(path: UpgradePath) -> str:
    """Waypoints with their traps, the rules of every step, and the floor of a rollback."""
    parts = [
        f"Upgrade from {path.start} to {path.target}: {count(len(path.waypoints), 'step')} (table of {path.as_of})"
    ]
    for place, step in enumerate(path.waypoints, 1):
        parts.append(f"  {place}. {step.release}")
        parts += [line for trap in step.traps for line in _row(trap, "     ")]
        if step.faults:
            parts += _row(f"Known faults: {', '.join(step.faults)}.", "     ")
        if step.unconfirmed:
            parts += _row(f"Not known to be fixed: {', '.join(step.unconfirmed)}.", "     ")
    if path.waypoints:
        parts += ["", "At every step", *_bullets(path.rules)]
    if path.floors:
        parts += ["", "Rollback", *_bullets(path.floors)]
    parts += ["", "Chart", *_bullets([path.chart])]
    parts += ["", "Note", *_bullets(path.warnings)] if path.warnings else []
    return "\n".join(parts)


def fixed_on_the_way(path: UpgradePath) -> tuple[str, ...]:
    """Ids of the known faults of the start that the target no longer has."""
    start, target = Version.parse(path.start), Version.parse(path.target)
    if start is None or target is None:
        return ()
    left = {row.id for row in affecting(target)}
    return tuple(row.id for row in affecting(start) if row.id not in left)


def _dated(as_of: date, on: date) -> str:
    old = " This table is old: update the kit." if is_old(as_of, on) else ""
    return f"Known faults of Weaviate, as of {as_of}.{old}"


def _short(row: Fault) -> Iterator[str]:
    yield f"{row.id:<5} {SEVERITY_WORDS[row.severity]:<9}{row.title}"
    fixed = f"; fixed in {', '.join(row.fixed)}" if row.fixed else "; see what to do"
    yield from _row(f"Affected: {row.affected_text}{fixed}", "      ")


def _full(row: Fault, release: Version) -> Iterator[str]:
    yield f"{row.id:<5} {SEVERITY_WORDS[row.severity]:<9}{row.title}"
    if row.when:
        yield from _row(f"Applies if {' and '.join(CONDITIONS[name].text for name in row.when)}.", "      ")
    fixed = nearest_fix(row, release)
    yield from _row(row.happens, "      ")
    yield from _row(f"{row.action}{f' Nearest release with the fix: {fixed}.' if fixed else ''}", "      ")
    yield f"      {row.source.url}"


def _lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    for row in rows:
        yield from row


def _bullets(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in _row(text, "  - ")]


def _row(text: str, indent: str = "") -> list[str]:
    """A row, which the command line wraps at its indent; none for an empty text."""
    return [f"{indent}{text}"] if text else []
