"""Laws of the projection: nothing from nothing, twice is once, and the order of separate fragments does not matter."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit import paths
from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.merging import Objects
from readiness_kit.snapshot import load
from tests.support.chart import CURATED, NAMESPACE, rendered, values_of, with_nulls

DEMO = load(paths.demo() / "cluster.zip").kept
SOURCES: dict[str, tuple[Objects, str]] = {
    **{path.name: (rendered(path), NAMESPACE) for path in sorted(CURATED.iterdir()) if path.is_dir()},
    "demonstration": (DEMO, "search"),
}
FRAGMENTS: tuple[dict[str, Any], ...] = (
    {"replicas": 5},
    {"env": {"LOG_LEVEL": "info", "GOGC": None, "GOMEMLIMIT": "13GiB"}},
    {"envSecrets": {"OPENAI_APIKEY": "weaviate-openai-key"}},
    {"resources": {"limits": {"memory": "64Gi"}, "requests": {"cpu": 4}}},
    {"service": {"type": "ClusterIP"}},
    {"grpcService": {"enabled": False}},
    {"authentication": {"anonymous_access": {"enabled": False}}},
    {"authorization": {"rbac": {"enabled": True, "root_users": ["admin"]}}},
    {"podDisruptionBudgets": {"weaviate": {"enabled": True, "spec": {"minAvailable": None, "maxUnavailable": 1}}}},
    {"serviceMonitor": {"enabled": True}},
    {"backups": {"s3": {"enabled": True, "envconfig": {"AWS_REGION": "eu-west-1", "BACKUP_S3_BUCKET": "backups"}}}},
    {"offload": {"s3": {"enabled": True}}},
    {"modules": {"reranker-transformers": {"enabled": True, "replicas": 2}, "text2vec-openai": {"enabled": True}}},
    {"startupProbe": {"enabled": True, "failureThreshold": 120}},
    {"initContainers": {"sysctlInitContainer": {"enabled": False}}},
    {"storage": {"size": "500Gi"}},
    {"image": {"tag": "1.38.9"}},
    {"extraVolumes": [{"name": "tmp", "emptyDir": {}}]},
    {"extraVolumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]},
    {"runtime_overrides": {"enabled": True, "values": {"maximum_allowed_collections_count": 100}}},
)


def applied(source: str, *fragments: dict[str, Any]) -> Objects:
    objects, namespace = SOURCES[source]
    return reduce(lambda found, fragment: apply_values(found, fragment, namespace=namespace), fragments, objects)


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_fragment_changes_no_object(source: str) -> None:
    objects = SOURCES[source][0]
    result = applied(source, {})
    assert result.keys() == objects.keys()
    assert all(result[key] is objects[key] for key in objects)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda fragment: next(iter(fragment)))
def test_applying_twice_is_applying_once(source: str, fragment: dict[str, Any]) -> None:
    once = applied(source, fragment)
    again = apply_values(once, fragment, namespace=SOURCES[source][1])
    assert again == once


@pytest.mark.parametrize(
    "folder", sorted(path for path in CURATED.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_the_values_that_rendered_an_installation_change_nothing_in_it(folder: Path) -> None:
    assert apply_values(rendered(folder), values_of(folder), namespace=NAMESPACE) == rendered(folder)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.permutations(FRAGMENTS), st.integers(2, len(FRAGMENTS)))
def test_the_order_of_separate_fragments_does_not_matter(
    source: str, fragments: list[dict[str, Any]], count: int
) -> None:
    chosen = fragments[:count]
    merged: dict[str, Any] = reduce(with_nulls, chosen, {})
    assert applied(source, *chosen) == applied(source, merged)


def test_every_pair_of_fragments_is_separate() -> None:
    assert all(first.keys().isdisjoint(second) for first, second in combinations(FRAGMENTS, 2))
