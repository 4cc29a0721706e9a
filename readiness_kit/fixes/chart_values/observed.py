"""The values that an installation was rendered from, as far as its objects show them."""

from __future__ import annotations

import json
from typing import Any

from readiness_kit.decoding import UNDECODABLE, require_shallow
from readiness_kit.fixes.chart_values.config import (
    CONFIG_KEY,
    CONFIG_MAP,
    CONFIG_SECTIONS,
    OVERRIDES_KEY,
    OVERRIDES_MAP,
)
from readiness_kit.fixes.chart_values.defaults import defaults
from readiness_kit.fixes.chart_values.environment import GCS_KEY
from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.observed_environment import observed_variables
from readiness_kit.fixes.chart_values.observed_modules import observed_budgets, observed_modules
from readiness_kit.fixes.chart_values.pod import (
    CHART_INIT_CONTAINERS,
    CHECKSUM,
    CONFIG_VOLUME,
    CONTAINER,
    GCS_VOLUME,
    OVERRIDES_VOLUME,
    OWNERSHIP,
    PORT_METRICS,
    SYSCTL,
    SYSCTL_SETTING,
)
from readiness_kit.fixes.chart_values.services import GRPC_TARGET, MONITORED
from readiness_kit.fixes.chart_values.texts import Values, image_parts, merged
from readiness_kit.fixes.merging import Plain, plain

_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


def observed_values(site: Installation) -> Values:
    """The chart's default values, with those that the objects show in their place."""
    workload = site.workload
    spec = workload.get("spec", {})
    template = spec.get("template", {})
    pod = template.get("spec", {})
    container = _server(pod)
    values = defaults()
    ports = {port.get("containerPort") for port in container.get("ports", [])}
    variables = observed_variables(container.get("env", []), PORT_METRICS in ports)
    values = merged(values, variables)
    values |= _workload(spec) | _placement(pod) | _container(container)
    values["annotations"] = {
        name: text for name, text in template.get("metadata", {}).get("annotations", {}).items() if name != CHECKSUM
    }
    values["initContainers"] = merged(values["initContainers"], _init_containers(pod))
    for probe in _PROBES:
        values[probe] = _probe(values[probe], container.get(probe))
    values |= _volumes(pod, container, values)
    values |= _network(site, spec, values) | _join(site, container)
    values = _with_config(values, _document(site, CONFIG_MAP, CONFIG_KEY)) | {
        "grpcService": _grpc_service(site, values, ports)
    }
    if overrides := _document(site, OVERRIDES_MAP, OVERRIDES_KEY):
        values["runtime_overrides"]["values"] = overrides
    values["modules"] = observed_modules(site, values)
    values["podDisruptionBudgets"] = observed_budgets(site, values)
    return values


def _server(pod: Plain) -> Plain:
    """The container of Weaviate; the first one where none has the chart's name."""
    containers: list[Plain] = pod.get("containers", [])
    return next((found for found in containers if found.get("name") == CONTAINER), containers[0] if containers else {})


def _workload(spec: Plain) -> Values:
    claim: Plain = next(iter(spec.get("volumeClaimTemplates", [])), {})
    storage: Values = {
        "name": claim.get("metadata", {}).get("name", "weaviate-data"),
        "size": claim.get("spec", {}).get("resources", {}).get("requests", {}).get("storage", ""),
        "storageClassName": claim.get("spec", {}).get("storageClassName", ""),
    }
    return {
        "replicas": spec.get("replicas", 1),
        "podManagementPolicy": spec.get("podManagementPolicy", ""),
        "updateStrategy": spec.get("updateStrategy", {}),
        "storage": storage,
    }


def _placement(pod: Plain) -> Values:
    return {
        "affinity": pod.get("affinity"),
        "nodeSelector": pod.get("nodeSelector"),
        "tolerations": pod.get("tolerations"),
        "securityContext": pod.get("securityContext", {}),
        "serviceAccountName": pod.get("serviceAccountName", ""),
        "priorityClassName": pod.get("priorityClassName", ""),
        "terminationGracePeriodSeconds": pod.get("terminationGracePeriodSeconds"),
    }


def _container(container: Plain) -> Values:
    return {
        "image": {**image_parts(container.get("image", "")), "pullPolicy": container.get("imagePullPolicy", "")},
        "command": container.get("command", []),
        "args": container.get("args", []),
        "resources": container.get("resources", {}),
        "containerSecurityContext": container.get("securityContext", {}),
    }


def _init_containers(pod: Plain) -> Values:
    by_name = {container.get("name"): container for container in pod.get("initContainers", [])}
    sysctl: Values = {"enabled": SYSCTL in by_name}
    if SYSCTL in by_name:
        container = by_name[SYSCTL]
        pairs = [word.partition("=") for word in container.get("command", [])]
        count = next((value for name, _, value in pairs if name == SYSCTL_SETTING), "")
        image = {**image_parts(container.get("image", "")), "pullPolicy": container.get("imagePullPolicy", "")}
        sysctl |= {"image": image, "sysctlVmMaxMapCount": count}
    extra = [container for name, container in by_name.items() if name not in CHART_INIT_CONTAINERS]
    return {
        "sysctlInitContainer": sysctl,
        "ensureFileOwnershipContainer": {"enabled": OWNERSHIP in by_name},
        "extraInitContainers": extra,
    }


def _probe(default: Values, live: Plain | None) -> Values:
    if live is None:
        return {**default, "enabled": False}
    handler = next((name for name in _HANDLERS if name in live), "httpGet")
    times = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 1}
    found: Values = {**times, **{name: value for name, value in live.items() if name not in _HANDLERS}}
    probe = {**default["probe"], handler: live.get(handler, {})}
    return {"enabled": True, "probeType": handler, "probe": probe, **found}


def _volumes(pod: Plain, container: Plain, values: Values) -> Values:
    own = {CONFIG_VOLUME, OVERRIDES_VOLUME, GCS_VOLUME, values["storage"]["name"]}
    volumes = {volume.get("name"): volume for volume in pod.get("volumes", [])}
    config = volumes.get(CONFIG_VOLUME, {}).get("configMap", {}).get("name", CONFIG_MAP)
    found: Values = {
        "extraVolumes": [volume for name, volume in volumes.items() if name not in own],
        "extraVolumeMounts": [mount for mount in container.get("volumeMounts", []) if mount.get("name") not in own],
        "image": values["image"] | {"pullSecrets": [entry.get("name") for entry in pod.get("imagePullSecrets", [])]},
    }
    if config != CONFIG_MAP:
        found["custom_config_map"] = {"enabled": True, "name": config}
    if GCS_VOLUME in volumes:
        gcs = values["backups"]["gcs"]
        gcs.get("envconfig", {}).pop(GCS_KEY, None)
        secret = volumes[GCS_VOLUME].get("secret", {}).get("secretName", "")
        gcs["envSecrets"] = {**gcs.get("envSecrets", {}), GCS_KEY: secret}
    return found


def _network(site: Installation, spec: Plain, values: Values) -> Values:
    name = spec.get("serviceName", "weaviate-headless").removesuffix("-headless")
    service = _service(site, name)
    monitor = site.rendered("servicemonitors", site.name)
    labelled = (site.rendered("services", name) or {}).get("metadata", {}).get("labels", {}).get(MONITORED) == "enabled"
    endpoints = (monitor or {}).get("spec", {}).get("endpoints", [])
    found = {**values["serviceMonitor"], "enabled": monitor is not None or labelled}
    if endpoints and endpoints[0].get("interval"):
        found["interval"] = endpoints[0]["interval"]
    return {"service": service, "serviceMonitor": found}


def _service(site: Installation, name: str) -> Values:
    live = site.rendered("services", name) or {}
    spec = live.get("spec", {})
    fields = ("name", "protocol", "port")
    ports = [{field: port[field] for field in fields if field in port} for port in spec.get("ports", [])]
    ranges = spec.get("loadBalancerSourceRanges", [])
    return {
        "name": name,
        "type": spec.get("type", "ClusterIP"),
        "ports": ports,
        "loadBalancerSourceRanges": ranges,
        "annotations": live.get("metadata", {}).get("annotations", {}),
        **({"clusterIP": "None"} if spec.get("clusterIP") == "None" else {}),
    }


def _grpc_service(site: Installation, values: Values, ports: set[Any]) -> Values:
    """The gRPC Service, which is found by its target port, because its name does not follow from another value."""
    for found in site.objects.get("services", ()):
        spec = plain(found).get("spec", {})
        targets = {port.get("targetPort") for port in spec.get("ports", [])}
        ours = found.metadata.namespace == site.namespace and spec.get("selector") == {"app": "weaviate"}
        if ours and targets == {GRPC_TARGET} and site.rendered("services", found.metadata.name):
            return {**_service(site, found.metadata.name), "enabled": True}
    return {**values["grpcService"], "enabled": GRPC_TARGET in ports}


def _join(site: Installation, container: Plain) -> Values:
    join = next((row.get("value", "") for row in container.get("env", []) if row["name"] == "CLUSTER_JOIN"), "")
    _, _, rest = join.partition(".")
    namespace, _, domain = rest.partition(".svc.")
    return {
        "releaseNamespace": site.namespace or namespace or "default",
        "clusterDomain": domain or "cluster.local.",
    }


def _with_config(values: Values, document: Values) -> Values:
    """The values with the sections of the configuration file; the default ones where there is no file."""
    if not document:
        return values
    rest = {name: value for name, value in values.items() if name not in CONFIG_SECTIONS}
    return rest | {name: document[name] for name in CONFIG_SECTIONS if name in document}


def _document(site: Installation, name: str, key: str) -> Values:
    """A data key of a ConfigMap as the kit keeps it; empty where it is not there, or was not read."""
    live = site.get("configmaps", name)
    text = plain(live).get("data", {}).get(key, "{}") if live is not None else "{}"
    try:
        found = json.loads(text)
        require_shallow(found)
    except UNDECODABLE:
        return {}
    return found if isinstance(found, dict) else {}
