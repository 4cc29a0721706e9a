"""`readiness lab`: an assessment folder with its own copies of the notebooks, opened in JupyterLab.

Copies are the user's: a later version of the kit replaces only those that nobody has edited, and lays its
own beside the others. Settings of an existing JupyterLab are not touched: what this hides (the news prompt)
it hides for this one server.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys

from readiness_kit import __version__, paths
from readiness_kit.assessment.folder import Folder
from readiness_kit.errors import ConfigError

RECORD = ".copied.json"
"""Which bytes the kit itself wrote, by notebook name: an edited notebook differs from them."""


def copy_notebooks(folder: Folder) -> list[str]:
    """Brings the kit's notebooks into the folder and says, in sentences, what was not replaced."""
    target = folder.path / "notebooks"
    target.mkdir(parents=True, exist_ok=True)
    record_path = target / RECORD
    record: dict[str, str] = json.loads(record_path.read_text("utf-8")) if record_path.exists() else {}
    notes = []
    for source in sorted(paths.notebooks().glob("*.ipynb")):
        copy = target / source.name
        body = source.read_bytes()
        new = hashlib.sha256(body).hexdigest()
        old = hashlib.sha256(copy.read_bytes()).hexdigest() if copy.exists() else ""
        if old in ("", record.get(source.name)):
            shutil.copyfile(source, copy)
            record[source.name] = new
        elif old != new and record.get(source.name) != new:
            beside = copy.with_name(f"{copy.stem}.kit-{__version__}.ipynb")
            beside.write_bytes(body)
            notes.append(f"{source.name} was edited and stays; this version's is beside it as {beside.name}")
    record_path.write_text(json.dumps(record, indent=1, sort_keys=True), "utf-8")
    return notes


def command(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> list[str]:
    """The JupyterLab command line that opens the first notebook of the folder."""
    call = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.path}",
        "--LabApp.default_url=/lab/tree/notebooks/00_start.ipynb",
        "--ServerApp.ip=127.0.0.1",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is root as a rule; Jupyter would only refuse.
        call.append("--allow-root")
    if not browser:
        call.append("--no-browser")
    if port:
        call.append(f"--ServerApp.port={port}")
    return [*call, *extra]


def launch(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> int:
    """Runs JupyterLab until it is stopped and returns its exit code."""
    from importlib.util import find_spec

    if find_spec("jupyterlab") is None:
        raise ConfigError("JupyterLab is not installed", "pip install 'readiness-kit[lab]'")
    environment = {**os.environ, "READINESS_DIR": str(folder.path)}
    try:
        return subprocess.call(command(folder, browser=browser, port=port, extra=extra), env=environment)
    except KeyboardInterrupt:
        return 0
