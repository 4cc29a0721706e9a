"""The notebooks as files, and run from top to bottom without interaction."""

from __future__ import annotations

import itertools
import json
import re
import statistics
import tempfile
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import paths
from readiness_kit.checklist import load_checklist
from readiness_kit.demo import install
from readiness_kit.model import Profile
from readiness_kit.report.rendering.by_kernel import private_transport

NOTEBOOKS = sorted(paths.notebooks().glob("*.ipynb"))
NAMES = [
    "00_start",
    "01_high_availability",
    "02_resource_management",
    "03_security",
    "04_monitoring",
    "05_performance",
    "06_tenants",
    "07_versions",
    "90_report",
]
FORMS = (
    "kit.ask(",
    "kit.connect(",
    "kit.extended(",
    "kit.about(",
    "kit.what_if(",
    "kit.plan_form(",
    "kit.workshop(",
    "kit.write_report(",
)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_notebooks_are_those_of_the_sections() -> None:
    assert [path.stem for path in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_have_no_outputs_and_unique_cell_ids(path: Path) -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(path))
    ids = [cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell_id) for cell_id in ids)


def test_median_cell_has_one_line_and_none_more_than_six() -> None:
    lengths = [
        len([line for line in source(cell).splitlines() if line.strip()]) for path in NOTEBOOKS for cell in cells(path)
    ]
    assert statistics.median(lengths) == 1
    assert max(lengths) <= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_with_forms_cannot_be_deleted_or_edited(path: Path) -> None:
    for cell in cells(path):
        if any(form in source(cell) for form in FORMS):
            assert cell["metadata"].get("deletable") is False, source(cell)
            assert cell["metadata"].get("editable") is False, source(cell)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_notebook_has_one_parameters_cell(path: Path) -> None:
    tagged = [cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1


def test_every_core_question_is_asked_once_in_its_section() -> None:
    asked: dict[str, str] = {}
    for path in NOTEBOOKS:
        for cell in cells(path):
            for question in re.findall(r'kit\.ask\("([^"]+)"\)', source(cell)):
                assert question not in asked, question
                asked[question] = path.stem
    core = load_checklist(profile=Profile.CORE).questions
    assert set(asked) == {question.id for question in core}
    assert all(asked[question.id].endswith(question.section.value) for question in core)


def test_a_heading_with_number_and_short_title_precedes_each_card() -> None:
    headings = []
    for path in NOTEBOOKS:
        listed = json.loads(path.read_text("utf-8"))["cells"]
        for before, cell in itertools.pairwise(listed):
            if source(cell).startswith("kit.ask("):
                headings.append(source(before))
    assert headings == [
        f"## {question.number} {question.short}" for question in load_checklist(profile=Profile.CORE).questions
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_between_notebooks_have_a_target(path: Path) -> None:
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)#]+\.ipynb)\)", source(cell)):
            assert (path.parent / target).exists(), target


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("demo")).path


def run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("READINESS_DIR", str(folder))
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="readiness-") as private:
        where = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, config=private_transport(Path(private)), timeout=120, resources=where).execute()
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_notebook_runs_on_the_demonstration(
    path: Path, demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = run(path, demo_folder, monkeypatch)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type in ("error", "stream")]
    shown = [output for output in outputs if "data" in output]
    assert shown and all("text/html" in output.data for output in shown if "widget-view" in str(output.data.keys()))


def test_extended_profile_shows_cards_in_05_performance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install(tmp_path).path
    settings = folder / "readiness.yaml"
    settings.write_text(settings.read_text("utf-8").replace("profile: core", "profile: extended"), "utf-8")
    notebook = run(paths.notebooks() / "05_performance.ipynb", folder, monkeypatch)
    stack = next(cell for cell in notebook.cells if cell.id == "extended")
    assert stack.outputs[0].data["text/html"].count("<article") == 10


def test_start_notebook_runs_before_a_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness_kit.workspace.folder import Folder

    folder = Folder(tmp_path / "new").create().path
    notebook = run(paths.notebooks() / "00_start.ipynb", folder, monkeypatch)
    text = "".join(output.data.get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "Nothing has been collected yet" in text
