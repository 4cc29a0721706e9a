"""Settings that a release of the server does not use: misspelt, ignored, removed, not yet there, deprecated.

Names only: no value is needed, and none is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from readiness_kit.advisories import loading
from readiness_kit.advisories.spelling import did_you_mean, mistake_sentence, nearest, paths
from readiness_kit.advisories.tables import SettingsTable, minor_of, version
from readiness_kit.advisories.versions import Span, spans
from readiness_kit.kinds.versions import Version

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

FAMILY = 3
"""A first word that at least this many settings share marks a name as meant for Weaviate."""
_GENERAL = frozenset({"AWS", "AZURE", "ENABLE", "DISABLE", "GO", "USE", "SENTRY", "WEAVIATE"})


class Kind(str, Enum):
    MISSPELT = "misspelt"
    UNKNOWN = "unknown"
    IGNORED = "ignored"
    REMOVED = "removed"
    NOT_YET = "not_yet"
    DEPRECATED = "deprecated"


class Problem(msgspec.Struct, frozen=True):
    """A setting that the release does not use. `where` is env, config, overrides or values; `right` the nearest name.

    `certain` False: the release is newer than the table, so it may read a name that the table does not have.
    """

    name: str
    kind: Kind
    sentence: str
    right: str = ""
    where: str = "env"
    certain: bool = True


def problems(facts: ClusterFacts, release: Version) -> tuple[Problem, ...]:
    """What the server's container, its configuration file and its runtime overrides set without effect."""
    weaviate = facts.weaviate
    found = list(check_environment((variable.name for variable in weaviate.container.env), release))
    config = _file(facts, "config")
    found += check_config(config) if config else []
    overrides = _file(facts, "overrides")
    found += check_overrides(overrides, release) if overrides else []
    return tuple(found)


def check_environment(names: Iterable[str], release: Version) -> tuple[Problem, ...]:
    """The names among `names` that the release does not use; those of other programs are left out."""
    table = loading.settings()
    found = (_environment_problem(name, release, table) for name in dict.fromkeys(names))
    return tuple(problem for problem in found if problem is not None)


def check_overrides(document: Mapping[str, Any], release: Version) -> list[Problem]:
    """Keys of the runtime overrides that the release does not use."""
    table = loading.settings()
    found = []
    for name in document:
        ranges = table.overrides.get(name)
        if ranges is not None and any(release in span for span in spans(ranges)):
            continue
        if ranges is not None:
            kind, sentence = _outside(name, spans(ranges), release)
            found.append(Problem(name, kind, sentence, where="overrides"))
            continue
        right = nearest(name, tuple(table.overrides))
        sentence = f"{name} is not a key of the runtime overrides.{did_you_mean(right)}"
        kind = Kind.MISSPELT if right else Kind.UNKNOWN
        found.append(Problem(name, kind, sentence, right, "overrides", _covers(table, release)))
    return found


def check_config(document: Mapping[str, Any]) -> list[Problem]:
    """Keys of the configuration file that are often written and that the server does not read."""
    written = paths(document)
    return [
        Problem(row.wrong, Kind.MISSPELT, mistake_sentence(row, "the server"), row.right, "config")
        for row in loading.settings().config_mistakes
        if row.wrong in written
    ]


# --- environment ----------------------------------------------------------------------------------


def _environment_problem(name: str, release: Version, table: SettingsTable) -> Problem | None:
    ranges = table.environment.get(name)
    if ranges is not None:
        return _known(name, spans(ranges), release, table)
    mistake = next((row for row in table.mistakes if row.wrong == name), None)
    if mistake is not None:
        return Problem(name, Kind.MISSPELT, mistake_sentence(mistake, "the server"), mistake.right)
    right = nearest(name, tuple(table.environment))
    if right and not _elsewhere(name, table):
        return Problem(
            name, Kind.MISSPELT, f"The server does not read {name}.{did_you_mean(right)}", right,
            certain=_covers(table, release),
        )  # fmt: skip
    if _elsewhere(name, table) or name.partition("_")[0] not in _families(tuple(table.environment)):
        return None
    return Problem(name, Kind.UNKNOWN, f"No release known to the kit reads {name}.", certain=_covers(table, release))


def _known(name: str, ranges: tuple[Span, ...], release: Version, table: SettingsTable) -> Problem | None:
    """A name that some release reads: whether this one does, and uses it."""
    if not any(release in span for span in ranges):
        kind, sentence = _outside(name, ranges, release)
        mistake = next((row for row in table.mistakes if row.wrong == name), None)
        right = mistake.right if mistake else ""
        return Problem(name, kind, f"{sentence}{did_you_mean(right)}", right)
    for rows, kind in ((table.ignored, Kind.IGNORED), (table.deprecated, Kind.DEPRECATED)):
        for row in rows:
            if row.name == name and any(release in span for span in spans(row.versions)):
                instead = f" Use {row.instead}." if row.instead else ""
                return Problem(name, kind, f"{name}: {row.text}{instead}", row.instead)
    return None


def _outside(name: str, ranges: tuple[Span, ...], release: Version) -> tuple[Kind, str]:
    later = [span.first for span in ranges if span.first is not None and span.first > release]
    if later:
        return Kind.NOT_YET, f"{release} does not read {name} yet; it comes with {min(later)}."
    span = ranges[-1]
    last = minor_of(span.last) if span.last and span.whole_minor else str(span.last)
    return Kind.REMOVED, f"{release} no longer reads {name}; {last} was the last that did."


def _covers(table: SettingsTable, release: Version) -> bool:
    return release <= version(table.complete_until)


def _elsewhere(name: str, table: SettingsTable) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in table.elsewhere)


@lru_cache(maxsize=2)
def _families(names: tuple[str, ...]) -> frozenset[str]:
    counts = Counter(name.partition("_")[0] for name in names)
    return frozenset(word for word, number in counts.items() if number >= FAMILY) - _GENERAL


# --- files ------------------------------------------------------------------------------


def _file(facts: ClusterFacts, what: str) -> Mapping[str, Any] | None:
    """The parsed configuration file or runtime overrides of the server; None where it cannot be read."""
    from readiness_kit.facts.weaviate.config import config_file, mounted_key, parse_mapping
    from readiness_kit.kinds.cluster import ConfigMap

    weaviate = facts.weaviate
    path = config_file(weaviate.container)
    if what == "overrides":
        if not weaviate.is_enabled("RUNTIME_OVERRIDES_ENABLED"):
            return None
        path = weaviate.env("RUNTIME_OVERRIDES_PATH").value
    key = mounted_key(weaviate.spec, weaviate.container, path) if path else None
    found = weaviate.config_map(key[0]) if key else None
    if not isinstance(found, ConfigMap) or key is None or key[1] not in found.data:
        return None
    return parse_mapping(found.data[key[1]])
