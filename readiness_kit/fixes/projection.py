"""A snapshot after a change: objects and answers replaced, and the reads that a change makes unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from readiness_kit.fixes.merging import Objects
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot


def with_objects(snapshot: Snapshot, kept: Objects) -> Snapshot:
    """The snapshot with other objects."""
    return replace(snapshot, kept=dict(kept))


def with_answer(snapshot: Snapshot, key: str, value: Any) -> Snapshot:
    """The snapshot with another answer of one source."""
    return replace(snapshot, answers={**snapshot.answers, key: value})


def not_observable(snapshot: Snapshot, key: str, message: str) -> Snapshot:
    """The snapshot in which one read cannot be known, because only the running cluster can show it."""
    reads = tuple(
        replace(read, reason=Reason.NOT_OBSERVABLE, message=message) if read.key == key and not read.reason else read
        for read in snapshot.manifest.reads
    )
    return replace(snapshot, manifest=replace(snapshot.manifest, reads=reads))


def with_kind(snapshot: Snapshot, key: str, items: Iterable[KubeObject]) -> Snapshot:
    """The snapshot with other objects of one kind."""
    return with_objects(snapshot, {**snapshot.kept, key: tuple(items)})


def labelled(item: Any, labels: Mapping[str, str]) -> Any:
    """An object with more labels."""
    return replace(item, metadata=replace(item.metadata, labels={**item.metadata.labels, **labels}))
