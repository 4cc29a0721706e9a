"""Sizing advice in the chapter on resources: what the history of use supports, in the words of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.facts.analysis.advice import Advice, advice
from readiness_kit.report.chapters.html import paragraph, table, text

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

TITLE = "Sizing advice"
HEAD = ("What", "Measured over allowed", "Why", "Helm values")
CALM = "Nothing to change: memory, CPU and disk have room, by the history that was read."
ORIGIN = (
    "Measured by Prometheus over {days:.0f} days and judged by the kit's own marks; nothing in it was given by hand."
    " Try the values on a copy before the cluster itself."
)


def sizing(facts: ClusterFacts | None) -> str:
    """A table under a heading of its own; nothing where there is less than a week of history to go by."""
    if facts is None or facts.history.missing("usage") is not None:
        return ""
    frame = facts.history.containers
    rows = frame[frame["weaviate"] & frame["current"] & frame["enough"]]
    if rows.empty:
        return ""
    found = advice(facts)
    lead = paragraph(text(ORIGIN.format(days=rows["window_days"].min())), "rk-note")
    body = table(TITLE, HEAD, map(_row, found), "rk-cards") if found else paragraph(text(CALM))
    return f'<div class="rk-sizing"><h3>{TITLE}</h3>{lead}{body}</div>'


def _row(one: Advice) -> list[str]:
    share = f"{one.ratio * 100:.0f} %" if one.ratio == one.ratio else "—"
    helm = f"<pre><code>{text(one.helm.strip())}</code></pre>" if one.helm else "—"
    return [text(one.subject), share, text(one.reason), helm]
