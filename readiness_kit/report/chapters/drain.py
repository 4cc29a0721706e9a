"""Which nodes can be drained now and in which order to upgrade them, at the end of the section on availability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from readiness_kit.facts.analysis import drain as drains_of
from readiness_kit.markup import render

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


def drain(facts: ClusterFacts | None) -> Markup:
    """A sentence for each node with Weaviate; empty where no pod is on a node."""
    found = drains_of.drains(facts) if facts is not None else ()
    if facts is None or not found:
        return Markup()
    return render("chapters/drain.html.j2", drains=found, order=drains_of.order_sentences(facts))
