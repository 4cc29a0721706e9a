"""Single values of Prometheus as lines of a finding. A value that is not there is not known, never zero."""

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
    """A scalar by its name in `kinds.prometheus.SCALARS`; None where it is not known."""
    found = facts.history.scalar(name, **labels)
    return None if found is None or math.isnan(found) else found


def measured(facts: ClusterFacts, *names: str) -> list[Check]:
    """A line for each value that is known, with its name as the field, so that its query can be shown."""
    return [
        weaviate_subject(facts, SAMPLES).info(name, f"{number(found)} ({SCALARS[name]})")
        for name in names
        if (found := value(facts, name)) is not None
    ]


def untold(facts: ClusterFacts, field: str, expected: str, message: str) -> Check:
    """A measurement that was not had: for want of Prometheus, or because it knows no such series."""
    reason = facts.missing(SAMPLES) or Reason.NOT_OBSERVABLE
    return weaviate_subject(facts, SAMPLES).unread(field, expected, reason, message=message)


def tool(one: Detection) -> Check:
    """A tool that was found, with its strongest sign."""
    first = one.facts[0]
    return Subject(first.ref, first.source).info(first.field, f"{one.tool}: {first.seen}")


def variables(facts: ClusterFacts, source: str, **defaults: str) -> list[Check]:
    """A line for each setting, as it is or with the server's default."""
    weaviate = facts.weaviate
    lines = []
    for name, default in defaults.items():
        known = weaviate.env(name)
        shown = (known.value or f"not set: {default}") if known.known else f"not known ({known.origin or known.state})"
        lines.append(weaviate_subject(facts, source).info(f"env {name}", shown))
    return lines
