"""Charts in a cell: `kit.chart.usage()` and its like. Where one cannot be drawn, the cell says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from readiness_kit.markup import esc
from readiness_kit.notebook.views.view import View

if TYPE_CHECKING:
    from readiness_kit.charts import Chart, NoChart
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.notebook.kit import Kit

# The picture is white in dark themes too: the text in it is dark.
STYLE = """<style>
.rk .rk-chart{margin:.4em 0}.rk .rk-chart img{display:block;max-width:100%;height:auto;border-radius:3px}
.rk .rk-chart figcaption{margin-bottom:.4em}.rk .rk-scroll{overflow-x:auto}
</style>"""


class Charts:
    """Each chart is a Face with the picture, its finding and its numbers, or with the reason why there is none."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def usage(self) -> View:
        """CPU and memory of the Weaviate containers against requests and limits, at one instant."""
        from readiness_kit import charts

        return self._of_facts("CPU and memory used against requests and limits", charts.usage)

    def node_packing(self) -> View:
        """Nodes: requested and used against allocatable, the fullest first."""
        from readiness_kit import charts

        return self._of_facts("Node utilisation", charts.node_packing)

    def pods_by_zone(self) -> View:
        """Weaviate pods by zone and node."""
        from readiness_kit import charts

        return self._of_facts("Weaviate pods by zone and node", charts.pods_by_zone)

    def memory(self) -> View:
        """Memory of the Weaviate pods over time, with limit and GOMEMLIMIT; needs Prometheus."""
        from readiness_kit import charts

        return self._of_facts("Memory over time", charts.memory_over_time)

    def cpu(self) -> View:
        """CPU of the Weaviate pods over time, with throttling; needs Prometheus."""
        from readiness_kit import charts

        return self._of_facts("CPU over time", charts.cpu_over_time)

    def disk(self) -> View:
        """Disk used, and when it reaches the marks of Weaviate; needs Prometheus."""
        from readiness_kit import charts

        return self._of_facts("Disk used and projected", charts.disk_projection)

    def traffic(self) -> View:
        """Queries and written objects over time; needs Prometheus and Weaviate's metrics."""
        from readiness_kit import charts

        return self._of_facts("Queries and ingestion", charts.traffic)

    def loss_matrix(self) -> View:
        """Which shards lose their quorum when a node or a zone goes; needs Weaviate's own answers."""
        from readiness_kit import charts

        return self._of_facts("Impact of losing a node or a zone", charts.failure_scenarios)

    def what_if(self) -> View:
        """Memory and disk under the report's fixed scenarios."""
        from readiness_kit import charts

        return self._of_facts("Growth and failure scenarios", charts.what_if)

    def score(self) -> View:
        """The score by section, and how much of each was judged."""
        from readiness_kit import charts

        return _face(charts.score(self._kit.assessment))

    def _of_facts(self, subject: str, draw: Callable[[ClusterFacts], Chart | NoChart]) -> View:
        session = self._kit.session
        if session.facts is None:
            why = session.problem.what if session.problem else "nothing has been collected yet"
            said = f"{subject}: not assessed, {why}."
            return View(f"<p>{esc(said)}</p>", said)
        return _face(draw(session.facts))


def _face(chart: Chart | NoChart) -> View:
    from readiness_kit.charts import NoChart, figure_html

    if isinstance(chart, NoChart):
        return View(f"<p>{esc(chart.sentence)}</p>", chart.sentence)
    return View(STYLE + figure_html(chart), f"{chart.title}. {chart.note}")
