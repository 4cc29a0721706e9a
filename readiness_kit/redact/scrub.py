"""Apply the redaction rule of each free-form field of an object, by the types of `kinds`."""

from __future__ import annotations

import hashlib
import hmac
import types
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from readiness_kit.kinds import cluster, ecosystem, mesh, meta, metrics, network, pods, storage
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.redact import commands, values
from readiness_kit.redact.names import is_sensitive_label
from readiness_kit.redact.shapes import looks_random, secret_shapes

K = TypeVar("K", bound=KubeObject)


_HASHED = "redacted-"
_SWITCHES = frozenset({"true", "false", "yes", "no", "on", "off", "enabled", "disabled"})
_POLICY_MODES = frozenset({"default", "always", "never"})
_secret_name = lru_cache(maxsize=4096)(is_sensitive_label)


@lru_cache(maxsize=65536)
def _secret_label(text: str) -> bool:
    # Git commits and digests are ordinary label values, so hexadecimal text alone does not count.
    mixed = text.lower() != text and text.upper() != text
    return bool(secret_shapes(text)) or (mixed and looks_random(text))


class LabelHasher:
    """Replace label values that look like secrets by a keyed hash; equal values stay equal, for selectors."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def value(self, text: str) -> str:
        """The value of a label, hashed where it has the form of a secret."""
        return self._hash(text) if text and _secret_label(text) else text

    def _hash(self, text: str) -> str:
        if not text or text.startswith(_HASHED):
            return text
        return _HASHED + hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:12]

    def named(self, name: str, text: str) -> str:
        """The value of the label `name`, which also indicates whether the value may be a credential."""
        return self._hash(text) if _secret_name(name) and text not in _SWITCHES else self.value(text)

    def mapping(self, labels: dict[str, str]) -> dict[str, str]:
        """Labels with the values that may be secrets hashed."""
        return {name: self.named(name, text) for name, text in labels.items()}


Rule = Callable[[Any, LabelHasher, Any], Any]
"""Gets the value of a field, the hasher, and the Struct that the field belongs to."""


def _plain(function: Callable[[Any], Any]) -> Rule:
    return lambda value, hasher, owner: function(value)


def _labels(value: Any, hasher: LabelHasher, owner: Any) -> Any:
    return hasher.mapping(value)


def _requirement(value: Any, hasher: LabelHasher, owner: Any) -> Any:
    return tuple(hasher.named(owner.key, text) for text in value)


def _arguments(value: Any, hasher: LabelHasher, owner: Any) -> Any:
    return commands.arguments(value, owner.command)


RULES: dict[tuple[type, str], Rule] = {
    (meta.ObjectMeta, "labels"): _labels,
    (meta.ObjectMeta, "annotations"): _plain(values.known_annotations),
    (meta.PodMeta, "labels"): _labels,
    (meta.PodMeta, "annotations"): _plain(values.known_annotations),
    (network.ServiceMeta, "labels"): _labels,
    (network.ServiceMeta, "annotations"): _plain(values.service_annotations),
    (meta.LabelSelector, "match_labels"): _labels,
    (meta.Requirement, "values"): _requirement,
    (network.ServiceSpec, "selector"): _labels,
    (pods.PodSpec, "node_selector"): _labels,
    (pods.Container, "env"): _plain(lambda env: tuple(map(values.env_var, env))),
    (pods.Container, "command"): _plain(commands.arguments),
    (pods.Container, "args"): _arguments,
    (pods.VolumeMount, "sub_path_expr"): _plain(commands.script),
    (pods.HTTPGet, "path"): _plain(commands.script),
    (pods.PodCondition, "message"): _plain(values.scheduler_phrases),
    (pods.HTTPGet, "http_headers"): _plain(values.headers),
    (pods.ExecAction, "command"): _plain(commands.probe_command),
    (ecosystem.HealthCheckSpec, "pause_requests"): _plain(lambda requests: ("present",) * len(requests)),
    (storage.StorageClass, "parameters"): _plain(values.parameters),
    (storage.StorageClass, "mount_options"): _plain(values.mount_options),
    (storage.VolumeSpec, "mount_options"): _plain(values.mount_options),
    (cluster.ConfigMap, "data"): _plain(values.config_data),
    (cluster.CiliumSettings, "enable_policy"): _plain(lambda text: text if text in _POLICY_MODES else "unknown"),
    (metrics.AlertRule, "labels"): _plain(values.rule_labels),
    (metrics.AlertRule, "expr"): _plain(values.expression),
    (metrics.MonitorEndpoint, "path"): _plain(commands.script),
    (network.IngressPath, "path"): _plain(commands.script),
    (metrics.DatadogMonitorSpec, "query"): _plain(values.expression),
    (mesh.CiliumTraffic, "from_cidr"): _plain(values.networks),
    (mesh.CiliumTraffic, "to_cidr"): _plain(values.networks),
    (mesh.CalicoEntity, "nets"): _plain(values.networks),
    (mesh.CalicoEntity, "not_nets"): _plain(values.networks),
    (mesh.CalicoEntity, "selector"): _plain(values.expression),
    (mesh.CalicoEntity, "not_selector"): _plain(values.expression),
    (mesh.CalicoEntity, "namespace_selector"): _plain(values.expression),
    (mesh.CalicoSpec, "selector"): _plain(values.expression),
    (mesh.CalicoSpec, "namespace_selector"): _plain(values.expression),
}
"""The fields with free text or free-form maps. All other maps hold quantities only (`QUANTITIES`)."""

QUANTITIES = frozenset(
    {
        (pods.Resources, "requests"),
        (pods.Resources, "limits"),
        (pods.PodSpec, "overhead"),
        (storage.ClaimStatus, "capacity"),
        (storage.VolumeSpec, "capacity"),
        (cluster.NodeStatus, "capacity"),
        (cluster.NodeStatus, "allocatable"),
        (metrics.ContainerUsage, "usage"),
        (metrics.NodeMetrics, "usage"),
    }
)


class _Step(NamedTuple):
    field: str
    rule: Rule | None
    """None where the field holds Structs, which are processed in turn."""
    many: bool


@cache
def _plan(struct: Any) -> tuple[_Step, ...]:
    """The fields of a Struct that have a rule, or that contain Structs with one."""
    steps = []
    for name, hint in get_type_hints(struct).items():
        if name not in struct.__struct_fields__:
            continue
        if rule := RULES.get((struct, name)):
            steps.append(_Step(name, rule, False))
            continue
        inner, many = _inner(hint)
        if inner is not None and _plan(inner):
            steps.append(_Step(name, None, many))
    return tuple(steps)


def _inner(hint: Any) -> tuple[type | None, bool]:
    """The Struct in the type of a field, and whether the field holds several."""
    if get_origin(hint) in (Union, types.UnionType):
        found = [_inner(part) for part in get_args(hint)]
        return next((pair for pair in found if pair[0] is not None), (None, False))
    if get_origin(hint) is tuple:
        return _inner(get_args(hint)[0])[0], True
    return (hint, False) if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else (None, False)


def _walk(value: Any, hasher: LabelHasher) -> Any:
    changes = {}
    struct: Any = type(value)
    for field, rule, many in _plan(struct):
        old = getattr(value, field)
        if not old:
            continue
        if rule is not None:
            new = rule(old, hasher, value)
        elif many:
            new = tuple([_walk(item, hasher) for item in old])
            if all(map(_same, new, old)):
                continue
        else:
            new = _walk(old, hasher)
            if new is old:
                continue
        if new is not old and new != old:
            changes[field] = new
    return msgspec.structs.replace(value, **changes) if changes else value


def _same(old: Any, new: Any) -> bool:
    return old is new


def scrub(key: str, obj: K, hasher: LabelHasher) -> K:
    """The object without values that must not be kept (see `RULES`); the same object where nothing changes.

    `key` is its key in `kinds.KINDS`; the rules follow from the type of the object.
    """
    scrubbed: K = _walk(obj, hasher)
    return scrubbed
