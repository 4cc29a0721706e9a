"""Charts of the facts: matplotlib Figures that never touch pyplot's state, each with its finding, text and numbers.

One module a family. A chart function takes facts (or an assessment) and gives a `Chart`, or a `NoChart` that says
why there is none. Importing this room loads matplotlib and pandas: do so where a chart is drawn, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.html import figure_html
from readiness_kit.charts.packing import node_packing
from readiness_kit.charts.score import score
from readiness_kit.charts.usage import usage
from readiness_kit.charts.zones import pods_by_zone

if TYPE_CHECKING:
    from readiness_kit.facts import Facts
    from readiness_kit.model import Assessment

__all__ = ["Chart", "NoChart", "figure_html", "node_packing", "pods_by_zone", "report_charts", "score", "usage"]


def report_charts(facts: Facts, assessment: Assessment) -> list[Chart | NoChart]:
    """All charts in the report's order."""
    return [score(assessment), pods_by_zone(facts), usage(facts), node_packing(facts)]
