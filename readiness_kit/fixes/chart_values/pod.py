"""The StatefulSet of the chart, as far as its fields follow from values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness_kit.fixes.chart_values.config import CONFIG_MAP, OVERRIDES_MAP, checksum, uses_own_config_map
from readiness_kit.fixes.chart_values.environment import GCS_KEY, headless, metrics_enabled, store, variables
from readiness_kit.fixes.chart_values.installation import LABELS, Installation
from readiness_kit.fixes.chart_values.texts import Values, printed, whole_number
from readiness_kit.fixes.merging import Plain

CHECKSUM = "checksum/config"
CONTAINER = "weaviate"
SYSCTL, OWNERSHIP = "configure-sysctl", "ensure-file-ownership"
CHART_INIT_CONTAINERS = (SYSCTL, OWNERSHIP)
SYSCTL_SETTING = "vm.max_map_count"
CONFIG_VOLUME, OVERRIDES_VOLUME = "weaviate-config", "weaviate-runtime-overrides"
GCS_VOLUME = "gcs-service-account-credentials-volume"
PORT_REST, PORT_METRICS, PORT_GRPC = 8080, 2112, 50051

_DATA = "/var/lib/weaviate"
_ROOT = {"runAsUser": 0, "privileged": True}
_PROBE_TIMES = ("initialDelaySeconds", "periodSeconds", "failureThreshold", "timeoutSeconds")


def stateful_set(values: Values, site: Installation) -> Plain:
    """The fields of the StatefulSet that values set. Raises ConfigError for values that the chart refuses."""
    return {
        "spec": {
            "replicas": whole_number(values, "replicas"),
            "podManagementPolicy": values.get("podManagementPolicy", ""),
            "updateStrategy": values.get("updateStrategy") or {},
            "serviceName": headless(values),
            "template": {
                "metadata": {"annotations": {**(values.get("annotations") or {}), CHECKSUM: checksum(values)}},
                "spec": _pod(values, site),
            },
            "volumeClaimTemplates": [_claim(values["storage"])],
        }
    }


def _claim(storage: Values) -> Plain:
    spec: Plain = {"resources": {"requests": {"storage": printed(storage.get("size", ""))}}}
    if storage.get("storageClassName"):
        spec["storageClassName"] = storage["storageClassName"]
    return {"metadata": {"name": storage["name"], "labels": LABELS}, "spec": spec}


def service_account(values: Values) -> str:
    """The service account of the pods; that of the backups is used where there is none at the top level."""
    own = values.get("serviceAccountName") or store(values, "backups.s3").get("serviceAccountName")
    return f"{own or ''}"


def _pod(values: Values, site: Installation) -> Plain:
    found: Plain = {
        "containers": [_container(values, site)],
        "initContainers": list(_init_containers(values)),
        "volumes": list(_volumes(values)),
        "securityContext": values.get("securityContext") or {},
        "imagePullSecrets": [{"name": name} for name in values["image"].get("pullSecrets") or []],
    }
    optional = {
        "terminationGracePeriodSeconds": values.get("terminationGracePeriodSeconds"),
        "serviceAccountName": service_account(values),
        "priorityClassName": values.get("priorityClassName") or values.get("globalPriorityClassName"),
        "affinity": values.get("affinity"),
        "nodeSelector": values.get("nodeSelector"),
        "tolerations": values.get("tolerations"),
    }
    return found | {name: value for name, value in optional.items() if value}


def image(parts: Values) -> str:
    """An image from registry, repository and tag."""
    return f"{parts.get('registry', '')}/{parts.get('repo', '')}:{printed(parts.get('tag', ''))}"


def _container(values: Values, site: Installation) -> Plain:
    found: Plain = {
        "name": CONTAINER,
        "image": image(values["image"]),
        "imagePullPolicy": values["image"].get("pullPolicy", ""),
        "command": [printed(word) for word in values.get("command") or []],
        "args": [printed(word) for word in values.get("args") or []],
        "resources": values.get("resources") or {},
        "env": variables(values, site),
        "ports": list(_ports(values)),
        "volumeMounts": list(_mounts(values)),
        "securityContext": values.get("containerSecurityContext") or {},
    }
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        if values[name].get("enabled", name != "startupProbe"):
            found[name] = _probe(values[name])
    return found


def _ports(values: Values) -> Iterator[Plain]:
    yield {"containerPort": PORT_REST}
    if metrics_enabled(values):
        yield {"name": "metrics", "containerPort": PORT_METRICS}
    if values["grpcService"].get("enabled"):
        yield {"name": "grpc", "containerPort": PORT_GRPC}


def _probe(probe: Values) -> Plain:
    kind = probe.get("probeType", "httpGet")
    times = {name: probe[name] for name in _PROBE_TIMES if name in probe}
    return {kind: (probe.get("probe") or {}).get(kind) or {}, **times}


def _mounts(values: Values) -> Iterator[Plain]:
    yield {"name": CONFIG_VOLUME, "mountPath": "/weaviate-config"}
    yield {"name": values["storage"]["name"], "mountPath": _DATA}
    if values["runtime_overrides"].get("enabled"):
        folder = f"{values['runtime_overrides'].get('path', '')}".rpartition("/")[0]
        yield {"name": OVERRIDES_VOLUME, "mountPath": folder}
    if _gcs_secret(values):
        yield {"name": GCS_VOLUME, "mountPath": "/etc/gcp", "readOnly": True}
    yield from values.get("extraVolumeMounts") or []


def _volumes(values: Values) -> Iterator[Plain]:
    own = uses_own_config_map(values)
    if values["runtime_overrides"].get("enabled"):
        yield {"name": OVERRIDES_VOLUME, "configMap": {"name": OVERRIDES_MAP}}
    yield {"name": CONFIG_VOLUME, "configMap": {"name": values["custom_config_map"]["name"] if own else CONFIG_MAP}}
    if secret := _gcs_secret(values):
        yield {"name": GCS_VOLUME, "secret": {"secretName": secret}}
    yield from values.get("extraVolumes") or []


def _gcs_secret(values: Values) -> Any:
    gcs = store(values, "backups.gcs")
    return (gcs.get("envSecrets") or {}).get(GCS_KEY) if gcs.get("enabled") else None


def _init_containers(values: Values) -> Iterator[Plain]:
    """The container that changes the owner of the data is rendered only together with another one."""
    init = values["initContainers"]
    sysctl, extra = init["sysctlInitContainer"], init.get("extraInitContainers") or []
    if sysctl.get("enabled"):
        count = printed(sysctl.get("sysctlVmMaxMapCount", ""))
        yield {
            "name": SYSCTL,
            "image": image(sysctl["image"]),
            "imagePullPolicy": sysctl["image"].get("pullPolicy", ""),
            "command": ["sysctl", "-w", f"{SYSCTL_SETTING}={count}", "vm.overcommit_memory=1"],
            "securityContext": _ROOT,
        }
    if init["ensureFileOwnershipContainer"].get("enabled") and (sysctl.get("enabled") or extra):
        context = values.get("containerSecurityContext") or {}
        owner = f"{printed(context.get('runAsUser', ''))}:{printed(context.get('fsGroup', ''))}"
        yield {
            "name": OWNERSHIP,
            "image": image(values["image"]),
            "imagePullPolicy": values["image"].get("pullPolicy", ""),
            "command": ["chown", "-R", owner, _DATA],
            "securityContext": _ROOT,
            "volumeMounts": [{"name": values["storage"]["name"], "mountPath": _DATA}],
        }
    yield from extra
