"""Charts of the facts: matplotlib Figures without pyplot state, each with a title, alternative text and a data table.

Each module holds one family. A chart function takes facts (or an assessment) and returns a `Chart`, or a `NoChart`
with the reason. Importing this package loads matplotlib and pandas, so import it only where a chart is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.disk_projection import disk_projection
from readiness_kit.charts.failure_scenarios import failure_scenarios
from readiness_kit.charts.node_packing import node_packing
from readiness_kit.charts.pods_by_zone import pods_by_zone
from readiness_kit.charts.rendering import figure_html
from readiness_kit.charts.replica_agreement import replica_agreement
from readiness_kit.charts.score import score
from readiness_kit.charts.timeline import cpu_over_time, memory_over_time
from readiness_kit.charts.traffic import traffic
from readiness_kit.charts.usage import usage
from readiness_kit.charts.what_if import what_if

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.model import Assessment

__all__ = [
    "Chart",
    "NoChart",
    "cpu_over_time",
    "disk_projection",
    "executive_charts",
    "failure_scenarios",
    "figure_html",
    "memory_over_time",
    "node_packing",
    "pods_by_zone",
    "replica_agreement",
    "report_charts",
    "score",
    "traffic",
    "usage",
    "what_if",
]

OVER_TIME = (memory_over_time, cpu_over_time, disk_projection, traffic)


def report_charts(facts: ClusterFacts, assessment: Assessment) -> list[Chart | NoChart]:
    """All charts in the order of the report; without any history, one `NoChart` stands for the four over time."""
    history = [draw(facts) for draw in OVER_TIME]
    reasons = {chart.why for chart in history if isinstance(chart, NoChart)}
    if len(reasons) == 1 and all(isinstance(chart, NoChart) for chart in history):
        history = [NoChart("over_time", "Memory, CPU, disk and traffic over time", reasons.pop())]
    placement = [pods_by_zone(facts), failure_scenarios(facts), replica_agreement(facts)]
    return [score(assessment), *placement, usage(facts), *history, what_if(facts), node_packing(facts)]


EXECUTIVE = (failure_scenarios, memory_over_time, disk_projection, what_if, usage, replica_agreement, pods_by_zone)
MAX_EXECUTIVE = 4


def executive_charts(facts: ClusterFacts) -> list[Chart]:
    """The four charts of the executive report: the first ones of `EXECUTIVE` for which there is data."""
    found: list[Chart] = []
    for draw in EXECUTIVE:
        chart = draw(facts)
        if isinstance(chart, Chart) and len(found) < MAX_EXECUTIVE:
            found.append(chart)
    return found
