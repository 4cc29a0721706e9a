"""The Services, PodDisruptionBudgets and the ServiceMonitor of the chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness_kit.fixes.chart_values.environment import headless, metrics_enabled
from readiness_kit.fixes.chart_values.installation import LABELS, Installation
from readiness_kit.fixes.chart_values.paths import INFERENCE_MODULES
from readiness_kit.fixes.chart_values.texts import Values
from readiness_kit.fixes.merging import Plain

REST_TARGET, GRPC_TARGET, GOSSIP_TARGET = 8080, 50051, 7000
MONITORED = "monitoring"

_SELECTOR = {"app": "weaviate"}


def monitored(values: Values) -> bool:
    """Whether the chart renders a ServiceMonitor, which needs the metrics port."""
    return bool(values["serviceMonitor"].get("enabled")) and metrics_enabled(values)


def services(values: Values, site: Installation) -> dict[str, Plain]:
    """The Services of Weaviate by name."""
    rest = _service(values["service"], site, REST_TARGET)
    if monitored(values):
        rest["metadata"]["labels"][MONITORED] = "enabled"
    found = [_headless(values, site), rest]
    if values["grpcService"].get("enabled"):
        found.append(_service(values["grpcService"], site, GRPC_TARGET))
    return {service["metadata"]["name"]: service for service in found}


def _headless(values: Values, site: Installation) -> Plain:
    ports = [{"port": 80, "targetPort": GOSSIP_TARGET}]
    spec = {"clusterIP": "None", "selector": _SELECTOR, "ports": ports, "publishNotReadyAddresses": True}
    return {"metadata": site.metadata(headless(values)), "spec": spec}


def _service(values: Values, site: Installation, target: int) -> Plain:
    metadata = site.metadata(values["name"])
    if annotations := values.get("annotations"):
        metadata["annotations"] = {**metadata.get("annotations", {}), **annotations}
    spec: Plain = {
        "type": values.get("type", "ClusterIP"),
        "selector": _SELECTOR,
        "ports": [{**port, "targetPort": target} for port in values.get("ports") or []],
    }
    ranges = values.get("loadBalancerSourceRanges")
    if ranges and spec["type"] == "LoadBalancer":
        spec["loadBalancerSourceRanges"] = ranges
    if address := values.get("clusterIP"):
        spec["clusterIP"] = address
    return {"metadata": metadata, "spec": spec}


def service_monitors(values: Values, site: Installation) -> dict[str, Plain]:
    """The ServiceMonitor by name, where there is one."""
    if not monitored(values):
        return {}
    endpoint = {"targetPort": "metrics", "path": "/metrics", "interval": values["serviceMonitor"].get("interval", "")}
    spec = {
        "selector": {"matchLabels": {**LABELS, MONITORED: "enabled"}},
        "namespaceSelector": {"matchNames": [values["releaseNamespace"]]},
        "endpoints": [endpoint],
    }
    labels = {"name": "weaviate", "app": "weaviate"}
    return {site.name: {"metadata": site.metadata(site.name, labels), "spec": spec}}


def budgets(values: Values, site: Installation) -> dict[str, Plain]:
    """The PodDisruptionBudgets by name: that of Weaviate, and those of enabled modules."""
    found = {}
    for key, budget in (values.get("podDisruptionBudgets") or {}).items():
        name = budget_name(values, site, key)
        if name and budget.get("enabled"):
            spec: dict[str, Any] = dict(budget.get("spec") or {})
            spec["selector"] = {"matchLabels": {"app": name}}
            found[name] = {"metadata": site.metadata(name, {"name": name, "app": name}), "spec": spec}
    return found


def budget_name(values: Values, site: Installation, key: str) -> str:
    """The name of a PodDisruptionBudget; "" for one of a module that is not enabled."""
    if key not in INFERENCE_MODULES:
        return site.name
    module: Mapping[str, Any] = (values.get("modules") or {}).get(key) or {}
    return f"{module.get('fullnameOverride', key)}" if module.get("enabled") else ""
