"""Effective requests of pods, as the scheduler computes them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.pod_requests import requested
from readiness_kit.kinds.pods import PodSpec


def containers(*memory: str | None, restart: str = "") -> list[dict[str, Any]]:
    return [
        {"name": str(n), "restartPolicy": restart, "resources": {"requests": {"memory": amount} if amount else {}}}
        for n, amount in enumerate(memory)
    ]


def memory_request(init: list[dict[str, Any]], main: list[dict[str, Any]]) -> float:
    spec = msgspec.convert({"initContainers": init, "containers": main}, PodSpec, strict=False)
    return requested(spec, "memory")


@pytest.mark.parametrize(
    ("init", "main", "amount"),
    [
        ([], containers("100", "50", None), 150),
        (containers("400", "20"), containers("100"), 400),
        (containers("30", restart="Always"), containers("100"), 130),
        (containers("30", restart="Always") + containers("200"), containers("100"), 230),
    ],
    ids=["main containers", "largest init container", "sidecar", "sidecar beside a later init container"],
)
def test_effective_request(init: list[dict[str, Any]], main: list[dict[str, Any]], amount: float) -> None:
    assert memory_request(init, main) == amount


def test_limit_without_a_request_is_the_request() -> None:
    assert memory_request([], [{"name": "weaviate", "resources": {"limits": {"memory": "64"}}}]) == 64
