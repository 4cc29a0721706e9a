"""Charts of the facts: matplotlib Figures that never touch pyplot's state, each with its finding, text and numbers.

One module a family. A chart function takes facts (or an assessment) and gives a `Chart`, or a `NoChart` that says
why there is none. Importing this room loads matplotlib and pandas: do so where a chart is drawn, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.disk import disk_projection
from readiness_kit.charts.html import figure_html
from readiness_kit.charts.loss import loss_matrix
from readiness_kit.charts.packing import node_packing
from readiness_kit.charts.score import score
from readiness_kit.charts.timeline import cpu_over_time, memory_over_time
from readiness_kit.charts.traffic import traffic
from readiness_kit.charts.usage import usage
from readiness_kit.charts.whatif import what_if
from readiness_kit.charts.zones import pods_by_zone

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.model import Assessment

__all__ = [
    "Chart",
    "NoChart",
    "cpu_over_time",
    "disk_projection",
    "figure_html",
    "loss_matrix",
    "memory_over_time",
    "node_packing",
    "pods_by_zone",
    "report_charts",
    "score",
    "traffic",
    "usage",
    "what_if",
]

OVER_TIME = (memory_over_time, cpu_over_time, disk_projection, traffic)


def report_charts(facts: ClusterFacts, assessment: Assessment) -> list[Chart | NoChart]:
    """All charts in the report's order; where there is no history at all, one line says so instead of four."""
    history = [draw(facts) for draw in OVER_TIME]
    reasons = {chart.why for chart in history if isinstance(chart, NoChart)}
    if len(reasons) == 1 and not any(isinstance(chart, Chart) for chart in history):
        history = [NoChart("over_time", "Memory, CPU, disk and traffic over time", reasons.pop())]
    placement = [pods_by_zone(facts), loss_matrix(facts)]
    return [score(assessment), *placement, usage(facts), *history, what_if(facts), node_packing(facts)]
