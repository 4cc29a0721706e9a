"""Kits on the demonstration and on an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.demo import install
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(install(tmp_path / "demo"))


@pytest.fixture
def empty(tmp_path: Path) -> Kit:
    return Kit(Folder(tmp_path / "new").create())
