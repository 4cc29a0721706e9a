"""Sizing advice from the history of use, at the end of the section on resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from readiness_kit.facts.analysis.advice import advice
from readiness_kit.labels import SIZING_HEAD, SIZING_UNCHANGED
from readiness_kit.markup import render

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


def sizing(facts: ClusterFacts | None) -> Markup:
    """A table of advice; empty where there is less than a week of history."""
    if facts is None or facts.history.missing("usage") is not None:
        return Markup()
    frame = facts.history.containers
    rows = frame[frame["weaviate"] & frame["current"] & frame["enough"]]
    if rows.empty:
        return Markup()
    return render(
        "chapters/sizing.html.j2",
        days=rows["window_days"].min(),
        advice=advice(facts),
        head=SIZING_HEAD,
        unchanged=SIZING_UNCHANGED,
    )
