"""The files of the fixes beside the HTML report."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from readiness_kit.demo import install
from readiness_kit.report.content import Content, of_session, pseudonymised_of
from readiness_kit.report.exports.attachments import attach, attachments
from readiness_kit.workspace.session import Session
from tests.report import sample


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(install(tmp_path_factory.mktemp("demonstration")))


@pytest.fixture(scope="module")
def whole(session: Session) -> Content:
    return of_session(session)


def test_the_folder_has_patch_manifests_commands_and_plan(whole: Content, tmp_path: Path) -> None:
    written = attach(whole, tmp_path / "report.html", {})
    paths = {path.relative_to(tmp_path / "report-files").as_posix() for path in written}
    assert {"values-patch.yaml", "commands.md", "plan.json"} < paths
    assert any(path.startswith("manifests/") for path in paths)
    plan = json.loads((tmp_path / "report-files" / "plan.json").read_bytes())
    assert 0 < len(plan["actions"]) <= 15


def test_files_of_an_earlier_report_are_replaced(whole: Content, tmp_path: Path) -> None:
    old = tmp_path / "report-files" / "manifests" / "networkpolicy-old.yaml"
    old.parent.mkdir(parents=True)
    old.write_text("kind: NetworkPolicy\n")
    attach(whole, tmp_path / "report.html", {})
    assert not old.exists()


def test_a_pseudonymised_report_has_no_real_names_in_them(session: Session, tmp_path: Path) -> None:
    of, known = pseudonymised_of(session)
    for path in attach(of, tmp_path / "report.html", known.names):
        assert "fjord" not in path.read_text("utf-8").lower()


def test_without_a_cluster_there_is_no_folder(tmp_path: Path) -> None:
    of = msgspec.structs.replace(sample.whole(), facts=None)
    assert attachments(of) == {} and attach(of, tmp_path / "report.html", {}) == ()
    assert not (tmp_path / "report-files").exists()
