from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit import demo
from readiness_kit.fleet.page import fleet, to_html
from readiness_kit.report.content import Content, of_session
from readiness_kit.report.rendering.document import document_of
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import freeze
from readiness_kit.workspace.session import Session
from tests.report import sample


@pytest.fixture(scope="session")
def plain() -> str:
    """The sample as the finished document."""
    return sample.export(sample.notebook(sample.page()))


@pytest.fixture(scope="session")
def hostile() -> str:
    """The document of an assessment with hostile text in every field."""
    return sample.export(sample.notebook(sample.hostile_page()))


@pytest.fixture(scope="session")
def empty() -> str:
    """The document before anybody answered and before anything was read."""
    return sample.export(sample.notebook(sample.empty_page()))


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demonstration's document with all its charts, compared with a milestone of no answers."""
    folder = demo.install(tmp_path_factory.mktemp("drawn") / "assessment").create()
    given = (folder.path / "answers.json").read_bytes()
    (folder.path / "answers.json").unlink()
    freeze(Session(folder).assessment(), "Before the workshop", folder.milestones)
    (folder.path / "answers.json").write_bytes(given)
    return document_of(sample.chapters(ReportPage.of(of_session(Session(folder)))))


@pytest.fixture(scope="session")
def side_by_side(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two clusters as a fleet."""
    home = tmp_path_factory.mktemp("fleet")
    folders = [demo.install(home / name) for name in ("north", "south")]
    folders[1].create().write_settings(cluster_name="<b>south</b>", profile="extended")
    (folders[1].path / "answers.json").unlink()
    return to_html(fleet([folder.path for folder in folders]))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The demonstration's assessment folder, which commands find by themselves."""
    folder = demo.install(tmp_path / "demo").create()
    monkeypatch.setenv("READINESS_DIR", str(folder.path))
    return folder


@pytest.fixture(params=sample.CONTENTS, ids=list(sample.CONTENTS))
def whole(request: pytest.FixtureRequest) -> Content:
    """The content of a report: ordinary, hostile, empty and of the extended profile."""
    return sample.CONTENTS[request.param]()
