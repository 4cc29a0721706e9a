"""The content of a report: the assessment before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from readiness_kit.model import Answer, Choice
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run


def test_report_is_compared_with_the_latest_milestone(home: Folder, tmp_path: Path) -> None:
    run("milestone", "before")
    home.answers.put(Answer("ha.canary", Choice.YES, note="Shown on the screen."))
    home.answers.confirm("ha.canary", "The assessor")
    body = json.loads(run("assess", "-o", "json").stdout)
    assert body["changes"]["since"] == "the milestone “before”"
    assert [(change["kind"], change["question"]) for change in body["changes"]["questions"]] == [
        ("resolved", "ha.canary")
    ]


def test_without_milestone_report_is_compared_with_the_snapshot_before(home: Folder) -> None:
    """With the answers of today, so that only the cluster's own changes show."""
    whole = load(home.snapshots()[-1])
    manifest = msgspec.structs.replace(whole.manifest, taken_at=datetime(2026, 10, 1, tzinfo=UTC))
    kept = {**whole.kept, "networkpolicies": ()}
    home.add_snapshot(msgspec.structs.replace(whole, manifest=manifest, kept=kept))
    body = json.loads(run("assess", "-o", "json").stdout)
    assert body["changes"]["since"] == "the snapshot before this one"
    assert body["changes"]["as_of"] == "2026-10-01T00:00:00Z"
