"""Finds the assessment folder of a command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness_kit.errors import ConfigError, UnreadableFileError, WorkloadError
from readiness_kit.workspace.folder import VARIABLE, Folder
from readiness_kit.workspace.settings import FILE_NAME


def open_folder(path: Path | None, *, create: bool = False) -> Folder:
    """The assessment folder at `path`, or the one found from the environment and the working directory.

    With `create` it is made if it does not exist, in the working directory if none was named. Otherwise a folder
    without settings is a ConfigError.
    """
    if path is not None:
        if create or (path / FILE_NAME).exists():
            return Folder(path).create()
        raise ConfigError(
            f"{path} is not an assessment folder: it has no {FILE_NAME}",
            f"create one with `readiness collect -d {path}` or `readiness lab -d {path}`",
        )
    try:
        return Folder.find()
    except ConfigError:
        if not create:
            raise
        return Folder(Path.cwd()).create()


def newest_snapshot(path: Path | None) -> Path:
    """The newest snapshot of the folder. Raises WorkloadError if nothing has been collected."""
    folder = open_folder(path)
    newest = folder.latest_snapshot()
    if newest is None:
        raise WorkloadError(
            f"nothing has been collected for the assessment in {folder.path}",
            "run `readiness collect`, or name a snapshot",
        )
    return newest


def folder_to_create(path: Path | None) -> Folder:
    """The folder that a command will create once it has something to keep; nothing is written yet.

    Raises UnreadableFileError for a path that cannot become a folder.
    """
    if path is None:
        try:
            return Folder.find()
        except ConfigError:
            if os.environ.get(VARIABLE):
                raise
            path = Path.cwd()
    folder = Folder(path)
    nearest = next(parent for parent in (folder.path, *folder.path.parents) if parent.exists())
    if not nearest.is_dir():
        raise UnreadableFileError(f"{folder.path} cannot be created: {nearest} is a file", "choose another folder")
    if not os.access(nearest, os.W_OK):
        raise UnreadableFileError(f"{folder.path} cannot be created: {nearest} is read-only", "choose another folder")
    return folder


@contextmanager
def assessment_folder(path: Path | None, *, optional: bool) -> Iterator[Folder]:
    """The assessment folder as `open_folder` finds it; with `optional` and none named, a temporary one."""
    try:
        folder = open_folder(path)
    except ConfigError:
        if path is not None or not optional or os.environ.get(VARIABLE):
            raise
        with tempfile.TemporaryDirectory(prefix="readiness-") as temporary:
            yield Folder(temporary).create()
    else:
        yield folder
