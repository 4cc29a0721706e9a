"""Monitoring: what Weaviate logs and where it goes, whether its metrics arrive, dashboards and alerts."""

from __future__ import annotations

from readiness_kit.evidence.checks import to_finding
from readiness_kit.evidence.conditions.observability import alerts, dashboards, logs, scrape_targets, server_log
from readiness_kit.evidence.registry import evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import scraping
from readiness_kit.labels import count
from readiness_kit.model import Finding, Outcome, Settings

METRICS = (
    "configmaps", "services", "pods", "namespaces", *scraping.WORKLOADS, *scraping.MONITORS, "prometheuses",
    "weaviate/nodes_verbose", *scrape_targets.READS,
)  # fmt: skip


@evidence("mon.logging", reads=("configmaps",), tolerates=("configmaps",))
def logging(facts: ClusterFacts, settings: Settings) -> Finding:
    """JSON at info or warning on standard output, where kubectl and every log collector find it."""
    met = f"Weaviate logs JSON at level {server_log.level(facts)} to its standard output."
    return to_finding("mon.logging", server_log.checks(facts), met=met)


@evidence("mon.logs_central", reads=logs.READS, tolerates=logs.READS)
def central_logs(facts: ClusterFacts, settings: Settings) -> Finding:
    """A log collector on every node with Weaviate. Only an answer confirms where logs are kept, and how long."""
    return to_finding("mon.logs_central", [*logs.collector_checks(facts), *logs.sink(facts)], met="")


@evidence("mon.metrics", reads=METRICS, tolerates=METRICS)
def metrics(facts: ClusterFacts, settings: Settings) -> Finding:
    """Metrics are on, something is configured to scrape them, and all targets are up."""
    checks = [scrape_targets.enabled(facts), *scrape_targets.ports(facts)]
    if checks[0].outcome is Outcome.MET:
        checks += scrape_targets.up_checks(facts, scrape_targets.scraped(facts))
        checks += [*scrape_targets.cardinality(facts, settings), *scrape_targets.helpers(facts)]
    met = f"Prometheus receives metrics from each of {count(facts.weaviate.replicas, 'Weaviate pod')}."
    return to_finding("mon.metrics", checks, met=met)


@evidence("mon.grafana", reads=dashboards.READS, tolerates=dashboards.READS)
def grafana(facts: ClusterFacts, settings: Settings) -> Finding:
    """A dashboard of Weaviate as an object of the cluster. Dashboards stored in Grafana itself are not visible."""
    met = "Grafana runs and has a dashboard for Weaviate."
    return to_finding("mon.grafana", dashboards.checks(facts), met=met)


@evidence("mon.alerts", reads=alerts.READS, tolerates=alerts.READS)
def alerting(facts: ClusterFacts, settings: Settings) -> Finding:
    """Rules that Prometheus has loaded, an Alertmanager that receives them, and a receiver."""
    met = "Alert rules cover outages, errors, resources and backups of Weaviate, and an Alertmanager sends the alerts."
    return to_finding("mon.alerts", alerts.checks(facts), met=met)
