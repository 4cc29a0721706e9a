"""What people enter in the plan, in `plan.json` of the assessment folder: owner, due date and state of each fix.

    {"schema": 1, "fixes": {"replicas.three": {"fix": "replicas.three", "owner": "…", "state": "open"}, …}}

A change is saved at once, under a lock and atomically, and replaces only the entry of its fix. Reading never changes
the file; one that cannot be read is an error until a person has corrected it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files
from readiness_kit.errors import ReadOnlyError, UnreadableFileError, UsageError
from readiness_kit.fixes.model import Assignment
from readiness_kit.model import SCHEMA_VERSION
from readiness_kit.workspace.json_file import convert_entry, read_json

FILE_NAME = "plan.json"
WHAT = "the plan file"
HINT = "correct the file, or move it elsewhere"


class PlanStore:
    """The assignments of one assessment folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def all(self) -> dict[str, Assignment]:
        """The assignments by the id of the fix. Raises UnreadableFileError with the entry that cannot be read."""
        found: dict[str, Assignment] = {}
        for fix, entry in self._raw().get("fixes", {}).items():
            try:
                found[fix] = convert_entry({"fix": fix, **entry} if isinstance(entry, dict) else entry, Assignment)
                if found[fix].fix != fix:
                    raise ValueError(f"it names a different fix, {found[fix].fix}")
            except ValueError as problem:
                raise UnreadableFileError(f"{WHAT} {self.path}: {fix}: {problem}", "correct that entry") from None
        return found

    def put(self, assignment: Assignment) -> None:
        """Stores one assignment. Raises UsageError for one that could not be read again."""
        try:
            convert_entry(msgspec.to_builtins(assignment), Assignment)
        except ValueError as problem:
            raise UsageError(f"the plan of {assignment.fix} is not stored: {problem}", "correct that field") from None
        with files.locked(self.path):
            self.all()  # an entry that cannot be read has to be corrected first, so that it is not lost
            raw = self._raw()
            if raw.get("schema", SCHEMA_VERSION) > SCHEMA_VERSION:
                raise ReadOnlyError(f"{self.path} has a newer schema: it is read-only", "update the kit")
            entries = {**raw.get("fixes", {}), assignment.fix: msgspec.to_builtins(assignment)}
            files.replace(self.path, files.pretty({**raw, "schema": SCHEMA_VERSION, "fixes": entries}))

    def _raw(self) -> dict[str, Any]:
        found = read_json(self.path, WHAT, HINT)
        if found is None:
            return {}
        if found.duplicates:
            raise UnreadableFileError(f"{WHAT} {self.path}: duplicate keys: {', '.join(found.duplicates)}", HINT)
        data = found.data
        if not isinstance(data, dict) or not isinstance(data.get("fixes"), dict):
            raise UnreadableFileError(f"{WHAT} {self.path} is not an object with `schema` and `fixes`", HINT)
        if not isinstance(data.get("schema", SCHEMA_VERSION), int):
            raise UnreadableFileError(f"{WHAT} {self.path}: `schema` is not a number", HINT)
        return data
