"""How Helm merges values, and how its templates print them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from readiness_kit.errors import ConfigError

Values = dict[str, Any]

_MIN_EXPONENT = -4
_SHORTEST_PRECISION = 6


def merged(values: Mapping[str, Any], fragment: Mapping[str, Any]) -> Values:
    """The values of both: maps are merged, lists and scalars replaced, and null removes a key."""
    result: Values = dict(values)
    for name, value in fragment.items():
        present = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            result[name] = merged(present if isinstance(present, Mapping) else {}, value)
        else:
            result[name] = list(value) if isinstance(value, list | tuple) else value
    return result


def image_parts(image: str) -> Values:
    """Registry, repository and tag of an image as the chart divides it."""
    registry, _, rest = image.partition("/")
    repository, _, tag = rest.partition(":")
    return {"registry": registry, "repo": repository, "tag": tag}


def printed(value: Any) -> str:
    """A value as a template prints it. Numbers are floating-point numbers to Helm: a million is `1e+06`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{name}:{printed(value[name])}' for name in sorted(value))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(printed, value))}]"
    return f"{value}"


def _number(value: float) -> str:
    """The shortest form of a number, with an exponent from a million on (`%v` of Go)."""
    if value == 0:
        return "0"
    exponent = int(f"{value:e}".partition("e")[2])
    if _MIN_EXPONENT <= exponent < _SHORTEST_PRECISION:
        return f"{int(value)}" if value.is_integer() else f"{value!r}"
    return next(text for precision in range(18) if float(text := f"{value:.{precision}e}") == value)


def whole_number(values: Mapping[str, Any], name: str) -> int:
    """A value that must be a whole number. Raises ConfigError."""
    try:
        return int(values[name])
    except (KeyError, TypeError, ValueError):
        raise ConfigError(f"The value of {name} is not a whole number.", "write a number such as 3") from None
