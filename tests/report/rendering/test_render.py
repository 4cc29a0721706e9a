"""The notebook run for real: by `readiness report`, by plain nbconvert, and with cells that fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest

from readiness_kit import demo, paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report.rendering.render import NOTEBOOK, render, write
from readiness_kit.workspace.folder import Folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Path, list[tuple[int, int]]]:
    """The demonstration cluster's folder, its report, and the progress that was reported."""
    folder = demo.install(tmp_path_factory.mktemp("demo") / "assessment")
    steps: list[tuple[int, int]] = []
    return folder, render(folder, progress=lambda done, cells: steps.append((done, cells))), steps


def _notebook(folder: Folder, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    """A copy of the kit's notebook in the folder, its cells changed."""
    nb = json.loads((paths.notebooks() / NOTEBOOK).read_text(encoding="utf-8"))
    change(nb["cells"])
    own = folder.path / "notebooks" / NOTEBOOK
    own.parent.mkdir(exist_ok=True)
    own.write_text(json.dumps(nb), encoding="utf-8")
    return own


def test_the_report_is_named_after_customer_and_day_and_stands_alone(rendered: Any) -> None:
    folder, path, _ = rendered
    assert path.parent == folder.reports
    assert path.name == "fjord-outfitters-2026-11-20.html"
    document = path.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(document)
    assert document.count('class="rk-question') == 34
    assert '<a href="#charts">Charts</a>' in document and 'src="data:image/svg+xml;base64,' in document
    assert len(document.encode()) < 400_000
    assert "<script" not in document and "Traceback" not in document and "IPKernelApp" not in document


def test_only_the_report_is_left_in_the_folder(rendered: Any) -> None:
    folder, path, _ = rendered
    assert list(folder.reports.iterdir()) == [path]
    assert not [file for file in folder.path.rglob("*") if file.name.startswith(("kernel", ".fjord"))]


def test_progress_counts_each_cell(rendered: Any) -> None:
    _, _, steps = rendered
    cells = steps[-1][0]
    assert cells > 10 and steps == [(done, cells) for done in range(cells + 1)]


def test_plain_nbconvert_gives_the_same_bytes(rendered: Any, tmp_path: Path) -> None:
    folder, path, _ = rendered
    templates = tmp_path / "share" / "nbconvert" / "templates" / "readiness"
    shutil.copytree(paths.templates() / "readiness", templates)
    own = _notebook(folder, lambda cells: None)
    try:
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--template", "readiness", own.name],
            cwd=own.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_PATH": str(tmp_path / "share")},
            check=True,
            capture_output=True,
        )
        assert own.with_suffix(".html").read_bytes() == path.read_bytes()
    finally:
        shutil.rmtree(own.parent)


def test_the_folders_own_notebook_is_used_commentary_and_all(tmp_path: Path) -> None:
    folder = demo.install(tmp_path / "assessment")

    def shorter(cells: list[dict[str, Any]]) -> None:
        kept = [cell for cell in cells if cell["id"] in ("report-parameters", "report-open", "report-cover")]
        note = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": ["# Our view\n", "\n", "Go on <b>."]}
        cells[:] = [*kept, note]

    _notebook(folder, shorter)
    document = render(folder, tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="note-our-view">Our view</h2>' in document and "Go on &lt;b&gt;." in document
    assert 'id="actions"' not in document


def test_a_cell_that_fails_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    folder = demo.install(tmp_path / "assessment")

    def broken(cells: list[dict[str, Any]]) -> None:
        cells[5]["source"] = ["1 / 0"]

    _notebook(folder, broken)
    with pytest.raises(ReadinessError) as caught:
        render(folder, tmp_path / "report.html")
    assert "cell 6 of" in caught.value.what and "(`1 / 0`) failed: ZeroDivisionError" in caught.value.what
    assert not (tmp_path / "report.html").exists()


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.html"
    write(target, "old\n")
    write(target, "new\n")
    assert target.read_bytes() == b"new\n"
    assert list(target.parent.iterdir()) == [target]
