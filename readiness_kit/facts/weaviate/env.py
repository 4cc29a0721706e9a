"""The environment of a container as the server sees it, as far as it can be known without reading a Secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.pods import REDACTED, Container, EnvFromSource, EnvVar, KeyRef
from readiness_kit.model import Reason

State = Literal["literal", "secret", "config_map", "field", "unset", "unknown"]
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


class EnvValue(msgspec.Struct, frozen=True):
    """What a variable is.

    `literal`, `config_map`: `value` is known (`REDACTED` where the kit does not keep it); `secret`, `field`: it
    is set, from where `origin` says; `unset`: surely not set; `unknown`: cannot be told, `reason` says why.
    """

    name: str
    state: State
    value: str = ""
    origin: str = ""
    reason: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether `value` is what the server reads (an unset one reads as "")."""
        readable = self.state in ("literal", "config_map", "unset") and self.value != REDACTED
        return readable and "$(" not in self.value

    @property
    def set(self) -> bool | None:
        """Whether the variable is set; None where that cannot be told."""
        return None if self.state == "unknown" else self.state != "unset"


ConfigMaps = Callable[[str], "ConfigMap | Reason | None"]
"""A ConfigMap of the workload's namespace by name: itself, why it could not be read, or None where there is none."""


def resolve(container: Container, name: str, config_maps: ConfigMaps) -> EnvValue:
    """One variable of a container: `env` before `envFrom`, and in each the last entry wins, as in Kubernetes."""
    for variable in reversed(container.env):
        if variable.name == name:
            return _from_env(container, variable, config_maps)
    for source in reversed(container.env_from):
        value = _from_source(source, name, config_maps)
        if value is not None:
            return value
    return EnvValue(name, "unset")


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
    # A scrub drops the keys it does not know: not there in the snapshot is no proof of not there.
    return EnvValue(name, "unknown", origin=origin, reason=Reason.NOT_OBSERVABLE)


def _from_source(source: EnvFromSource, name: str, config_maps: ConfigMaps) -> EnvValue | None:
    """The variable as one `envFrom` entry gives it, None where it surely does not."""
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
    """Whether a scrub keeps this key of a ConfigMap, so that its absence from the snapshot means something."""
    return key in allowed.ENV_NAMES or key in allowed.ENV_COUNTED or bool(allowed.ENV_URLS.fullmatch(key))


def _expand(container: Container, variable: EnvVar, config_maps: ConfigMaps) -> str:
    """`$(NAME)` replaced where NAME stands before it and is known; else left as written, and so not known."""
    if "$" not in variable.value:
        return variable.value
    place = max(index for index, one in enumerate(container.env) if one is variable)
    before = msgspec.structs.replace(container, env=container.env[:place])

    def replaced(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        value = resolve(before, found[1], config_maps)
        return value.value if value.known and value.set else found[0]

    return _REFERENCE.sub(replaced, variable.value)
