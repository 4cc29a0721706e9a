"""Finds the assessment folder of a command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness_kit.errors import ConfigError
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
            f"create one with `readiness collect -d {path}` or `readiness lab {path}`",
        )
    try:
        return Folder.find()
    except ConfigError:
        if not create:
            raise
        return Folder(Path.cwd()).create()


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
