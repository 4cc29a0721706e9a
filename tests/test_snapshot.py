"""Snapshot files: a round trip, and damaged or hostile files."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness_kit import redact, snapshot
from readiness_kit.errors import UnreadableFileError
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import ObjectMeta, PodMeta
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.model import SCHEMA_VERSION, Call, Read, Reason
from readiness_kit.snapshot import Manifest, Snapshot, load

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "ghp_" + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1RoT"


def made(**metadata: str) -> Snapshot:
    reads = (
        Read("nodes", 1),
        Read("pods", reason=Reason.FORBIDDEN, message="no"),
        Read("prometheuses", reason=Reason.ABSENT),
        Read("podmetrics", reason=Reason.ABSENT),
    )
    manifest = Manifest(SCHEMA_VERSION, "0", datetime(2026, 11, 24, tzinfo=UTC), "ctx", "v1.36.2", reads=reads)
    kept = {
        "nodes": (Node(ObjectMeta("n1", labels={"zone": "a"})),),
        "pods": (Pod(PodMeta("p", **metadata), PodSpec(containers=(Container("c", image="i@sha256:ab"),))),),  # type: ignore[arg-type]
    }
    return Snapshot(manifest, kept, (Call("kubernetes", "GET", "/version", 200, 0.1, 10),))


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    saved = made()
    path = tmp_path / "deep" / "one.zip"
    assert saved.save(path) == ()
    assert load(path) == saved
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["one.zip"]


def test_same_content_gives_same_bytes(tmp_path: Path) -> None:
    made().save(tmp_path / "a.zip")
    made().save(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_is_missing_and_why() -> None:
    kept = made()
    assert kept.missing("nodes") is None
    assert kept.missing("pods") is Reason.FORBIDDEN
    assert kept.missing("services") is Reason.NOT_COLLECTED
    # Without its CRD there is no object of a kind, which is knowledge; a missing metrics server is not.
    assert kept.missing("prometheuses") is None
    assert kept.missing("podmetrics") is Reason.ABSENT
    with pytest.raises(KeyError):
        kept.objects("secrets")


def test_the_last_net_redacts_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    found = made(namespace=TOKEN).save(path)
    assert found == ("GitHub token in pods",)
    again = load(path)
    assert again.objects("pods")[0].metadata.namespace == "[redacted]"
    assert again.manifest.redactions == found
    with zipfile.ZipFile(path) as archive:
        assert all(TOKEN.encode() not in archive.read(name) for name in archive.namelist())


def test_what_cannot_be_redacted_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "redact_json", lambda body: (body, [], redact.secret_shapes(body)))
    path = tmp_path / "s.zip"
    with pytest.raises(UnreadableFileError, match="GitHub token"):
        made(namespace=TOKEN).save(path)
    assert not path.exists()
    quarantined = tmp_path / "s.zip.quarantine"
    assert quarantined.stat().st_mode & 0o777 == 0o600


def rewritten(path: Path, **members: bytes) -> Path:
    """A saved snapshot with some of its members replaced."""
    made().save(path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    replaced = {name.replace("__", "/") + ".json": body for name, body in members.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**content, **replaced}.items():
            archive.writestr(name, body)
    return path


def manifest_with(**fields: object) -> bytes:
    plain = {"schema": SCHEMA_VERSION, "kit": "0", "taken_at": "2026-11-24T00:00:00Z"}
    return json.dumps({**plain, **fields}).encode()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="does not exist"):
        load(tmp_path / "none.zip")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.98])
def test_a_file_cut_short(tmp_path: Path, part: float) -> None:
    path = tmp_path / "s.zip"
    made().save(path)
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * part)])
    with pytest.raises(UnreadableFileError, match="damaged or incomplete") as raised:
        load(path)
    assert "collect again" in raised.value.hint


def test_bytes_flipped_inside(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    made().save(path)
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("objects/pods.json").header_offset + 60
    body = bytearray(path.read_bytes())
    body[at] ^= 0xFF
    path.write_bytes(body)
    with pytest.raises(UnreadableFileError):
        load(path)


@pytest.mark.parametrize("schema", [SCHEMA_VERSION + 1, "x", None])
def test_a_newer_schema_is_refused_by_name(tmp_path: Path, schema: object) -> None:
    with pytest.raises(UnreadableFileError, match=f"schema {schema}") as raised:
        load(rewritten(tmp_path / "s.zip", manifest=manifest_with(schema=schema)))
    assert "update the kit" in raised.value.hint


@pytest.mark.parametrize("manifest", [b"[]", b"null", b"7", b"{", manifest_with(taken_at=5), b"\xff\xfe"])
def test_a_manifest_of_another_shape(tmp_path: Path, manifest: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        load(rewritten(tmp_path / "s.zip", manifest=manifest))


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFileError, match="no manifest"):
        load(path)


def test_no_zip_at_all(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="damaged"):
        load(path)


def test_objects_of_wrong_types(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="invalid content"):
        load(rewritten(tmp_path / "s.zip", objects__pods=b'[{"metadata": 5}]'))


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="exceeds the size limits"):
        load(rewritten(tmp_path / "s.zip", objects__pods=b" " * 50_000_000))


def test_members_that_nobody_knows_are_left_alone(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "s.zip", objects__secrets=b"[]")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../outside.json", "[]")
    assert set(load(path).kept) == {"nodes", "pods"}
    assert not (tmp_path.parent / "outside.json").exists()


def test_the_module_is_what_the_kit_imports() -> None:
    assert snapshot.load is load


DECODERS_AT_ONCE = """
import random, sys, threading
from readiness_kit.kinds import KINDS
from readiness_kit.decoding import decoder
sys.setswitchinterval(1e-6)
together = threading.Barrier(16)
def work(kinds):
    together.wait()
    for kind in kinds:
        decoder(tuple[kind.struct, ...]).decode(b'[{"metadata": {"name": "a", "labels": {"a": "b"}}}]')
threads = [threading.Thread(target=work, args=(random.sample(list(KINDS.values()), len(KINDS)),)) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_decoders_made_by_many_threads_at_once_do_not_end_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", DECODERS_AT_ONCE], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
