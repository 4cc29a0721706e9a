"""Runs the cells of a notebook by a separate kernel, for a report that is written from within a notebook.

Connection files and sockets are in a private folder that is deleted afterwards; no port is opened where the system has
Unix sockets. Needs the extra `lab`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from readiness_kit import errors
from readiness_kit.errors import ReadinessError
from readiness_kit.report.rendering.cells import cell_failed, failure, first_line

CELL_TIMEOUT_SECONDS = 600
_MAX_SOCKET_PATH = 90


def run_cells(
    nb: Any, source: Path, folder: Path, environment: Mapping[str, str], started: Callable[[int], None]
) -> Any:
    """The notebook with outputs, run in `folder`. Raises ReadinessError that names a failed cell of `source`."""
    from nbclient import NotebookClient, exceptions

    def starts(cell: Any, cell_index: int, **_: Any) -> None:
        started(cell_index)

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
            return client.execute(env=dict(environment))
        except exceptions.CellExecutionError as problem:
            raise _failed(nb, source, problem) from None
        except (exceptions.CellTimeoutError, exceptions.DeadKernelError) as problem:
            raise ReadinessError(
                f"running {source} stopped: {str(problem).splitlines()[0]}", "run the notebook by hand to see more"
            ) from None


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
    return cell_failed(which, failure(problem))


def private_transport(private: Path) -> Any:
    """The kernel configuration that keeps sockets and keys in a private folder, without an open port.

    It is given to nbclient as configuration and not as a kernel manager: nbclient stops only kernels that it started.
    """
    from traitlets.config import Config

    kernel = {"connection_file": str(private / "kernel.json")}
    if os.name == "posix" and len(str(private)) < _MAX_SOCKET_PATH:
        kernel |= {"transport": "ipc", "ip": str(private / "kernel")}
    return Config({"ConnectionFileMixin": kernel})
