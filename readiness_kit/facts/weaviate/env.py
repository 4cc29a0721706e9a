"""The environment of a container as far as it is known without reading Secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.marks import is_redacted
from readiness_kit.kinds.pods import Container, EnvFromSource, EnvVar, KeyRef
from readiness_kit.model import Reason

State = Literal["literal", "secret", "config_map", "field", "unset", "unknown"]
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


class EnvValue(msgspec.Struct, frozen=True):
    """The state of a variable.

    literal, config_map: `value` is known (a mark of `kinds.pods` where the kit does not keep it)
    secret, field:       set from the source in `origin`
    unset:               certainly not set
    unknown:             could not be determined, for `reason`
    """

    name: str
    state: State
    value: str = ""
    origin: str = ""
    reason: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether `value` is the value that the server reads ("" where unset)."""
        readable = self.state in ("literal", "config_map", "unset") and not is_redacted(self.value)
        return readable and "$(" not in self.value

    @property
    def set(self) -> bool | None:
        """Whether the variable is set; None where unknown."""
        return None if self.state == "unknown" else self.state != "unset"


ConfigMaps = Callable[[str], "ConfigMap | Reason | None"]
"""Name -> ConfigMap of the workload's namespace, the reason why it could not be read, or None if it does not exist."""


def resolve(container: Container, name: str, config_maps: ConfigMaps) -> EnvValue:
    """A variable of a container: `env` before `envFrom`, the last entry of each wins, as in Kubernetes."""
    for variable in reversed(container.env):
        if variable.name == name:
            return _from_env(container, variable, config_maps)
    for source in reversed(container.env_from):
        value = _from_source(source, name, config_maps)
        if value is not None:
            return _unless_replaced(value, container, name, config_maps)
    return EnvValue(name, "unset")


def _unless_replaced(value: EnvValue, container: Container, name: str, config_maps: ConfigMaps) -> EnvValue:
    """A value that a later Secret may replace names the ConfigMap that sets it otherwise."""
    if value.state != "unknown" or "Secret" not in value.origin:
        return value
    for source in reversed(container.env_from):
        earlier = _from_source(source, name, config_maps) if source.config_map_ref is not None else None
        if earlier is not None and earlier.state == "config_map":
            origin = (
                f"{earlier.origin} sets {earlier.value}, unless {value.origin.removeprefix('possibly ')} replaces it"
            )
            return msgspec.structs.replace(value, origin=origin)
    return value


def _from_env(container: Container, variable: EnvVar, config_maps: ConfigMaps) -> EnvValue:
    source = variable.value_from
    if source is None:
        return EnvValue(variable.name, "literal", _expand(container, variable, config_maps), "env")
    if source.secret_key_ref is not None:
        ref = source.secret_key_ref
        return EnvValue(variable.name, "secret", origin=f"Secret {ref.name}, key {ref.key}")
    if source.config_map_key_ref is not None:
        return _from_key(variable.name, source.config_map_key_ref, config_maps)
    if source.field_ref is not None:
        return EnvValue(variable.name, "field", origin=source.field_ref.field_path)
    if source.resource_field_ref is not None:
        return EnvValue(variable.name, "field", origin=source.resource_field_ref.resource)
    return EnvValue(variable.name, "unknown", origin="valueFrom", reason=Reason.NOT_OBSERVABLE)


def _from_key(name: str, ref: KeyRef, config_maps: ConfigMaps) -> EnvValue:
    origin = f"ConfigMap {ref.name}, key {ref.key}"
    found = config_maps(ref.name)
    if isinstance(found, Reason):
        return EnvValue(name, "unknown", origin=origin, reason=found)
    if found is not None and ref.key in found.data:
        return EnvValue(name, "config_map", found.data[ref.key], origin)
    if found is None and ref.optional:
        return EnvValue(name, "unset", origin=origin)
    # Redaction drops keys that are not on the allow-list: a missing key may exist in the cluster.
    return EnvValue(name, "unknown", origin=origin, reason=Reason.NOT_OBSERVABLE)


def _from_source(source: EnvFromSource, name: str, config_maps: ConfigMaps) -> EnvValue | None:
    """The variable from one `envFrom` entry; None where the entry certainly does not set it."""
    if not name.startswith(source.prefix):
        return None
    if source.secret_ref is not None:
        origin = f"possibly Secret {source.secret_ref.name} (envFrom)"
        return EnvValue(name, "unknown", origin=origin, reason=Reason.NOT_OBSERVABLE)
    if source.config_map_ref is None:
        return None
    origin = f"ConfigMap {source.config_map_ref.name} (envFrom)"
    found = config_maps(source.config_map_ref.name)
    if isinstance(found, Reason):
        return EnvValue(name, "unknown", origin=f"possibly {origin}", reason=found)
    key = name.removeprefix(source.prefix)
    if found is None:
        return None
    if key in found.data:
        return EnvValue(name, "config_map", found.data[key], origin)
    return None if _kept(key) else EnvValue(name, "unknown", origin=f"possibly {origin}", reason=Reason.NOT_OBSERVABLE)


def _kept(key: str) -> bool:
    """Whether redaction keeps this key of a ConfigMap, so that its absence is conclusive."""
    return key in allowed.ENV_NAMES or key in allowed.ENV_COUNTED or bool(allowed.ENV_URLS.fullmatch(key))


def _expand(container: Container, variable: EnvVar, config_maps: ConfigMaps) -> str:
    """The value with `$(NAME)` replaced where NAME is defined before it and known; other references stay as written."""
    if "$" not in variable.value:
        return variable.value
    position = max(index for index, entry in enumerate(container.env) if entry is variable)
    preceding = msgspec.structs.replace(container, env=container.env[:position])

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        value = resolve(preceding, match[1], config_maps)
        return value.value if value.known and value.set else match[0]

    return _REFERENCE.sub(replaced, variable.value)
