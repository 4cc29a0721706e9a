"""Nodes, namespaces, configuration, events and leases of the control plane."""

from __future__ import annotations

from datetime import datetime

import msgspec

from readiness_kit.kinds.meta import Condition, KubeObject, KubeStruct


class Taint(KubeStruct, frozen=True, gc=False):
    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(KubeStruct, frozen=True, gc=False):
    provider_id: str = msgspec.field(default="", name="providerID")
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False


class NodeInfo(KubeStruct, frozen=True, gc=False):
    kubelet_version: str = ""
    os_image: str = ""
    architecture: str = ""
    container_runtime_version: str = ""


class NodeStatus(KubeStruct, frozen=True, gc=False):
    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(KubeObject, frozen=True, gc=False):
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class Namespace(KubeObject, frozen=True, gc=False):
    pass


class ConfigMap(KubeObject, frozen=True, gc=False):
    """After redaction `data` holds Weaviate's parsed configuration as JSON, and known variables."""

    data: dict[str, str] = {}


class CiliumSettings(KubeStruct, frozen=True, gc=False):
    """`enable_policy` is default, always or never after redaction; "" where it is not set."""

    enable_policy: str = msgspec.field(default="", name="enable-policy")


class CiliumConfig(KubeObject, frozen=True, gc=False):
    """The ConfigMap of Cilium, of which one setting is decoded."""

    data: CiliumSettings = CiliumSettings()


class ServiceAccount(KubeObject, frozen=True, gc=False):
    automount_service_account_token: bool | None = None


class ObjectReference(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    namespace: str = ""
    name: str = ""


class Event(KubeObject, frozen=True, gc=False):
    """`message` is free text and not kept."""

    type: str = ""
    reason: str = ""
    count: int = 0
    last_timestamp: datetime | None = None
    involved_object: ObjectReference = ObjectReference()


class LeaseSpec(KubeStruct, frozen=True, gc=False):
    holder_identity: str = ""
    renew_time: datetime | None = None
    lease_duration_seconds: int = 0


class Lease(KubeObject, frozen=True, gc=False):
    spec: LeaseSpec = LeaseSpec()


class NameOnly(KubeObject, frozen=True, gc=False):
    """Kinds of which only the existence is used."""
