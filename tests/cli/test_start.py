"""The commands `demo`, `lab`, `doctor` and `checklist`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.commands import run
from tests.support.served import ServedCluster


def test_checklist_lists_34_questions_and_55_with_evidence() -> None:
    core = [line for line in run("checklist").output.splitlines() if "  Q" in line]
    assert len(core) == 34
    everything = run("checklist", "--evidence").output
    assert sum(f" {word} " in line for line in everything.splitlines() for word in ("FULL", "PARTLY", "NONE")) == 55


def test_doctor_lists_missing_permissions(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good", forbidden={"poddisruptionbudgets"}) as cluster:
        result = run("doctor", "--reach", "--kubeconfig", str(cluster.kubeconfig(tmp_path)))
    assert "no permission to list poddisruptionbudgets; affected: ha.rolling_updates" in result.output
    assert result.exit_code == 3


def test_lab_does_not_overwrite_edited_notebooks(tmp_path: Path) -> None:
    assert run("lab", str(tmp_path), "--prepare-only").exit_code == 0
    edited = tmp_path / "notebooks" / "03_security.ipynb"
    edited.write_text(edited.read_text() + " ")
    content = edited.read_bytes()
    run("lab", str(tmp_path), "--prepare-only")
    assert edited.read_bytes() == content


def test_checklist_of_one_section() -> None:
    text = run("checklist", "--section", "tenants", "--profile", "extended").output
    assert text.startswith("\nTenants\n") and "tenant.offload" in text and "sec.tls" not in text


def test_schema_of_the_checklist_is_json() -> None:
    assert json.loads(run("checklist", "--schema").output)["title"] == "Checklist file"
