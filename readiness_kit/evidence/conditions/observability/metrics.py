"""Single values of Prometheus, settings and tools as informational checks. A missing value is unknown, never zero."""

from __future__ import annotations

import math

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.prometheus import SCALARS
from readiness_kit.model import Check, Detection, Reason

SAMPLES, HISTORY, TRAFFIC = "prometheus/weaviate", "prometheus/history", "prometheus/traffic"


def number(value: float) -> str:
    """12345.6 -> "12,346"; 0.25 -> "0.25"."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def value(facts: ClusterFacts, name: str, **labels: str) -> float | None:
    """A scalar by its name in `kinds.prometheus.SCALARS`; None where it is unknown."""
    found = facts.history.scalar(name, **labels)
    return None if found is None or math.isnan(found) else found


def measured(facts: ClusterFacts, *names: str) -> list[Check]:
    """A check for each known value, with its name as the field, so that its query can be shown."""
    on = weaviate_subject(facts, SAMPLES)
    return [
        on.info(name, f"{number(found)} ({SCALARS[name]})")
        for name in names
        if (found := value(facts, name)) is not None
    ]


def unmeasured(facts: ClusterFacts, field: str, expected: str, message: str) -> Check:
    """A value that is unknown: Prometheus was not read, or has no such series."""
    reason = facts.missing(SAMPLES) or Reason.NOT_OBSERVABLE
    return weaviate_subject(facts, SAMPLES).unread(field, expected, reason, message=message)


def tool(detection: Detection) -> Check:
    """A detected tool, with its strongest indicator."""
    first = detection.facts[0]
    return Subject(first.ref, first.source).info(first.field, f"{detection.tool}: {first.seen}")


def variables(facts: ClusterFacts, **defaults: str) -> list[Check]:
    """A check for each environment variable, with its value or the default of the server."""
    on, checks = weaviate_subject(facts), []
    for name, default in defaults.items():
        value = facts.weaviate.env(name)
        shown = (value.value or f"not set: {default}") if value.known else f"not known ({value.origin or value.state})"
        checks.append(on.info(f"env {name}", shown))
    return checks
