"""The metadata of Kubernetes objects, and the base classes of all kinds."""

from __future__ import annotations

from datetime import datetime

import msgspec


class KubeStruct(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Base of the kinds: camelCase in JSON; unknown fields are dropped, missing fields have their default."""


class OwnerReference(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""
    controller: bool = False


class ObjectMeta(KubeStruct, frozen=True, gc=False):
    """Redaction keeps only the annotations in `allowed.ANNOTATIONS`; managedFields are never decoded."""

    name: str = ""
    namespace: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()


class PodMeta(ObjectMeta, frozen=True, gc=False):
    """With the uid, by which series of Prometheus are related to a pod of one cluster."""

    uid: str = ""


class KubeObject(KubeStruct, frozen=True, gc=False):
    """An object of a list. The API server omits `kind` and `apiVersion` in lists."""

    metadata: ObjectMeta = ObjectMeta()


class Requirement(KubeStruct, frozen=True, gc=False):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(KubeStruct, frozen=True, gc=False):
    """An absent selector (None) selects nothing, an empty one (`{}`, the empty Struct) everything."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class Condition(KubeStruct, frozen=True, gc=False):
    """A condition without its `message`, which is free text."""

    type: str = ""
    status: str = ""
    reason: str = ""
    last_transition_time: datetime | None = None
