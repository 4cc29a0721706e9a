"""Label selectors with the semantics of Kubernetes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.selectors import equals, matches
from readiness_kit.kinds.meta import LabelSelector

LABELS = {"app": "weaviate", "tier": "db", "rank": "5"}


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "weaviate"}}, True),
        ({"matchLabels": {"app": "weaviate", "tier": "web"}}, False),
        ({"matchLabels": {"app": "weaviate"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        (
            {"matchLabels": {"app": "weaviate"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
            False,
        ),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["x", "weaviate"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["weaviate"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["weaviate"]}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "In", "values": [""]}]}, False),
        ({"matchExpressions": [{"key": "rank", "operator": "Gt", "values": ["4"]}]}, True),
        ({"matchExpressions": [{"key": "rank", "operator": "Lt", "values": ["5"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["4"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["weav*"]}]}, False),
    ],
)
def test_selectors(selector: dict[str, Any] | None, selects: bool) -> None:
    assert matches(msgspec.convert(selector, LabelSelector | None), LABELS) is selects


def test_an_empty_selector_of_a_service_selects_nothing() -> None:
    assert not equals({}, LABELS)
    assert equals({"app": "weaviate"}, LABELS) and not equals({"app": "other"}, LABELS)
