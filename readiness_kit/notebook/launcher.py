"""`readiness lab` and `readiness app`: an assessment folder with copies of the notebooks, opened in Jupyter.

A later version of the kit replaces only copies that were not edited (running a notebook is not an edit); the new
version of an edited notebook is saved under another name. The user's JupyterLab settings are not changed: the news
prompt is disabled by a default of this server, which the user's settings override.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from readiness_kit import files, paths
from readiness_kit._version import __version__
from readiness_kit.decoding import UNDECODABLE, plain
from readiness_kit.errors import ConfigError
from readiness_kit.workspace.folder import Folder

RECORD = ".copied.json"
"""The hashes of the copies as the kit wrote them, by file name; an edited notebook has a different hash."""
JUPYTER = Path(__file__).resolve().parent / "jupyter"
"""A Jupyter configuration folder with defaults for this server."""
START = "00_start.ipynb"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def copy_notebooks(folder: Folder) -> list[str]:
    """Copies the notebooks of the kit into the folder; returns a sentence for each notebook that was not replaced.

    Raises ReadinessError if the folder cannot be written.
    """
    target = folder.path / "notebooks"
    with files.write_errors(target):
        return _copy_into(target)


def _copy_into(target: Path) -> list[str]:
    target.mkdir(parents=True, exist_ok=True)
    record_path = target / RECORD
    record = _read_record(record_path)
    notes = []
    for source in sorted(paths.notebooks().glob("*.ipynb")):
        copy = target / source.name
        new = content_hash(source)
        old = content_hash(copy) if copy.exists() else ""
        if old in ("", record.get(source.name)):
            # An unchanged notebook is kept, with the outputs of the last session.
            if old != new:
                shutil.copyfile(source, copy)
            record[source.name] = new
        elif old != new and record.get(source.name) != new:
            new_version = copy.with_name(f"{copy.stem}.kit-{__version__}.ipynb")
            shutil.copyfile(source, new_version)
            notes.append(f"{source.name} was edited and is not replaced; the new version is {new_version.name}")
    for copy in sorted(target.glob("*.ipynb")):
        _drop_widgets(copy)
    files.replace(record_path, json.dumps(record, indent=1, sort_keys=True).encode("utf-8"), 0o644)
    return notes


def _drop_widgets(path: Path) -> None:
    """Removes what only a kernel that has ended could show; the HTML of the same output is shown instead."""
    body = files.read(path)
    if WIDGET_VIEW.encode() not in body:
        return
    try:
        notebook = plain(body)
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        for output in outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
    except (*UNDECODABLE, KeyError, TypeError, AttributeError):
        return
    notary = _notary()
    trusted = notary.check_signature(_read(path))
    files.replace(path, json.dumps(notebook, indent=1, ensure_ascii=False).encode("utf-8") + b"\n", 0o644)
    if trusted:
        # Otherwise JupyterLab would take the ids and styles out of the cards that the person saw yesterday.
        notary.sign(_read(path))


def _notary() -> Any:
    from nbformat.sign import NotebookNotary

    return NotebookNotary()


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


def _read_record(path: Path) -> dict[str, str]:
    """The record; empty if it cannot be read, so that every copy counts as edited and none is replaced."""
    try:
        found = plain(files.read(path))
    except (OSError, *UNDECODABLE):
        return {}
    return found if isinstance(found, dict) else {}


def content_hash(path: Path) -> str:
    """A hash of the cells of a notebook and their source, without outputs and metadata."""
    body = files.read(path)
    try:
        cells = plain(body)["cells"]
        kept = [[cell["cell_type"], cell.get("id", ""), "".join(cell["source"])] for cell in cells]
    except (*UNDECODABLE, KeyError, TypeError):
        return hashlib.sha256(body).hexdigest()
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def environment(folder: Folder, *, presenter: bool = False) -> dict[str, str]:
    """The environment variables of the server and its kernels."""
    config_path = os.pathsep.join(filter(None, [str(JUPYTER), os.environ.get("JUPYTER_CONFIG_PATH", "")]))
    variables = {**os.environ, "READINESS_DIR": str(folder.path), "JUPYTER_CONFIG_PATH": config_path}
    return variables | ({"READINESS_PRESENTER": "1"} if presenter else {})


def command(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> list[str]:
    """The JupyterLab command line that opens the first notebook of the folder; it listens on loopback only."""
    call = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.path}",
        f"--LabApp.default_url=/lab/workspaces/{workspace(folder)}/tree/notebooks/{START}",
        *_extensions(),
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    return [*call, *_server(browser, port), *extra]


def workspace(folder: Folder) -> str:
    """The name of JupyterLab's workspace for a folder, so that each assessment keeps its own layout."""
    digest = hashlib.sha256(str(folder.path).encode()).hexdigest()[:8]
    return f"readiness-{digest}"


def _extensions() -> list[str]:
    """In a checkout the side panel of the checkout; an installed kit has it where JupyterLab looks for extensions."""
    here = JUPYTER / "labextensions"
    return [f"--LabApp.extra_labextensions_path={here}"] if here.is_dir() else []


def app_command(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> list[str]:
    """The Voilà command line that shows the notebooks without code; it listens on loopback only."""
    call = [sys.executable, "-m", "voila", f"--Voila.root_dir={folder.path / 'notebooks'}", "--strip_sources=True"]
    options = [f"--port={port}"] if port else []
    options += [] if browser else ["--no-browser"]
    return [*call, "--Voila.ip=127.0.0.1", *options, *extra]


def _server(browser: bool, port: int) -> list[str]:
    call = ["--ServerApp.ip=127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In containers the user is usually root, which Jupyter would refuse.
        call.append("--allow-root")
    if not browser:
        call.append("--no-browser")
    if port:
        call.append(f"--ServerApp.port={port}")
    return call


def launch(
    folder: Folder, *, browser: bool = True, port: int = 0, presenter: bool = False, extra: tuple[str, ...] = ()
) -> int:
    """Runs JupyterLab until it is stopped and returns its exit code."""
    return _run(
        "jupyterlab", "lab", command(folder, browser=browser, port=port, extra=extra),
        environment(folder, presenter=presenter),
    )  # fmt: skip


def launch_app(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> int:
    """Runs Voilà until it is stopped and returns its exit code."""
    return _run("voila", "app", app_command(folder, browser=browser, port=port, extra=extra), environment(folder))


def _run(module: str, extra: str, call: list[str], variables: dict[str, str]) -> int:
    if find_spec(module) is None:
        raise ConfigError(f"{module} is not installed", f"pip install 'readiness-kit[{extra}]'")
    try:
        return subprocess.call(call, env=variables)  # noqa: S603 - JupyterLab or Voilà, without a shell
    except KeyboardInterrupt:
        return 0
