"""The files of a bundle, one after the other, from a folder, a tar or a zip. Nothing is unpacked to the disk.

Names in archives are labels only, so that `../` leads nowhere; links and devices are passed over; sizes are limited
before they are believed.
"""

from __future__ import annotations

import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from readiness_kit.errors import UnreadableFileError

MAX_FILE = 1_000_000_000
MAX_ALL = 4_000_000_000
MAX_FILES = 200_000
MAX_RATIO = 200
"""Compressed JSON of a cluster reaches 20 to 40; more than this is a bomb."""
SMALL = 10_000_000
"""So much may come out of an archive of any size."""
SUFFIXES = (".json", ".yaml", ".yml", ".txt", "taken_at")

CollectionRequest = Callable[[str], bool]


class File(NamedTuple):
    """`name` with forward slashes, from the top of the bundle; `modified` as the archive says."""

    name: str
    body: bytes
    modified: datetime


def files(path: Path, wanted: CollectionRequest) -> Iterator[File]:
    """The wanted files. Raises UnreadableFileError for what is damaged, too large, or no bundle."""
    try:
        if path.is_dir():
            yield from _of_folder(path, wanted)
        elif zipfile.is_zipfile(path):
            yield from _of_zip(path, wanted)
        elif path.suffix in (".json", ".yaml", ".yml"):
            yield from _single(path, path.name)
        elif tarfile.is_tarfile(path):
            yield from _of_tar(path, wanted)
        else:
            raise UnreadableFileError(
                f"{path} is neither a snapshot nor a bundle that this kit reads",
                "give a snapshot, a support bundle, a folder of a cluster-info dump, or JSON of kubectl get -A -o json",
            )
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as problem:
        raise UnreadableFileError(
            f"the bundle {path} is damaged or cut short: {problem}", "ask the sender for the file once more"
        ) from None


class _Meter:
    """Counts what comes out; raises before it is too much."""

    def __init__(self, path: Path, packed: int) -> None:
        self._path = path
        self._most = min(MAX_ALL, max(SMALL, packed * MAX_RATIO))
        self._bytes = 0
        self._files = 0

    def add(self, name: str, size: int) -> None:
        self._files += 1
        self._bytes += size
        if size > MAX_FILE or self._bytes > self._most or self._files > MAX_FILES:
            raise UnreadableFileError(
                f"the bundle {self._path} grows beyond what can be true at {name[:200]!r}: it is not read any further",
                "ask the sender how the file was made",
            )


def _whole(stream: IO[bytes], size: int, path: Path, name: str) -> bytes:
    body = stream.read(size + 1)
    if len(body) > size:
        raise UnreadableFileError(f"the bundle {path} lies about the size of {name[:200]!r}", "do not trust the file")
    return body


def _single(path: Path, name: str) -> Iterator[File]:
    status = path.stat()
    _Meter(path, status.st_size).add(name, status.st_size)
    yield File(name, path.read_bytes(), datetime.fromtimestamp(status.st_mtime, UTC))


def _of_folder(path: Path, wanted: CollectionRequest) -> Iterator[File]:
    meter = _Meter(path, MAX_ALL)
    for folder, inner, names in os.walk(path, followlinks=False):
        inner.sort()
        for name in sorted(names):
            place = Path(folder) / name
            shown = place.relative_to(path).as_posix()
            if place.is_symlink() or not place.is_file() or not wanted(shown):
                continue
            meter.add(shown, place.stat().st_size)
            yield from _single(place, shown)


def _of_zip(path: Path, wanted: CollectionRequest) -> Iterator[File]:
    meter = _Meter(path, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or not wanted(info.filename) or (info.external_attr >> 16) & 0o170000 == 0o120000:
                continue
            meter.add(info.filename, info.file_size)
            with archive.open(info) as stream:
                body = _whole(stream, info.file_size, path, info.filename)
            yield File(info.filename, body, datetime(*info.date_time, tzinfo=UTC))


def _of_tar(path: Path, wanted: CollectionRequest) -> Iterator[File]:
    """As a stream: what is passed over is counted as well, because it has to be decompressed to pass it."""
    meter = _Meter(path, path.stat().st_size)
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            meter.add(member.name, member.size)
            if not member.isreg() or not wanted(member.name):
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                yield File(
                    member.name.removeprefix("./"),
                    _whole(stream, member.size, path, member.name),
                    datetime.fromtimestamp(max(0, member.mtime), UTC),
                )
