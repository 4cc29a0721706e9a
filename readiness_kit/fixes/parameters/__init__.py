"""The parameters of fixes, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.parameters import (
    availability,
    backups,
    cluster,
    data,
    names,
    placement,
    probes,
    resources,
    shards,
    updates,
)
from readiness_kit.fixes.parameters.registry import PARAMETERS, Context, parameter

__all__ = [
    "PARAMETERS",
    "Context",
    "availability",
    "backups",
    "cluster",
    "data",
    "names",
    "parameter",
    "placement",
    "probes",
    "resources",
    "shards",
    "updates",
]
