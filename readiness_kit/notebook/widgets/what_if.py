"""Sizing in a notebook: the advice that the history supports, and what-if with a few widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness_kit.facts.analysis import what_if
from readiness_kit.facts.analysis.what_if import Scenario
from readiness_kit.labels import SIZING_HEAD, SIZING_UNCHANGED
from readiness_kit.markup import esc, plain_table
from readiness_kit.notebook.views.view import STYLE, View, show_widget

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.notebook.kit import Kit

SILENT = "No advice: less than a week of history, or no Prometheus was read. One instant says nothing of a peak."
CALM = SIZING_UNCHANGED


def advice_face(facts: ClusterFacts | None) -> View:
    """The advice as a table, with the Helm values to paste."""
    from readiness_kit.facts.analysis.advice import advice

    if facts is None or facts.history.missing("usage") is not None or not facts.history.containers["enough"].any():
        return View(f"<p>{esc(SILENT)}</p>", SILENT)
    found = advice(facts)
    if not found:
        return View(f"<p>{esc(CALM)}</p>", CALM)
    rows = [
        [
            esc(one.subject),
            f"{one.ratio * 100:.0f} %" if one.ratio == one.ratio else "",
            esc(one.reason),
            f"<pre>{esc(one.helm)}</pre>" if one.helm else "",
        ]
        for one in found
    ]
    head = SIZING_HEAD
    return View(plain_table(head, rows), "; ".join(f"{one.subject}: {one.reason}" for one in found))


class WhatIf:
    """Objects, dimensions, quantisation, copies and pods as controls; the chart follows them."""

    def __init__(self, kit: Kit) -> None:
        from ipywidgets import HTML, BoundedFloatText, BoundedIntText, Checkbox, VBox

        self._facts = kit.session.require_facts()
        self._now = what_if.situation(self._facts)
        looks = kit.looks
        shared = {"layout": looks.narrow, "style": looks.described}
        self._most_copies = max((load.factor for load in self._now.loads), default=1)
        self._objects = BoundedFloatText(value=1, min=0.1, max=100, step=0.5, description="Objects ×", **shared)
        self._dimensions = BoundedIntText(value=0, min=0, max=65_536, description="Dimensions, if not read", **shared)
        ticked = {"value": False, "indent": True, "layout": looks.narrow, "style": looks.check}
        self._quantise = Checkbox(description="Quantise (RQ, 8 bits)", **ticked)
        self._factor = BoundedIntText(
            value=self._most_copies, min=1, max=99, description="Replication factor", **shared
        )
        self._pods = BoundedIntText(value=self._now.pods, min=1, max=999, description="Replicas (pods)", **shared)
        self._zone = Checkbox(description="One zone lost", **ticked)
        self._answer = HTML(value=self.html(), layout=looks.wide, style=looks.html)
        controls = [self._objects, self._dimensions, self._quantise, self._factor, self._pods, self._zone]
        self._box = VBox([*controls, self._answer], layout=looks.wide)
        for control in controls:
            control.observe(self._changed, names="value")

    def _changed(self, _: dict[str, Any]) -> None:
        self._answer.value = self.html()

    def html(self) -> str:
        """The chart of the situation now and with the changes, or why there is none."""
        from readiness_kit.charts import NoChart, figure_html
        from readiness_kit.charts.whatif import drawn

        now = what_if.given(self._now, dimensions=float(self._dimensions.value))
        changed = Scenario(
            "these changes",
            objects=float(self._objects.value),
            quantise=self._quantise.value,
            # Untouched they say nothing: collections differ in their factor.
            factor=0 if self._factor.value == self._most_copies else self._factor.value,
            pods=0 if self._pods.value == self._now.pods else self._pods.value,
            zone_lost=self._zone.value,
        )
        made = drawn(now, (Scenario("as it is"), changed))
        body = f"<p>{esc(made.sentence)}</p>" if isinstance(made, NoChart) else figure_html(made)
        return f'{STYLE}<div class="rk">{body}</div>'

    def _ipython_display_(self) -> None:
        show_widget(self._box, self.html(), "what if")

    def close(self) -> None:
        for widget in (*self._box.children, self._box):
            widget.unobserve_all()
            widget.close()
