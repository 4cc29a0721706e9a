"""Snapshots from files of other tools, so that the kit itself needs no access to the cluster.

`load` reads a snapshot of this kit, the output of `readiness collect --script`, a Troubleshoot support bundle, a
`kubectl cluster-info dump` folder, the output of `kubectl get … -A -o json`, and manifests, as a file, a folder or an
archive. Everything is redacted as in a collection; what a bundle lacks is `not_collected`, never empty.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness_kit import snapshot
from readiness_kit.bundles import helm
from readiness_kit.bundles.reader import read
from readiness_kit.errors import UnreadableFileError
from readiness_kit.snapshot import Snapshot

__all__ = ["as_file", "as_snapshot", "is_snapshot", "load"]


def is_snapshot(path: Path) -> bool:
    """Whether a file is a snapshot of this kit, damaged ones included."""
    if not path.is_file():
        return False
    if path.suffix == ".zip" and not zipfile.is_zipfile(path):
        return True
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "manifest.json" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def load(path: Path) -> Snapshot:
    """The snapshot in a file, or one converted from a bundle. Raises UnreadableFileError."""
    if not path.exists():
        raise UnreadableFileError(f"{path} does not exist", "check the path")
    if is_snapshot(path):
        return snapshot.load(path)
    if helm.is_chart(path):
        raise UnreadableFileError(f"{path} is a chart, whose templates are not manifests", f"use --chart {path}")
    return read(path)


@contextmanager
def as_file(body: bytes, name: str) -> Iterator[Path]:
    """A temporary file with what was read from elsewhere: an archive by its first bytes, otherwise a text."""
    suffix = ".zip" if body.startswith(b"PK") else ".tar.gz" if body.startswith(b"\x1f\x8b") else ".yaml"
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        path = Path(folder) / f"{name}{suffix}"
        path.write_bytes(body)
        yield path


@contextmanager
def as_snapshot(path: Path | None) -> Iterator[Path | None]:
    """The path of a snapshot file: `path` itself, or a temporary one converted from the bundle at `path`."""
    if path is None or not path.exists() or is_snapshot(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        converted = Path(folder) / "bundle.zip"
        load(path).save(converted)
        yield converted
