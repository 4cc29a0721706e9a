"""Progress on standard error."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from readiness_kit.cli.progress import Collection, show_report
from readiness_kit.collect import Event
from tests.support.commands import run
from tests.support.served import ServedCluster


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def collect_two_kinds(progress: Collection) -> None:
    with progress:
        progress(Event("pods", 0, 2, 0, "start"))
        progress(Event("pods", 1, 2, 12, "done"))
        progress(Event("prometheus/up", 2, 2, 0, "refused"))


def test_one_rewritten_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    collect_two_kinds(Collection())
    text = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert text.startswith("\r\033[K  0/2 pods start\r") and text.endswith("2/2 prometheus/up refused\n")


def test_one_line_for_each_source_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    collect_two_kinds(Collection())
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Kubernetes: 1 read, 1 done", "Prometheus: 1 read, 1 refused"]
    assert len(lines) == 3 and lines[2].startswith("Collected in ")


def test_nothing_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    collect_two_kinds(Collection(quiet=True))
    assert capsys.readouterr().err == ""


def test_a_whole_collection_is_at_most_ten_lines(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = str(served_good.kubeconfig(tmp_path))
    result = run("collect", "-d", tmp_path / "new", "--kubeconfig", kubeconfig)
    assert result.exit_code == 0 and len(result.stderr.splitlines()) <= 10, result.stderr


def test_report_in_a_log_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for done in range(4):
        show_report(done, 4)
    assert capsys.readouterr().err == "Writing the report …\n"
