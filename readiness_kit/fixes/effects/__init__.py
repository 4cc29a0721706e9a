"""The effects of calls and commands, one module a topic. Importing this package registers all of them."""

from __future__ import annotations

from readiness_kit.fixes.effects import (
    backups,
    cluster,
    collections,
    data,
    monitoring,
    placement,
    release,
    resources,
    security,
    storage,
)
from readiness_kit.fixes.effects.registry import EFFECTS, Effect, effect

__all__ = [
    "EFFECTS",
    "Effect",
    "backups",
    "cluster",
    "collections",
    "data",
    "effect",
    "monitoring",
    "placement",
    "release",
    "resources",
    "security",
    "storage",
]
