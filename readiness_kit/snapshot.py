"""The snapshot: everything that was read from outside in one run, as one file.

A snapshot is a zip archive of JSON members: `manifest.json`, `calls.json`, `objects/<key>.json` for each kind that was
read and `answers/<key>.json` for each other source. All later steps read the snapshot only, so a notebook, a CI run and
a replay months later give the same findings. Members have a fixed order and fixed dates: the same content gives the
same bytes.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files, redact
from readiness_kit.decoding import decoder, plain
from readiness_kit.errors import UnreadableFileError
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import SCHEMA_VERSION, Call, Read, Reason

_OBJECTS, _JSON = "objects/", ".json"
MANIFESTS = "manifests"
"""The source of a snapshot of manifests, which describe a cluster that need not exist yet."""
MAX_MEMBER_BYTES = 1_000_000_000
MAX_RATIO = 200
"""Highest ratio of compression; JSON of a cluster reaches 20 to 40, a higher ratio indicates a zip bomb."""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metadata of a run. `namespaces` is its scope (empty for the whole cluster).

    `clock_skew`: by how many seconds the API server's clock is ahead of that of `taken_at`; 0 where not known.
    """

    schema: int
    kit: str
    taken_at: datetime
    context: str = ""
    server_version: str = ""
    namespaces: tuple[str, ...] = ()
    weaviate_namespaces: tuple[str, ...] = ()
    reads: tuple[Read, ...] = ()
    redactions: tuple[str, ...] = ()
    source: str = "cluster"
    tls_unverified: bool = False
    """Whether the certificate of the API server was not verified (`insecure-skip-tls-verify`)."""
    clock_skew: float = 0.0
    cluster: str = ""
    """Identifies the cluster, by a digest of the uid of its namespace kube-system; "" where it is not known."""


class Snapshot(msgspec.Struct, frozen=True):
    """`kept` maps keys of `kinds.KINDS` to the objects read, `answers` keys of `SOURCES` to the answers."""

    manifest: Manifest
    kept: dict[str, tuple[KubeObject, ...]]
    calls: tuple[Call, ...] = ()
    answers: dict[str, Any] = {}

    def objects(self, key: str) -> tuple[Any, ...]:
        """The objects of a kind; empty where it was not read, so check `missing`. Raises KeyError for other keys."""
        if key not in KINDS:
            raise KeyError(key)
        return self.kept.get(key, ())

    def answer(self, key: str) -> Any | None:
        """The answer of another source (a key of `kinds.sources.SOURCES`); None where there is none, see `missing`."""
        if key not in SOURCES:
            raise KeyError(key)
        return self.answers.get(key)

    def read(self, key: str) -> Read:
        """The record of a read; a kind that was not requested is `not_collected`."""
        for record in self.manifest.reads:
            if record.key == key:
                return record
        return Read(key, reason=Reason.NOT_COLLECTED, message="was not requested in this run")

    def missing(self, key: str) -> Reason | None:
        """Why a kind is not completely known; None where it is. Without its CRD, a kind is known to have no objects."""
        reason = self.read(key).reason
        kind = KINDS.get(key)
        if reason is Reason.ABSENT and kind is not None and kind.installable:
            return None
        return reason

    def save(self, path: Path) -> tuple[str, ...]:
        """Write the file atomically with mode 0600 and return what the final secret scan redacted.

        Raises UnreadableFileError where a secret could not be redacted: a quarantined copy is kept near the path, and
        nothing is written to the path itself.
        """
        members, found, remaining = self._scanned_members()
        if remaining:
            quarantine = path.with_name(path.name + ".quarantine")
            files.replace(quarantine, _zipped(members))
            raise UnreadableFileError(
                f"the snapshot still contains a possible secret ({', '.join(sorted(remaining))}) after redaction",
                f"inspect {quarantine}, do not share it, and report the field that contains the secret",
            )
        files.replace(path, _zipped(members))
        return found

    def _scanned_members(self) -> tuple[dict[str, bytes], tuple[str, ...], set[str]]:
        """The members by name, what was redacted in them, and the forms of credentials that are left."""
        parts: dict[str, Any] = {f"objects/{key}.json": self.kept[key] for key in sorted(self.kept)}
        parts |= {f"answers/{key}.json": self.answers[key] for key in sorted(self.answers)}
        parts["calls.json"] = self.calls
        members: dict[str, bytes] = {}
        found: list[str] = []
        left: set[str] = set()
        for name, value in parts.items():
            members[name], shapes, remaining = redact.redact_json(msgspec.json.encode(value))
            found += [f"{shape} in {name.removesuffix(_JSON).removeprefix(_OBJECTS)}" for shape in shapes]
            left.update(remaining)
        redactions = tuple(sorted({*self.manifest.redactions, *found}))
        manifest = msgspec.structs.replace(self.manifest, redactions=redactions)
        body, _, remaining = redact.redact_json(msgspec.json.encode(manifest))
        return {"manifest.json": body, **members}, tuple(found), left.union(remaining)


def load(path: Path) -> Snapshot:
    """Read a snapshot file. Raises UnreadableFileError for a missing, damaged or unsupported file."""
    hint = "collect again with `readiness collect`, or ask the sender for the file again"
    try:
        files.require_regular(path)
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            types = {f"objects/{key}.json": (key, tuple[kind.struct, ...]) for key, kind in KINDS.items()}  # type: ignore[name-defined]
            kept = _decoded(archive, types, path)
            answers = _decoded(archive, {f"answers/{key}.json": (key, kind) for key, kind in SOURCES.items()}, path)
            calls = decoder(tuple[Call, ...]).decode(_member(archive, "calls.json", path))
    except FileNotFoundError:
        raise UnreadableFileError(f"the snapshot {path} does not exist", "check the path") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise UnreadableFileError(f"the snapshot {path} is damaged or incomplete: {reason}", hint) from None
    except (msgspec.DecodeError, ValueError) as problem:
        raise UnreadableFileError(f"the snapshot {path} has invalid content: {problem}", hint) from None
    return Snapshot(manifest, kept, calls, answers)


def time_of(path: Path) -> datetime | None:
    """When a snapshot was taken, from its manifest alone; None for a file that is damaged or not a snapshot."""
    try:
        files.require_regular(path)
        with zipfile.ZipFile(path) as archive:
            return _manifest(archive, path).taken_at
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, UnreadableFileError):
        return None


def _decoded(archive: zipfile.ZipFile, types: dict[str, tuple[str, Any]], path: Path) -> dict[str, Any]:
    names = set(archive.namelist())
    return {
        key: decoder(kind).decode(_member(archive, name, path)) for name, (key, kind) in types.items() if name in names
    }


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    if "manifest.json" not in archive.namelist():
        raise UnreadableFileError(
            f"{path} is not a snapshot of this kit: it has no manifest.json",
            "use a .zip file that `readiness collect` created",
        )
    raw = _member(archive, "manifest.json", path)
    content = plain(raw)
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"the snapshot {path} has schema {schema}; this version reads schemas up to {SCHEMA_VERSION}",
            "update the kit (`pip install --upgrade readiness-kit`) and open it again",
        )
    manifest: Manifest = decoder(Manifest).decode(raw)
    return manifest


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > MAX_MEMBER_BYTES or info.file_size > MAX_RATIO * max(info.compress_size, 4096):
        raise UnreadableFileError(
            f"the snapshot {path} states {info.file_size:,} bytes for {name}, which exceeds the size limits",
            "ask the sender how the file was created",
        )
    with archive.open(info) as stream:
        body = stream.read(info.file_size + 1)
    if len(body) > info.file_size:
        raise UnreadableFileError(f"the snapshot {path} states a wrong size for {name}", "do not use the file")
    return body


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return buffer.getvalue()
