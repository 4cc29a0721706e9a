"""The recorded demonstration cluster: a snapshot and the answers that a team gave in a workshop.

`install` lays both out as an ordinary assessment folder; `make.py` builds the files from `cluster.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from readiness_kit import paths
from readiness_kit.files import write_errors
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder

SNAPSHOT = "cluster.zip"
FILES = ("readiness.yaml", "answers.json", "waivers.json")


def install(folder: Path) -> Folder:
    """The demonstration as an assessment in `folder`; files that are already there stay as they are."""
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
