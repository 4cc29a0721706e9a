"""Runs 90_report.ipynb in an assessment folder and exports it with the kit's template."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness_kit import paths
from readiness_kit.errors import ReadinessError

if TYPE_CHECKING:
    from readiness_kit.assessment.folder import Folder

NOTEBOOK = "90_report.ipynb"
SECONDS_A_CELL = 600
_LONGEST_SOCKET_PATH = 90

Progress = Callable[[int, int, str], None]
"""Cells done, cells in all, and the first line of the one that starts now."""


def render(folder: Folder, out: Path | None = None, *, progress: Progress | None = None) -> Path:
    """The report of an assessment folder as one HTML file, and where it was written.

    The folder's own copy of the notebook is used where there is one. Raises ReadinessError that names the
    cell where one fails; nothing is written then.
    """
    from nbconvert.exporters import HTMLExporter

    executed = execute(folder.path, progress)
    exporter = HTMLExporter(template_name="readiness", extra_template_basedirs=[str(paths.templates())])
    html, resources = exporter.from_notebook_node(executed)
    target = out or folder.reports / f"{resources['readiness']['file_name']}.html"
    write(target, html)
    if progress is not None:
        progress(len(executed.cells), len(executed.cells), "")
    return target


def notebook(folder: Path) -> Path:
    """The notebook that is run: the assessment's own, else the kit's."""
    own = folder / "notebooks" / NOTEBOOK
    return own if own.is_file() else paths.notebooks() / NOTEBOOK


def execute(folder: Path, progress: Progress | None = None) -> Any:
    """The notebook with outputs, run with the folder as its working directory by a kernel of its own.

    Connection files and sockets lie in a private folder that is gone afterwards; no port is opened where
    the system has Unix sockets.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    source = notebook(folder)
    nb = nbformat.read(source, as_version=4)
    cells = len(nb.cells)

    def starts(cell: Any, cell_index: int, **_: Any) -> None:
        if progress is not None:
            progress(cell_index, cells, first_line(cell.source))

    with tempfile.TemporaryDirectory(prefix="readiness-") as private:
        client = NotebookClient(
            nb,
            config=_transport(Path(private)),
            kernel_name="python3",
            timeout=SECONDS_A_CELL,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            on_cell_start=starts,
        )
        try:
            return client.execute(env={**os.environ, "READINESS_DIR": str(folder)})
        except CellExecutionError as problem:
            raise ReadinessError(*_failed(nb, source, problem)) from None
        except (CellTimeoutError, DeadKernelError) as problem:
            raise ReadinessError(
                f"running {source} stopped: {str(problem).splitlines()[0]}", "run the notebook by hand to see more"
            ) from None


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


def _transport(private: Path) -> Any:
    """The configuration that keeps the kernel's sockets and keys in a private folder.

    Given as configuration and not as a kernel manager, because nbclient stops only the kernels of its own.
    """
    from traitlets.config import Config

    kernel = {"connection_file": str(private / "kernel.json")}
    if os.name == "posix" and len(str(private)) < _LONGEST_SOCKET_PATH:
        kernel |= {"transport": "ipc", "ip": str(private / "kernel")}
    return Config({"ConnectionFileMixin": kernel})


def write(target: Path, html: str) -> None:
    """The file at once or not at all; bytes do not depend on the system's line ends."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_text(html, encoding="utf-8", newline="\n")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
