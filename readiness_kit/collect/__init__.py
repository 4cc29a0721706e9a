"""From a live cluster to a snapshot: connecting, asking for the own rights, reading, and the roles that it takes.

Nothing here loads the `kubernetes` client before a connection is made.
"""

from __future__ import annotations

from readiness_kit.collect.collection import Sources, collect_all
from readiness_kit.collect.kubernetes.client import Connection, connect
from readiness_kit.collect.kubernetes.collector import Event, Progress, collect
from readiness_kit.collect.kubernetes.credentials import contexts
from readiness_kit.collect.kubernetes.permissions import permissions
from readiness_kit.collect.kubernetes.rbac import cluster_role

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
