"""The shape of the advisor's tables: each has `as_of`, the day it was made, and `sources`; `loading` reads them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from readiness_kit.advisories.versions import Span, spans
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Link, Severity, Text

MAX_AGE_DAYS = 120
"""Weaviate releases a minor version every six to nine weeks: an older table misses one at least."""

MinorText = Annotated[str, Meta(pattern=r"^\d+\.\d+$")]
VersionText = Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A known fault of Weaviate. `affected` is a list of ranges, `when` names conditions that must all hold."""

    id: Text
    title: Text
    severity: Severity
    affected: Text
    happens: Text
    action: Text
    source: Link
    fixed: tuple[VersionText, ...] = ()
    when: tuple[str, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        return spans(self.affected)

    @property
    def affected_text(self) -> str:
        """The ranges in words."""
        return ", ".join(map(str, self.spans))

    @property
    def first_fixed(self) -> tuple[Version, ...]:
        return tuple(sorted(version(text) for text in self.fixed))


class Inspected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The releases that were inspected for fixes: the newest of each minor, known on `date`."""

    date: date
    newest: tuple[VersionText, ...]

    def covers(self, release: Version) -> bool:
        """False for a release that came out after the inspection, in a minor that was inspected."""
        known = {(one.major, one.minor): one for one in map(version, self.newest)}
        newest = known.get((release.major, release.minor))
        return newest is None or release <= newest


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: date
    sources: tuple[Link, ...]
    inspected: Inspected
    faults: tuple[Fault, ...]


class WeaviateMinor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minor: MinorText
    released: date
    newest: VersionText


class KubernetesMinor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last day of standard support, and of extended support where the provider sells or includes it."""

    minor: MinorText
    standard: date
    extended: date | None = None


class Support(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kubernetes` maps upstream, EKS, GKE and AKS to their minors, newest first."""

    as_of: date
    sources: tuple[Link, ...]
    supported_minors: Annotated[int, Meta(ge=1)]
    weaviate: tuple[WeaviateMinor, ...]
    kubernetes: dict[str, tuple[KubernetesMinor, ...]]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    text: Text


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trap of the step into a minor; with `onwards` of all later steps too."""

    id: Text
    into: MinorText
    text: Text
    onwards: bool = False


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rollback must not go: from releases in `leaving` to those in `not_to`. `floor`: the oldest that work."""

    id: Text
    leaving: Text
    not_to: Text
    floor: tuple[VersionText, ...]
    text: Text


class ChartFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: VersionText
    app_version: VersionText
    text: Text


class Upgrades(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: date
    sources: tuple[Link, ...]
    ladder: tuple[VersionText, ...]
    tested_until: VersionText
    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    floors: tuple[Floor, ...]
    chart: ChartFacts


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A setting that a release accepts and does not use, or is to lose: since when, and what to do."""

    name: Text
    versions: Text
    text: Text
    instead: str = ""


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that is often written and that nothing reads, with the right one."""

    wrong: Text
    right: str
    text: str = ""


class SettingsTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`environment` maps each name that the server reads to the ranges of releases that read it.

    `overrides` does so for the keys of the runtime overrides. Releases after `complete_until` may read further names.
    """

    as_of: date
    sources: tuple[Link, ...]
    complete_until: VersionText
    overrides: dict[str, str]
    environment: dict[str, str]
    elsewhere: tuple[str, ...]
    """Names and prefixes (`DD_*`) that the Go runtime, an SDK, Kubernetes or an agent reads."""
    ignored: tuple[Note, ...]
    deprecated: tuple[Note, ...]
    mistakes: tuple[Mistake, ...]
    config_mistakes: tuple[Mistake, ...]
    """Paths inside of the configuration file."""


class ChartValues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of values.yaml of the official chart. `free` are paths below which any key is allowed."""

    as_of: date
    sources: tuple[Link, ...]
    chart: VersionText
    free: tuple[str, ...]
    unused: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    keys: tuple[str, ...]


def version(text: str) -> Version:
    """The version that a validated text names; ValueError otherwise."""
    found = Version.parse(text)
    if found is None:
        raise ValueError(f"{text!r} is not a version")
    return found


def minor_of(release: Version) -> str:
    """`1.38` for 1.38.2."""
    return f"{release.major}.{release.minor}"


def is_old(as_of: date, on: date) -> bool:
    """Whether a table made on `as_of` is too old on the day `on` to prove that something is supported."""
    return (on - as_of).days > MAX_AGE_DAYS
