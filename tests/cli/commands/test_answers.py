"""`readiness waive`, `answers` and `clean`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from readiness_kit import demo
from readiness_kit.cli import main
from readiness_kit.model import Answer, Choice
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = demo.install(tmp_path / "demo").create()
    monkeypatch.setenv("READINESS_DIR", str(folder.path))
    return folder


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--reason": " "}, "no reason"),
        ({"--approver": "team"}, "owned and approved by the same"),
        ({"--expires": "2026-11-19"}, "expired on 2026-11-19, before 2026-11-20"),
    ],
)
def test_invalid_waiver_is_refused(home: Folder, change: dict[str, str], says: str) -> None:
    given = {"--reason": "r", "--owner": "Team", "--approver": "Head", "--expires": "2027-01-01", **change}
    before = home.waivers
    result = run("waive", "sec.tls", *(word for pair in given.items() for word in pair))
    assert result.exit_code == 2 and says in result.output and home.waivers == before


def test_waivers_are_listed_with_their_audit(home: Folder) -> None:
    given = ("--reason", "r", "--owner", "Team", "--approver", "Head", "--expires", "2027-01-01")
    run("waive", "ha.control_plane", *given)
    text = run("waive").output
    assert "ha.control_plane: until 2027-01-01, owner Team, approved by Head. r" in text
    assert "Note: Waiver for Q3 ha.control_plane (owner Team, until 2027-01-01): unused" in text
    run("waive", "ha.control_plane", "--remove")
    assert "ha.control_plane" not in run("waive").output


def test_answers_are_exported_and_imported(home: Folder, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    run("answers", "export", "-o", f"yaml={file}")
    file.write_text(file.read_text().replace('note: "Not planned before the spring release."', 'note: "In spring."'))
    result = run("answers", "import", "-f", file, "--by", "Somebody")
    assert result.exit_code == 0 and "Taken: 1" in result.output
    stored = home.answers.get("ha.canary")
    assert stored is not None and (stored.note, stored.by) == ("In spring.", "Somebody")


def test_a_conflict_exits_8_and_is_shown(home: Folder, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    run("answers", "export", "-o", f"yaml={file}")
    file.write_text(file.read_text().replace('note: "Not planned before the spring release."', 'note: "In spring."'))
    home.answers.put(Answer("ha.canary", Choice.YES, note="Done."))
    result = run("answers", "import", "-f", file)
    assert result.exit_code == 8 and "Conflict: ha.canary: stored yes, in the file no" in result.output
    assert run("answers", "import", "-f", file, "--prefer", "file").exit_code == 0


def test_a_proof_is_confirmed_with_name_and_date(home: Folder) -> None:
    home.answers.put(Answer("ha.canary", Choice.YES))
    refused = run("answers", "confirm", "ha.canary", "--by", "Erin")
    assert refused.exit_code == 2 and "has no proof" in refused.output
    home.answers.put(Answer("ha.canary", Choice.YES, link="https://wiki.example.com/canary"))
    assert "Proof confirmed by Erin on" in run("answers", "confirm", "ha.canary", "--by", "Erin").output
    body = json.loads(run("assess", "-o", "json").stdout)
    (asked,) = [item for item in body["questions"] if item["id"] == "ha.canary"]
    assert (asked["state"], asked["credit"], asked["answer"]["confirmed_by"]) == ("attested", 1.0, "Erin")


def test_clean_deletes_snapshots_and_keeps_the_rest(home: Folder) -> None:
    assert CliRunner().invoke(main, ["clean"], input="n\n").exit_code == 8 and home.snapshots()
    assert run("clean", "--yes").exit_code == 0
    assert home.snapshots() == [] and (home.path / "answers.json").exists()


def test_clean_lists_and_deletes_quarantined_and_half_written_snapshots(home: Folder) -> None:
    latest = home.snapshots()[-1]
    left = (f"{latest.name}.quarantine", f".{latest.name}.x1.tmp")
    for name in left:
        (latest.parent / name).write_text("x")
    listed = run("clean", input="n\n").output
    assert all(name in listed for name in (latest.name, *left))
    latest.unlink()
    deleted = run("clean", "--yes").output
    assert all(f"Deleted: {name}\n" in deleted for name in left)
    assert run("clean", "--yes").output == "There are no snapshots.\n"
    assert [path.name for path in latest.parent.iterdir() if path.suffix != ".lock"] == []


def test_damaged_answers_are_restored_by_a_command(home: Folder) -> None:
    home.answers.put(Answer("ha.canary", Choice.YES, note="kept"))
    home.answers.path.write_bytes(b"")
    for _ in range(2):
        failed = run("assess")
        assert failed.exit_code == 6 and "readiness answers restore" in failed.output
    restored = run("answers", "restore")
    assert restored.stdout == "Restored: 1 answer\n"  # the demonstration has a history of this answer only
    assert "kept as answers.json.before-" in restored.stderr
    assert home.answers.all()["ha.canary"].note == "kept"
    assert run("assess").exit_code == 0
