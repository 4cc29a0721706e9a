"""Sizing advice from the history of usage."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.advice import advice
from readiness_kit.labels import SIZING_HEAD, SIZING_UNCHANGED
from readiness_kit.markup import table
from readiness_kit.notebook.views.view import View, sentence

NO_HISTORY = (
    "No sizing advice: Prometheus was not read, or has less than a week of history. "
    "A single reading does not show peaks."
)


def advice_view(facts: ClusterFacts | None) -> View:
    """A table of advice with the Helm values to paste, or a sentence if there is none."""
    if facts is None or facts.history.missing("usage") is not None or not facts.history.containers["enough"].any():
        return sentence(NO_HISTORY)
    found = advice(facts)
    if not found:
        return sentence(SIZING_UNCHANGED)
    rows = [
        (
            item.subject,
            f"{item.ratio * 100:.0f} %" if item.ratio == item.ratio else "",
            item.reason,
            Markup("<pre>{}</pre>").format(item.helm) if item.helm else "",
        )
        for item in found
    ]
    return View(table(SIZING_HEAD, rows), "; ".join(f"{item.subject}: {item.reason}" for item in found))
