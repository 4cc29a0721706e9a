"""The effects of commands on the monitors of a Prometheus operator."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import scraping
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.observability.monitoring import selected_labels, unselected
from readiness_kit.fixes.projection import labelled, with_kind
from readiness_kit.snapshot import Snapshot


@effect("monitor_labels")
def monitor_labels(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The monitors of Weaviate have the labels by which a Prometheus selects them."""
    for monitor in unselected(facts):
        labels = selected_labels(facts, monitor)
        if isinstance(labels, dict):
            snapshot = with_kind(
                snapshot,
                monitor.key,
                (
                    labelled(each, labels)
                    if (each.metadata.namespace, each.metadata.name) == (monitor.namespace, monitor.name)
                    else each
                    for each in snapshot.kept.get(monitor.key, ())
                ),
            )
    return snapshot


@effect("monitor_ports")
def monitor_ports(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The endpoints that asked for a port that no Service has lead to the metrics port of the pods."""
    for scrape, port in scraping.misdirected(facts):
        snapshot = with_kind(
            snapshot,
            scrape.key,
            (
                _redirected(each, port, scraping.metrics_port(facts))
                if (each.metadata.namespace, each.metadata.name) == (scrape.namespace, scrape.name)
                else each
                for each in snapshot.kept.get(scrape.key, ())
            ),
        )
    return snapshot


def _redirected(monitor: Any, wrong: str, port: int) -> Any:
    endpoints = tuple(
        replace(each, port="", target_port=port) if each.port == wrong else each for each in monitor.spec.endpoints
    )
    return replace(monitor, spec=replace(monitor.spec, endpoints=endpoints))
