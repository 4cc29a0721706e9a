"""Exports by command: `readiness report -o` and `readiness assess -o`."""

from __future__ import annotations

import json
from pathlib import Path

from readiness_kit.workspace.folder import Folder
from tests.support.commands import run

FILES = {"json": "r.json", "junit": "r.junit.xml", "sarif": "r.sarif", "csv": "r.csv", "markdown": "r.md"}


def test_assess_prints_and_report_writes_the_same(home: Folder, tmp_path: Path) -> None:
    result = run("report", *(word for form, name in FILES.items() for word in ("-o", f"{form}={tmp_path / name}")))
    assert result.exit_code == 0
    assert {path.name for path in tmp_path.glob("r*")} == {"r.json", "r.junit.xml", "r.sarif", "r.csv", "r.md"}
    for form, name in (("json", "r.json"), ("junit", "r.junit.xml"), ("sarif", "r.sarif")):
        assert run("assess", "-o", form).stdout == (tmp_path / name).read_text(encoding="utf-8")
    run("assess", "-o", f"json={tmp_path / 'again.json'}")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "r.json").read_bytes()


def test_a_gate_works_with_any_form(home: Folder) -> None:
    result = run("assess", "-o", "json", "--fail-on", "critical")
    assert result.exit_code == 1 and json.loads(result.stdout)["level"] == "not_ready"


def test_pseudonyms_need_a_folder_for_their_key(home: Folder) -> None:
    result = run("report", "-f", home.snapshots()[-1], "--pseudonymise", "-o", "json")
    assert result.exit_code == 2 and "--folder" in result.output
