"""The copies of the notebooks in the folder, and the command lines of JupyterLab and Voilà."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from readiness_kit import paths
from readiness_kit.cli import main
from readiness_kit.notebook import launcher
from readiness_kit.workspace.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "assessment").create()


@pytest.fixture
def kits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Notebooks of a kit that a test may bring up to date."""
    own = tmp_path / "kit"
    own.mkdir()
    for name in ("00_start.ipynb", "03_security.ipynb"):
        (own / name).write_bytes((paths.notebooks() / name).read_bytes())
    monkeypatch.setattr(paths, "notebooks", lambda: own)
    return own


def changed(path: Path, text: str) -> None:
    body = json.loads(path.read_text("utf-8"))
    body["cells"][0]["source"] = [text]
    path.write_text(json.dumps(body), "utf-8")


def first_text(path: Path) -> str:
    return "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])


def test_copying_notebooks_twice_changes_nothing(folder: Folder) -> None:
    assert launcher.copy_notebooks(folder) == []
    names = sorted(path.name for path in folder.notebooks.glob("*.ipynb"))
    assert len(names) == 9 and names[0] == "00_start.ipynb"
    before = {path: path.stat().st_mtime_ns for path in folder.notebooks.glob("*.ipynb")}
    assert launcher.copy_notebooks(folder) == []
    assert before == {path: path.stat().st_mtime_ns for path in folder.notebooks.glob("*.ipynb")}


def test_new_version_replaces_run_notebooks_and_keeps_edited_ones(folder: Folder, kits: Path) -> None:
    launcher.copy_notebooks(folder)
    ran, edited = folder.notebooks / "00_start.ipynb", folder.notebooks / "03_security.ipynb"
    body = json.loads(ran.read_text("utf-8"))
    body["cells"][1]["execution_count"] = 7
    body["metadata"]["language_info"]["version"] = "3.11.2"
    ran.write_text(json.dumps(body), "utf-8")
    changed(edited, "# Ours")
    for name in ("00_start.ipynb", "03_security.ipynb"):
        changed(kits / name, "# New")
    notes = launcher.copy_notebooks(folder)
    assert first_text(ran) == "# New" and first_text(edited) == "# Ours"
    assert len(notes) == 1 and "03_security.ipynb was edited and is not replaced" in notes[0]
    new_versions = list(folder.notebooks.glob("03_security.kit-*.ipynb"))
    assert [first_text(path) for path in new_versions] == ["# New"]


def test_edited_notebook_is_kept_while_the_kit_is_unchanged(folder: Folder, kits: Path) -> None:
    launcher.copy_notebooks(folder)
    changed(folder.notebooks / "03_security.ipynb", "# Ours")
    assert launcher.copy_notebooks(folder) == []
    assert not list(folder.notebooks.glob("*.kit-*.ipynb"))


def test_server_defaults_precede_the_configuration_of_the_user(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/somewhere")
    variables = launcher.environment(folder, presenter=True)
    assert variables["JUPYTER_CONFIG_PATH"].split(":") == [str(launcher.JUPYTER), "/somewhere"]
    assert variables["READINESS_DIR"] == str(folder.path) and variables["READINESS_PRESENTER"] == "1"
    assert "READINESS_PRESENTER" not in launcher.environment(folder)
    defaults = json.loads((launcher.JUPYTER / "labconfig" / "default_setting_overrides.json").read_text("utf-8"))
    assert defaults["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_servers_listen_on_loopback_and_open_the_start_notebook(folder: Folder) -> None:
    call = launcher.command(folder, browser=False, port=8899)
    assert "--ServerApp.ip=127.0.0.1" in call and "--ServerApp.port=8899" in call and "--no-browser" in call
    assert f"--LabApp.extra_labextensions_path={launcher.JUPYTER / 'labextensions'}" in call, "that of the checkout"
    assert f"--LabApp.default_url=/lab/workspaces/{launcher.workspace(folder)}/tree/notebooks/00_start.ipynb" in call
    assert launcher.workspace(folder) != launcher.workspace(Folder(folder.path / "other")), "a layout for each folder"
    app = launcher.app_command(folder, browser=False, port=8866)
    assert f"--Voila.root_dir={folder.notebooks}" in app and "--strip_sources=True" in app and "--port=8866" in app


def test_prepare_only_copies_the_notebooks_and_prints_the_path(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["lab", "-d", str(tmp_path / "a"), "--prepare-only"])
    assert result.exit_code == 0 and "00_start.ipynb" in result.output
    assert (tmp_path / "a" / "notebooks" / "01_high_availability.ipynb").exists()


@pytest.mark.parametrize(("command", "module", "extra"), [("lab", "jupyterlab", "lab"), ("app", "voila", "app")])
def test_missing_library_is_named_with_its_extra(
    command: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "find_spec", lambda name: None)
    result = CliRunner().invoke(main, [command, "-d", str(tmp_path / "a")])
    assert result.exit_code == 3
    assert f"{module} is not installed" in result.output and f"readiness-kit[{extra}]" in result.output


@pytest.mark.parametrize("torn", [b"", b"{", b"[1]", b"[" * 100_000], ids=["empty", "cut", "a list", "endless"])
def test_damaged_record_never_replaces_an_edited_notebook(folder: Folder, kits: Path, torn: bytes) -> None:
    launcher.copy_notebooks(folder)
    edited = folder.notebooks / "03_security.ipynb"
    changed(edited, "# Mine")
    changed(kits / "03_security.ipynb", "# New")
    (folder.notebooks / launcher.RECORD).write_bytes(torn)
    assert "was edited and is not replaced" in launcher.copy_notebooks(folder)[0]
    assert first_text(edited) == "# Mine"


def test_widgets_of_an_ended_kernel_leave_their_html(folder: Folder) -> None:
    launcher.copy_notebooks(folder)
    path = folder.notebooks / "00_start.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    data = {launcher.WIDGET_VIEW: {"model_id": "gone"}, "text/html": "<p>Customer: Harbour Bank</p>"}
    cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    path.write_text(json.dumps(notebook), "utf-8")
    launcher.copy_notebooks(folder)
    after = json.loads(path.read_text("utf-8"))
    kept = next(cell for cell in after["cells"] if cell["cell_type"] == "code")["outputs"][0]["data"]
    assert kept == {"text/html": "<p>Customer: Harbour Bank</p>"}
    assert not list(folder.notebooks.glob("*.kit-*")), "an output is not an edit"
