"""Files of bundles: damaged, hostile and oversized archives."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.bundles import load
from readiness_kit.bundles.files import files
from readiness_kit.errors import UnreadableFileError
from tests.collect.conftest import pod
from tests.support.bundles import PODS, names, of_kubectl, tarred, troubleshoot, write


@pytest.mark.parametrize(
    ("name", "body"), [("a.tar.gz", b"\x1f\x8b\x08rubbish"), ("a.bin", b"rubbish"), ("a.tgz", b"")]
)
def test_what_is_no_bundle(tmp_path: Path, name: str, body: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(UnreadableFileError):
        load(path)


def test_a_tar_cut_short(tmp_path: Path) -> None:
    path = tarred(troubleshoot(tmp_path / "b", bare=False), tmp_path / "b.tar.gz", "b")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFileError, match="damaged or incomplete"):
        load(path)


def member(archive: tarfile.TarFile, name: str, body: bytes = b"", **fields: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(body)
    for field, value in fields.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(body))


def test_names_that_climb_and_links_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps(of_kubectl(pod("stolen", "db"), kind="Pod")))
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w") as archive:
        member(archive, "../../climbed/pods.json", json.dumps(of_kubectl(*PODS, kind="Pod")).encode())
        member(archive, "link/pods.json", type=tarfile.SYMTYPE, linkname=str(outside))
        member(archive, "hard/pods.json", type=tarfile.LNKTYPE, linkname=str(outside))
        member(archive, "device/pods.json", type=tarfile.CHRTYPE)
        member(archive, "pipe/pods.json", type=tarfile.FIFOTYPE)
    before = sorted(tmp_path.parent.rglob("*"))
    assert names(load(path), "pods") == ["weaviate-0"]
    assert sorted(tmp_path.parent.rglob("*")) == before
    folder = tmp_path / "folder"
    write(folder, **{"pods.json": of_kubectl(*PODS, kind="Pod")})
    (folder / "more.json").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.json")
    assert names(load(folder), "pods") == ["weaviate-0"]


def test_bombs_are_not_read_to_their_end(tmp_path: Path) -> None:
    tar = tmp_path / "b.tar.gz"
    with tarfile.open(tar, "w:gz") as archive:
        member(archive, "logs/huge.log", b"\0" * 60_000_000)
        member(archive, "pods.json", b"{}")
    zipped = tmp_path / "b.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pods.json", b" " * 60_000_000)
    for path in (tar, zipped):
        with pytest.raises(UnreadableFileError, match="exceeds the size limits"):
            list(files(path, lambda name: True))
