"""The values of the modules with a separate Deployment, and of the PodDisruptionBudgets."""

from __future__ import annotations

import re

from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.modules import INHERITED
from readiness_kit.fixes.chart_values.paths import INFERENCE_MODULES
from readiness_kit.fixes.chart_values.services import budget_name
from readiness_kit.fixes.chart_values.texts import Values, image_parts
from readiness_kit.fixes.merging import Plain

_ADDRESS = re.compile(r"http://([a-z0-9-]+)\.[a-z0-9-]+\.svc\.")
_BUDGET_FIELDS = ("minAvailable", "maxUnavailable")


def observed_modules(site: Installation, values: Values) -> Values:
    """The values of all modules, with those that Deployments show."""
    found: Values = dict(values["modules"])
    for key in INFERENCE_MODULES:
        module = found[key]
        host = _ADDRESS.match(f"{module.get('inferenceUrl', '')}")
        name = host[1] if host else module["fullnameOverride"]
        live = site.rendered("deployments", name)
        if not module.get("enabled") or (live is None and name != module["fullnameOverride"]):
            continue
        own = {field: value for field, value in module.items() if field != "inferenceUrl"}
        shown = _module(live.get("spec", {}), values) if live is not None else {}
        found[key] = {**own, "fullnameOverride": name, **shown}
    return found


def _module(spec: Plain, values: Values) -> Values:
    pod: Plain = spec.get("template", {}).get("spec", {})
    container: Plain = next(iter(pod.get("containers", [])), {})
    own = {name: pod[name] for name in INHERITED if name in pod and pod[name] != values.get(name)}
    return {
        **image_parts(container.get("image", "")),
        **own,
        "imagePullPolicy": container.get("imagePullPolicy", ""),
        "replicas": spec.get("replicas", 1),
        "strategy": spec.get("strategy", {}),
        "resources": container.get("resources", {}),
        "securityContext": pod.get("securityContext", {}),
        "priorityClassName": pod.get("priorityClassName", ""),
    }


def observed_budgets(site: Installation, values: Values) -> Values:
    """The PodDisruptionBudgets of the release; the chart's default specification where there is none."""
    found: Values = dict(values["podDisruptionBudgets"])
    for key, default in found.items():
        name = budget_name(values, site, key)
        live = site.rendered("poddisruptionbudgets", name) if name else None
        if live is not None:
            spec = {field: live["spec"][field] for field in _BUDGET_FIELDS if field in live["spec"]}
            found[key] = {**default, "enabled": True, "spec": spec}
    return found
