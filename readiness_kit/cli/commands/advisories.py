"""`advisories`: known faults, support and upgrade paths of Weaviate, without a cluster."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import click
import msgspec

from readiness_kit.advisories import listing, loading
from readiness_kit.advisories.matching import affecting, load_faults, nearest_fix
from readiness_kit.advisories.support import weaviate_window
from readiness_kit.advisories.tables import is_old
from readiness_kit.advisories.upgrade_path import upgrade_path
from readiness_kit.advisories.versions import parse_server
from readiness_kit.cli.forms import Output, output_option, write_output, write_styled
from readiness_kit.errors import UsageError
from readiness_kit.kinds.versions import Version
from readiness_kit.report.exports.terminal import STRONG, Line, line


@click.command()
@click.option("--for", "release", metavar="VERSION", help="Only what concerns this release, such as 1.38.2.")
@click.option("--to", "target", metavar="VERSION", help="Also the upgrade path from --for to this release.")
@output_option("text", "json")
def advisories(release: str | None, target: str | None, outputs: Output) -> None:
    """Print known faults and upgrade paths of Weaviate.

    Without a cluster, the conditions of a fault are printed, not checked; `readiness assess` checks them.
    """
    if target and not release:
        raise UsageError("--to was given without --for", "give the running release with --for")
    start = _parsed(release) if release else None
    goal = _parsed(target) if target else None
    on = datetime.now(tz=UTC).date()
    if outputs.form == "json":
        write_output(outputs, msgspec.json.format(msgspec.json.encode(_data(start, goal, on)), indent=2).decode())
        return
    parts = [listing.of_release(start, on) if start else listing.all_faults(on)]
    if start and goal:
        path = upgrade_path(start, goal)
        fixed = ", ".join(listing.fixed_on_the_way(path))
        parts.append(f"\n{listing.of_upgrade(path)}" + (f"\n\nFixed by the upgrade: {fixed}" if fixed else ""))
    write_styled(outputs, [_line(row) for row in "\n".join(parts).split("\n")])


def _line(row: str) -> Line:
    """A row of the listing; its leading spaces are the indent of what it wraps into."""
    text = row.lstrip()
    return (
        line(
            text,
            "" if row.startswith(" ") else STRONG,
            indent=len(row) - len(text),
            hang=2 if text.startswith("- ") else 0,
        )
        if text
        else Line()
    )


def _parsed(text: str) -> Version:
    found = parse_server(text)
    if found is None:
        raise UsageError(f"{text!r} is not a release of Weaviate", "give a version such as 1.38.2")
    if not found.exact:
        raise UsageError(
            f"{text} does not name a patch", f"give one, such as {found.version.major}.{found.version.minor}.1"
        )
    return found.version


def _data(start: Version | None, goal: Version | None, on: date) -> dict[str, Any]:
    table = load_faults()
    rows = affecting(start) if start else table.faults
    faults = [{**msgspec.to_builtins(row), "nearest_fix": nearest_fix(row, start) if start else ""} for row in rows]
    data: dict[str, Any] = {"as_of": table.as_of, "old": is_old(table.as_of, on), "faults": faults}
    if start:
        data |= {"release": str(start), "support": weaviate_window(loading.support(), start, on)}
    if start and goal:
        path = upgrade_path(start, goal)
        data |= {"upgrade": path, "fixed_by_upgrade": listing.fixed_on_the_way(path)}
    return data
