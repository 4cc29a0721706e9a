"""What-if sizing: controls for growth and failures, and a chart that follows them."""

from __future__ import annotations

from typing import Any

from ipywidgets import BoundedFloatText, BoundedIntText, Checkbox, Widget

from readiness_kit.charts import NoChart, figure_html
from readiness_kit.charts.what_if import scenario_chart
from readiness_kit.facts.analysis import what_if
from readiness_kit.facts.analysis.what_if import Scenario
from readiness_kit.markup import esc
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.view import STYLE, styled
from readiness_kit.notebook.widgets.panel import Panel


class WhatIf(Panel):
    """Controls for objects, dimensions, quantisation, replication and pods. Raises ReadinessError without facts."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._now = what_if.situation(controller.facts)
        self._replication = max((load.factor for load in self._now.loads), default=1)
        self._objects = self._number(BoundedFloatText, "Objects ×", 1, min=0.1, max=100, step=0.5)
        self._dimensions = self._number(BoundedIntText, "Dimensions (if unknown)", 0, min=0, max=65_536)
        self._quantise = self._check("Quantise (RQ, 8 bits)")
        self._factor = self._number(BoundedIntText, "Replication factor", self._replication, min=1, max=99)
        self._pods = self._number(BoundedIntText, "Replicas (pods)", self._now.pods, min=1, max=999)
        self._zone = self._check("Lose one zone")
        controls = [self._objects, self._dimensions, self._quantise, self._factor, self._pods, self._zone]
        self._chart = self._html(self._chart_html())
        self._box.children = (*controls, self._chart)
        for control in controls:
            control.observe(self._draw, names="value")

    def _number(self, kind: type[Widget], label: str, value: float, **limits: float) -> Any:
        styles = self._styles
        return self._add(kind(value=value, description=label, layout=styles.narrow, style=styles.described, **limits))

    def _check(self, label: str) -> Checkbox:
        styles = self._styles
        return self._add(Checkbox(value=False, description=label, layout=styles.narrow, style=styles.check))

    def _draw(self, _: dict[str, Any]) -> None:
        self._chart.value = self._chart_html()

    def _chart_html(self) -> str:
        """The chart of the current state and of the changes, or the reason why there is no chart."""
        now = what_if.given(self._now, dimensions=float(self._dimensions.value))
        changed = Scenario(
            "these changes",
            objects=float(self._objects.value),
            quantise=self._quantise.value,
            # An unchanged control has no effect: collections can differ in their replication factor.
            factor=0 if self._factor.value == self._replication else self._factor.value,
            pods=0 if self._pods.value == self._now.pods else self._pods.value,
            zone_lost=self._zone.value,
        )
        chart = scenario_chart(now, (Scenario("as it is"), changed))
        body = f"<p>{esc(chart.sentence)}</p>" if isinstance(chart, NoChart) else figure_html(chart)
        return STYLE + styled(body)

    def static_html(self) -> str:
        """The chart for the current values."""
        return self._chart_html()
