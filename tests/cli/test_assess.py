"""The command `assess` and its gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.served import ServedCluster


def test_gaps_are_printed_with_facts_and_the_verdict_last(demo_folder: Path) -> None:
    lines = run("assess").output.splitlines()
    assert lines[-3].startswith("✗ Not ready")
    text = "\n".join(lines)
    assert "Q28" in text and "OPENAI_APIKEY" in text
    assert text.index("Open (") < text.index("Gaps (")


def test_gate_exits_1_on_a_gap(demo_folder: Path) -> None:
    assert run("assess", "-q", "--fail-on", "critical").exit_code == 1


def test_gate_exits_7_if_not_enough_is_known(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        result = run("assess", "--kubeconfig", str(cluster.kubeconfig(tmp_path)), "--fail-on", "critical", "-q")
    assert result.exit_code == 7 and "not enough known" in result.output


def test_snapshot_file_needs_no_assessment_folder(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = next((demo_folder / "snapshots").glob("*.zip"))
    monkeypatch.delenv("READINESS_DIR")
    monkeypatch.chdir(tmp_path)
    result = run("assess", str(snapshot))
    assert result.exit_code == 0 and "Not ready" in result.output
    assert not (tmp_path / "readiness.yaml").exists()
