"""`readiness compare`: what a waiver, an answer or a lost permission changed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from readiness_kit.model import Answer, Choice, Reason
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run


def compared(*words: str | Path) -> dict[str, list[str]]:
    body = json.loads(run("compare", *words, "-o", "json").stdout)
    kinds = ("new", "worse", "resolved", "better", "incomparable", "unchanged")
    return {kind: [change["question"] for change in body[kind]] for kind in kinds}


def test_waived_gap_is_unchanged_not_resolved(home: Folder) -> None:
    run("milestone", "before")
    given = ("--reason", "Mesh in spring", "--owner", "Team", "--approver", "Head", "--expires", "2027-03-01")
    assert "Accepted until 2027-03-01: Q22" in run("waive", "sec.tls", *given).output
    changes = compared("before")
    assert "sec.tls" in changes["unchanged"] and not changes["resolved"] and not changes["better"]
    assert (
        "Q22 Encryption in transit: ⚠ contradicted → ⚑ accepted risk  (accepted now)" in run("compare", "before").output
    )


def test_lost_permission_is_incomparable_and_never_better(home: Folder, tmp_path: Path) -> None:
    """Network policies can no longer be listed: the contradiction about them is gone, and nothing was mended."""
    whole = load(home.snapshots()[-1])
    assert whole.missing("networkpolicies") is None
    run("milestone", "before")
    reads = tuple(
        msgspec.structs.replace(read, reason=Reason.FORBIDDEN, count=0) if read.key == "networkpolicies" else read
        for read in whole.manifest.reads
    )
    manifest = msgspec.structs.replace(whole.manifest, reads=reads, taken_at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC))
    kept = {key: objects for key, objects in whole.kept.items() if key != "networkpolicies"}
    home.add_snapshot(msgspec.structs.replace(whole, manifest=manifest, kept=kept))
    changes = compared("before")
    assert "sec.network_policies" in changes["incomparable"]
    assert not changes["resolved"] and not changes["better"]
    text = run("compare", "before").output
    assert "Incomparable (" in text and "(not comparable: see below)" in text


def test_an_answer_that_changed_is_new_or_resolved(home: Folder) -> None:
    run("milestone", "before")
    home.answers.put(Answer("ha.canary", Choice.YES, link="https://wiki.example.com/canary"))
    home.answers.put(Answer("ha.control_plane", Choice.NO))
    assert "ha.canary" in compared("before")["unchanged"]
    home.answers.confirm("ha.canary", "The assessor")
    changes = compared("before")
    assert changes["resolved"] == ["ha.canary"] and changes["new"] == ["ha.control_plane"]
    assert run("compare", "before", "--fail-on-worse").exit_code == 1
    assert run("compare", "before", "before", "--fail-on-worse").exit_code == 0


def test_snapshots_folders_and_files_can_be_compared(home: Folder, tmp_path: Path) -> None:
    run("milestone", "before")
    other = shutil.copytree(home.path, tmp_path / "other")
    Folder(other).answers.put(Answer("ha.canary", Choice.YES, note="Shown on the screen."))
    Folder(other).answers.confirm("ha.canary", "The assessor")
    assert compared(home.path, other)["resolved"] == ["ha.canary"]
    assert compared(home.milestones / "before.json", other)["resolved"] == ["ha.canary"]
    assert len(compared(home.snapshots()[-1], "now")["unchanged"]) == 34


def test_unknown_assessment_is_refused_with_the_known_names(home: Folder) -> None:
    run("milestone", "before")
    result = run("compare", "befor")
    assert result.exit_code == 2 and "'befor'" in result.output and "milestones here: before" in result.output
    assert run("milestone", "before").exit_code == 2
