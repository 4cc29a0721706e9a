"""The commands `demo`, `lab`, `doctor` and `checklist`."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from readiness_kit.model import Answer, Choice
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import ServedCluster


def test_checklist_lists_34_questions_and_59_with_evidence() -> None:
    core = [line for line in run("checklist").output.splitlines() if "  Q" in line]
    assert len(core) == 34
    everything = run("checklist", "--evidence").output
    assert sum(f" {word} " in line for line in everything.splitlines() for word in ("FULL", "PARTLY", "NONE")) == 59


def test_doctor_lists_missing_permissions(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good", forbidden={"poddisruptionbudgets"}) as cluster:
        result = run("doctor", "--reach", "--kubeconfig", str(cluster.kubeconfig(tmp_path)))
    assert "no permission to list poddisruptionbudgets; affected: ha.rolling_updates" in result.output
    assert result.exit_code == 3


def test_doctor_shows_a_certificate_that_is_not_verified(tmp_path: Path) -> None:
    with ServedCluster({}) as cluster:
        config = cluster.kubeconfig(tmp_path)
    document = yaml.safe_load(config.read_text())
    document["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    config.write_text(yaml.safe_dump(document))
    result = run("doctor", "--kubeconfig", str(config))
    assert "✗ served: the certificate of the API server is not verified (insecure-skip-tls-verify)" in result.output
    assert result.exit_code == 3


def test_lab_does_not_overwrite_edited_notebooks(tmp_path: Path) -> None:
    assert run("lab", "-d", tmp_path, "--prepare-only").exit_code == 0
    edited = tmp_path / "notebooks" / "03_security.ipynb"
    edited.write_text(edited.read_text() + " ")
    content = edited.read_bytes()
    run("lab", "-d", tmp_path, "--prepare-only")
    assert edited.read_bytes() == content


def test_checklist_of_one_section() -> None:
    text = run("checklist", "--section", "tenants", "--profile", "extended").output
    assert text.startswith("\nTenants\n") and "tenant.offload" in text and "sec.tls" not in text


def test_schema_of_the_checklist_is_json() -> None:
    assert json.loads(run("checklist", "--schema").output)["title"] == "Checklist file"


def test_doctor_names_left_over_and_unreadable_files(demo_folder: Path) -> None:
    Folder(demo_folder).create()
    assert "left over" not in run("doctor").output
    latest = Folder(demo_folder).snapshots()[-1]
    (latest.parent / f"{latest.name}.quarantine").write_text("x")
    (latest.parent / f".{latest.name}.x1.tmp").write_text("x")
    (demo_folder / "answers.json.unreadable-20261124T062646Z").write_text("{")
    (demo_folder / "milestones" / "bad.json").write_text("{")
    for _ in range(2):
        result = run("doctor")
        assert result.exit_code == 6
        for text in (
            f"left over: snapshots/{latest.name}.quarantine, a quarantined snapshot",
            f"left over: snapshots/.{latest.name}.x1.tmp, a half-written snapshot",
            "left over: answers.json.unreadable-20261124T062646Z, answers that could not be read",
            "Next: rebuild them with `readiness answers restore`",
            "bad.json is not a milestone file",
        ):
            assert text in result.output, text


def test_doctor_names_answers_that_only_the_history_has(demo_folder: Path) -> None:
    store = Folder(demo_folder).answers
    store.put(Answer("ha.canary", Choice.YES))
    store.path.unlink()
    result = run("doctor")
    assert "· 0 answers stored; the history has answers to 1 questions" in result.output
    assert "readiness answers restore" in result.output
