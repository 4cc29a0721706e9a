"""Label and field selectors as an API server reads them from a query string."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Item = dict[str, Any]

# The fields an API server really selects by; any other gets the 400 it would get there.
FIELDS: dict[str, frozenset[str]] = {
    "pods": frozenset({"spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase"}),
    "events": frozenset({"type", "reason", "involvedObject.kind", "involvedObject.name", "involvedObject.namespace"}),
    "nodes": frozenset({"spec.unschedulable"}),
    "namespaces": frozenset({"status.phase"}),
    "jobs": frozenset({"status.successful"}),
}
EVERYWHERE = frozenset({"metadata.name", "metadata.namespace"})

_SET = re.compile(r"^\s*+([\w./-]++)\s++(in|notin)\s++\(([^)]*+)\)\s*+$")
_EQUAL = re.compile(r"^\s*+([\w./-]++)\s*+(!=|==|=)\s*+([\w./-]*+)\s*+$")
_EXISTS = re.compile(r"^\s*+(!?)\s*+([\w./-]++)\s*+$")
# What is between commas; a comma inside the brackets of a set does not end it.
_REQUIREMENT = re.compile(r"(?:[^,(]++|\([^)]*+)++")


class BadSelectorError(ValueError):
    """The API server would answer 400."""


def by_labels(selector: str) -> Callable[[Item], bool]:
    tests = [_label_test(part) for part in _REQUIREMENT.findall(selector) if part.strip()]
    return lambda item: all(test(item.get("metadata", {}).get("labels") or {}) for test in tests)


def _label_test(part: str) -> Callable[[dict[str, str]], bool]:
    if found := _SET.match(part):
        key, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUAL.match(part):
        key, operator, value = found.groups()
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTS.match(part):
        absent, key = found.groups()
        return lambda labels: (key in labels) != bool(absent)
    raise BadSelectorError(f"unable to parse requirement: {part!r}")


def by_fields(selector: str, plural: str) -> Callable[[Item], bool]:
    tests = []
    for part in selector.split(","):
        found = _EQUAL.match(part)
        if not found:
            raise BadSelectorError(f"invalid selector: {part!r}")
        path, operator, value = found.groups()
        if path not in EVERYWHERE | FIELDS.get(plural, frozenset()):
            raise BadSelectorError(f"field label not supported: {path}")
        tests.append((path.split("."), operator == "!=", value))
    return lambda item: all((_at(item, steps) == value) != unequal for steps, unequal, value in tests)


def _at(item: Item, steps: list[str]) -> str:
    value: Any = item
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
