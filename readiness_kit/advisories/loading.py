"""Reads the advisor's tables, the YAML files in this folder. A ConfigError names file, row and field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from readiness_kit import documents
from readiness_kit.advisories.tables import (
    ChartValues,
    Fault,
    Faults,
    Floor,
    KubernetesMinor,
    Note,
    Rule,
    SettingsTable,
    Step,
    Support,
    Upgrades,
    WeaviateMinor,
    version,
)
from readiness_kit.advisories.versions import spans
from readiness_kit.errors import ConfigError

FOLDER = Path(__file__).resolve().parent
WHAT = "the advisory table"
RESTORE = "restore the file that the kit ships"
Row = TypeVar("Row", bound=msgspec.Struct)


@lru_cache(maxsize=4)
def faults(folder: Path = FOLDER, conditions: frozenset[str] | None = None) -> Faults:
    """The known faults. `conditions` are the names that `when` may use (default: not checked)."""
    path = folder / "known_faults.yaml"
    data = _mapping(path)
    rows = _rows(path, data, "faults", Fault, lambda row: row.id)
    for row in rows:
        where = f"{WHAT} {path}: row {row.id}"
        _check_spans(row.affected, f"{where}: field `affected`")
        affected = row.spans
        wrong = next((one for one in row.first_fixed if any(one in span for span in affected)), None)
        if wrong is not None:
            raise ConfigError(f"{where}: field `fixed`: {wrong} lies inside the affected ranges", "correct one of them")
        unknown = [name for name in row.when if conditions is not None and name not in conditions]
        if unknown:
            raise ConfigError(f"{where}: field `when`: unknown condition {unknown[0]!r}", "use a condition that exists")
    return documents.convert({**data, "faults": msgspec.to_builtins(rows)}, Faults, f"{WHAT} {path}")


@lru_cache(maxsize=4)
def support(folder: Path = FOLDER) -> Support:
    """The support windows of Weaviate and of Kubernetes."""
    path = folder / "support.yaml"
    data = _mapping(path)
    _rows(path, data, "weaviate", WeaviateMinor, lambda row: row.minor)
    providers = data.get("kubernetes")
    if not isinstance(providers, dict):
        raise ConfigError(f"{WHAT} {path}: field `kubernetes` is not a mapping", "list the minors of each provider")
    for name in providers:
        for row in _rows(path, providers, name, KubernetesMinor, lambda row: row.minor):
            if row.extended is not None and row.extended < row.standard:
                where = f"{WHAT} {path}: row {row.minor} of {name}: field `extended`"
                raise ConfigError(f"{where} is before `standard`", "correct one of them")
    return documents.convert(data, Support, f"{WHAT} {path}")


@lru_cache(maxsize=4)
def upgrades(folder: Path = FOLDER) -> Upgrades:
    """The ladder of an upgrade, the traps of its steps, and the floors of a rollback."""
    path = folder / "upgrades.yaml"
    data = _mapping(path)
    _rows(path, data, "rules", Rule, lambda row: row.id)
    _rows(path, data, "steps", Step, lambda row: row.id)
    for row in _rows(path, data, "floors", Floor, lambda row: row.id):
        _check_spans(row.leaving, f"{WHAT} {path}: row {row.id}: field `leaving`")
        _check_spans(row.not_to, f"{WHAT} {path}: row {row.id}: field `not_to`")
    table = documents.convert(data, Upgrades, f"{WHAT} {path}")
    releases = [version(text) for text in table.ladder]
    if releases != sorted(releases):
        raise ConfigError(f"{WHAT} {path}: field `ladder` is not in ascending order", "sort it")
    return table


@lru_cache(maxsize=4)
def settings(folder: Path = FOLDER) -> SettingsTable:
    """The names that the server reads, by release."""
    path = folder / "settings.yaml"
    data = _mapping(path)
    _rows(path, data, "ignored", Note, lambda row: row.name)
    _rows(path, data, "deprecated", Note, lambda row: row.name)
    table = documents.convert(data, SettingsTable, f"{WHAT} {path}")
    named = [
        *table.environment.items(),
        *table.overrides.items(),
        *((row.name, row.versions) for row in (*table.ignored, *table.deprecated)),
    ]
    for name, ranges in named:
        _check_spans(ranges, f"{WHAT} {path}: row {name}")
    return table


@lru_cache(maxsize=4)
def chart_values(folder: Path = FOLDER) -> ChartValues:
    """The keys of values.yaml of the official chart."""
    path = folder / "chart_values.yaml"
    return documents.convert(_mapping(path), ChartValues, f"{WHAT} {path}")


def _mapping(path: Path) -> dict[str, Any]:
    data = documents.parse_yaml(documents.read_text(path, WHAT), f"{WHAT} {path}")
    if not isinstance(data, dict):
        raise ConfigError(f"{WHAT} {path} is empty or not a mapping", RESTORE)
    return data


def _rows(
    path: Path, data: Mapping[str, Any], key: str, kind: type[Row], name: Callable[[Row], str]
) -> tuple[Row, ...]:
    """The rows of a list one by one, so that an error names the row; no two rows may have the same name."""
    entries = data.get(key)
    if not isinstance(entries, list):
        raise ConfigError(f"{WHAT} {path}: field `{key}` is not a list", RESTORE)
    rows: list[Row] = []
    for index, entry in enumerate(entries):
        label = _label(entry)
        rows.append(documents.convert(entry, kind, f"{WHAT} {path}: row {label}{key}[{index}]"))
    _check_unique((name(row) for row in rows), f"{WHAT} {path}: `{key}`")
    return tuple(rows)


def _label(entry: Any) -> str:
    named = next((entry[key] for key in ("id", "minor", "name") if key in entry), "") if isinstance(entry, dict) else ""
    return f"{named}, " if isinstance(named, str) and named else ""


def _check_unique(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ConfigError(f"{where}: the row {name} is there twice", "keep one of them")
        seen.add(name)


def _check_spans(text: str, where: str) -> None:
    try:
        spans(text)
    except ValueError as problem:
        raise ConfigError(f"{where}: {problem}", "correct the range") from None
