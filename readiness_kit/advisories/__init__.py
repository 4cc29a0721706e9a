"""The advisor on versions: known faults, support windows, upgrade steps and settings, as dated tables.

The tables are the YAML files in this folder. `match` gives the advisories that concern a cluster, `READS` the keys of
what has to be collected for it.
"""

from __future__ import annotations

from readiness_kit.advisories.conditions import READS
from readiness_kit.advisories.matching import match

__all__ = ["READS", "match"]
