"""The parameters of fixes, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.parameters import (
    access,
    availability,
    collections,
    data,
    exposure,
    identity,
    monitoring,
    names,
    policies,
    release,
    resources,
    storage,
)
from readiness_kit.fixes.parameters.registry import PARAMETERS, Context, parameter

__all__ = [
    "PARAMETERS",
    "Context",
    "access",
    "availability",
    "collections",
    "data",
    "exposure",
    "identity",
    "monitoring",
    "names",
    "parameter",
    "policies",
    "release",
    "resources",
    "storage",
]
