"""The command `fix`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.support.commands import run


def test_the_plan_is_printed_within_80_columns(demo_folder: Path) -> None:
    result = run("fix")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    assert "Now (" in result.output and "Give Sessions three replicas [replication.three]" in result.output
    assert not list(demo_folder.glob("**/values-patch.yaml"))


def test_files_are_written_and_the_proof_is_printed(demo_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("fix", "-o", str(out), "--prove")
    assert result.exit_code == 0 and "Nothing would get worse." in result.output
    assert {path.name for path in out.iterdir()} >= {"values-patch.yaml", "commands.md", "plan.json"}
    assert "Q2 Replicas on separate nodes: Contradicted → Verified" in result.output


def test_only_without_and_wave_choose(demo_folder: Path, tmp_path: Path) -> None:
    assert run("fix", "-o", str(tmp_path / "a"), "--only", "separation.nodes").exit_code == 0
    assert list(yaml.safe_load((tmp_path / "a" / "values-patch.yaml").read_text())) == ["affinity"]
    assert run("fix", "-o", str(tmp_path / "b"), "--without", "disruption_budget.one").exit_code == 0
    assert "podDisruptionBudgets" not in yaml.safe_load((tmp_path / "b" / "values-patch.yaml").read_text())


def test_only_what_the_chosen_fixes_lead_to_is_printed(demo_folder: Path) -> None:
    now, quarter, single = (
        run("fix", *words).output
        for words in (("--wave", "now"), ("--wave", "quarter"), ("--only", "separation.nodes"))
    )
    assert "Now (" in now and "After it: " in now
    assert "This week (" not in now and "This quarter (" not in now
    assert "After it: " not in quarter and "After it: " not in single and "[separation.nodes]" in single
    assert run("fix").output.count("After it: ") == 3


def test_an_id_that_does_not_fit_is_named(demo_folder: Path) -> None:
    unknown, needless = run("fix", "--only", "no.such"), run("fix", "--only", "replicas.three")
    assert unknown.exit_code == 2 and "there is no fix no.such" in unknown.output
    assert needless.exit_code == 2 and "no check of this cluster needs the fix replicas.three" in needless.output


def test_the_patch_is_merged_onto_the_values_in_use(demo_folder: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("podDisruptionBudgets: {weaviate: {enabled: true}}\n", encoding="utf-8")
    run("fix", "-o", str(tmp_path / "out"), "--values", str(values))
    patch = yaml.safe_load((tmp_path / "out" / "values-patch.yaml").read_text())
    assert patch["podDisruptionBudgets"]["weaviate"] == {"spec": {"minAvailable": None, "maxUnavailable": 1}}
    values.write_text("affinity: []\n", encoding="utf-8")
    refused = run("fix", "-o", str(tmp_path / "out"), "--values", str(values))
    assert refused.exit_code == 2 and "affinity is a list in the values file" in refused.output
    values.write_text("- a\n", encoding="utf-8")
    assert run("fix", "--values", str(values)).exit_code == 6


def test_an_unreadable_plan_file_stops_the_command(demo_folder: Path) -> None:
    (demo_folder / "plan.json").write_text("{", encoding="utf-8")
    result = run("fix")
    assert result.exit_code == 6 and "plan.json" in result.output


def test_a_snapshot_is_named_as_an_argument_and_values_by_f(demo_folder: Path, tmp_path: Path) -> None:
    newest = max((demo_folder / "snapshots").glob("*.zip"))
    values = tmp_path / "values.yaml"
    values.write_text("replicas: 3\n", encoding="utf-8")
    result = run("fix", str(newest), "-f", str(values), "-o", str(tmp_path / "out"))
    assert result.exit_code == 0 and "separation.nodes" in result.output
    assert (tmp_path / "out" / "values-patch.yaml").exists()


def test_owner_due_date_and_state_are_stored_and_shown(demo_folder: Path) -> None:
    id = "separation.nodes"
    result = run("fix", "--set", id, "owner=Ada", "--set", id, "due=2026-12-01", "--set", id, "state=in_progress")
    assert result.exit_code == 0 and "owner Ada; due 2026-12-01" in " ".join(result.output.split())
    entry = json.loads((demo_folder / "plan.json").read_text(encoding="utf-8"))["fixes"][id]
    assert (entry["owner"], entry["due"], entry["state"]) == ("Ada", "2026-12-01", "in_progress")
    run("fix", "--set", id, "due=")
    entry = json.loads((demo_folder / "plan.json").read_text(encoding="utf-8"))["fixes"][id]
    assert entry.get("due") is None and entry["owner"] == "Ada"


@pytest.mark.parametrize(
    ("id", "text", "message"),
    [
        ("no.such", "owner=Ada", "there is no fix no.such"),
        ("separation.nodes", "colour=red", "'colour' is not a field of a fix"),
        ("separation.nodes", "due=tomorrow", "'tomorrow' is not a date"),
        ("separation.nodes", "state=gone", "'gone' is not a state"),
    ],
)
def test_nothing_is_stored_of_a_wrong_assignment(demo_folder: Path, id: str, text: str, message: str) -> None:
    result = run("fix", "--set", "separation.nodes", "owner=Ada", "--set", id, text)
    assert result.exit_code == 2 and message in result.output
    assert not (demo_folder / "plan.json").exists()
