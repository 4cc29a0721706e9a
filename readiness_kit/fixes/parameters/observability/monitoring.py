"""Parameters of metrics, alert rules and dashboards, for the selectors of the Prometheus objects that were read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import scraping
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.observability.alert_rules import rules
from readiness_kit.fixes.parameters.observability.dashboard import dashboard
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.meta import LabelSelector
from readiness_kit.kinds.metrics import PodMonitor, Prometheus, PrometheusSpec

NAME = "kubernetes.io/metadata.name"
SIDECAR = "k8s-sidecar"
"""Part of the image of the container that loads dashboards from ConfigMaps into Grafana."""
GRAFANA_LABEL = "grafana_dashboard"
PROMETHEUS = "kubectl get prometheuses --all-namespaces -o yaml"
Selectors = Callable[[PrometheusSpec], tuple[LabelSelector | None, LabelSelector | None]]


# --- which objects a Prometheus selects -----------------------------------------------------------


def labels_for(selector: LabelSelector | None) -> dict[str, str] | None:
    """Labels that a selector takes; None where it takes nothing, or none can be derived from it."""
    if selector is None:
        return None
    found = dict(selector.match_labels)
    for each in selector.match_expressions:
        if each.operator == "In" and each.values:
            found.setdefault(each.key, each.values[0])
        if each.operator == "Exists":
            found.setdefault(each.key, "true")
    return found if matches(selector, found) else None


def place(facts: ClusterFacts, selectors: Selectors) -> tuple[str, dict[str, str], str] | OpenDecision:
    """(namespace, labels, Prometheus) of an object that a Prometheus selects: in Weaviate's namespace where it can be.

    selectors: which two fields of a Prometheus select the kind of object, and its namespaces
    """
    servers: tuple[Prometheus, ...] = facts.objects("prometheuses")
    if not servers:
        what = "how Prometheus is configured: there is no Prometheus object, or it was not read"
        return OpenDecision("prometheus", what, PROMETHEUS)
    by_name = {each.metadata.name: each.metadata.labels for each in facts.objects("namespaces")}
    for server in sorted(servers, key=lambda each: (each.metadata.namespace, each.metadata.name)):
        selector, scope = selectors(server.spec)
        labels, home = labels_for(selector), server.metadata.namespace
        if labels is None:
            continue
        for namespace in (facts.weaviate.namespace, home):
            known = {NAME: namespace, **by_name.get(namespace, {})}
            if (namespace == home) if scope is None else matches(scope, known):
                return namespace, labels, f"{home}/{server.metadata.name}"
    listed = names(f"{server.metadata.namespace}/{server.metadata.name}" for server in servers)
    return OpenDecision("prometheus", f"what the selectors of {listed} take: no labels follow from them", PROMETHEUS)


def _of_rules(spec: PrometheusSpec) -> tuple[LabelSelector | None, LabelSelector | None]:
    return spec.rule_selector, spec.rule_namespace_selector


def _of_pods(spec: PrometheusSpec) -> tuple[LabelSelector | None, LabelSelector | None]:
    return spec.pod_monitor_selector, spec.pod_monitor_namespace_selector


def _of_services(spec: PrometheusSpec) -> tuple[LabelSelector | None, LabelSelector | None]:
    return spec.service_monitor_selector, spec.service_monitor_namespace_selector


def _part(context: Context, selectors: Selectors, index: int) -> Value | OpenDecision:
    found = place(context.facts, selectors)
    if isinstance(found, OpenDecision):
        return found
    return Value(found[index], f"the selectors of Prometheus {found[2]}")


# --- metrics --------------------------------------------------------------------------------------


@parameter("service_monitor")
def service_monitor(context: Context) -> Value:
    """The values of the chart's ServiceMonitor, where its kind is served and nothing configures scraping yet."""
    facts = context.facts
    wanted = bool(facts.objects("prometheuses")) and not (scraping.monitors(facts) or scraping.annotated(facts))
    return Value({"enabled": True} if wanted else {}, "the monitors and annotations of the cluster")


@parameter("monitor_name")
def monitor_name(context: Context) -> Value:
    """The name of a new PodMonitor."""
    taken = {each.metadata.name for each in context.facts.objects("podmonitors")}
    name = context.facts.weaviate.name
    return Value(f"{name}-pods" if name in taken else name, "the name of the workload")


@parameter("monitor_namespace")
def monitor_namespace(context: Context) -> Value | OpenDecision:
    """The namespace in which a Prometheus takes PodMonitors."""
    return _part(context, _of_pods, 0)


@parameter("monitor_labels")
def monitor_labels(context: Context) -> Value | OpenDecision:
    """The labels by which a Prometheus takes PodMonitors."""
    return _part(context, _of_pods, 1)


@parameter("metrics_endpoint")
def metrics_endpoint(context: Context) -> Value | OpenDecision:
    """The endpoint of a PodMonitor: the name of the container port of the metrics."""
    number = scraping.metrics_port(context.facts)
    ports = context.facts.weaviate.container.ports
    name = next((port.name for port in ports if port.container_port == number and port.name), "")
    if not name:
        what = f"the name of the container port {number}: the pods declare none"
        return OpenDecision("metrics_port", what, "declare the port with the name metrics in the pod template")
    return Value([{"port": name, "path": "/metrics", "interval": "30s"}], "the ports of the pods")


def unselected(facts: ClusterFacts) -> list[scraping.Scrape]:
    """The monitors of Weaviate that no Prometheus object selects."""
    kinds = ("servicemonitors", "podmonitors")
    return [each for each in scraping.monitors(facts) if each.key in kinds and scraping.accepted_by(facts, each) == ()]


def selected_labels(facts: ClusterFacts, monitor: scraping.Scrape) -> dict[str, str] | OpenDecision:
    """The labels by which a Prometheus selects this monitor; open where its namespace is not selected."""
    pods = monitor.key == "podmonitors"
    found = place(facts, _of_pods if pods else _of_services)
    if isinstance(found, OpenDecision):
        return found
    if found[0] != monitor.namespace:
        what = f"the namespaces that Prometheus {found[2]} watches: {monitor.namespace} is not among them"
        field = "podMonitorNamespaceSelector" if pods else "serviceMonitorNamespaceSelector"
        return OpenDecision("prometheus", what, f"extend its {field}")
    return found[1]


@parameter("unselected_monitors")
def unselected_monitors(context: Context) -> Value | OpenDecision:
    """Each monitor with the labels that it needs, as arguments of `kubectl label`."""
    found = []
    for monitor in unselected(context.facts):
        labels = selected_labels(context.facts, monitor)
        if isinstance(labels, OpenDecision):
            return labels
        pairs = " ".join(f"{key}={value}" for key, value in sorted(labels.items()))
        kind = monitor.key.removesuffix("s")
        found.append(f"{kind} {monitor.name} --namespace {monitor.namespace} {pairs}")
    if not found:
        return OpenDecision("monitors", "which monitor no Prometheus selects: none was found", PROMETHEUS)
    return Value(found, "the selectors of the Prometheus objects")


@parameter("wrong_monitors")
def wrong_monitors(context: Context) -> Value | OpenDecision:
    """The arguments of `kubectl patch` for each endpoint that asks for a port that no Service of Weaviate has."""
    port = scraping.metrics_port(context.facts)
    found = []
    for scrape, wrong in scraping.misdirected(context.facts):
        if scrape.monitor is None or isinstance(scrape.monitor, PodMonitor):
            continue
        for index, endpoint in enumerate(scrape.monitor.spec.endpoints):
            if endpoint.port == wrong:
                path = f"/spec/endpoints/{index}"
                steps = [
                    {"op": "remove", "path": f"{path}/port"},
                    {"op": "add", "path": f"{path}/targetPort", "value": port},
                ]
                named = f"{scrape.key.removesuffix('s')} {scrape.name} --namespace {scrape.namespace}"
                found.append(f"{named} --type json -p '{json.dumps(steps)}'")
    if not found:
        return OpenDecision("monitors", "which monitor asks for a wrong port: none was found", PROMETHEUS)
    return Value(list(dict.fromkeys(found)), "the monitors and Services of the snapshot")


@parameter("metrics_port")
def metrics_port(context: Context) -> Value:
    """The port of the metrics."""
    return Value(scraping.metrics_port(context.facts), "the environment of the pods")


# --- alert rules ----------------------------------------------------------------------------------


@parameter("rules_namespace")
def rules_namespace(context: Context) -> Value | OpenDecision:
    """The namespace in which a Prometheus takes alert rules."""
    return _part(context, _of_rules, 0)


@parameter("rules_labels")
def rules_labels(context: Context) -> Value | OpenDecision:
    """The labels by which a Prometheus takes alert rules."""
    return _part(context, _of_rules, 1)


@parameter("alert_rules")
def alert_rules(context: Context) -> Value:
    """Rules on outages, errors, resources and backups of this Weaviate."""
    return Value(rules(context.facts), "the names and backup jobs of the snapshot")


@parameter("alert_areas")
def alert_areas(context: Context) -> Value:
    """The areas without a rule, in the words of the check that failed."""
    found = names(check.message for check in context.checks if check.message)
    return Value(found or "No rule is about Weaviate.", "the rules that Prometheus has loaded")


@parameter("broken_rules")
def broken_rules(context: Context) -> Value:
    """The rules that Prometheus cannot evaluate."""
    found = names((rule.name for rule in context.facts.history.rules if rule.health == "err"), most=6)
    return Value(found or "the rules with errors", "Prometheus")


# --- dashboards and logs --------------------------------------------------------------------------


@parameter("dashboard_namespace")
def dashboard_namespace(context: Context) -> Value | OpenDecision:
    """The namespace of the Grafana whose sidecar loads dashboards; open where none of its pods has one."""
    matches_ = [match for match in context.facts.detector_matches if match.detection.group == "dashboards"]
    for workload in (each for match in matches_ for each in match.workloads):
        images = [Image.parse(each.image).repository for each in _containers(workload)]
        if any(SIDECAR in image for image in images):
            return Value(workload.metadata.namespace, "the pods of Grafana, which have a sidecar for dashboards")
    what = "how Grafana gets its dashboards: no pod of it has a sidecar that loads them from ConfigMaps"
    how = "enable the sidecar of its chart (sidecar.dashboards.enabled), or import the dashboard by hand"
    return OpenDecision("dashboards", what, how)


def _containers(workload: Any) -> Any:
    return workload.spec.template.spec.containers if hasattr(workload.spec, "template") else ()


@parameter("dashboard_json")
def dashboard_json(context: Context) -> Value:
    """A small dashboard for this Weaviate."""
    weaviate = context.facts.weaviate
    return Value(dashboard(weaviate.namespace, weaviate.name), "the names of the workload")


@parameter("weaviate_nodes")
def weaviate_nodes(context: Context) -> Value:
    """The nodes on which Weaviate runs."""
    found = sorted(node.metadata.name for node in nodes_of_weaviate(context.facts))
    return Value(names(found, most=6) or "the nodes of Weaviate", "the pods and nodes of the snapshot")


@parameter("down_targets")
def down_targets(context: Context) -> Value:
    """The targets that are down."""
    found = sorted(name for name, up in context.facts.history.targets_up.items() if not up)
    return Value(names(found, most=6) or "every Weaviate pod", "Prometheus")
