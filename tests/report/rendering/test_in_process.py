"""Reports without a kernel: the base installation has neither ipykernel nor ipywidgets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from readiness_kit import demo, paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report.rendering import by_kernel
from readiness_kit.report.rendering.document import document
from readiness_kit.report.rendering.render import DEFAULT, NOTEBOOK, _environment, execute
from readiness_kit.workspace.folder import Folder

ROOT = Path(__file__).resolve().parents[3]
LAB = ("anywidget", "ipykernel", "ipywidgets", "jupyterlab")
WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None  # an import of it fails, as where it is not installed
from readiness_kit.cli import main
main({words!r})
"""


def without_lab(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = WITHOUT.format(names=LAB, words=list(words))
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return demo.install(tmp_path / "demo")


def test_commands_of_an_unattended_run_need_no_extra(folder: Folder, tmp_path: Path) -> None:
    for words, code in (
        (("assess", "-d", "demo", "--fail-on", "critical"), 1),
        (("report", "-d", "demo", "-o", "html=report.html"), 0),
    ):
        done = without_lab(*words, cwd=tmp_path)
        assert done.returncode == code, done.stderr
    assert "weaviate-0" in (tmp_path / "report.html").read_text("utf-8")
    assert not (tmp_path / ".ipython").exists()  # no profile, no history


def test_document_is_the_same_as_by_a_kernel(folder: Folder) -> None:
    source = paths.notebooks() / NOTEBOOK
    by_shell = execute(folder.path, DEFAULT)
    nb = nbformat.read(source, as_version=4)
    executed = by_kernel.run_cells(nb, source, folder.path, _environment(folder.path, DEFAULT), lambda index: None)
    assert document(by_shell) == document(executed)


@pytest.fixture
def own(folder: Folder) -> Callable[..., Any]:
    """Runs the folder's own copy of the notebook with cells before its chapters."""

    def run(*sources: str) -> Any:
        nb = nbformat.read(paths.notebooks() / NOTEBOOK, as_version=4)
        nb.cells[3:3] = [nbformat.v4.new_code_cell(source) for source in sources]
        folder.create()
        nbformat.write(nb, folder.notebooks / NOTEBOOK)
        return execute(folder.path, DEFAULT)

    return run


def test_shown_objects_count_as_well_as_last_values(own: Callable[..., Any]) -> None:
    nb = own("from IPython.display import display\ndisplay(kit.report.cover())\nprint('printed')")
    (shown,) = [cell for cell in nb.cells if cell.source.startswith("from IPython.display")]
    assert len(shown.outputs) == 1 and "vnd.readiness" in json.dumps(shown.outputs[0].data)


def test_failed_cell_is_named(own: Callable[..., Any]) -> None:
    with pytest.raises(ReadinessError, match=r"cell 4 of .*90_report.ipynb \(`1 / 0`\) failed: ZeroDivisionError"):
        own("1 / 0")


def test_the_process_is_left_as_it_was(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from IPython.core.getipython import get_ipython

    monkeypatch.setenv("READINESS_DIR", "before")
    here, hook = Path.cwd(), sys.displayhook
    execute(folder.path, DEFAULT)
    assert (Path.cwd(), sys.displayhook, os.environ["READINESS_DIR"]) == (here, hook, "before")
    assert get_ipython() is None
