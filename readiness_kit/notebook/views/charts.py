"""Charts in a cell: `kit.chart.usage()` and so on. A chart that cannot be drawn is replaced by the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from readiness_kit import charts
from readiness_kit.charts import Chart, NoChart
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.view import NOTHING_COLLECTED, View, sentence

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

# The image keeps a white background in dark themes, because its text is dark.
STYLE = """<style>
.rk .rk-chart{margin:.4em 0}.rk .rk-chart img{display:block;max-width:100%;height:auto;border-radius:3px}
.rk .rk-chart figcaption{margin-bottom:.4em}.rk .rk-scroll{overflow-x:auto}
</style>"""


class Charts:
    """Each method returns a view with the chart, its finding and its numbers, or the reason why there is no chart."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def usage(self) -> View:
        """CPU and memory of the Weaviate containers against requests and limits, at one point in time."""
        return self._of_facts("CPU and memory used against requests and limits", charts.usage)

    def node_packing(self) -> View:
        """Nodes: requested and used against allocatable resources, the fullest first."""
        return self._of_facts("Node utilisation", charts.node_packing)

    def pods_by_zone(self) -> View:
        """Weaviate pods by zone and node."""
        return self._of_facts("Weaviate pods by zone and node", charts.pods_by_zone)

    def memory(self) -> View:
        """Memory of the Weaviate pods over time, with limit and GOMEMLIMIT; needs Prometheus."""
        return self._of_facts("Memory over time", charts.memory_over_time)

    def cpu(self) -> View:
        """CPU of the Weaviate pods over time, with throttling; needs Prometheus."""
        return self._of_facts("CPU over time", charts.cpu_over_time)

    def disk(self) -> View:
        """Disk usage and its projection to Weaviate's warning and read-only thresholds; needs Prometheus."""
        return self._of_facts("Disk used and projected", charts.disk_projection)

    def traffic(self) -> View:
        """Queries and imported objects over time; needs Prometheus and the metrics of Weaviate."""
        return self._of_facts("Queries and ingestion", charts.traffic)

    def loss_matrix(self) -> View:
        """Shards that lose quorum if a node or a zone fails; needs the Weaviate API."""
        return self._of_facts("Impact of losing a node or a zone", charts.failure_scenarios)

    def replica_agreement(self) -> View:
        """Objects of the replicas of each shard; needs the Weaviate API."""
        return self._of_facts("Objects of the replicas of each shard", charts.replica_agreement)

    def what_if(self) -> View:
        """Memory and disk in the fixed scenarios of the report."""
        return self._of_facts("Growth and failure scenarios", charts.what_if)

    def score(self) -> View:
        """The score of each section and its coverage."""
        return _chart_view(charts.score(self._controller.assessment))

    def _of_facts(self, subject: str, draw: Callable[[ClusterFacts], Chart | NoChart]) -> View:
        session = self._controller.session
        if session.facts is None:
            reason = session.problem.what if session.problem else NOTHING_COLLECTED
            return sentence(f"{subject}: not assessed, {reason}.")
        return _chart_view(draw(session.facts))


def _chart_view(chart: Chart | NoChart) -> View:
    if isinstance(chart, NoChart):
        return sentence(chart.sentence)
    return View(STYLE + charts.figure_html(chart), f"{chart.title}. {chart.note}")


def chart_html(name: str, facts: ClusterFacts) -> Markup:
    """The chart that a function of `readiness_kit.charts` draws, or the reason why it cannot."""
    return Markup(charts.figure_html(getattr(charts, name)(facts)))  # noqa: S704 - SVG and escaped captions
