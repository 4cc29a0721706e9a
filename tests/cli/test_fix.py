"""The command `fix`."""

from __future__ import annotations

from pathlib import Path

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
    result = run("fix", "-o", f"files={out}", "--prove")
    assert result.exit_code == 0 and "Nothing would get worse." in result.output
    assert {path.name for path in out.iterdir()} >= {"values-patch.yaml", "commands.md", "plan.json"}
    assert "Q2 Replicas on separate nodes: Contradicted → Verified" in result.output


def test_only_without_and_wave_choose(demo_folder: Path, tmp_path: Path) -> None:
    assert run("fix", "-o", f"files={tmp_path / 'a'}", "--only", "separation.nodes").exit_code == 0
    assert list(yaml.safe_load((tmp_path / "a" / "values-patch.yaml").read_text())) == ["affinity"]
    assert run("fix", "-o", f"files={tmp_path / 'b'}", "--without", "disruption_budget.one").exit_code == 0
    assert "podDisruptionBudgets" not in yaml.safe_load((tmp_path / "b" / "values-patch.yaml").read_text())
    assert "This quarter (" not in run("fix", "--wave", "now").output


def test_an_id_that_does_not_fit_is_named(demo_folder: Path) -> None:
    unknown, needless = run("fix", "--only", "no.such"), run("fix", "--only", "replicas.three")
    assert unknown.exit_code == 2 and "there is no fix no.such" in unknown.output
    assert needless.exit_code == 2 and "no check of this cluster needs the fix replicas.three" in needless.output


def test_the_patch_is_merged_onto_the_values_in_use(demo_folder: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("podDisruptionBudgets: {weaviate: {enabled: true}}\n", encoding="utf-8")
    run("fix", "-o", f"files={tmp_path / 'out'}", "--values", str(values))
    patch = yaml.safe_load((tmp_path / "out" / "values-patch.yaml").read_text())
    assert patch["podDisruptionBudgets"]["weaviate"] == {"spec": {"minAvailable": None, "maxUnavailable": 1}}
    values.write_text("affinity: []\n", encoding="utf-8")
    refused = run("fix", "-o", f"files={tmp_path / 'out'}", "--values", str(values))
    assert refused.exit_code == 2 and "affinity is a list in the values file" in refused.output
    values.write_text("- a\n", encoding="utf-8")
    assert run("fix", "--values", str(values)).exit_code == 6


def test_an_unreadable_plan_file_stops_the_command(demo_folder: Path) -> None:
    (demo_folder / "plan.json").write_text("{", encoding="utf-8")
    result = run("fix")
    assert result.exit_code == 6 and "plan.json" in result.output
