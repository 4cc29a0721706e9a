"""The parameters of fixes, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.parameters import availability, collections, data, names, release, resources, storage
from readiness_kit.fixes.parameters.registry import PARAMETERS, Context, parameter

__all__ = [
    "PARAMETERS",
    "Context",
    "availability",
    "collections",
    "data",
    "names",
    "parameter",
    "release",
    "resources",
    "storage",
]
