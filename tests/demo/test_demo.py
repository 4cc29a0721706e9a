"""The demonstration is installed without overwriting answers."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.demo import install


def test_installing_again_keeps_what_was_answered(tmp_path: Path) -> None:
    folder = install(tmp_path)
    before = (tmp_path / "answers.json").read_bytes() + b" "
    (tmp_path / "answers.json").write_bytes(before)
    install(tmp_path)
    assert (tmp_path / "answers.json").read_bytes() == before
    assert len(folder.snapshots()) == 1
