"""The sources of Weaviate's secrets: plain text, Kubernetes Secrets, or a vault. Values are never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from readiness_kit.facts.weaviate.config import config_file, mount_of, mounted_key, parse_mapping
from readiness_kit.facts.weaviate.env import resolve
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.marks import REDACTED_CREDENTIAL, REDACTED_SETTING, is_redacted
from readiness_kit.kinds.pods import Container, LifecycleHandler, PodSpec, Probe
from readiness_kit.model import Reason
from readiness_kit.redact.commands import credentials_in
from readiness_kit.redact.names import names_credential

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.workload import Workload

_FILE = re.compile(r"^(?:/|\./|file:|vault:)")
_CSI_STORE = "secrets-store.csi.k8s.io"
_VAULT_INJECT = "vault.hashicorp.com/agent-inject"
_ENCRYPTION = re.compile(r"--encryption-provider-config(?:=|$)")


_URL_PASSWORD = "://redacted@"  # noqa: S105  # the mark, not a password
"""How `redact` leaves a URL from which it removed a password."""


class Use(msgspec.Struct, frozen=True):
    """A secret in the environment of a container. `origin` names its source; `reason` is set for `unknown`."""

    container: str
    name: str
    state: Literal["literal", "config_map", "secret", "unknown"]
    origin: str = ""
    reason: Reason | None = None


def uses(weaviate: Workload) -> tuple[Use, ...]:
    """The secrets in the environment of all containers of the pod template, by container and name."""
    found: list[Use] = []
    for container in (*weaviate.spec.init_containers, *weaviate.spec.containers):
        found += [use for name in _names(container, weaviate) if (use := _use(container, name, weaviate))]
    return tuple(found)


def exposures(weaviate: Workload) -> tuple[tuple[str, str], ...]:
    """(container, place) of each credential in plain text in arguments, probes and hooks of the pod template."""
    found: list[tuple[str, str]] = []
    for container in (*weaviate.spec.init_containers, *weaviate.spec.containers):
        places = [f"argument {name}".rstrip() for name in credentials_in((*container.command, *container.args))]
        places += [place for place, exposed in _hooks(container) if exposed]
        found += [(container.name, place) for place in dict.fromkeys(places)]
    return tuple(found)


def _hooks(container: Container) -> Iterator[tuple[str, bool]]:
    """Each probe and lifecycle hook, and whether its headers, path or command contained a credential."""
    lifecycle = container.lifecycle
    handlers: tuple[tuple[str, Probe | LifecycleHandler | None], ...] = (
        ("livenessProbe", container.liveness_probe),
        ("readinessProbe", container.readiness_probe),
        ("startupProbe", container.startup_probe),
        ("postStart hook", lifecycle.post_start if lifecycle else None),
        ("preStop hook", lifecycle.pre_stop if lifecycle else None),
    )
    for name, handler in handlers:
        if handler is None:
            continue
        if handler.http_get is not None:
            yield f"{name} path", bool(credentials_in((handler.http_get.path,)))
            for header in handler.http_get.http_headers:
                yield f"{name} header {header.name}", header.value == REDACTED_CREDENTIAL
        if handler.exec is not None:
            yield f"{name} command", REDACTED_CREDENTIAL in handler.exec.command


def secret_sources(spec: PodSpec) -> tuple[str, ...]:
    """The names of the Kubernetes Secrets that the containers reference or mount."""
    found = set()
    for container in (*spec.init_containers, *spec.containers):
        for variable in container.env:
            if variable.value_from is not None and variable.value_from.secret_key_ref is not None:
                found.add(variable.value_from.secret_key_ref.name)
        found |= {source.secret_ref.name for source in container.env_from if source.secret_ref is not None}
    for volume in spec.volumes:
        if volume.secret is not None:
            found.add(volume.secret.secret_name)
        if volume.projected is not None:
            found |= {source.secret.name for source in volume.projected.sources if source.secret is not None}
    return tuple(sorted(found))


def vaults(facts: ClusterFacts) -> tuple[str, ...]:
    """Indicators that containers of the pods get files from a vault. They prove nothing about Kubernetes Secrets.

    An installed tool, or a volume that no container mounts, does not count.
    """
    weaviate = facts.weaviate
    spec = weaviate.spec
    mounted = {mount.name for c in (*spec.init_containers, *spec.containers) for mount in c.volume_mounts}
    stores = [volume.name for volume in spec.volumes if _from_store(volume) and volume.name in mounted]
    indicators = [f"volume {name} of {_CSI_STORE}" for name in stores]
    annotations = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    if any(annotations_of_pod.get(_VAULT_INJECT, "").lower() == "true" for annotations_of_pod in annotations):
        indicators.append(f"annotation {_VAULT_INJECT}")
    return tuple(indicators)


def config_maps_with_credentials(weaviate: Workload) -> tuple[tuple[str, str], ...]:
    """(ConfigMap, key) of each file with a recognised credential, among the ConfigMaps that the pods mount."""
    spec = weaviate.spec
    mounted = {volume.config_map.name for volume in spec.volumes if volume.config_map is not None}
    for volume in spec.volumes:
        if volume.projected is not None:
            mounted |= {source.config_map.name for source in volume.projected.sources if source.config_map is not None}
    found = (weaviate.config_map(name) for name in sorted(mounted))
    return tuple(
        (config_map.metadata.name, key)
        for config_map in found
        if isinstance(config_map, ConfigMap)
        for key, value in sorted(config_map.data.items())
        if value == REDACTED_CREDENTIAL
    )


def encrypted_at_rest(facts: ClusterFacts) -> bool:
    """Whether every API server of this cluster runs with an encryption configuration (visible if self-managed only).

    A Secret that is written by an API server without one is stored in plain text.
    """
    servers = [
        container
        for pod in facts.objects("pods")
        if pod.metadata.namespace == "kube-system"
        for container in pod.spec.containers
        if container.name == "kube-apiserver"
    ]
    return bool(servers) and all(
        any(_ENCRYPTION.match(argument) for argument in (*server.command, *server.args)) for server in servers
    )


def config_mapping(weaviate: Workload) -> tuple[dict[str, Any] | None, ConfigMap | None, Reason | None]:
    """(configuration file as a mapping, the ConfigMap with it, why it could not be read).

    All None where the server has no configuration file, or reads it from a Secret or a vault.
    """
    path = config_file(weaviate.container)
    if not path or _mounted_from_secret(weaviate.spec, weaviate.container, path):
        return None, None, None
    key = mounted_key(weaviate.spec, weaviate.container, path)
    if key is None:
        return None, None, Reason.NOT_OBSERVABLE
    found = weaviate.config_map(key[0])
    if not isinstance(found, ConfigMap):
        return None, None, found or Reason.NOT_OBSERVABLE
    mapping = parse_mapping(found.data[key[1]]) if key[1] in found.data else None
    return mapping, found, None if mapping is not None else Reason.NOT_OBSERVABLE


def keys_in_clear(mapping: dict[str, Any]) -> bool:
    """Whether the configuration file holds API keys in plain text; only their number is kept."""
    section = mapping.get("authentication")
    keys = section.get("apikey") if isinstance(section, dict) else None
    return isinstance(keys, dict) and bool(keys.get("allowed_keys_count"))


def _names(container: Container, weaviate: Workload) -> list[str]:
    names = {variable.name: variable.value for variable in container.env}
    for source in container.env_from:
        if source.config_map_ref is None:
            continue
        found = weaviate.config_map(source.config_map_ref.name)
        if isinstance(found, ConfigMap):
            names |= {source.prefix + key: value for key, value in found.data.items()}
    for variable in container.env:
        reference = variable.value_from.config_map_key_ref if variable.value_from is not None else None
        found = weaviate.config_map(reference.name) if reference is not None else None
        if reference is not None and isinstance(found, ConfigMap):
            names[variable.name] = found.data.get(reference.key, "")
    return sorted(name for name, value in names.items() if names_credential(name) or _recognised(value))


def _recognised(value: str) -> bool:
    """Whether a value was removed, or changed, because it had the form of a credential."""
    return REDACTED_CREDENTIAL in value or _URL_PASSWORD in value


def _use(container: Container, name: str, weaviate: Workload) -> Use | None:
    value = resolve(container, name, weaviate.config_map)
    if value.state == "secret":
        return Use(container.name, name, "secret", value.origin)
    if value.state == "unknown":
        return Use(container.name, name, "unknown", value.origin, value.reason or Reason.NOT_OBSERVABLE)
    if value.state not in ("literal", "config_map") or not value.value:
        return None
    if not _recognised(value.value) and (_FILE.match(value.value) or "$(" in value.value):
        return None  # a path, a reference to a vault, or a reference to another variable, which is checked separately
    if value.value == REDACTED_SETTING or not (is_redacted(value.value) or _recognised(value.value)):
        return None
    return Use(container.name, name, "literal" if value.state == "literal" else "config_map", value.origin)


def _from_store(volume: Any) -> bool:
    return volume.csi is not None and volume.csi.driver == _CSI_STORE


def _mounted_from_secret(spec: PodSpec, container: Container, path: str) -> bool:
    mount = mount_of(container, path)
    return mount is not None and any(
        volume.name == mount.name and (volume.secret is not None or _from_store(volume)) for volume in spec.volumes
    )
