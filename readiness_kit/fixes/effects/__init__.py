"""What calls and commands change, projected onto a snapshot. Importing this package registers all effects.

An effect changes only what the call is certain to change. What only the running cluster can show (the counts of new
replicas, for example) is not invented: the answer that would hold it is marked as not observable.
"""

from __future__ import annotations

from readiness_kit.fixes.effects import collections, data, release, resources, storage
from readiness_kit.fixes.effects.registry import EFFECTS, effect

__all__ = ["EFFECTS", "collections", "data", "effect", "release", "resources", "storage"]
