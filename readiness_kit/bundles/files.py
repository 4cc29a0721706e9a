"""Read the files of a bundle from a folder, a tar or a zip archive. Nothing is unpacked to disk.

Names in archives are labels only, so `../` has no effect; links and devices are skipped; the size of every file, of
the whole bundle and the compression ratio are limited.
"""

from __future__ import annotations

import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from readiness_kit.bundles.texts import as_utf8
from readiness_kit.errors import UnreadableFileError
from readiness_kit.files import read as read_file
from readiness_kit.files import require_regular

MAX_FILE = 1_000_000_000
MAX_TOTAL = 4_000_000_000
MAX_FILES = 200_000
MAX_RATIO = 200
"""Highest ratio of compression; JSON of a cluster reaches 20 to 40, a higher ratio indicates a zip bomb."""
MIN_ALLOWANCE = 10_000_000
"""Bytes that an archive of any size may unpack to."""

MAX_HEADER = 1_000_000
GZIP, BEGINNING = b"\x1f\x8b", 4096
_EXTENDED_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)

NameFilter = Callable[[str], bool]
"""Whether a file of this name is read."""


class File(NamedTuple):
    """`name` is relative to the bundle, with forward slashes; `modified` is the archive's date."""

    name: str
    body: bytes
    modified: datetime


def files(path: Path, accepts: NameFilter) -> Iterator[File]:
    """The files whose name `accepts`. Raises UnreadableFileError for a damaged or too large file, or no bundle."""
    try:
        if path.is_dir():
            yield from _of_folder(path, accepts)
            return
        require_regular(path)
        if zipfile.is_zipfile(path):
            yield from _of_zip(path, accepts)
        elif path.suffix in (".json", ".yaml", ".yml"):
            yield from _single(path, path.name)
        elif tarfile.is_tarfile(path):
            yield from _of_tar(path, accepts)
        elif _begins(path).startswith(GZIP):
            yield from _of_gzip(path)
        elif _is_text(_begins(path)):
            yield from _single(path, path.name)
        else:
            raise UnreadableFileError(
                f"{path} is neither a snapshot nor a supported bundle",
                "use a snapshot, a support bundle, a cluster-info dump folder, or the output of kubectl get -A -o json",
            )
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise UnreadableFileError(
            f"the bundle {path} is damaged or incomplete: {reason}", "ask the sender for the file again"
        ) from None


class _Meter:
    """Adds up files and bytes; raises UnreadableFileError when a limit is exceeded."""

    def __init__(self, path: Path, packed: int) -> None:
        self._path = path
        self._max_bytes = min(MAX_TOTAL, max(MIN_ALLOWANCE, packed * MAX_RATIO))
        self._bytes = 0
        self._files = 0

    def add(self, name: str, size: int) -> None:
        self._files += 1
        self._bytes += max(size, 0)
        if not 0 <= size <= MAX_FILE or self._bytes > self._max_bytes or self._files > MAX_FILES:
            raise UnreadableFileError(
                f"the bundle {self._path} exceeds the size limits at {name[:200]!r}; reading stopped",
                "ask the sender how the file was created",
            )


def _whole(stream: IO[bytes], size: int, path: Path, name: str) -> bytes:
    body = stream.read(size + 1)
    if len(body) > size:
        raise UnreadableFileError(
            f"the bundle {path} states a wrong size for {name[:200]!r}",
            "do not use the file; ask the sender for it again",
        )
    return body


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(max(0, seconds), UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError("a file in it has an impossible date") from None


def _zip_moment(date: tuple[int, int, int, int, int, int]) -> datetime:
    """The date of a member; some programs write none, which is read as month 0 of 1980."""
    if date[1:3] == (0, 0):
        return datetime.fromtimestamp(0, UTC)
    try:
        return datetime(*date, tzinfo=UTC)
    except ValueError:
        raise ValueError("a file in it has an impossible date") from None


class _Member(tarfile.TarInfo):
    """A member whose extended header has a limited size: tarfile reads the header as a whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _EXTENDED_HEADERS and not 0 <= self.size <= MAX_HEADER:
            raise tarfile.ReadError(f"an extended header of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]


def _single(path: Path, name: str) -> Iterator[File]:
    status = path.stat()
    _Meter(path, status.st_size).add(name, status.st_size)
    yield File(name, read_file(path, MAX_FILE), _moment(status.st_mtime))


def _begins(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(BEGINNING)


def _is_text(beginning: bytes) -> bool:
    """Whether a file of any name can be the output of kubectl: text that is not empty, in any Unicode encoding."""
    text = as_utf8(beginning)
    return bool(text.strip()) and b"\0" not in text


def _of_gzip(path: Path) -> Iterator[File]:
    """One compressed file, under its name without `.gz`."""
    status, name = path.stat(), path.name.removesuffix(".gz")
    meter, limit = _Meter(path, status.st_size), min(MAX_FILE, max(MIN_ALLOWANCE, status.st_size * MAX_RATIO))
    with gzip.open(path) as stream:
        body = stream.read(limit + 1)
    meter.add(name, len(body))
    yield File(name, body, _moment(status.st_mtime))


def _of_folder(path: Path, accepts: NameFilter) -> Iterator[File]:
    meter = _Meter(path, MAX_TOTAL)
    for folder, subfolders, names in os.walk(path, followlinks=False):
        subfolders.sort()
        for name in sorted(names):
            file = Path(folder) / name
            relative = file.relative_to(path).as_posix()
            if file.is_symlink() or not file.is_file() or not accepts(relative):
                continue
            meter.add(relative, file.stat().st_size)
            yield from _single(file, relative)


def _of_zip(path: Path, accepts: NameFilter) -> Iterator[File]:
    meter = _Meter(path, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or not accepts(info.filename) or (info.external_attr >> 16) & 0o170000 == 0o120000:
                continue
            meter.add(info.filename, info.file_size)
            with archive.open(info) as stream:
                body = _whole(stream, info.file_size, path, info.filename)
            yield File(info.filename, body, _zip_moment(info.date_time))


def _of_tar(path: Path, accepts: NameFilter) -> Iterator[File]:
    """Read a tar as a stream. Skipped members count as well, because they have to be decompressed too."""
    meter = _Meter(path, path.stat().st_size)
    with tarfile.open(path, "r|*", tarinfo=_Member) as archive:
        for member in archive:
            meter.add(member.name, member.size)
            if not member.isreg() or not accepts(member.name):
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                yield File(
                    member.name.removeprefix("./"),
                    _whole(stream, member.size, path, member.name),
                    _moment(member.mtime),
                )
