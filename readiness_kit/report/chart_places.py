"""Which chart belongs to which question: on the card of the notebook, and on the card of the report."""

from __future__ import annotations

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
"""Question -> chart of `readiness_kit.charts`, and the subject in the fold's title."""


def report_places() -> dict[str, str]:
    """Question -> chart in the report, where each chart stands once, at the first of its questions."""
    places: dict[str, str] = {}
    for question, (chart, _) in QUESTION_CHARTS.items():
        if chart not in places.values():
            places[question] = chart
    return places
