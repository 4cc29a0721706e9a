"""Runs 90_report.ipynb in an assessment folder and exports it with the kit's template."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from readiness_kit import files, paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report import content
from readiness_kit.report.privacy import name_search, notes, pseudonyms, reverse_list, secret_scan
from readiness_kit.report.rendering import by_kernel, in_process
from readiness_kit.report.rendering.cells import cell_failed, first_line
from readiness_kit.workspace.folder import VARIABLE, Folder
from readiness_kit.workspace.session import SNAPSHOT_VARIABLE, WEAVIATE_VARIABLE, Session

NOTEBOOK = "90_report.ipynb"
FILE_MODE = 0o644
"""A report is meant to be passed on."""

Progress = Callable[[int, int], None]
"""Called with the number of cells done and of all cells."""

_EXPORTER = "readiness_kit.report.rendering.document"


class Request(NamedTuple):
    """What a report is made of and how: the newest snapshot where none is chosen, real names by default."""

    snapshot: Path | None = None
    weaviate: str = ""
    pseudonymised: bool = False
    keep_notes: bool = False

    def session(self, folder: Folder) -> Session:
        """The session of the folder with the chosen snapshot and workload."""
        return Session(folder, self.snapshot, self.weaviate)


DEFAULT = Request()


def render(
    folder: Folder, out: Path | None = None, request: Request = DEFAULT, *, progress: Progress | None = None
) -> Path:
    """Writes the report of an assessment folder as one HTML file and returns its path.

    The notebook is the folder's own copy where there is one. Raises ReadinessError that names a failed cell, or the
    place of what looks like a secret, or a real name in a pseudonymised report; nothing is written then.
    """
    # The exporter is loaded while the cells run; both take most of their time outside of the interpreter's lock.
    threading.Thread(target=import_module, args=(_EXPORTER,), daemon=True).start()
    executed = execute(folder.path, request, progress)
    from readiness_kit.report.rendering.document import document  # loads nbconvert, by now in a thread

    names = _rename_commentary(executed, folder, request) if request.pseudonymised else {}
    html, name = document(executed)
    target = out or folder.reports / f"{name}.html"
    name_search.check(html, names, target)
    secret_scan.check(html, target)
    write(target, html)
    if progress is not None:
        progress(len(executed.cells), len(executed.cells))
    return target


def _rename_commentary(nb: Any, folder: Folder, request: Request) -> dict[str, str]:
    """Puts pseudonyms into the Markdown cells, removes those that people wrote; returns the names and pseudonyms."""
    _, names = content.pseudonymised_of(request.session(folder), keep_notes=request.keep_notes)
    own = {cell.source for cell in _nbformat().read(paths.notebooks() / NOTEBOOK, as_version=4).cells}
    with reverse_list.changed(folder.private, names):
        for cell in nb.cells:
            if cell.cell_type == "markdown" and cell.source.strip() and cell.source not in own:
                cell.source = names.text(cell.source) if request.keep_notes else notes.NO_NOTE
    return names.names


def notebook(folder: Path) -> Path:
    """The notebook to run: the copy in the assessment folder, otherwise the one of the kit."""
    own = folder / "notebooks" / NOTEBOOK
    return own if own.is_file() else paths.notebooks() / NOTEBOOK


def execute(folder: Path, request: Request, progress: Progress | None = None) -> Any:
    """The notebook with outputs, run in the folder: in this process, or by a separate kernel inside a notebook.

    A notebook's process has a shell already, whose displays and objects belong to its user. Raises ReadinessError that
    names a failed cell.
    """
    source = notebook(folder)
    nb = _nbformat().read(source, as_version=4)
    cells = len(nb.cells)

    def started(index: int) -> None:
        if progress is not None:
            progress(index, cells)

    if inside_notebook():
        return by_kernel.run_cells(nb, source, folder, _environment(folder, request), started)
    try:
        return in_process.run_cells(nb, folder, _environment(folder, request), started)
    except in_process.CellError as problem:
        if isinstance(problem.cause, ReadinessError):
            raise problem.cause from None
        raised = f"{type(problem.cause).__name__}: {problem.cause}"
        raise cell_failed(f"cell {problem.number} of {source} (`{first_line(problem.source)}`)", raised) from None


def inside_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None


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


def _environment(folder: Path, request: Request) -> dict[str, str]:
    hidden = (pseudonyms.VARIABLE, SNAPSHOT_VARIABLE, WEAVIATE_VARIABLE)
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    own = {VARIABLE: str(folder)}
    if request.snapshot is not None:
        own[SNAPSHOT_VARIABLE] = str(request.snapshot.resolve())
    if request.weaviate:
        own[WEAVIATE_VARIABLE] = request.weaviate
    if request.pseudonymised:
        own[pseudonyms.VARIABLE] = pseudonyms.KEEP_NOTES if request.keep_notes else "1"
    return inherited | own


def write(target: Path, text: str) -> None:
    """Replaces the file as a whole, with the same bytes on every system."""
    files.replace(target, text.encode("utf-8"), FILE_MODE)
