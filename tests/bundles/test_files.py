"""Files of bundles: damaged, hostile and oversized archives."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit.bundles import load
from readiness_kit.bundles.files import files
from readiness_kit.errors import UnreadableFileError
from tests.collect.conftest import listed, pod, small

LISTS = small()


PODS = LISTS["/api/v1/pods"]["items"]


def of_kubectl(*items: Mapping[str, Any], kind: str = "", api: str = "v1") -> dict[str, Any]:
    """What `kubectl get -o json` prints: a List whose items say what they are."""
    named = [{"kind": kind, "apiVersion": api, **item} if kind else dict(item) for item in items]
    return {"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""}, "items": named}


def write(folder: Path, **contents: Any) -> Path:
    """Files by path with `__` for `/` (and `_json` for `.json`)."""
    for name, content in contents.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder


def tarred(folder: Path, to: Path, top: str) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        archive.add(folder, top)
    return to


def names(snapshot: Any, key: str) -> list[str]:
    return [item.metadata.name for item in snapshot.objects(key)]


def troubleshoot(folder: Path, *, bare: bool) -> Path:
    """A support bundle; old versions wrote bare arrays without kinds."""

    def content(path: str, namespace: str = "") -> Any:
        items = [one for one in LISTS[path]["items"] if not namespace or one["metadata"]["namespace"] == namespace]
        return items if bare else {**LISTS[path], "items": items}

    by_namespace = {
        f"cluster-resources__{name}__{namespace}.json": content(path, namespace)
        for name, path in (("pods", "/api/v1/pods"), ("statefulsets", "/apis/apps/v1/statefulsets"))
        for namespace in ("db", "web")
    }
    schedule = [
        {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "daily", "namespace": "velero"}}
    ]
    return write(
        folder,
        **by_namespace,
        **{
            "cluster-resources__nodes.json": content("/api/v1/nodes"),
            "cluster-resources__namespaces.json": content("/api/v1/namespaces"),
            "cluster-resources__pvcs__web.json": [] if bare else listed("PersistentVolumeClaim", "v1"),
            "cluster-resources__storage-classes-errors.json": ["storageclasses is forbidden: no"],
            "cluster-resources__services-errors.json": {},
            "cluster-resources__custom-resources__schedules.velero.io__velero.yaml": yaml.safe_dump(schedule).encode(),
            "cluster-resources__pods__logs__db__weaviate-0__weaviate.json": b"{}",
            "cluster-resources__groups.json": [{"kind": "APIGroup", "name": "apps", "versions": [{"version": "v1"}]}],
            "cluster-info__cluster_version.json": {"info": {"gitVersion": "v1.31.2"}, "string": "v1.31.2"},
        },
    )


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
