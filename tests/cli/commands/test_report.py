"""The commands `report`, `milestone` and `compare`."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.workspace.folder import Folder
from tests.support.commands import run


def test_workload_of_a_report_can_be_chosen(demo_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = run("report", "--weaviate", "search/weaviate", "-o", f"json={out}")
    assert result.exit_code == 0, result.output
    assert out.is_file()
    assert Folder(demo_folder).settings.cluster.weaviate == ""
