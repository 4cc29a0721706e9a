"""The parameters of fixes, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.parameters import (
    access,
    availability,
    backups,
    cluster,
    collections,
    data,
    exposure,
    identity,
    monitoring,
    names,
    placement,
    policies,
    probes,
    release,
    resources,
    shards,
    storage,
    updates,
)
from readiness_kit.fixes.parameters.registry import PARAMETERS, Context, parameter

__all__ = [
    "PARAMETERS",
    "Context",
    "access",
    "availability",
    "backups",
    "cluster",
    "collections",
    "data",
    "exposure",
    "identity",
    "monitoring",
    "names",
    "parameter",
    "placement",
    "policies",
    "probes",
    "release",
    "resources",
    "shards",
    "storage",
    "updates",
]
