"""The content of a report: the assessment before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from readiness_kit.model import Answer, Choice
from readiness_kit.snapshot import Snapshot, load
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


def earlier(whole: Snapshot, taken_at: datetime, **changed: object) -> Snapshot:
    manifest = msgspec.structs.replace(whole.manifest, taken_at=taken_at, **changed)
    return msgspec.structs.replace(whole, manifest=manifest)


def since(folder: Folder) -> str | None:
    changes = json.loads(run("assess", "-o", "json").stdout)["changes"]
    return changes and changes["as_of"]


def test_the_snapshot_before_is_found_by_its_content_not_by_its_name(home: Folder) -> None:
    whole = load(home.snapshots()[-1])
    folder = home.path / "snapshots"
    earlier(whole, datetime(2026, 9, 1, tzinfo=UTC)).save(folder / "before-the-upgrade.zip")
    earlier(whole, datetime(2026, 8, 1, tzinfo=UTC)).save(folder / "2026-10-30T000000Z.zip")
    assert since(home) == "2026-09-01T00:00:00Z"


def test_a_snapshot_of_the_future_is_never_the_one_before(home: Folder) -> None:
    whole = load(home.snapshots()[-1])
    earlier(whole, datetime(2099, 1, 1, tzinfo=UTC)).save(home.path / "snapshots" / "2026-10-01T000000Z.zip")
    assert since(home) is None
    home.add_snapshot(earlier(whole, datetime(2026, 9, 1, tzinfo=UTC)))
    assert since(home) == "2026-09-01T00:00:00Z"


def test_snapshots_of_other_clusters_are_passed_over(home: Folder) -> None:
    whole = load(home.snapshots()[-1])
    home.add_snapshot(earlier(whole, datetime(2026, 9, 1, tzinfo=UTC), context="renamed"))
    others = tuple(
        msgspec.structs.replace(
            item, metadata=msgspec.structs.replace(item.metadata, creation_timestamp=datetime(2020, 2, 2, tzinfo=UTC))
        )
        for item in whole.objects("namespaces")
    )
    elsewhere = msgspec.structs.replace(whole, kept={**whole.kept, "namespaces": others})
    home.add_snapshot(earlier(elsewhere, datetime(2026, 10, 1, tzinfo=UTC)))
    without = msgspec.structs.replace(whole, kept={**whole.kept, "namespaces": ()})
    home.add_snapshot(earlier(without, datetime(2026, 10, 2, tzinfo=UTC), context="another"))
    (home.path / "snapshots" / "2026-10-03T000000Z.zip").write_bytes(b"no zip")
    assert since(home) == "2026-09-01T00:00:00Z"
