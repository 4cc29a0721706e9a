"""Whether the values of a fragment have the type that the chart's templates expect: a map, a list or a scalar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from readiness_kit.advisories import loading
from readiness_kit.errors import ConfigError

_LISTS = {
    "args": str,
    "command": str,
    "extraVolumeMounts": Mapping,
    "extraVolumes": Mapping,
    "hostAliases": Mapping,
    "image.pullSecrets": str,
    "initContainers.extraInitContainers": Mapping,
    "modules.*.tolerations": Mapping,
    "service.loadBalancerSourceRanges": str,
    "service.ports": Mapping,
    "grpcService.loadBalancerSourceRanges": str,
    "grpcService.ports": Mapping,
    "tolerations": Mapping,
}
"""Path -> type of the items."""
_SCALARS = ("modules.*.inferenceUrl",)
"""The chart's default value is an empty map, in place of a text."""


def check_types(fragment: Mapping[str, Any]) -> None:
    """Raise ConfigError for the first value of another type; null is of every type.

    Expects a fragment of which the chart reads all keys.
    """
    for path, needed in _mistakes(fragment, ""):
        raise ConfigError(f"The value of {path} must be {needed}.", "compare it with the chart's values.yaml")


def _mistakes(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    free, keys = loading.chart_values().free, loading.chart_values().keys
    for name, value in values.items():
        path = f"{prefix}{name}"
        if value is None or (value == {} and _may_be_empty(path)):
            continue
        is_free = any(fnmatchcase(path, pattern) and path.count(".") == pattern.count(".") for pattern in free)
        has_keys = any(key.startswith(f"{path}.") for key in keys)
        items = next((kind for pattern, kind in _LISTS.items() if fnmatchcase(path, pattern)), None)
        if items is not None:
            if not isinstance(value, list | tuple) or not all(isinstance(item, items) for item in value):
                yield path, f"a list of {'texts' if items is str else 'maps'}"
        elif (is_free or has_keys) and not any(fnmatchcase(path, pattern) for pattern in _SCALARS):
            if not isinstance(value, Mapping):
                yield path, "a map"
            elif not is_free:
                yield from _mistakes(value, f"{path}.")
        elif isinstance(value, Mapping | list | tuple):
            yield path, "a single value"


def _may_be_empty(path: str) -> bool:
    """Whether the chart takes an empty map for a list or a text."""
    return any(fnmatchcase(path, pattern) for pattern in (*_LISTS, *_SCALARS))
