"""Merging fragments of values."""

from __future__ import annotations

import pytest

from readiness_kit.fixes.fragments import ConflictError, merged, paths, with_running_entries
from tests.support.cluster import cluster, required, weaviate


def test_maps_merge_and_lists_keep_the_entries_of_all() -> None:
    first = {"env": {"A": "1"}, "tolerations": [{"key": "a"}]}
    second = {"env": {"B": "2"}, "tolerations": [{"key": "b"}]}
    found = merged([("a.a", first), ("b.b", second)])
    assert found == {"env": {"A": "1", "B": "2"}, "tolerations": [{"key": "a"}, {"key": "b"}]}
    assert list(paths(found)) == [("env", "A"), ("env", "B"), ("tolerations",)]


def test_entries_of_one_name_merge() -> None:
    first, second = {"list": [{"name": "x", "a": 1}]}, {"list": [{"name": "x", "b": 2}, {"name": "y"}]}
    assert merged([("a.a", first), ("b.b", second)]) == {"list": [{"name": "x", "a": 1, "b": 2}, {"name": "y"}]}


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        ({"env": {"A": "1"}}, {"env": {"A": "2"}}, "env.A"),
        ({"replicas": 3}, {"replicas": None}, "replicas"),
        ({"list": [{"name": "x", "a": 1}]}, {"list": [{"name": "x", "a": 2}]}, "list.x.a"),
        ({"service": {"type": "ClusterIP"}}, {"service": "ClusterIP"}, "service"),
        ({"on": True}, {"on": 1}, "on"),
    ],
)
def test_two_values_for_one_path_name_both_fixes(
    first: dict[str, object], second: dict[str, object], path: str
) -> None:
    with pytest.raises(ConflictError, match=f"a.a and b.b set {path} "):
        merged([("a.a", first), ("b.b", second)])


def test_same_values_are_no_conflict() -> None:
    assert merged([("a.a", {"replicas": 3}), ("b.b", {"replicas": 3})]) == {"replicas": 3}


def test_running_terms_are_kept_because_helm_replaces_lists() -> None:
    facts = cluster(weaviate(pod=required("kubernetes.io/hostname")))
    term = {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"app": "weaviate"}}}
    rule = "requiredDuringSchedulingIgnoredDuringExecution"
    found = with_running_entries({"affinity": {"podAntiAffinity": {rule: [term]}}}, facts)
    keys = [entry["topologyKey"] for entry in found["affinity"]["podAntiAffinity"][rule]]
    assert keys == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
