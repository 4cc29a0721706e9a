"""Fixtures for the tests of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.demo import install


@pytest.fixture
def demo_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demonstration assessment, found by `$READINESS_DIR`."""
    folder = install(tmp_path / "demo").path
    monkeypatch.setenv("READINESS_DIR", str(folder))
    return folder
