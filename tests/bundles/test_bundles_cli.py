"""Bundles on the command line are assessed and reported like snapshots."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from readiness_kit import paths
from readiness_kit.cli import main
from readiness_kit.demo import SNAPSHOT
from readiness_kit.kinds import KINDS
from readiness_kit.serve import bodies
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration cluster as kubectl would print it, packed."""
    folder = tmp_path_factory.mktemp("bundle")
    lists = bodies(load(paths.demo() / SNAPSHOT))
    for key, kind in KINDS.items():
        if kind.path() in lists:
            (folder / f"{key}.json").write_text(json.dumps({**lists[kind.path()], "kind": "List", "apiVersion": "v1"}))
    path = folder / "customer.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(folder.glob("*.json")):
            archive.add(file, f"customer/{file.name}")
    return path


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_assess_takes_a_bundle(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    of_bundle = run("assess", bundle, "-o", "json")
    assert of_bundle.exit_code == 0, of_bundle.output
    of_snapshot = run("assess", paths.demo() / SNAPSHOT, "-o", "json")
    lines = [json.loads(result.stdout) for result in (of_bundle, of_snapshot)]
    assert lines[0].keys() == lines[1].keys()
    assert not list(tmp_path.iterdir())


def test_assess_says_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    for path in (tmp_path / "a.json", tmp_path / "none.zip"):
        done = run("assess", path)
        assert done.exit_code == 6 and path.name in done.output


def test_report_of_a_bundle_leaves_the_folder_as_it_is(bundle: Path, tmp_path: Path) -> None:
    home = Folder(tmp_path / "home").create()
    done = run("report", "-d", home.path, "-f", bundle, "-o", f"json={tmp_path / 'r.json'}")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["questions"]
    assert home.snapshots() == []
