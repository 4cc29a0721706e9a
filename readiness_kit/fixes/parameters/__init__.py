"""The parameters of fixes, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.parameters import (
    availability,
    backups,
    cluster,
    collections,
    data,
    names,
    observability,
    placement,
    probes,
    release,
    resources,
    security,
    shards,
    storage,
    updates,
)
from readiness_kit.fixes.parameters.registry import PARAMETERS, Context, parameter

__all__ = [
    "PARAMETERS",
    "Context",
    "availability",
    "backups",
    "cluster",
    "collections",
    "data",
    "names",
    "observability",
    "parameter",
    "placement",
    "probes",
    "release",
    "resources",
    "security",
    "shards",
    "storage",
    "updates",
]
