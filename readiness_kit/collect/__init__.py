"""From a live cluster to a snapshot: connecting, checking permissions, reading, and the roles that this needs.

Names are loaded when first used, so that importing one module of this package does not load all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness_kit.collect.collection import Sources, collect_all
    from readiness_kit.collect.kubernetes.client import Connection, connect
    from readiness_kit.collect.kubernetes.collector import collect
    from readiness_kit.collect.kubernetes.kubeconfig import contexts
    from readiness_kit.collect.kubernetes.permissions import permissions
    from readiness_kit.collect.kubernetes.rbac import cluster_role
    from readiness_kit.collect.progress import Event, Progress

__all__ = [
    "Connection",
    "Event",
    "Progress",
    "Sources",
    "cluster_role",
    "collect",
    "collect_all",
    "connect",
    "contexts",
    "permissions",
]

_MODULES = {
    "collection": ("Sources", "collect_all"),
    "kubernetes.client": ("Connection", "connect"),
    "kubernetes.collector": ("collect",),
    "kubernetes.kubeconfig": ("contexts",),
    "kubernetes.permissions": ("permissions",),
    "kubernetes.rbac": ("cluster_role",),
    "progress": ("Event", "Progress"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
