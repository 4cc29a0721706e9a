"""Reads the catalogue, the YAML files in `catalogue/`. A ConfigError names file, row and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from readiness_kit import documents
from readiness_kit.errors import ConfigError
from readiness_kit.fixes.effects import EFFECTS
from readiness_kit.fixes.model import ITEM, PLACEHOLDER, Fix, FixKind
from readiness_kit.fixes.parameters import PARAMETERS

FOLDER = Path(__file__).resolve().parent / "catalogue"
WHAT = "the catalogue of fixes"
_NEEDS = {
    FixKind.VALUES: "values",
    FixKind.MANIFEST: "manifests",
    FixKind.WEAVIATE_CALL: "commands",
    FixKind.COMMAND: "commands",
}


@cache
def catalogue(folder: Path = FOLDER) -> Mapping[str, Fix]:
    """All fixes by id, in the order of the files and rows."""
    found: dict[str, Fix] = {}
    for path in sorted(folder.glob("*.yaml")):
        for fix in _rows(path):
            if fix.id in found:
                raise ConfigError(f"{WHAT} {path}: the id {fix.id} is used twice", "choose a different id")
            found[fix.id] = fix
    for fix in found.values():
        unknown = [id for id in fix.after if id not in found]
        if unknown:
            raise ConfigError(f"{WHAT}: {fix.id}: field `after` names {unknown[0]}", "use the id of a fix")
        if fix.part_of and (fix.part_of not in found or found[fix.part_of].part_of):
            raise ConfigError(f"{WHAT}: {fix.id}: field `part_of` names {fix.part_of}", "use a fix without `part_of`")
    return found


def _rows(path: Path) -> Iterator[Fix]:
    named = f"{WHAT} {path}"
    data = documents.parse_yaml(documents.read_text(path, WHAT), named)
    if not isinstance(data, dict) or set(data) != {"fixes"} or not isinstance(data["fixes"], list):
        raise ConfigError(f"{named} is not a mapping with the list `fixes`", "correct the file")
    for index, entry in enumerate(data["fixes"]):
        where = f"{named}: fix {_name(entry, index)}"
        fix = documents.convert(entry, Fix, where)
        _check(fix, where)
        yield fix


def _name(entry: Any, index: int) -> str:
    id = entry.get("id") if isinstance(entry, dict) else None
    return id if isinstance(id, str) else f"fixes[{index}]"


def _check(fix: Fix, where: str) -> None:
    needed = _NEEDS.get(fix.kind, "")
    if needed and not getattr(fix, needed):
        raise ConfigError(f"{where}: a fix of kind {fix.kind.value} needs `{needed}`", f"add `{needed}`")
    for name in fix.parameters:
        if name not in PARAMETERS:
            raise ConfigError(f"{where}: there is no parameter {name!r}", "add a function to fixes/parameters/")
    if fix.effect and fix.effect not in EFFECTS:
        raise ConfigError(f"{where}: there is no effect {fix.effect!r}", "add a function to fixes/effects/")
    uses_item = any(ITEM in PLACEHOLDER.findall(text) for text in fix.commands)
    if uses_item != bool(fix.each):
        raise ConfigError(f"{where}: `each` and the placeholder {{{ITEM}}} in `commands` go together", "correct one")
