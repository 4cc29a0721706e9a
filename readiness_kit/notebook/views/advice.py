"""Sizing advice from the history of usage."""

from __future__ import annotations

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.advice import advice
from readiness_kit.markup import esc, plain_table
from readiness_kit.notebook.views.view import View, sentence

HEAD = ("What", "Usage against limit", "Why", "Helm values")
NO_HISTORY = (
    "No sizing advice: Prometheus was not read, or has less than a week of history. "
    "A single reading does not show peaks."
)
NO_CHANGES = "No changes advised: memory, CPU and disk have headroom in the history that was read."


def advice_view(facts: ClusterFacts | None) -> View:
    """A table of advice with the Helm values to paste, or a sentence if there is none."""
    if facts is None or facts.history.missing("usage") is not None or not facts.history.containers["enough"].any():
        return sentence(NO_HISTORY)
    found = advice(facts)
    if not found:
        return sentence(NO_CHANGES)
    rows = [
        [
            esc(item.subject),
            f"{item.ratio * 100:.0f} %" if item.ratio == item.ratio else "",
            esc(item.reason),
            f"<pre>{esc(item.helm)}</pre>" if item.helm else "",
        ]
        for item in found
    ]
    return View(plain_table(HEAD, rows), "; ".join(f"{item.subject}: {item.reason}" for item in found))
