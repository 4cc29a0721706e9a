"""The values of the modules with a Deployment of their own, and of the PodDisruptionBudgets."""

from __future__ import annotations

from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.modules import INHERITED
from readiness_kit.fixes.chart_values.paths import INFERENCE_MODULES
from readiness_kit.fixes.chart_values.services import budget_name
from readiness_kit.fixes.chart_values.texts import Values, image_parts
from readiness_kit.fixes.merging import Plain

_BUDGET_FIELDS = ("minAvailable", "maxUnavailable")


def observed_modules(site: Installation, values: Values) -> Values:
    """The values of all modules, with those that Deployments show."""
    found: Values = dict(values["modules"])
    for key in INFERENCE_MODULES:
        module = found[key]
        live = site.rendered("deployments", module["fullnameOverride"])
        if module.get("enabled") and live is not None:
            found[key] = {**module, **_module(live.get("spec", {}), values)}
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
