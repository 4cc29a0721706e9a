"""Frozen assessments: a milestone is a JSON file that is written once and never changed."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from readiness_kit import files
from readiness_kit.assessment.comparison import Milestone
from readiness_kit.decoding import UNDECODABLE, plain, text_of
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.model import SCHEMA_VERSION, Assessment

log = logging.getLogger(__name__)
NOW = "now"
"""The name of the current assessment in a comparison; no milestone has it."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,79}")


def freeze(assessment: Assessment, name: str, path: Path, scope: Iterable[str] = ()) -> Path:
    """Writes the milestone `name` into the folder `path` and returns its file.

    `scope` are the namespaces that the snapshot is limited to. Raises UsageError for a name that cannot be a file name
    or already exists: a milestone is never overwritten.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a valid name for a milestone", "use letters, digits, spaces, dots and dashes"
        )
    if name.casefold() == NOW:
        raise UsageError(f"{name!r} is the name of the current assessment", "choose another name for the milestone")
    file = path / f"{name.replace(' ', '-')}.json"
    body = msgspec.json.format(msgspec.json.encode(Milestone(SCHEMA_VERSION, name, assessment, tuple(scope))), indent=1)
    with files.locked(file):
        if file.exists():
            raise UsageError(f"the milestone {name!r} already exists in {path}", "choose another name")
        files.replace(file, body, 0o644)
    return file


def load(path: Path) -> Milestone:
    """The milestone in a file. Raises UnreadableFileError with the reason if it cannot be read."""
    try:
        raw = text_of(files.read(path))
        schema = plain(raw).get("schema")
    except OSError as problem:
        raise UnreadableFileError(
            f"the milestone {path} cannot be read: {problem.strerror}", "check the path"
        ) from None
    except (*UNDECODABLE, AttributeError):
        raise UnreadableFileError(f"{path} is not a milestone file", "choose a file from milestones/") from None
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"the milestone {path} has schema {schema}, this version reads up to {SCHEMA_VERSION}", "update the kit"
        )
    try:
        return msgspec.json.decode(raw, type=Milestone)
    except UNDECODABLE as problem:
        raise UnreadableFileError(
            f"the milestone {path} cannot be read: {problem}", "create the milestone again"
        ) from None


def milestones(path: Path) -> list[Milestone]:
    """The milestones in a folder, oldest snapshot first. One that cannot be read is left out and named in the log."""
    found = []
    for file in sorted(path.glob("*.json")):
        try:
            found.append(load(file))
        except UnreadableFileError as problem:
            log.warning("Left out: %s. %s", problem.what, problem.hint)
    return sorted(found, key=lambda item: (item.assessment.as_of is not None, str(item.assessment.as_of), item.name))


def find(name: str, folder: Path) -> Path | None:
    """The file of the milestone `name` in `folder`, None if nothing has its name; it may be unreadable."""
    file = folder / f"{name.replace(' ', '-')}.json"
    return file if _NAME.fullmatch(name) and os.path.lexists(file) else None
