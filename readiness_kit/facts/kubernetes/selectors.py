"""Label selectors with the semantics of Kubernetes."""

from __future__ import annotations

import re

from readiness_kit.kinds.meta import LabelSelector, Requirement

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")


def matches(selector: LabelSelector | None, labels: dict[str, str]) -> bool:
    """Whether a selector selects these labels: None selects nothing, an empty one everything; all parts must match.

    The caller compares namespaces: most selectors apply to their own namespace only.
    """
    if selector is None:
        return False
    labels_match = all(labels.get(key) == value for key, value in selector.match_labels.items())
    return labels_match and all(holds(requirement, labels) for requirement in selector.match_expressions)


def is_empty(selector: LabelSelector) -> bool:
    """Whether a selector has no requirement, so that it selects everything."""
    return not selector.match_labels and not selector.match_expressions


def equals(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether a Service's selector selects these labels; it has equality only, and an empty one selects nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def holds(requirement: Requirement, labels: dict[str, str]) -> bool:
    """Whether labels meet one requirement of a label or node selector; an unknown operator is never met.

    `NotIn` and `DoesNotExist` are met where the label is missing; `Gt` and `Lt` compare integers.
    """
    value = labels.get(requirement.key)
    operator = requirement.operator
    if operator == "In":
        return value in requirement.values
    if operator == "NotIn":
        return value not in requirement.values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    if operator in ("Gt", "Lt"):
        return _compares(operator, value, requirement.values)
    return False


def _compares(operator: str, value: str | None, values: tuple[str, ...]) -> bool:
    if value is None or len(values) != 1:
        return False
    left, right = _int64(value), _int64(values[0])
    if left is None or right is None:
        return False
    return left > right if operator == "Gt" else left < right


def _int64(text: str) -> int | None:
    """A signed 64-bit integer as Go parses it in base 10, or None: no underscores, no spaces, no fractions."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None
