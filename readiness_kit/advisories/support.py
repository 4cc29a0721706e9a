"""Support windows of Weaviate and of Kubernetes, judged on a date.

An old table proves no support: "supported" becomes "unknown". A date that has passed stays passed.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

import msgspec

from readiness_kit.advisories.tables import KubernetesMinor, Support, is_old, minor_of, version
from readiness_kit.kinds.versions import Version

ENDS_SOON = timedelta(days=90)


class Status(str, Enum):
    SUPPORTED = "supported"
    ENDS_SOON = "ends_soon"
    EXTENDED = "extended"
    """Standard support has ended; the provider offers paid or long-term support."""
    ENDED = "ended"
    UNKNOWN = "unknown"


class Window(msgspec.Struct, frozen=True):
    """The support of one minor version on a date. `ends` and `extended` are last days; `sentence` is for people."""

    product: str
    minor: str
    status: Status
    sentence: str
    ends: date | None = None
    extended: date | None = None
    newest: str = ""


def weaviate_window(table: Support, release: Version, on: date) -> Window:
    """Weaviate supports its latest three minors: support ends when the third newer minor is released."""
    minor = minor_of(release)
    rows = sorted(table.weaviate, key=lambda row: version(row.minor), reverse=True)
    dated = f"as of the kit's table of {table.as_of}"
    known = next((row for row in rows if row.minor == minor), None)
    if known is None and version(minor) > version(rows[0].minor):
        sentence = f"Weaviate {minor} is newer than {rows[0].minor}, the newest in the kit's table of {table.as_of}."
        return Window("Weaviate", minor, Status.UNKNOWN, sentence)
    newer = [row for row in rows if version(row.minor) > version(minor)]
    if len(newer) >= table.supported_minors:
        ended = newer[-table.supported_minors].released
        if ended <= on:
            supported = ", ".join(row.minor for row in rows[: table.supported_minors])
            sentence = (
                f"Weaviate {minor} is no longer supported since {_day(ended)}; supported are {supported}, {dated}."
            )
            return Window("Weaviate", minor, Status.ENDED, sentence, ended, newest=known.newest if known else "")
    newest = known.newest if known else ""
    if is_old(table.as_of, on):
        sentence = f"Whether Weaviate {minor} is still supported is unknown: the kit's table of {table.as_of} is old."
        return Window("Weaviate", minor, Status.UNKNOWN, sentence, newest=newest)
    return Window("Weaviate", minor, Status.SUPPORTED, f"Weaviate {minor} is supported, {dated}.", newest=newest)


def kubernetes_window(table: Support, release: Version, provider: str, on: date) -> Window:
    """Kubernetes by the dates of the provider (EKS, GKE, AKS), otherwise by those of the project."""
    minor = minor_of(release)
    name = provider if provider in table.kubernetes else "upstream"
    product = f"Kubernetes on {name}" if name != "upstream" else "Kubernetes"
    rows = table.kubernetes[name]
    row = next((row for row in rows if row.minor == minor), None)
    if row is None:
        return _outside(product, minor, rows, table)
    if row.standard < on:
        return _past(product, row, on)
    if is_old(table.as_of, on):
        sentence = f"Whether {product} {minor} is still supported is unknown: the kit's table of {table.as_of} is old."
        return Window(product, minor, Status.UNKNOWN, sentence, row.standard, row.extended)
    days = (row.standard - on).days
    soon = days <= ENDS_SOON.days
    left = f", in {days} {'day' if days == 1 else 'days'}" if soon else ""
    ends = f"Standard support of {product} {minor} ends on {_day(row.standard)}{left}"
    status = Status.ENDS_SOON if soon else Status.SUPPORTED
    return Window(product, minor, status, f"{ends} (table of {table.as_of}).", row.standard, row.extended)


def _past(product: str, row: KubernetesMinor, on: date) -> Window:
    ended = f"Standard support of {product} {row.minor} ended on {_day(row.standard)}"
    if row.extended is not None and row.extended >= on:
        sentence = f"{ended}; extended support, where it is enabled, ends on {_day(row.extended)}."
        return Window(product, row.minor, Status.EXTENDED, sentence, row.standard, row.extended)
    return Window(product, row.minor, Status.ENDED, f"{ended}.", row.standard, row.extended)


def _outside(product: str, minor: str, rows: tuple[KubernetesMinor, ...], table: Support) -> Window:
    """A minor that the table does not list: older ones have ended, newer ones are unknown."""
    if version(minor) < min(version(row.minor) for row in rows):
        return Window(product, minor, Status.ENDED, f"{product} {minor} is out of support.")
    sentence = f"{product} {minor} is not in the kit's table of {table.as_of}."
    return Window(product, minor, Status.UNKNOWN, sentence)


def newest_patch(table: Support, release: Version) -> str:
    """The newest patch known of the release's minor, "" where the table does not have it."""
    return next((row.newest for row in table.weaviate if row.minor == minor_of(release)), "")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
