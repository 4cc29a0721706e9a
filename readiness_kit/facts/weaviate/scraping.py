"""Who is told to scrape Weaviate's metrics port: monitors, annotations, and scrapers that need neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.metrics import MonitorEndpoint, PodMonitor, Prometheus, ServiceMonitor
from readiness_kit.kinds.network import Service
from readiness_kit.kinds.pods import ContainerPort, PodSpec

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
"""Part of an image's repository -> what can scrape, with or without being told so by Kubernetes objects."""


class Scrape(msgspec.Struct, frozen=True):
    """One object that tells somebody to scrape. `key` is the kind it was read as, "" for an annotation."""

    key: str
    name: str
    namespace: str
    monitor: ServiceMonitor | PodMonitor | None = None


def metrics_port(facts: ClusterFacts) -> int:
    return exposure.port_of(facts.weaviate, "PROMETHEUS_MONITORING_PORT", 2112)


def monitors(facts: ClusterFacts) -> tuple[Scrape, ...]:
    """The monitors of any kind whose selectors, namespace and port lead to the metrics of Weaviate."""
    weaviate = facts.weaviate
    services = [entry.service for entry in exposure.entries(facts)]
    port = metrics_port(facts)
    found: list[Scrape] = []
    for key in ("servicemonitors", "vmservicescrapes"):
        for one in facts.objects(key):
            chosen = [service for service in services if matches(one.spec.selector, service.metadata.labels)]
            if _in_reach(one, weaviate.namespace) and any(
                _by_service(endpoint, service, weaviate.spec, port)
                for endpoint in one.spec.endpoints
                for service in chosen
            ):
                found.append(Scrape(key, one.metadata.name, one.metadata.namespace, one))
    for one in facts.objects("podmonitors"):
        chosen_pods = _in_reach(one, weaviate.namespace) and matches(one.spec.selector, weaviate.pod_labels)
        if chosen_pods and any(_by_pod(endpoint, weaviate.spec, port) for endpoint in one.spec.pod_metrics_endpoints):
            found.append(Scrape("podmonitors", one.metadata.name, one.metadata.namespace, one))
    for one in facts.objects("podmonitorings"):
        mine = one.metadata.namespace == weaviate.namespace and matches(one.spec.selector, weaviate.pod_labels)
        if mine and any(_by_pod(endpoint, weaviate.spec, port) for endpoint in one.spec.endpoints):
            found.append(Scrape("podmonitorings", one.metadata.name, one.metadata.namespace))
    return tuple(found)


def annotated(facts: ClusterFacts) -> tuple[str, ...]:
    """The annotations of pods or Services that ask to be scraped."""
    weaviate = facts.weaviate
    maps = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    maps += [entry.service.metadata.annotations for entry in exposure.entries(facts)]
    found = {SCRAPE for one in maps if one.get(SCRAPE, "").lower() == "true"}
    return tuple(sorted(found | {DATADOG_CHECKS for one in maps if one.get(DATADOG_CHECKS)}))


def scrapers(facts: ClusterFacts) -> tuple[str, ...]:
    """What runs in the cluster that could scrape Weaviate by a configuration of its own."""
    found = set()
    for key in WORKLOADS:
        for one in facts.objects(key):
            for container in one.spec.template.spec.containers:
                repository = Image.parse(container.image).repository.lower()
                found |= {tool for part, tool in _SCRAPERS.items() if part in f"/{repository}"}
    return tuple(sorted(found | ({"Prometheus"} if facts.objects("prometheuses") else set())))


def accepted_by(facts: ClusterFacts, scrape: Scrape) -> tuple[str, ...] | None:
    """The Prometheus objects that select this monitor; None where there is no Prometheus object to ask.

    A missing selector selects nothing, an empty one everything; a missing namespace selector means the
    namespace of the Prometheus object itself.
    """
    servers: tuple[Prometheus, ...] = facts.objects("prometheuses")
    if not servers or scrape.monitor is None or scrape.key not in ("servicemonitors", "podmonitors"):
        return None
    spaces = {one.metadata.name: one.metadata.labels for one in facts.objects("namespaces")}
    labels = scrape.monitor.metadata.labels
    found = []
    for server in servers:
        spec = server.spec
        pods = scrape.key == "podmonitors"
        selector = spec.pod_monitor_selector if pods else spec.service_monitor_selector
        space = spec.pod_monitor_namespace_selector if pods else spec.service_monitor_namespace_selector
        here = {"kubernetes.io/metadata.name": scrape.namespace, **spaces.get(scrape.namespace, {})}
        near = server.metadata.namespace == scrape.namespace if space is None else matches(space, here)
        if near and matches(selector, labels):
            found.append(f"{server.metadata.namespace}/{server.metadata.name}")
    return tuple(sorted(found))


def _in_reach(monitor: ServiceMonitor | PodMonitor, namespace: str) -> bool:
    where = monitor.spec.namespace_selector
    if where.any:
        return True
    return namespace in where.match_names if where.match_names else monitor.metadata.namespace == namespace


def _by_service(endpoint: MonitorEndpoint, service: Service, spec: PodSpec, port: int) -> bool:
    """By the name of a port of the Service, or by `targetPort`, a port of the container."""
    if endpoint.port:
        named = [one for one in service.spec.ports if one.name == endpoint.port]
        return any(_number(one.target_port or one.port, spec) == port for one in named)
    return endpoint.target_port is not None and _number(endpoint.target_port, spec) == port


def _by_pod(endpoint: MonitorEndpoint, spec: PodSpec, port: int) -> bool:
    """By the name of a container's port, or by its number (Google's monitors put the number into `port`)."""
    if endpoint.port:
        name = str(endpoint.port)
        return _number(int(name) if name.isdigit() else name, spec) == port
    return endpoint.target_port is None or _number(endpoint.target_port, spec) == port


def _number(port: int | str, spec: PodSpec) -> int | None:
    if isinstance(port, int):
        return port
    return next((one.container_port for one in _ports(spec) if one.name == port), None)


def _ports(spec: PodSpec) -> Iterator[ContainerPort]:
    return (port for container in spec.containers for port in container.ports)
