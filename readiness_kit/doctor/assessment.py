"""The assessment folder: what is stored, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from readiness_kit.doctor.line import Line
from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.labels import count
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.leftovers import leftovers
from readiness_kit.workspace.milestones import load
from readiness_kit.workspace.settings import FILE_NAME


def assessment(path: Path | None = None) -> Iterator[Line]:
    """The assessment folder at `path`, or the one that is found: settings, snapshots, answers, left-over files."""
    try:
        folder = _folder(path)
    except ReadinessError as problem:
        yield Line(None, problem.what, problem.hint)
        return
    try:
        settings = folder.settings
    except ReadinessError as problem:
        yield Line(False, problem.what, problem.hint)
        return
    latest = folder.latest_snapshot()
    yield Line(True, f"assessment in {folder.path}" + (f" of {settings.customer}" if settings.customer else ""))
    yield Line(
        True if latest else None,
        f"latest snapshot {latest.name}" if latest else "no snapshot yet",
        "" if latest else "run `readiness collect`",
    )
    yield from _stored(folder)
    for left in leftovers(folder.path):
        yield Line(None, f"left over: {left.path.relative_to(folder.path)}, {left.meaning}", left.hint)


def _stored(folder: Folder) -> Iterator[Line]:
    """Answers, waivers and milestones: how many there are, and what cannot be read."""
    try:
        answers = folder.answers.all()
        known = len(folder.answers.events.latest())
        lost = not folder.answers.path.exists() and known > 0
        yield Line(
            None if lost else True,
            f"{len(answers)} answers stored" + (f"; the history has answers to {known} questions" if lost else ""),
            "run `readiness answers restore`" if lost else "",
        )
        for problem in folder.answers.problems:
            yield Line(None, f"answers.json: {problem}", "correct the entry, or answer the question again")
    except ReadinessError as error:
        yield Line(False, error.what, error.hint, error.exit_code)
    try:
        yield Line(True, f"{count(len(folder.waivers), 'waiver')} stored")
    except ReadinessError as error:
        yield Line(False, error.what, error.hint, error.exit_code)
    for file in sorted(folder.milestones.glob("*.json")):
        try:
            load(file)
        except ReadinessError as error:
            yield Line(None, f"left out: {error.what}", error.hint)


def _folder(path: Path | None) -> Folder:
    if path is None:
        return Folder.find()
    if not (path / FILE_NAME).exists():
        raise ConfigError(f"{path} is not an assessment folder", f"create one with `readiness collect -d {path}`")
    return Folder(path)
