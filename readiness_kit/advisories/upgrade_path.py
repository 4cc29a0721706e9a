"""The way from one release of Weaviate to another: waypoints, traps of the steps, and how far a rollback may go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from readiness_kit.advisories import loading
from readiness_kit.advisories.matching import affecting, load_faults
from readiness_kit.advisories.tables import Upgrades, minor_of, version
from readiness_kit.advisories.versions import spans
from readiness_kit.errors import UsageError
from readiness_kit.kinds.versions import Version

ROLLBACK_MINORS = 3
"""A floor more minors below the start than this concerns no rollback of this upgrade."""


class Waypoint(msgspec.Struct, frozen=True):
    """One step: the release to go to, and what to watch on the way.

    `faults` are ids of faults that this release is known to have, `unconfirmed` of those whose fix in it is not known.
    `tested`: whether the step belongs to the upgrade that was tested end to end.
    """

    release: str
    traps: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    tested: bool = False


class UpgradePath(msgspec.Struct, frozen=True):
    """`waypoints` is empty where the start is the target. `minors` is how many minor versions are passed."""

    start: str
    target: str
    as_of: date
    waypoints: tuple[Waypoint, ...]
    minors: int
    rules: tuple[str, ...]
    floors: tuple[str, ...]
    chart: str
    warnings: tuple[str, ...] = ()


def newest_release() -> Version:
    """The newest release in the table."""
    return version(loading.upgrades().ladder[-1])


def upgrade_path(start: Version, target: Version | None = None) -> UpgradePath:
    """The path to `target` (default: the newest release known). UsageError where the target is older than the start."""
    table = loading.upgrades()
    goal = target or max(newest_release(), start)
    if goal < start:
        raise UsageError(
            f"{goal} is older than {start}: that is a rollback, not an upgrade",
            "; ".join(_floors(start, start, table)) or "restore a backup that the older release made",
        )
    waypoints = tuple(_waypoints(start, goal, table))
    return UpgradePath(
        start=str(start),
        target=str(goal),
        as_of=table.as_of,
        waypoints=waypoints,
        minors=goal.minor - start.minor,
        rules=tuple(rule.text for rule in table.rules),
        floors=tuple(_floors(start, goal, table)),
        chart=table.chart.text,
        warnings=tuple(_warnings(goal, table)),
    )


def _waypoints(start: Version, goal: Version, table: Upgrades) -> Iterator[Waypoint]:
    for release in (_first(start, goal), *_between(start, goal), goal):
        if release is not None and start < release <= goal:
            yield _waypoint(release, start, table)
            start = release


def _first(start: Version, goal: Version) -> Version | None:
    """The newest patch of the start's own minor, from which the next minor is entered."""
    if minor_of(start) == minor_of(goal):
        return None
    return _known_patches().get(start.minor)


def _between(start: Version, goal: Version) -> list[Version]:
    known = _known_patches()
    return [known[minor] for minor in range(start.minor + 1, goal.minor) if minor in known]


def _known_patches() -> dict[int, Version]:
    """Minor -> the newest patch known, from the ladder and from the table of releases."""
    releases = [version(row.newest) for row in loading.support().weaviate]
    releases += [version(text) for text in loading.upgrades().ladder]
    return {release.minor: release for release in sorted(releases)}


def _waypoint(release: Version, before: Version, table: Upgrades) -> Waypoint:
    enters = release.minor > before.minor
    traps = [
        step.text
        for step in table.steps
        if enters and (minor_of(release) == step.into or (step.onwards and release >= version(step.into)))
    ]
    oldest = version(table.ladder[0])
    fixable = tuple(fault.id for fault in affecting(release) if fault.fixed)
    inspected = load_faults().inspected.covers(release)
    return Waypoint(
        release=str(release),
        traps=tuple(traps),
        faults=fixable if inspected else (),
        unconfirmed=() if inspected else fixable,
        tested=oldest <= release and minor_of(release) <= minor_of(version(table.tested_until)),
    )


def _floors(start: Version, goal: Version, table: Upgrades) -> Iterator[str]:
    """Where a rollback from the goal must stop, as far as it can concern somebody who comes from the start."""
    for row in table.floors:
        leaving = any(goal in span for span in spans(row.leaving))
        near = max(version(text).minor for text in row.floor) >= start.minor - ROLLBACK_MINORS
        if leaving and near:
            *others, newest = row.floor
            further = f" (or {', '.join(others)} within their minor)" if others else ""
            yield f"After {goal}, roll back to {newest} or later{further} at the furthest. {row.text}"


def _warnings(goal: Version, table: Upgrades) -> Iterator[str]:
    newest = _known_patches().get(goal.minor)
    if newest is None or minor_of(goal) not in {minor_of(version(text)) for text in table.ladder}:
        yield f"{minor_of(goal)} is not in the kit's table of {table.as_of}; its traps are not known."
    elif goal < newest:
        yield f"{goal} is not the newest patch of its minor; {newest} is known."
