"""The key and the reverse list of the pseudonyms, in `private/` of an assessment folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files
from readiness_kit.decoding import UNDECODABLE
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import Settings
from readiness_kit.report.privacy.pseudonyms import Pseudonyms
from readiness_kit.snapshot import Snapshot

KEY_BYTES = 32


def of_folder(private: Path) -> Pseudonyms:
    """The pseudonyms of an assessment. Its key is created (0600) on first use; `private` is Folder.private.

    Raises UnreadableFileError for a key file without a key.
    """
    path = private / "pseudonyms.key"
    with files.locked(path):
        private.chmod(0o700)
        if not path.exists():
            files.replace(path, secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")
    try:
        text = files.read(path).decode("ascii", "replace").strip()
    except OSError as problem:
        raise UnreadableFileError(
            f"the pseudonym key {path} cannot be read: {problem.strerror}", "check the file and its permissions"
        ) from None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise UnreadableFileError(
            f"the file {path} does not contain a pseudonym key of 128 bits or more",
            "restore the file, or delete it to get new pseudonyms",
        )
    path = private / "pseudonyms.json"
    return Pseudonyms(key, _load_list(path) if path.exists() else {})


@contextmanager
def changed(private: Path, names: Pseudonyms) -> Iterator[None]:
    """Holds the reverse list while names are added, and saves them in it; only the owner of the folder can read it.

    Two exports at the same time cannot give one pseudonym to two names. Earlier entries stay. Raises
    UnreadableFileError for a list that cannot be read.
    """
    path = private / "pseudonyms.json"
    with files.locked(path):
        earlier = _load_list(path) if path.exists() else {}
        names.adopt(earlier)
        yield
        added = {pseudonym: name for name, pseudonym in reversed(names.names.items()) if pseudonym}
        if not added.keys() <= earlier.keys():
            files.replace(path, files.pretty({**added, **earlier}))


def _load_list(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(files.read(path), type=dict[str, str])
    except (OSError, *UNDECODABLE) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else f"{problem}"[:200]
        raise UnreadableFileError(
            f"the list of pseudonyms {path} cannot be read: {reason}",
            "move it away: a new list is created, with the same pseudonyms",
        ) from None


@contextmanager
def learned(private: Path, parts: Iterable[Any], settings: Settings) -> Iterator[Pseudonyms]:
    """The pseudonyms of the names in `parts` (snapshots and assessments) and in the settings; `changed` while in use.

    Names may be found while others are replaced, so replace everything that is known within the context.
    """
    known = of_folder(private)
    with changed(private, known):
        known.learn_settings(settings)
        for part in parts:
            if isinstance(part, Snapshot):
                if part.manifest.context:
                    known.learn_phrase("cluster", part.manifest.context)
                known.learn_snapshot(part)
            else:
                known.learn_assessment(part)
        yield known
