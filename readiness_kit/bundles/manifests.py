"""Manifests that are not applied yet: how they differ from the objects of a cluster, and what they can prove.

An API server gives each object a uid, a resource version and a creation time, and kubectl writes lists. Manifests have
none of these. They show what they contain and nothing else, so the absence of a kind proves something only where the
author of a Weaviate workload writes that kind with it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import MANIFESTS, Snapshot

DEFAULT_NAMESPACE = "default"
ALWAYS_RENDERED = ("poddisruptionbudgets",)
"""Kinds that belong to the manifests of the workload, as in the official chart: without one, there is none."""
RENDERED_IF_ANY = ("services",)
"""Kinds that count as complete where the manifests hold at least one object of them."""
_TOOL_FILES = ("taken_at", "cluster_version.json", "version.json", "apis.json", "groups.json", "api-resources.txt")
_JOIN = "CLUSTER_JOIN"
_SERVICE_HOST = re.compile(r"^[a-z0-9-]{1,63}\.([a-z0-9-]{1,63})\.svc(?:\.|:|$)")


class _Stored(msgspec.Struct, rename="camel", gc=False):
    """What only the API server writes into metadata."""

    uid: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None


class _Head(msgspec.Struct, rename="camel", gc=False):
    kind: str = ""
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class Signs:
    """Collects, while files are read, whether they come from a cluster or are manifests."""

    def __init__(self) -> None:
        self._from_cluster = False
        self._objects = 0

    @property
    def of_manifests(self) -> bool:
        """Whether everything read so far is manifests."""
        return bool(self._objects) and not self._from_cluster

    def file(self, name: str) -> None:
        """A file by its last name: some are written only by tools that read a cluster."""
        self._from_cluster = self._from_cluster or name in _TOOL_FILES

    def document(self, body: bytes, *, listed: bool) -> None:
        """A JSON document. `kind: List` without metadata is how manifests are put together; kubectl writes metadata."""
        if listed:
            try:
                head = decoder(_Head).decode(body)
            except UNDECODABLE:
                head = _Head()
            by_hand = head.kind == "List" and bytes(head.metadata).strip() in (b"{}", b"null")
            self._from_cluster = self._from_cluster or not by_hand

    def object(self, metadata: msgspec.Raw) -> None:
        """An object of any kind, by its metadata."""
        self._objects += 1
        try:
            stored = decoder(_Stored).decode(metadata)
        except UNDECODABLE:
            return
        marks = (stored.uid, stored.resource_version, stored.creation_timestamp)
        self._from_cluster = self._from_cluster or any(marks)


def of_manifests(found: Snapshot) -> Snapshot:
    """The snapshot of a bundle as one of manifests: dated now, with namespaces, and with what their absence proves."""
    namespace = _namespace(found)
    kept = {
        key: tuple(_placed(item, namespace) if KINDS[key].namespaced else item for item in items)
        for key, items in found.kept.items()
    }
    manifest = msgspec.structs.replace(
        found.manifest,
        source=MANIFESTS,
        taken_at=datetime.now(UTC),
        namespaces=(),
        weaviate_namespaces=tuple(name or namespace for name in found.manifest.weaviate_namespaces),
        reads=tuple(_record(read, found) for read in found.manifest.reads),
    )
    return msgspec.structs.replace(found, manifest=manifest, kept=kept)


def _record(read: Read, found: Snapshot) -> Read:
    if read.reason not in (None, Reason.NOT_COLLECTED) or read.key not in KINDS:
        return read
    complete = read.key in ALWAYS_RENDERED or (read.key in RENDERED_IF_ANY and read.count)
    if complete:
        return Read(read.key, read.count, message="as in the manifests")
    message = "only those in the manifests" if read.count else "is not in the manifests"
    return Read(read.key, read.count, reason=Reason.NOT_COLLECTED, message=message, partial=bool(read.count))


def _placed(item: KubeObject, namespace: str) -> KubeObject:
    if item.metadata.namespace:
        return item
    metadata = msgspec.structs.replace(item.metadata, namespace=namespace)
    return msgspec.structs.replace(item, metadata=metadata)


def _namespace(found: Snapshot) -> str:
    """The namespace of objects that name none: that of the members in CLUSTER_JOIN, otherwise the default one."""
    workloads: tuple[Any, ...] = (*found.objects("statefulsets"), *found.objects("deployments"))
    for workload in workloads:
        for container in workload.spec.template.spec.containers:
            for variable in container.env:
                if variable.name == _JOIN and (host := _SERVICE_HOST.match(variable.value or "")):
                    return host[1]
    return DEFAULT_NAMESPACE
