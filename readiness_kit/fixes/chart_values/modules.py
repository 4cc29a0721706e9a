"""The Deployments and Services of the modules that run a separate program."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.paths import INFERENCE_MODULES
from readiness_kit.fixes.chart_values.pod import image, service_account
from readiness_kit.fixes.chart_values.texts import Values, whole_number
from readiness_kit.fixes.merging import Plain

_PORT = 8080
INHERITED = ("affinity", "nodeSelector", "tolerations", "serviceAccountName")
"""What a module takes over from Weaviate where its own value is empty."""


def deployments(values: Values, site: Installation) -> dict[str, Plain]:
    """The Deployments by name."""
    return {name: _deployment(name, module, values, site) for name, module in _running(values)}


def module_services(values: Values, site: Installation) -> dict[str, Plain]:
    """The Services in front of them, by name."""
    ports = [{"port": _PORT, "targetPort": _PORT}]
    return {
        name: {
            "metadata": site.metadata(name),
            "spec": {"type": "ClusterIP", "selector": {"app": name}, "ports": ports},
        }
        for name, _ in _running(values)
    }


def _running(values: Values) -> Iterator[tuple[str, Values]]:
    for key in INFERENCE_MODULES:
        module = (values.get("modules") or {}).get(key) or {}
        if module.get("enabled") and not module.get("inferenceUrl"):
            yield f"{module.get('fullnameOverride', key)}", module


def inherited(module: Values, values: Values) -> Values:
    """Placement and service account of a module, its own or those of Weaviate."""
    weaviate = {**values, "serviceAccountName": service_account(values)}
    found = {name: module.get(name) or weaviate.get(name) for name in INHERITED}
    return {name: value for name, value in found.items() if value}


def _deployment(name: str, module: Values, values: Values, site: Installation) -> Plain:
    own = {"app": name}
    container = {
        "name": name,
        "image": image(module),
        "imagePullPolicy": module.get("imagePullPolicy", ""),
        "env": [{"name": "ENABLE_CUDA", "value": "0"}],
        "resources": module.get("resources") or {},
        "livenessProbe": _probe("/.well-known/live", module.get("livenessProbe") or {}),
        "readinessProbe": _probe("/.well-known/ready", module.get("readinessProbe") or {}),
    }
    pod: Plain = {
        "containers": [container],
        "securityContext": module.get("securityContext") or {},
        **inherited(module, values),
    }
    if priority := module.get("priorityClassName") or values.get("globalPriorityClassName"):
        pod["priorityClassName"] = priority
    return {
        "metadata": site.metadata(name, {"name": name, "app": name}),
        "spec": {
            "replicas": whole_number(module, "replicas"),
            "strategy": module.get("strategy") or {},
            "selector": {"matchLabels": own},
            "template": {"metadata": {"labels": own}, "spec": pod},
        },
    }


def _probe(path: str, times: Values) -> Plain:
    return {"httpGet": {"path": path, "port": _PORT}, **times}
