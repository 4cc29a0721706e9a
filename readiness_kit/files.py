"""Write files atomically, and under a lock where several processes may write.

A write that fails (full disk, read-only folder, lock held by another process) raises a ReadOnlyError that names the
file; the previous content remains.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit.errors import ReadOnlyError

LOCK_SECONDS = 30.0
POLL_SECONDS = 0.005
TEMPORARY = ".tmp"
"""The suffix of a file that is being written; after a crash it may be left over."""
MAX_BYTES = 100_000_000
"""The size up to which a file that people or the kit write is read."""


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file, through symbolic links.

    Raises OSError with a sentence in `strerror`, also for a pipe, a socket or a device, which may never end, and for
    more than `limit` bytes.
    """
    require_regular(path)  # before it is opened: opening a pipe waits, opening a device may act
    with path.open("rb") as stream:
        _require_regular(os.fstat(stream.fileno()).st_mode)
        body = stream.read(limit + 1)
    if len(body) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes")
    return body


def require_regular(path: Path) -> None:
    """Raises OSError with a sentence in `strerror` if the path is not a regular file or a link to one."""
    _require_regular(path.stat().st_mode)


def _require_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, not a file")


def _target(path: Path) -> Path:
    """The file behind symbolic links, so that a link stays a link. Raises OSError for anything but a file."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.exists():
        require_regular(target)  # root could replace a device
    return target


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file (`.NAME.lock` next to it) against other processes and threads."""
    from filelock import FileLock, Timeout

    with write_errors(path):
        target = _target(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A new lock object each time, so that the threads of one process exclude each other.
        lock = FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS)
        try:
            lock.acquire(poll_interval=POLL_SECONDS)
        except Timeout:
            raise ReadOnlyError(
                f"{path} has been locked by another process for more than {LOCK_SECONDS:g} s; nothing was changed",
                "close the other notebook or command, and try again",
            ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Convert operating system errors of a write into a ReadOnlyError that names the file."""
    try:
        yield
    # Some versions of filelock raise NotImplementedError on a file system without locks.
    except (OSError, NotImplementedError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        if isinstance(problem, FileExistsError | NotADirectoryError):
            reason = "a part of its path is a file, not a folder"
        raise ReadOnlyError(
            f"{path} cannot be written: {reason}. The previous content is unchanged; this change was not saved",
            "check the free space and the permissions of the folder, then save again",
        ) from problem


def replace(path: Path, body: bytes, mode: int = 0o600) -> None:
    """Write `body` to `path` atomically: a concurrent reader, or one after a crash, sees the old or the new content.

    The target of a symbolic link is written; the link stays.
    """
    with write_errors(path):
        path = _target(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append one line durably. A partial line left by a crash is terminated first, so that only it is lost."""
    with write_errors(path):
        path = _target(path)
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - 1, 0))
            partial = size > 0 and stream.read(1) != b"\n"
            stream.write((b"\n" if partial else b"") + line + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def aside(path: Path, word: str) -> Path:
    """An unused name next to `path`: `answers.json.unreadable-20261124T062646Z`."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{path.name}.{word}-{stamp}"
    tries = (path.with_name(name if number == 1 else f"{name}-{number}") for number in range(1, 10_000))
    return next(free for free in tries if not free.exists())


def pretty(value: Any) -> bytes:
    """Readable JSON: sorted, indented, without escaped letters."""
    try:
        return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"
    except (ValueError, OverflowError):  # a lone surrogate or a huge number, from a file edited by hand
        return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode("ascii")


def mark(path: Path) -> tuple[int, int, int] | None:
    """A value that changes whenever the file is replaced or edited; None where there is no file.

    What is there and cannot be looked at, such as a circle of links, has a value: reading it gives the reason.
    """
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return (-1, -1, -1)
    return state.st_mtime_ns, state.st_size, state.st_ino
