"""The assessment folder: creating and finding it, its waivers, bookmark and snapshots."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from readiness_kit import snapshot
from readiness_kit.errors import ConfigError, UnreadableFileError, UsageError, WorkloadError
from readiness_kit.model import (
    SCHEMA_VERSION,
    Settings,
)
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.assessment.samples import answer, waiver


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "assessment").create()


def text(folder: Folder) -> str:
    return (folder.path / "readiness.yaml").read_text("utf-8")


def test_new_folder_has_all_parts(folder: Folder) -> None:
    assert {path.name for path in folder.path.iterdir() if not path.name.startswith(".")} == {
        "readiness.yaml", "snapshots", "milestones", "reports", "notebooks", "private",
    }  # fmt: skip
    assert stat.S_IMODE(folder.private.stat().st_mode) == 0o700
    assert folder.settings == Settings()
    assert (folder.answers.all(), folder.waivers, folder.snapshots(), folder.latest_snapshot()) == ({}, (), [], None)
    assert folder.state == {"parked": [], "position": ""}


def test_creating_again_changes_nothing(folder: Folder) -> None:
    folder.write_settings(customer="Example")
    before = text(folder)
    assert Folder(folder.path).create(Settings(customer="Other")).settings.customer == "Example"
    assert text(folder) == before


def test_folder_is_found_by_variable_or_from_a_subfolder(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Folder.find(folder.notebooks).path == folder.path
    monkeypatch.chdir(folder.reports)
    assert Folder.find().path == folder.path
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("READINESS_DIR", str(other))
    assert Folder.find(folder.path).path == other
    monkeypatch.setenv("READINESS_DIR", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match=r"\$READINESS_DIR is .*gone, which is not a folder"):
        Folder.find()
    monkeypatch.delenv("READINESS_DIR")
    with pytest.raises(ConfigError, match="no assessment found"):
        Folder.find(other)


def test_missing_folder_is_reported_and_not_created(tmp_path: Path) -> None:
    missing = Folder(tmp_path / "gone")
    with pytest.raises(ConfigError, match="gone does not exist"):
        _ = missing.settings
    assert not missing.path.exists()
    (tmp_path / "bare").mkdir()
    assert Folder(tmp_path / "bare").settings == Settings()


def test_answers_are_signed_with_the_assessor(folder: Folder) -> None:
    folder.write_settings(assessor="the assessor")
    assert folder.answers.put(answer(None, note="later")).by == "the assessor"
    assert Folder(folder.path).answers.all()["ha.one"].note == "later"


def test_waivers_are_added_replaced_and_removed(folder: Folder) -> None:
    folder.add_waiver(waiver(control="Nightly export"))
    folder.add_waiver(waiver(date(2027, 6, 1)))
    folder.add_waiver(waiver(control="Hourly export"))
    folder.add_waiver(waiver(id="ha.two"))
    assert [(stored.question, stored.expires.month, stored.control) for stored in folder.waivers] == [
        ("ha.one", 6, ""), ("ha.one", 1, "Hourly export"), ("ha.two", 1, ""),
    ]  # fmt: skip
    folder.remove_waivers("ha.one")
    assert [stored.question for stored in folder.waivers] == ["ha.two"]
    assert json.loads((folder.path / "waivers.json").read_text())["schema"] == SCHEMA_VERSION


def test_plain_list_of_waivers_is_read(folder: Folder) -> None:
    (folder.path / "waivers.json").write_bytes(msgspec.json.encode([waiver()]))
    assert folder.waivers == (waiver(),)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "waivers.json cannot be read"),
        ("{}", "has no list `waivers`"),
        ('{"schema": 9, "waivers": []}', "schema 9"),
        ('{"waivers": [{"question": "ha.a"}]}', r"waivers\[0\] ha\.a: .*reason"),
        (
            '{"waivers": [{"question": "ha.a", "reason": "r", "owner": "o", "approver": "a", "expires": "soon"}]}',
            r"\$\.expires",
        ),
        ('{"waivers": [], "waivers": [1]}', "duplicate keys: waivers"),
        (
            '{"waivers": [{"question": "ha.a", "reason": "\\ud800", "owner": "o", "approver": "a",'
            ' "expires": "2027-01-01"}]}',
            "half of a character",
        ),
        ("[" * 100_000, "nested too deeply"),
        ("", "waivers.json cannot be read"),
    ],
)
def test_invalid_waivers_are_reported_and_not_overwritten(folder: Folder, body: str, message: str) -> None:
    path = folder.path / "waivers.json"
    path.write_text(body)
    for use in (lambda: folder.waivers, lambda: folder.add_waiver(waiver())):
        for _ in range(2):
            with pytest.raises(UnreadableFileError, match=message):
                use()
    assert path.read_text() == body


def test_waivers_with_a_byte_order_mark_behind_a_link(folder: Folder, tmp_path: Path) -> None:
    target = tmp_path / "shared.json"
    target.write_bytes(msgspec.json.encode([waiver()]).decode().encode("utf-16"))
    (folder.path / "waivers.json").symlink_to(target)
    assert folder.waivers == folder.waivers == (waiver(),)
    folder.remove_waivers(waiver().question)
    assert (folder.path / "waivers.json").is_symlink() and Folder(folder.path).waivers == ()


def test_waiver_that_could_not_be_read_again_is_not_stored(folder: Folder) -> None:
    with pytest.raises(UsageError, match="half of a character"):
        folder.add_waiver(msgspec.structs.replace(waiver(), reason="\udcff"))
    assert folder.waivers == ()


def test_settings_with_a_byte_order_mark_behind_a_link(folder: Folder, tmp_path: Path) -> None:
    path, target = folder.path / "readiness.yaml", tmp_path / "shared.yaml"
    for encoding in ("utf-8-sig", "utf-16"):
        path.unlink()
        target.write_bytes("# ours\ncustomer: Grün\n".encode(encoding))
        path.symlink_to(target)
        assert Folder(folder.path).settings.customer == "Grün"
        folder.write_settings(assessor="Kim")
        assert path.is_symlink()
        assert (folder.settings.customer, folder.settings.assessor) == ("Grün", "Kim")
        assert "# ours" in target.read_text("utf-8")


def test_settings_that_are_a_pipe_are_reported(folder: Folder) -> None:
    (folder.path / "readiness.yaml").unlink()
    os.mkfifo(folder.path / "readiness.yaml")
    for _ in range(2):
        with pytest.raises(ConfigError, match="it is a pipe"):
            folder.settings  # noqa: B018


def test_bookmark_is_kept_and_an_invalid_one_ignored(folder: Folder) -> None:
    folder.write_state(parked=["ha.a", "ha.b", "ha.a"])
    assert folder.write_state(position="ha.b") == {"parked": ["ha.a", "ha.b"], "position": "ha.b"}
    assert Folder(folder.path).state == {"parked": ["ha.a", "ha.b"], "position": "ha.b"}
    for body in ("{", "[]", '{"parked": 1, "position": []}'):
        (folder.path / "state.json").write_text(body)
        assert folder.state == {"parked": [], "position": ""}


def taken(second: int, context: str = "") -> snapshot.Snapshot:
    at = datetime(2026, 11, 24, 6, 0, second, tzinfo=UTC)
    return snapshot.Snapshot(snapshot.Manifest(SCHEMA_VERSION, "0", at, context), {})


def test_snapshots_are_ordered_by_time(folder: Folder) -> None:
    later = folder.add_snapshot(taken(9))
    first = [folder.add_snapshot(taken(1, str(number))) for number in range(11)]
    assert [path.name for path in (first[0], first[1], later)] == [
        "2026-11-24T060001Z.zip", "2026-11-24T060001Z-2.zip", "2026-11-24T060009Z.zip",
    ]  # fmt: skip
    assert folder.snapshots() == [*first, later]
    assert folder.latest_snapshot() == later
    assert [snapshot.load(path).manifest.context for path in first] == [str(number) for number in range(11)]


def test_deleting_snapshots_keeps_everything_else(folder: Folder) -> None:
    path = folder.add_snapshot(taken(1))
    folder.answers.put(answer(None, note="kept"))
    left = [path.with_name(f"{path.name}.quarantine"), path.with_name(f".{path.name}.x1y2.tmp")]
    left.append(path.with_name(f".{path.name}.quarantine.x1.tmp"))
    left.append(path.with_name(".2026-11-24T060002Z.zip.abcd"))  # as older versions named it
    for file in left:
        file.write_bytes(b"half")
    assert sorted(folder.delete_snapshots()) == sorted((path, *left))
    assert folder.delete_snapshots() == ()
    assert folder.snapshots() == [] and folder.answers.all()["ha.one"].note == "kept"


def _taken(folder: Folder, moment: datetime, name: str = "") -> Path:
    taken = snapshot.Snapshot(snapshot.Manifest(SCHEMA_VERSION, "0", moment), {})
    if not name:
        return folder.add_snapshot(taken)
    path = folder.path / "snapshots" / name
    taken.save(path)
    return path


def test_snapshot_of_the_future_is_not_taken_unless_named(folder: Folder) -> None:
    right = _taken(folder, datetime(2026, 1, 1, tzinfo=UTC))
    future = _taken(folder, datetime(2099, 1, 1, tzinfo=UTC))
    renamed = _taken(folder, datetime(2099, 1, 1, tzinfo=UTC), "2026-02-01T000000Z.zip")
    assert folder.latest_snapshot() == right
    assert folder.future_snapshots() == [renamed, future]
    session = Session(folder)
    assert session.snapshot_path == right and "2099-01-01T000000Z.zip" in session.warnings()[-1]
    assert Session(folder, future).snapshot_path == future
    assert "date in the future (2099-01-01 00:00 UTC)" in Session(folder, future).warnings()[0]


def test_snapshot_with_a_name_of_its_own_is_ordered_by_its_content(folder: Folder) -> None:
    newest = _taken(folder, datetime(2026, 3, 1, tzinfo=UTC))
    older = _taken(folder, datetime(2026, 1, 1, tzinfo=UTC), "from-the-customer.zip")
    assert folder.snapshots() == [older, newest] and folder.latest_snapshot() == newest


def test_without_a_usable_snapshot_the_future_ones_are_named(folder: Folder) -> None:
    future = _taken(folder, datetime(2099, 1, 1, tzinfo=UTC))
    with pytest.raises(WorkloadError, match="has a date in the future") as raised:
        Session(folder).require_facts()
    assert str(future) in raised.value.hint


@pytest.mark.parametrize(("days", "old"), [(6, False), (8, True)])
def test_old_evidence_is_a_warning_before_everything_else(folder: Folder, days: int, old: bool) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    _taken(folder, moment)
    warnings = Session(folder).warnings(moment + timedelta(days=days))
    assert warnings == (f"The evidence is old: it was collected {days} days ago. Collect again.",) * old
