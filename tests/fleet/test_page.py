"""Several clusters on one page."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from readiness_kit import demo
from readiness_kit.model import Answer, Choice
from readiness_kit.report.exports.schema import SCHEMAS
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = demo.install(tmp_path / "demo").create()
    monkeypatch.setenv("READINESS_DIR", str(folder.path))
    return folder


def both(folder: Path) -> tuple[str, ...]:
    """The options for both forms, written into a folder."""
    return ("-o", f"html={folder / 'fleet.html'}", "-o", f"json={folder / 'fleet.json'}")


def test_fleet_page_and_json_hold_every_cluster(home: Folder, tmp_path: Path) -> None:
    other = demo.install(tmp_path / "south").create()
    other.write_settings(cluster_name="south")
    other.answers.put(Answer("ha.control_plane", Choice.NO))
    result = run(
        "fleet", home.path, other.path, "-o", f"html={tmp_path / 'fleet.html'}", "-o", f"json={tmp_path / 'fleet.json'}"
    )
    assert result.exit_code == 0
    body = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))
    jsonschema.validate(body, json.loads((SCHEMAS / "fleet-1.schema.json").read_text(encoding="utf-8")))
    assert [cluster["cluster"] for cluster in body["clusters"]] == ["fjord-outfitters-prod-eu", "south"]
    assert [cluster["questions"]["ha.control_plane"] for cluster in body["clusters"]] == ["attested", "gap"]
    document = (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert "Production readiness of 2 Weaviate clusters" in document and document.count("rk-level-not_ready") >= 2


def test_folder_that_cannot_be_judged_is_listed(home: Folder, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    result = run(
        "fleet",
        home.path,
        tmp_path / "broken",
        "-o",
        f"html={tmp_path / 'fleet.html'}",
        "-o",
        f"json={tmp_path / 'fleet.json'}",
    )
    assert result.exit_code == 3 and "Not judged: broken" in result.output
    assert "could not be judged" in (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert run("fleet", home.path, home.path).exit_code == 2
