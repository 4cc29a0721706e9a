"""`readiness lab` and `readiness app`: an assessment folder with its own copies of the notebooks, opened in Jupyter.

Copies are the user's: a later version of the kit replaces only those that nobody has edited (running one is no
edit), and lays its own beside the others. Settings of an existing JupyterLab are not touched: what this hides (the
news prompt) it hides as a default of this one server, which the user's own settings override.
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

from readiness_kit import files, paths
from readiness_kit._version import __version__
from readiness_kit.errors import ConfigError
from readiness_kit.workspace.folder import Folder

RECORD = ".copied.json"
"""What the kit itself wrote, by notebook name: an edited notebook differs from it."""
JUPYTER = Path(__file__).resolve().parent / "jupyter"
"""A configuration folder of Jupyter with defaults, and an extension that keeps keys in controls, for this server."""
START = "00_start.ipynb"


def copy_notebooks(folder: Folder) -> list[str]:
    """Brings the kit's notebooks into the folder and says, in sentences, what was not replaced."""
    target = folder.path / "notebooks"
    with files.write_errors(target):
        return _copied(target)


def _copied(target: Path) -> list[str]:
    target.mkdir(parents=True, exist_ok=True)
    record_path = target / RECORD
    record = _written_before(record_path)
    notes = []
    for source in sorted(paths.notebooks().glob("*.ipynb")):
        copy = target / source.name
        new = content_mark(source)
        old = content_mark(copy) if copy.exists() else ""
        if old in ("", record.get(source.name)):
            # Not where nothing is new: outputs of the last session would be gone.
            if old != new:
                shutil.copyfile(source, copy)
            record[source.name] = new
        elif old != new and record.get(source.name) != new:
            beside = copy.with_name(f"{copy.stem}.kit-{__version__}.ipynb")
            shutil.copyfile(source, beside)
            notes.append(f"{source.name} was edited and stays; this version's is beside it as {beside.name}")
    files.replace(record_path, json.dumps(record, indent=1, sort_keys=True).encode("utf-8"), 0o644)
    return notes


def _written_before(path: Path) -> dict[str, str]:
    """Without a record that can be read, every copy counts as edited, and none is replaced."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def content_mark(path: Path) -> str:
    """A hash of what people write in a notebook: cells and their text, without outputs and what Jupyter notes."""
    body = path.read_bytes()
    try:
        cells = json.loads(body.decode("utf-8"))["cells"]
        kept = [[cell["cell_type"], cell.get("id", ""), "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(body).hexdigest()
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def environment(folder: Folder, *, presenter: bool = False) -> dict[str, str]:
    """What the server and its kernels find in their environment."""
    more = os.environ.get("JUPYTER_CONFIG_PATH", "")
    made = {
        **os.environ,
        "READINESS_DIR": str(folder.path),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(JUPYTER), more])),
    }
    return made | {"READINESS_PRESENTER": "1"} if presenter else made


def command(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> list[str]:
    """The JupyterLab command line that opens the first notebook of the folder."""
    call = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.path}",
        f"--LabApp.default_url=/lab/tree/notebooks/{START}",
        f"--LabServerApp.extra_labextensions_path={JUPYTER / 'labextensions'}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    return [*call, *_server(browser, port), *extra]


def app_command(folder: Folder, *, browser: bool = True, port: int = 0, extra: tuple[str, ...] = ()) -> list[str]:
    """The Voilà command line that shows the notebooks without code."""
    call = [sys.executable, "-m", "voila", f"--Voila.root_dir={folder.path / 'notebooks'}", "--strip_sources=True"]
    options = [f"--port={port}"] if port else []
    options += [] if browser else ["--no-browser"]
    return [*call, "--Voila.ip=127.0.0.1", *options, *extra]


def _server(browser: bool, port: int) -> list[str]:
    call = ["--ServerApp.ip=127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is root as a rule; Jupyter would only refuse.
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
        return subprocess.call(call, env=variables)
    except KeyboardInterrupt:
        return 0
