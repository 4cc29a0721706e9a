"""What scrapes Weaviate's metrics port: monitors, annotations, and scrapers that need neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import exposure
from readiness_kit.facts.weaviate.exposure import container_port
from readiness_kit.kinds.metrics import MonitorEndpoint, PodMonitor, Prometheus, ServiceMonitor
from readiness_kit.kinds.network import Service
from readiness_kit.kinds.pods import PodSpec

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

MONITORS = ("servicemonitors", "podmonitors", "vmservicescrapes", "podmonitorings")
WORKLOADS = ("deployments", "statefulsets", "daemonsets")
DATADOG_CHECKS = "ad.datadoghq.com/weaviate.checks"
SCRAPE = "prometheus.io/scrape"

_SCRAPERS = {
    "prometheus/prometheus": "Prometheus",
    "bitnami/prometheus": "Prometheus",
    "prometheus-operator/prometheus-operator": "the Prometheus Operator",
    "prometheus-engine/prometheus": "Google Managed Prometheus",
    "grafana/alloy": "Grafana Alloy",
    "grafana/agent": "Grafana Agent",
    "victoriametrics/vmagent": "VictoriaMetrics agent",
    "victoriametrics/victoria-metrics": "VictoriaMetrics",
    "telegraf": "Telegraf",
    "timberio/vector": "Vector",
    "datadog/agent": "Datadog",
    "datadoghq/agent": "Datadog",
    "newrelic-prometheus-agent": "New Relic",
    "newrelic/nri-prometheus": "New Relic",
    "splunk-otel-collector": "Splunk",
    "aws-otel-collector": "AWS Distro for OpenTelemetry",
    "cloudwatch-agent": "CloudWatch agent",
    "elastic-agent": "Elastic Agent",
    "metricbeat": "Metricbeat",
    "netdata/netdata": "Netdata",
    "ama-metrics": "Azure Managed Prometheus",
    "prometheus-collector": "Azure Managed Prometheus",
    "sysdig/agent": "Sysdig",
    "instana/agent": "Instana",
    "signalfx-agent": "SignalFx",
    "dynatrace": "Dynatrace",
    "opentelemetry-collector": "OpenTelemetry Collector",
    "otelcol": "OpenTelemetry Collector",
    "otel-collector": "OpenTelemetry Collector",
    "target-allocator": "OpenTelemetry target allocator",
}
"""Part of an image repository -> tool that can scrape, with or without objects in Kubernetes."""


class Scrape(msgspec.Struct, frozen=True):
    """A monitor that leads to Weaviate's metrics. `key` is its kind (of `kinds.KINDS`)."""

    key: str
    name: str
    namespace: str
    monitor: ServiceMonitor | PodMonitor | None = None


def metrics_port(facts: ClusterFacts) -> int:
    """The port of the metrics endpoint, by default 2112."""
    return exposure.port_of(facts.weaviate, "PROMETHEUS_MONITORING_PORT", 2112)


def monitors(facts: ClusterFacts) -> tuple[Scrape, ...]:
    """The monitors of any kind whose selector, namespace and port match Weaviate's metrics."""
    weaviate = facts.weaviate
    services = [entry.service for entry in exposure.entries(facts)]
    port = metrics_port(facts)
    found: list[Scrape] = []
    for key in ("servicemonitors", "vmservicescrapes"):
        for monitor in facts.objects(key):
            chosen = [service for service in services if matches(monitor.spec.selector, service.metadata.labels)]
            if _in_reach(monitor, weaviate.namespace) and any(
                _by_service(endpoint, service, weaviate.spec, port)
                for endpoint in monitor.spec.endpoints
                for service in chosen
            ):
                found.append(Scrape(key, monitor.metadata.name, monitor.metadata.namespace, monitor))
    for monitor in facts.objects("podmonitors"):
        chosen_pods = _in_reach(monitor, weaviate.namespace) and matches(monitor.spec.selector, weaviate.pod_labels)
        if chosen_pods and any(
            _by_pod(endpoint, weaviate.spec, port) for endpoint in monitor.spec.pod_metrics_endpoints
        ):
            found.append(Scrape("podmonitors", monitor.metadata.name, monitor.metadata.namespace, monitor))
    for monitor in facts.objects("podmonitorings"):
        selected = monitor.metadata.namespace == weaviate.namespace and matches(
            monitor.spec.selector, weaviate.pod_labels
        )
        if selected and any(_by_pod(endpoint, weaviate.spec, port) for endpoint in monitor.spec.endpoints):
            found.append(Scrape("podmonitorings", monitor.metadata.name, monitor.metadata.namespace))
    return tuple(found)


def misdirected(facts: ClusterFacts) -> tuple[tuple[Scrape, str], ...]:
    """The monitors that select a Service of Weaviate by a port that none of these Services has, with that port."""
    found = []
    services = [entry.service for entry in exposure.entries(facts)]
    for key in ("servicemonitors", "vmservicescrapes"):
        for monitor in facts.objects(key):
            chosen = [service for service in services if matches(monitor.spec.selector, service.metadata.labels)]
            if not chosen or not _in_reach(monitor, facts.weaviate.namespace):
                continue
            offered = {port.name for service in chosen for port in service.spec.ports}
            for endpoint in monitor.spec.endpoints:
                if endpoint.port and endpoint.port not in offered:
                    scrape = Scrape(key, monitor.metadata.name, monitor.metadata.namespace, monitor)
                    found.append((scrape, str(endpoint.port)))
    return tuple(found)


def annotated(facts: ClusterFacts) -> tuple[str, ...]:
    """The annotations of pods or Services that request scraping."""
    weaviate = facts.weaviate
    maps = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    maps += [entry.service.metadata.annotations for entry in exposure.entries(facts)]
    found = {SCRAPE for annotations in maps if annotations.get(SCRAPE, "").lower() == "true"}
    return tuple(sorted(found | {DATADOG_CHECKS for annotations in maps if annotations.get(DATADOG_CHECKS)}))


def scrapers(facts: ClusterFacts) -> tuple[str, ...]:
    """The tools in the cluster that may scrape Weaviate by their own configuration."""
    found = {tool for tool, _ in _scraping_workloads(facts)}
    return tuple(sorted(found | ({"Prometheus"} if facts.objects("prometheuses") else set())))


def scraper_namespaces(facts: ClusterFacts) -> set[str]:
    """The namespaces of the workloads that may scrape Weaviate."""
    return {namespace for _, namespace in _scraping_workloads(facts)}


def _scraping_workloads(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """(tool, namespace) of each workload whose image can scrape."""
    for key in WORKLOADS:
        for workload in facts.objects(key):
            for container in workload.spec.template.spec.containers:
                repository = Image.parse(container.image).repository.lower()
                for part, tool in _SCRAPERS.items():
                    if part in f"/{repository}":
                        yield tool, workload.metadata.namespace


def accepted_by(facts: ClusterFacts, scrape: Scrape) -> tuple[str, ...] | None:
    """The Prometheus objects that select this monitor; None where there is no Prometheus object.

    A missing selector selects nothing, an empty one everything; a missing namespace selector means the namespace of the
    Prometheus object.
    """
    servers: tuple[Prometheus, ...] = facts.objects("prometheuses")
    if not servers or scrape.monitor is None or scrape.key not in ("servicemonitors", "podmonitors"):
        return None
    namespaces = {namespace.metadata.name: namespace.metadata.labels for namespace in facts.objects("namespaces")}
    labels = scrape.monitor.metadata.labels
    found = []
    for server in servers:
        spec = server.spec
        pods = scrape.key == "podmonitors"
        selector = spec.pod_monitor_selector if pods else spec.service_monitor_selector
        namespace_selector = spec.pod_monitor_namespace_selector if pods else spec.service_monitor_namespace_selector
        namespace_labels = {"kubernetes.io/metadata.name": scrape.namespace, **namespaces.get(scrape.namespace, {})}
        in_namespace = (
            server.metadata.namespace == scrape.namespace
            if namespace_selector is None
            else matches(namespace_selector, namespace_labels)
        )
        if in_namespace and matches(selector, labels):
            found.append(f"{server.metadata.namespace}/{server.metadata.name}")
    return tuple(sorted(found))


def _in_reach(monitor: ServiceMonitor | PodMonitor, namespace: str) -> bool:
    selector = monitor.spec.namespace_selector
    if selector.any:
        return True
    return namespace in selector.match_names if selector.match_names else monitor.metadata.namespace == namespace


def _by_service(endpoint: MonitorEndpoint, service: Service, spec: PodSpec, port: int) -> bool:
    """Whether an endpoint leads to a port: by the name of a Service port, or by `targetPort` of the container."""
    if endpoint.port:
        named = [port_entry for port_entry in service.spec.ports if port_entry.name == endpoint.port]
        return any(container_port(port_entry.target_port or port_entry.port, spec) == port for port_entry in named)
    return endpoint.target_port is not None and container_port(endpoint.target_port, spec) == port


def _by_pod(endpoint: MonitorEndpoint, spec: PodSpec, port: int) -> bool:
    """Whether an endpoint leads to a port: by the name or number of a container port (Google uses numbers)."""
    if endpoint.port:
        name = str(endpoint.port)
        return container_port(int(name) if name.isdigit() else name, spec) == port
    return endpoint.target_port is None or container_port(endpoint.target_port, spec) == port
