"""The assessment folder of a command: named, found, created or temporary."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.cli.folder import assessment_folder, open_folder
from readiness_kit.errors import ConfigError


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folder_is_created_only_on_request(empty: Path) -> None:
    for path in (None, empty / "new"):
        with pytest.raises(ConfigError):
            open_folder(path)
    assert list(empty.iterdir()) == []
    assert open_folder(empty / "new", create=True).path == empty / "new"
    assert open_folder(empty / "new").settings.customer == ""
    assert open_folder(None, create=True).path == empty
    assert open_folder(None).path == empty


def test_optional_folder_is_temporary_if_none_is_found(empty: Path) -> None:
    with assessment_folder(None, optional=True) as folder:
        assert (folder.path / "readiness.yaml").is_file()
    assert not folder.path.exists()
    assert list(empty.iterdir()) == []


def test_named_folder_must_exist_even_if_optional(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, optional in ((None, False), (empty, True)):
        with pytest.raises(ConfigError), assessment_folder(path, optional=optional):
            pytest.fail("opened")
    monkeypatch.setenv("READINESS_DIR", str(empty / "gone"))
    with pytest.raises(ConfigError), assessment_folder(None, optional=True):
        pytest.fail("opened")


def test_existing_folder_is_used_and_kept(empty: Path) -> None:
    open_folder(empty, create=True)
    with assessment_folder(None, optional=True) as folder:
        assert folder.path == empty
    assert (empty / "readiness.yaml").is_file()
