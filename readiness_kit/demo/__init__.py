"""The recorded demonstration cluster: a snapshot and the answers that a team gave in a workshop.

`install` lays both out as an ordinary assessment folder; `make.py` builds the files from `cluster.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from readiness_kit import paths
from readiness_kit.errors import UsageError
from readiness_kit.files import write_errors
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import DEMONSTRATION

SNAPSHOT = "cluster.zip"
FILES = ("readiness.yaml", "answers.json", "waivers.json")


def install(folder: Path) -> Folder:
    """The demonstration as an assessment in `folder`; files that are already there stay as they are.

    Raises UsageError if the folder is another assessment, which the answers of the demonstration would distort.
    """
    _require_demonstration(folder)
    return lay_out(folder)


def lay_out(folder: Path) -> Folder:
    """The files of the demonstration, where they are missing. The caller knows that the folder has no other content."""
    source = paths.demo()
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            if not (folder / name).exists():
                shutil.copyfile(source / "assessment" / name, folder / name)
    home = Folder(folder)
    if home.latest_snapshot() is None:
        home.add_snapshot(load(source / SNAPSHOT))
    return home


def _require_demonstration(folder: Path) -> None:
    """Nothing of an assessment is there, or its newest snapshot is that of the demonstration."""
    present = [name for name in (*FILES, "snapshots") if (folder / name).exists()]
    if not present:
        return
    latest = Folder(folder).latest_snapshot()
    if latest is None or load(latest).manifest.source != DEMONSTRATION:
        raise UsageError(
            f"{folder} is an assessment already: it has {', '.join(present)}",
            "name another folder for the demonstration: `readiness demo -d readiness-demo`",
        )
