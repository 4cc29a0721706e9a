"""Runs 90_report.ipynb in an assessment folder and exports it with the kit's template."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from readiness_kit import errors, files, paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report import content
from readiness_kit.report.privacy import name_search, notes, pseudonyms, reverse_list, secret_scan
from readiness_kit.report.rendering.cells import failure, first_line
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

NOTEBOOK = "90_report.ipynb"
CELL_TIMEOUT_SECONDS = 600
FILE_MODE = 0o644
"""A report is meant to be passed on."""

Progress = Callable[[int, int], None]
"""Called with the number of cells done and of all cells."""

_EXPORTER = "readiness_kit.report.rendering.document"
_MAX_SOCKET_PATH = 90


def render(
    folder: Folder,
    out: Path | None = None,
    *,
    progress: Progress | None = None,
    pseudonymised: bool = False,
    keep_notes: bool = False,
) -> Path:
    """Writes the report of an assessment folder as one HTML file and returns its path.

    The notebook is the folder's own copy where there is one. Raises ReadinessError that names a failed cell, or the
    place of what looks like a secret, or a real name in a pseudonymised report; nothing is written then.
    """
    executed = execute(folder.path, progress, pseudonymised=pseudonymised, keep_notes=keep_notes)
    from readiness_kit.report.rendering.document import document  # loads nbconvert, by now in a thread

    names = _rename_commentary(executed, folder, keep_notes) if pseudonymised else {}
    html, name = document(executed)
    target = out or folder.reports / f"{name}.html"
    name_search.check(html, names, target)
    secret_scan.check(html, target)
    write(target, html)
    if progress is not None:
        progress(len(executed.cells), len(executed.cells))
    return target


def _rename_commentary(nb: Any, folder: Folder, keep_notes: bool) -> dict[str, str]:
    """Puts pseudonyms into the Markdown cells, removes those that people wrote; returns the names and pseudonyms."""
    _, names = content.pseudonymised_of(Session(folder), keep_notes=keep_notes)
    own = {cell.source for cell in _nbformat().read(paths.notebooks() / NOTEBOOK, as_version=4).cells}
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.source.strip() and cell.source not in own:
            cell.source = names.text(cell.source) if keep_notes else notes.NO_NOTE
    reverse_list.remember(folder.private, names.names)
    return names.names


def notebook(folder: Path) -> Path:
    """The notebook to run: the copy in the assessment folder, otherwise the one of the kit."""
    own = folder / "notebooks" / NOTEBOOK
    return own if own.is_file() else paths.notebooks() / NOTEBOOK


def execute(
    folder: Path, progress: Progress | None = None, *, pseudonymised: bool = False, keep_notes: bool = False
) -> Any:
    """The notebook with outputs, run in the folder by a separate kernel.

    Connection files and sockets are in a private folder that is deleted afterwards; no port is opened where the
    system has Unix sockets. Raises ReadinessError that names a failed cell.
    """
    nbformat = _nbformat()
    from nbclient import NotebookClient, exceptions

    # The exporter is loaded while the kernel, which is a separate process, starts and works.
    threading.Thread(target=import_module, args=(_EXPORTER,), daemon=True).start()
    source = notebook(folder)
    nb = nbformat.read(source, as_version=4)
    cells = len(nb.cells)

    def starts(cell: Any, cell_index: int, **_: Any) -> None:
        if progress is not None:
            progress(cell_index, cells)

    with tempfile.TemporaryDirectory(prefix="readiness-") as private:
        client = NotebookClient(
            nb,
            config=private_transport(Path(private)),
            kernel_name="python3",
            timeout=CELL_TIMEOUT_SECONDS,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            on_cell_start=starts,
        )
        try:
            return client.execute(env=_environment(folder, pseudonymised, keep_notes))
        except exceptions.CellExecutionError as problem:
            raise _failed(nb, source, problem) from None
        except (exceptions.CellTimeoutError, exceptions.DeadKernelError) as problem:
            raise ReadinessError(
                f"running {source} stopped: {str(problem).splitlines()[0]}", "run the notebook by hand to see more"
            ) from None


def _nbformat() -> Any:
    """Nbformat without the grammar of internationalised addresses.

    jsonschema compiles it where JupyterLab is installed: it takes 1.5 seconds, and no notebook uses that format.
    """
    grammar = "rfc3987_syntax"
    skip = grammar not in sys.modules and "jsonschema" not in sys.modules
    if skip:
        sys.modules[grammar] = None  # type: ignore[assignment]
    try:
        import nbformat
    finally:
        if skip:
            sys.modules.pop(grammar, None)
    return nbformat


def _environment(folder: Path, pseudonymised: bool, keep_notes: bool) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != pseudonyms.VARIABLE}
    own = {"READINESS_DIR": str(folder)}
    if pseudonymised:
        own[pseudonyms.VARIABLE] = pseudonyms.KEEP_NOTES if keep_notes else "1"
    return inherited | own


def _failed(nb: Any, source: Path, problem: Any) -> ReadinessError:
    """The error for a failed cell, named by number and first line, with the exception in one line.

    An error of the kit, such as an invalid setting, is the same error with the same exit code as without a notebook.
    """
    kind = getattr(errors, problem.ename, None)
    if isinstance(kind, type) and issubclass(kind, ReadinessError):
        what, _, hint = str(problem.evalue).partition(errors.NEXT)
        return kind(what, hint)
    failed = [
        (number, cell)
        for number, cell in enumerate(nb.cells, start=1)
        if any(output.output_type == "error" for output in cell.get("outputs", ()))
    ]
    number, cell = failed[-1] if failed else (0, None)
    which = f"cell {number} of {source} (`{first_line(cell.source)}`)" if cell is not None else f"a cell of {source}"
    return ReadinessError(
        f"{which} failed: {failure(problem)}", "correct the cell, or delete this copy to use the kit's notebook"
    )


def write(target: Path, text: str) -> None:
    """Replaces the file as a whole, with the same bytes on every system."""
    files.replace(target, text.encode("utf-8"), FILE_MODE)


def private_transport(private: Path) -> Any:
    """The kernel configuration that keeps sockets and keys in a private folder, without an open port.

    It is given to nbclient as configuration and not as a kernel manager: nbclient stops only kernels that it started.
    """
    from traitlets.config import Config

    kernel = {"connection_file": str(private / "kernel.json")}
    if os.name == "posix" and len(str(private)) < _MAX_SOCKET_PATH:
        kernel |= {"transport": "ipc", "ip": str(private / "kernel")}
    return Config({"ConnectionFileMixin": kernel})
