"""The sources of Weaviate's secrets: plain text, Kubernetes Secrets, or a vault. Values are never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from readiness_kit.facts.weaviate.config import config_file, mount_of, mounted_key, parse_mapping
from readiness_kit.facts.weaviate.env import resolve
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.pods import REDACTED, Container, PodSpec
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.workload import Workload

_SECRET = re.compile(
    r"(?:^|_)(?:APIKEY|API_KEY|TOKEN|PASSWORD|PASSWD|PASSPHRASE|BEARER|SECRET|CREDENTIALS?|ALLOWED_KEYS"
    r"|ACCESS_KEY|ACCOUNT_KEY|STORAGE_KEY|PRIVATE_KEY|ENCRYPTION_KEY|SIGNING_KEY|CONNECTION_STRING)(?:_|$)"
)
_HARMLESS_SUFFIX = re.compile(
    r"_(?:ENABLED|DISABLED|REQUIRED|FILES?|PATHS?|DIR|DIRECTORY|URLS?|URI|ENDPOINT|HOST|PORT|NAMES?|IDS?|TTL|TIMEOUT"
    r"|INTERVAL|DURATION|COUNT|SIZE|LENGTH|LIMIT|TYPE|MODE|NAMESPACE|REF|CLASS|ISSUER|AUDIENCE|PROVIDER|ALGORITHM"
    r"|POLICY|ROTATION|USERS?|VERSION|REGION|SCOPES?|CLAIM|HEADER|FORMAT|PREFIX|EXPIRY|EXPIRATION|LEEWAY)$"
)
_HARMLESS_WORD = re.compile(
    r"^(?:USE|ENABLE|DISABLE|REQUIRE|SKIP|ALLOW)_|(?:^|_)(?:MAX|MAXIMUM|MIN|MINIMUM|PER)(?:_|$)"
)
_PATH_VARIABLES = frozenset({"GOOGLE_APPLICATION_CREDENTIALS", "AWS_SHARED_CREDENTIALS_FILE"})
"""Variables that hold a path, as defined by the libraries that read them."""
_FILE = re.compile(r"^(?:/|\./|file:|vault:)")
_CSI_STORE = "secrets-store.csi.k8s.io"
_VAULT_INJECT = "vault.hashicorp.com/agent-inject"
_ENCRYPTION = re.compile(r"--encryption-provider-config(?:=|$)")


def secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret; switches, paths, limits, user names and ids do not."""
    name = name.upper()
    if name in _PATH_VARIABLES or _HARMLESS_SUFFIX.search(name) or _HARMLESS_WORD.search(name):
        return False
    return bool(_SECRET.search(name))


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
    """Indicators on the Weaviate pods that their secrets come from a vault; an installed tool alone does not count."""
    weaviate = facts.weaviate
    indicators = [f"volume {volume.name} of {_CSI_STORE}" for volume in weaviate.spec.volumes if _from_store(volume)]
    annotations = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    if any(annotations_of_pod.get(_VAULT_INJECT, "").lower() == "true" for annotations_of_pod in annotations):
        indicators.append(f"annotation {_VAULT_INJECT}")
    return tuple(indicators)


def encrypted_at_rest(facts: ClusterFacts) -> bool:
    """Whether an API server of this cluster runs with an encryption configuration (visible if self-managed only)."""
    return any(
        _ENCRYPTION.match(argument)
        for pod in facts.objects("pods")
        if pod.metadata.namespace == "kube-system"
        for container in pod.spec.containers
        if container.name == "kube-apiserver"
        for argument in (*container.command, *container.args)
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
    names = {variable.name for variable in container.env}
    for source in container.env_from:
        if source.config_map_ref is None:
            continue
        found = weaviate.config_map(source.config_map_ref.name)
        if isinstance(found, ConfigMap):
            names |= {source.prefix + key for key in found.data}
    return sorted(name for name in names if secret_name(name))


def _use(container: Container, name: str, weaviate: Workload) -> Use | None:
    value = resolve(container, name, weaviate.config_map)
    if value.state == "secret":
        return Use(container.name, name, "secret", value.origin)
    if value.state == "unknown":
        return Use(container.name, name, "unknown", value.origin, value.reason or Reason.NOT_OBSERVABLE)
    if value.state not in ("literal", "config_map") or not value.value:
        return None
    if value.value != REDACTED and (_FILE.match(value.value) or "$(" in value.value):
        return None  # a path, a reference to a vault, or a reference to another variable, which is checked separately
    return Use(container.name, name, "literal" if value.state == "literal" else "config_map", value.origin)


def _from_store(volume: Any) -> bool:
    return volume.csi is not None and volume.csi.driver == _CSI_STORE


def _mounted_from_secret(spec: PodSpec, container: Container, path: str) -> bool:
    mount = mount_of(container, path)
    return mount is not None and any(
        volume.name == mount.name and (volume.secret is not None or _from_store(volume)) for volume in spec.volumes
    )
