"""Runs 90_report.ipynb in an assessment folder and exports it with the kit's template."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness_kit import files, paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report.privacy import pseudonyms, secret_scan

if TYPE_CHECKING:
    from readiness_kit.report.rendering.fragment import Fragment
    from readiness_kit.workspace.folder import Folder

NOTEBOOK = "90_report.ipynb"
SECONDS_A_CELL = 600

Progress = Callable[[int, int], None]
"""Told how many cells are done, and of how many."""
READABLE = 0o644
"""A report is made to be handed on."""
"""Cells done, cells in all, and the first line of the one that starts now."""


def render(
    folder: Folder, out: Path | None = None, *, progress: Progress | None = None, pseudonymised: bool = False
) -> Path:
    """The report of an assessment folder as one HTML file, and where it was written.

    The folder's own copy of the notebook is used where there is one. Raises ReadinessError that names the
    cell where one fails, or the place of what has the shape of a secret; nothing is written then.
    """
    executed = execute(folder.path, progress, pseudonymised=pseudonymised)
    if pseudonymised:
        _rename_commentary(executed, folder)
    html, name = document(executed)
    target = out or folder.reports / f"{name}.html"
    secret_scan.check(html, target)
    write(target, html)
    if progress is not None:
        progress(len(executed.cells), len(executed.cells))
    return target


def document(nb: Any) -> tuple[str, str]:
    """An executed notebook through the template, and the name that its file should have."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(template_name="readiness", extra_template_basedirs=[str(paths.templates())])
    html, resources = exporter.from_notebook_node(nb)
    return str(html), str(resources["readiness"]["file_name"])


def document_of(fragments: Iterable[Fragment]) -> str:
    """Fragments that no notebook made as a document: the same template, the same rules."""
    from nbformat import v4

    outputs = (v4.new_output("execute_result", one._repr_mimebundle_(), execution_count=1) for one in fragments)
    cells = [v4.new_code_cell("", id=f"part-{place}", outputs=[out]) for place, out in enumerate(outputs)]
    return document(v4.new_notebook(cells=cells))[0]


def _rename_commentary(nb: Any, folder: Folder) -> None:
    """A writer's own Markdown names the same people and clusters as the rest."""
    from readiness_kit.report import content
    from readiness_kit.workspace.session import Session

    notes = [cell for cell in nb.cells if cell.cell_type == "markdown" and cell.get("source", "").strip()]
    if notes:
        _, names = content.pseudonymise(content.of_session(Session(folder)), folder)
        for cell in notes:
            cell.source = names.text(cell.source)


def notebook(folder: Path) -> Path:
    """The notebook that is run: the assessment's own, else the kit's."""
    own = folder / "notebooks" / NOTEBOOK
    return own if own.is_file() else paths.notebooks() / NOTEBOOK


def execute(folder: Path, progress: Progress | None = None, *, pseudonymised: bool = False) -> Any:
    """The notebook with outputs, run with the folder as its working directory by a kernel of its own.

    Connection files and sockets lie in a private folder that is gone afterwards; no port is opened where
    the system has Unix sockets.
    """
    nbformat = _nbformat()
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    # The exporter is loaded while the kernel, a process of its own, starts and works.
    threading.Thread(target=_load_exporter, daemon=True).start()
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
            timeout=SECONDS_A_CELL,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            on_cell_start=starts,
        )
        try:
            return client.execute(env=_environment(folder, pseudonymised))
        except CellExecutionError as problem:
            raise ReadinessError(*_failed(nb, source, problem)) from None
        except (CellTimeoutError, DeadKernelError) as problem:
            raise ReadinessError(
                f"running {source} stopped: {str(problem).splitlines()[0]}", "run the notebook by hand to see more"
            ) from None


def _nbformat() -> Any:
    """nbformat, without the grammar of internationalised addresses that jsonschema compiles where JupyterLab is
    installed: a second and a half, for a format that no notebook has."""
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


def _load_exporter() -> None:
    import nbconvert.exporters  # noqa: F401


def _environment(folder: Path, pseudonymised: bool) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != pseudonyms.VARIABLE}
    own = {"READINESS_DIR": str(folder), **({pseudonyms.VARIABLE: "1"} if pseudonymised else {})}
    return inherited | own


def first_line(source: str) -> str:
    """What a cell is called in messages."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "an empty cell")[:80]


def _failed(nb: Any, source: Path, problem: Any) -> tuple[str, str]:
    """What and hint of the error: the cell by number and first line, the exception in one line."""
    broken = [
        (number, cell)
        for number, cell in enumerate(nb.cells, start=1)
        if any(output.output_type == "error" for output in cell.get("outputs", ()))
    ]
    number, cell = broken[-1] if broken else (0, None)
    which = f"cell {number} of {source} (`{first_line(cell.source)}`)" if cell is not None else f"a cell of {source}"
    return (
        f"{which} failed: {' '.join(f'{problem.ename}: {problem.evalue}'.split())[:300]}",
        "mend the cell, or take it out to use the kit's own notebook",
    )


def write(target: Path, text: str) -> None:
    """The file at once or not at all; bytes do not depend on the system's line ends."""
    files.replace(target, text.encode("utf-8"), READABLE)


_MAX_SOCKET_PATH = 90


def private_transport(private: Path) -> Any:
    """The configuration that keeps a kernel's sockets and keys in a private folder; no port is opened then.

    Given to nbclient as configuration and not as a kernel manager, because it stops only the kernels of its own.
    """
    from traitlets.config import Config

    kernel = {"connection_file": str(private / "kernel.json")}
    if os.name == "posix" and len(str(private)) < _MAX_SOCKET_PATH:
        kernel |= {"transport": "ipc", "ip": str(private / "kernel")}
    return Config({"ConnectionFileMixin": kernel})
