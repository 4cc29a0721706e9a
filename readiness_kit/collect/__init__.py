"""From a live cluster to a snapshot: connecting, asking for the own rights, reading, and the roles that it takes.

Nothing here loads the `kubernetes` client before a connection is made.
"""

from __future__ import annotations

from readiness_kit.collect.connection import Connection, connect
from readiness_kit.collect.credentials import contexts
from readiness_kit.collect.kubernetes import WORKLOAD_READS, Event, Progress, collect
from readiness_kit.collect.permissions import permissions
from readiness_kit.collect.rbac import cluster_role
from readiness_kit.collect.sources import Sources, collect_all

__all__ = [
    "WORKLOAD_READS",
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
