"""Left-over files of an assessment folder."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.leftovers import leftovers


def test_each_left_over_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home").create().path
    assert list(leftovers(folder)) == []
    names = (
        "answers.json.unreadable-20261124T062646Z",
        "answers.json.before-20261124T062646Z",
        "snapshots/a.zip.quarantine",
        "snapshots/.a.zip.x1.tmp",
        ".answers.json.x1.tmp",
        "private/.pseudonyms.json.x1.tmp",
    )
    for name in names:
        (folder / name).write_text("left")
    (folder / "snapshots" / "a.zip").write_text("a snapshot")
    found = list(leftovers(folder))
    assert {str(left.path.relative_to(folder)) for left in found} == set(names)
    assert all(left.meaning and left.hint for left in found)
