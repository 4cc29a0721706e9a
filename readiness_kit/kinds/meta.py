"""What every Kubernetes object carries, and the base of all kinds."""

from __future__ import annotations

from datetime import datetime

import msgspec


class KubeStruct(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Base of the kinds: camelCase on the wire, unnamed fields dropped, missing ones at their default."""


class OwnerReference(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""
    controller: bool = False


class ObjectMeta(KubeStruct, frozen=True, gc=False):
    """Of annotations only those of `allowed.ANNOTATIONS` survive a scrub; managedFields are never decoded."""

    name: str = ""
    namespace: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()


class KubeObject(KubeStruct, frozen=True, gc=False):
    """An object of a list. `kind` and `apiVersion` are left out by the API server inside lists."""

    metadata: ObjectMeta = ObjectMeta()


class Requirement(KubeStruct, frozen=True, gc=False):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(KubeStruct, frozen=True, gc=False):
    """None on the wire selects nothing, `{}` everything; both survive, as None and as the empty Struct."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class Condition(KubeStruct, frozen=True, gc=False):
    """A condition; `message` is left out, because it is free text from anywhere."""

    type: str = ""
    status: str = ""
    reason: str = ""
    last_transition_time: datetime | None = None
