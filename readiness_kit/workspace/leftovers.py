"""Files in an assessment folder that a crash, an older version or a rejected snapshot left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from readiness_kit.files import TEMPORARY

_SNAPSHOT_LEFTOVERS = ("*.zip.quarantine", ".*.zip.*", ".*.quarantine.*")
_LOCK = ".lock"


class Leftover(NamedTuple):
    """A file that is no longer in use, what it is, and what to do about it."""

    path: Path
    meaning: str
    hint: str


def snapshot_leftovers(folder: Path) -> list[Path]:
    """Quarantined and half-written snapshots in the folder of the snapshots, by name."""
    found = {path for pattern in _SNAPSHOT_LEFTOVERS for path in folder.glob(pattern) if path.suffix != _LOCK}
    return sorted(path for path in found if path.is_symlink() or path.is_file())


def leftovers(folder: Path) -> Iterator[Leftover]:
    """All left-over files of an assessment folder."""
    for path in sorted(folder.glob("*.unreadable-*")):
        yield Leftover(path, "answers that could not be read", "run `readiness answers restore`")
    for path in sorted(folder.glob("*.before-*")):
        yield Leftover(path, "a copy from before a change", "compare it with the present file, then delete it")
    for path in snapshot_leftovers(folder / "snapshots"):
        meaning = "a quarantined snapshot" if path.suffix == ".quarantine" else "a half-written snapshot"
        yield Leftover(path, meaning, "delete it, or run `readiness clean`")
    for part in (folder, *(path for path in sorted(folder.iterdir()) if path.is_dir() and path.name != "snapshots")):
        for path in sorted(part.glob(f".*{TEMPORARY}")):
            yield Leftover(path, "a half-written file", "delete it")
