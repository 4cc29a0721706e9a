"""The chart of a question, drawn when a reader opens it."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.charts import chart_html

QUESTION_CHARTS = {
    "ha.multi_az": ("pods_by_zone", "pods by zone and node"),
    "ha.replicas_across_nodes": ("failure_scenarios", "the effect of losing a node or a zone"),
    "ha.workers_across_zones": ("pods_by_zone", "pods by zone and node"),
    "ha.node_repair": ("node_packing", "node utilisation"),
    "res.consumption_patterns": ("usage", "CPU and memory against requests and limits"),
    "res.memory_sized": ("memory_over_time", "memory over time"),
    "res.storage_compute_sized": ("disk_projection", "disk used and projected"),
    "res.read_replicas": ("traffic", "queries and ingestion"),
    "mon.metrics": ("cpu_over_time", "CPU over time"),
}
"""Question -> function of `readiness_kit.charts`, and the subject in the fold's title."""


def subject(question_id: str) -> str:
    """What the chart of a question is about; empty where it has none."""
    return QUESTION_CHARTS.get(question_id, ("", ""))[1]


def question_chart(controller: Controller, question_id: str) -> Markup:
    """The chart of a question, or the reason why it cannot be drawn. Raises ReadinessError without facts."""
    return chart_html(QUESTION_CHARTS[question_id][0], controller.facts)
