"""Runs the cells of a notebook in this process, for a report without a kernel: the base installation has none.

The cells see a separate IPython shell, which exists only while they run. Code cells with the tag `not-in-report`
are for the person at the notebook and are left out.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from readiness_kit.report.rendering.cells import NOT_IN_REPORT


class CellError(Exception):
    """A cell raised `cause`; `number` counts from 1."""

    def __init__(self, number: int, source: str, cause: BaseException) -> None:
        super().__init__(number)
        self.number = number
        self.source = source
        self.cause = cause


def run_cells(nb: Any, folder: Path, environment: Mapping[str, str], started: Callable[[int], None]) -> Any:
    """The notebook with the outputs of its code cells, run in `folder` with these variables of the environment.

    started: called with the index of each cell before it runs

    Raises CellError for the first cell that fails.
    """
    from nbformat.v4 import new_output

    with _shell() as shell, _environment(environment), contextlib.chdir(folder):
        for index, cell in enumerate(nb.cells):
            started(index)
            if cell.cell_type != "code" or NOT_IN_REPORT in cell.metadata.get("tags", ()):
                continue
            shown = _run(shell, cell.source, index + 1)
            cell.outputs = [new_output("display_data", data=each["data"]) for each in shown]
    return nb


def _run(shell: Any, source: str, number: int) -> list[dict[str, Any]]:
    """What one cell displays, its last value included; printed text is dropped, as everywhere in a report."""
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher

    publisher = CapturingDisplayPublisher()
    shell.display_pub = publisher
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=publisher.outputs)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(source, store_history=False)
    problem = result.error_before_exec or result.error_in_exec
    if isinstance(problem, Exception):
        raise CellError(number, source, problem)
    if problem is not None:
        raise problem
    return list(publisher.outputs)


@contextlib.contextmanager
def _shell() -> Iterator[Any]:
    """The IPython shell of this process, without history, extensions and files outside a temporary folder."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    hooks = sys.displayhook, sys.excepthook
    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    with tempfile.TemporaryDirectory(prefix="readiness-") as private:
        shell = InteractiveShell.instance(config=config, ipython_dir=private)
        try:
            yield shell
        finally:
            shell.atexit_operations()
            atexit.unregister(shell.atexit_operations)
            InteractiveShell.clear_instance()
            sys.displayhook, sys.excepthook = hooks


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
