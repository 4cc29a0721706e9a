"""JupyterLab servers, shared between tests; each test has a separate page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from readiness_kit.workspace.folder import Folder
from tests.browser.lab import LabServer, Notebook

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for screenshots, below the build output."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def demo_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on the demonstration; tests do not change its answers."""
    home = tmp_path_factory.mktemp("demo")
    with LabServer(install(home / "readiness-demo"), home) as server:
        yield server


@pytest.fixture(scope="module")
def new_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on the evidence of the demonstration without answers; one server for each module."""
    from readiness_kit.paths import demo
    from readiness_kit.snapshot import load

    home = tmp_path_factory.mktemp("new")
    folder = Folder(home / "assessment").create()
    folder.add_snapshot(load(demo() / "cluster.zip"))
    with LabServer(folder, home) as server:
        yield server


@pytest.fixture
def open_notebook(browser: Any) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook of a server in a new page; its kernel ends with the test."""
    opened: list[Notebook] = []

    def opener(server: LabServer, name: str, **how: Any) -> Notebook:
        opened.append(Notebook(browser, server, name, **how))
        return opened[-1]

    yield opener
    for notebook in opened:
        notebook.close()
