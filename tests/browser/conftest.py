"""A real JupyterLab for the shared Chromium. Servers are shared too; each test has a page of its own."""

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
    """Kept as build output, to be looked at."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def demo_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on the demonstration: only looked at, answers are changed elsewhere."""
    home = tmp_path_factory.mktemp("demo")
    with LabServer(install(home / "readiness-demo"), home) as server:
        yield server


@pytest.fixture(scope="module")
def new_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on the demonstration's evidence without an answer; one for each module."""
    from readiness_kit.paths import demo
    from readiness_kit.snapshot import load

    home = tmp_path_factory.mktemp("new")
    folder = Folder(home / "assessment").create()
    folder.add_snapshot(load(demo() / "cluster.zip"))
    with LabServer(folder, home) as server:
        yield server


@pytest.fixture
def open_notebook(browser: Any) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook of a server in a page of its own; its kernel ends with the test."""
    opened: list[Notebook] = []

    def opener(server: LabServer, name: str, **how: Any) -> Notebook:
        opened.append(Notebook(browser, server, name, **how))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()
