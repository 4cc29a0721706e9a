"""Parameters of resources. Memory has one figure, `sizing.memory_limit`, in chart, advice and patch."""

from __future__ import annotations

import math

from readiness_kit.evidence.conditions.resources.memory import RATIO_GOOD
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter

GIB = 2**30


def _memory_gib(context: Context) -> int:
    """GiB for each pod: the recommendation, never less than the present limit; 0 where nothing was measured."""
    found = sizing.recommended(context.facts)
    present = quantity_of(context.facts.weaviate.container.resources.limits, "memory")
    return max(found, math.ceil(present / GIB)) if found and present == present else found


@parameter("memory_limit")
def memory_limit(context: Context) -> Value | OpenDecision:
    """The memory limit, `64Gi`."""
    gib = _memory_gib(context)
    if not gib:
        how = "collect with Prometheus after at least a week in use, or enter the expected data in `kit.what_if()`"
        return OpenDecision("memory", "the memory of each pod: neither usage nor data was measured", how)
    return Value(f"{gib}Gi", "the memory model and the peak of anonymous memory")


@parameter("gomemlimit")
def gomemlimit(context: Context) -> Value | OpenDecision:
    """GOMEMLIMIT for the memory limit, in the middle of the recommended 80 to 90 %."""
    limit = memory_limit(context)
    if isinstance(limit, OpenDecision):
        return limit
    return Value(f"{math.floor(_memory_gib(context) * sum(RATIO_GOOD) / 2)}GiB", f"85 % of {limit.value}")
