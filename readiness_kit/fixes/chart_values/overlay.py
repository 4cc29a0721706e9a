"""Apply a fragment of Helm values to the objects of an installation, as `helm upgrade --reuse-values` does.

As in Helm, the change is made in three ways: the objects are rendered from the values before and after, and what
differs between the two is changed in the objects of the cluster. What the values do not set stays as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from readiness_kit.errors import ConfigError
from readiness_kit.fixes.chart_values.config import CONFIG_MAP, config_maps
from readiness_kit.fixes.chart_values.defaults import defaults
from readiness_kit.fixes.chart_values.installation import Installation, managed_by_helm
from readiness_kit.fixes.chart_values.modules import deployments, module_services
from readiness_kit.fixes.chart_values.observed import observed_values
from readiness_kit.fixes.chart_values.paths import check_paths
from readiness_kit.fixes.chart_values.pod import CHECKSUM, stateful_set
from readiness_kit.fixes.chart_values.services import budgets, service_monitors, services
from readiness_kit.fixes.chart_values.texts import Values, merged
from readiness_kit.fixes.merging import Objects, Plain, changed, from_plain, plain
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.network import Service, ServiceStatus
from readiness_kit.redact import LabelHasher, scrub

_HASHER = LabelHasher(secrets.token_bytes(32))
_NEEDED_MAPS: Values = {"env": {}, "image": {}, "service": {}, "storage": {}}
_OPTIONAL_MAPS = frozenset(
    {"authentication", "authorization", "envconfig", "probe", "query_defaults", "spec", "strategy"}
)

Rendered = dict[str, dict[str, Plain]]
"""Key of the kind -> name -> the fields that the chart renders."""


def apply_values(objects: Objects, fragment: Mapping[str, Any], *, namespace: str, name: str = "weaviate") -> Objects:
    """The objects after the fragment was applied; the same objects where it changes nothing.

    `namespace` and `name` are those of the StatefulSet. Raises WorkloadError where the StatefulSet is not of the
    official chart; ConfigError for keys that the chart does not read or whose effect is not known, for values that the
    chart refuses, and where an object that Helm would create exists already.
    """
    check_paths(fragment)
    site = Installation.find(objects, namespace, name)
    observed = observed_values(site)
    values = merged(_without_counts(observed, fragment), fragment)
    _require_maps(values, defaults() | _NEEDED_MAPS)
    _require_names(values)
    before, after = _rendered(observed, site), _rendered(values, site)
    _settle_checksum(before, after, site)
    result = dict(objects)
    for key, new in after.items():
        result[key] = _applied(objects.get(key, ()), before[key], new, key, site)
    return {key: found for key, found in result.items() if found or key in objects}


def _rendered(values: Values, site: Installation) -> Rendered:
    return {
        "statefulsets": {site.name: stateful_set(values, site)},
        "services": services(values, site) | module_services(values, site),
        "configmaps": config_maps(values, site),
        "deployments": deployments(values, site),
        "poddisruptionbudgets": budgets(values, site),
        "servicemonitors": service_monitors(values, site),
    }


def _without_counts(observed: Values, fragment: Mapping[str, Any]) -> Values:
    """The values without the number of API keys, which stands for keys that the fragment replaces."""
    apikey = (fragment.get("authentication") or {}).get("apikey")
    if not isinstance(apikey, Mapping) or "allowed_keys" not in apikey:
        return observed
    return merged(observed, {"authentication": {"apikey": {"allowed_keys_count": None}}})


def _require_maps(values: Mapping[str, Any], needed: Mapping[str, Any], prefix: str = "") -> None:
    """Raise ConfigError where a map that the templates read was removed."""
    for name, inner in needed.items():
        if not isinstance(inner, Mapping) or name in _OPTIONAL_MAPS:
            continue
        if not isinstance(values.get(name), Mapping):
            raise ConfigError(
                f"The chart cannot be rendered without {prefix}{name}.", "set single keys below it to null"
            )
        _require_maps(values[name], inner, f"{prefix}{name}.")


def _require_names(values: Values) -> None:
    for path in ("service.name", "grpcService.name", "storage.name", "clusterDomain"):
        group, _, name = path.rpartition(".")
        if not (values[group] if group else values).get(name):
            raise ConfigError(f"The chart cannot be rendered without {path}.", "leave the key out")


def _settle_checksum(before: Rendered, after: Rendered, site: Installation) -> None:
    """Leave the checksum where the configuration is the same as far as it is kept.

    It is exact where the configuration before gives the checksum that the pods have; the kit does not keep every field.
    """
    old, new = (_annotations(rendered, site) for rendered in (before, after))
    live = site.stateful_set.spec.template.metadata.annotations.get(CHECKSUM)
    config, changed_config = (rendered["configmaps"].get(CONFIG_MAP) for rendered in (before, after))
    if live == old[CHECKSUM] or (config is None) != (changed_config is None):
        return
    if config is None or changed_config is None or _kept(config) == _kept(changed_config):
        new[CHECKSUM] = old[CHECKSUM]


def _annotations(rendered: Rendered, site: Installation) -> Plain:
    found: Plain = rendered["statefulsets"][site.name]["spec"]["template"]["metadata"]["annotations"]
    return found


def _kept(config_map: Plain) -> KubeObject:
    return _object(config_map, "configmaps")


def _applied(
    found: tuple[KubeObject, ...], before: dict[str, Plain], after: dict[str, Plain], key: str, site: Installation
) -> tuple[KubeObject, ...]:
    """The objects of a kind, with those of the release changed, added or removed."""
    result, present = [], set()
    for obj in found:
        name = obj.metadata.name
        if obj.metadata.namespace != site.namespace or name not in {**before, **after}:
            result.append(obj)
            continue
        present.add(name)
        if name in before and name not in after:
            continue
        if name not in before:
            _require_release(obj, key)
        result.append(_changed(obj, before.get(name, {}), after[name], key))
    added = [_object(after[name], key) for name in after if name not in before and name not in present]
    return found if not added and _same(result, found) else tuple(result + added)


def _same(result: list[KubeObject], found: tuple[KubeObject, ...]) -> bool:
    return len(result) == len(found) and all(new is old for new, old in zip(result, found, strict=True))


def _require_release(obj: KubeObject, key: str) -> None:
    if not managed_by_helm(obj):
        place = f"{KINDS[key].kind} {obj.metadata.namespace}/{obj.metadata.name}"
        raise ConfigError(
            f"Helm refuses to create {place}, which exists and is not part of the release.",
            "delete or rename it, or let Helm adopt it",
        )


def _object(data: Plain, key: str) -> KubeObject:
    """An object as a snapshot keeps it. Raises ConfigError where values give it a field of another type."""
    kind = KINDS[key]
    try:
        found = from_plain(data, kind.struct)
    except msgspec.ValidationError as problem:
        raise ConfigError(
            f"The values make an invalid {kind.kind}: {problem}", "correct the value of this field"
        ) from None
    return scrub(key, found, _HASHER)


def _changed(obj: KubeObject, before: Plain, after: Plain, key: str) -> KubeObject:
    if before == after:
        return obj
    new = _object(changed(plain(obj), before, after), key)
    if isinstance(obj, Service) and isinstance(new, Service):
        new = _released(obj, new)
    return obj if new == obj else new


def _released(before: Service, after: Service) -> Service:
    """A Service without the addresses that Kubernetes releases when its type changes."""
    if before.spec.type == after.spec.type:
        return after
    spec, status = after.spec, after.status
    if spec.type == "ClusterIP":
        ports = tuple(msgspec.structs.replace(port, node_port=0) for port in spec.ports)
        spec = msgspec.structs.replace(spec, ports=ports)
    if spec.type != "LoadBalancer":
        spec, status = msgspec.structs.replace(spec, load_balancer_class=""), ServiceStatus()
    return msgspec.structs.replace(after, spec=spec, status=status)
