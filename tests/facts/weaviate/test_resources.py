"""What the running server may use, also while a resize in place is not done."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts.weaviate.resources import server_resources
from tests.support.cluster import cluster, of, weaviate

GIB = 2**30


@pytest.mark.parametrize(
    ("reported", "limit"),
    [
        ({}, 24),
        ({"resources": {}}, 24),
        ({"resources": {"limits": {"memory": "16Gi"}}}, 16),
        ({"resources": {"limits": {"memory": "32Gi"}, "requests": {"memory": "32Gi"}}}, 24),
    ],
)
def test_the_status_of_a_container_decides_over_its_spec(reported: dict[str, Any], limit: int) -> None:
    made = weaviate()
    of(made, "Pod", "weaviate-1")[0].setdefault("status", {})["containerStatuses"] = [{"name": "weaviate", **reported}]
    facts = cluster(made)
    assert server_resources(facts).running.limits["memory"] == limit * GIB
    frame = facts.containers.set_index("pod")["memory_limit"]
    shown = {"16Gi": 16, "32Gi": 32}.get(reported.get("resources", {}).get("limits", {}).get("memory", ""), 24)
    assert frame["weaviate-1"] == shown * GIB
