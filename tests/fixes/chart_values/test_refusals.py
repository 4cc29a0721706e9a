"""Values that are not applied: each error names the path and what to do."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit.advisories import loading
from readiness_kit.errors import ConfigError, WorkloadError
from readiness_kit.fixes.chart_values import apply_values, is_from_chart
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.network import PodDisruptionBudget
from tests.support.chart import CURATED, NAMESPACE, rendered

DEFAULT, HARDENED = rendered(CURATED / "default"), rendered(CURATED / "hardened")


@pytest.mark.parametrize(
    ("fragment", "what", "hint"),
    [
        ({"replicaCount": 3}, "The chart does not read replicaCount. Use replicas.", "use replicas"),
        (
            {"service": {"typ": "ClusterIP"}},
            "does not read service.typ. Did you mean service.type?",
            "use service.type",
        ),
        ({"persistence": {"size": "1Ti"}}, "The chart does not read persistence.size.", "use storage.size"),
        ({"shoes": 1}, "The chart does not read shoes.", "remove the key"),
        ({"offload": {"s3": {"serviceAccountName": "a"}}}, "offload.s3.serviceAccountName", "remove the key"),
        ({"usage": {"s3": {"enabled": True}}}, "does not know which objects usage changes", "helm template"),
        ({"mcp": {"config": {"a": "b"}}}, "does not know which objects mcp.config changes", "helm template"),
        ({"modules": {"multi2vec-clip": {"enabled": True}}}, "modules.multi2vec-clip.enabled", "helm template"),
        ({"modules": {"text2vec-cohere": {"apiKey": "a"}}}, "modules.text2vec-cohere.apiKey", "envSecrets"),
        ({"backups": {"gcs": {"secrets": {"A": "b"}}}}, "backups.gcs.secrets", "envSecrets"),
        ({"podDisruptionBudgets": {"img2vec-neural": {"enabled": True}}}, "podDisruptionBudgets.img2vec", "manifest"),
        ({"resources": "16Gi"}, "The value of resources must be a map.", "values.yaml"),
        ({"tolerations": {"key": "a"}}, "The value of tolerations must be a list of maps.", "values.yaml"),
        ({"replicas": [3]}, "The value of replicas must be a single value.", "values.yaml"),
        ({"replicas": "three"}, "The value of replicas is not a whole number.", "such as 3"),
        ({"env": None}, "The chart cannot be rendered without env.", "single keys"),
        ({"storage": {"name": None}}, "The chart cannot be rendered without storage.name.", "leave the key out"),
        ({"resources": {"limits": ["a"]}}, "The values make an invalid StatefulSet:", "correct the value"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_the_error_names_the_path_and_the_next_step(fragment: dict[str, Any], what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        apply_values(DEFAULT, fragment, namespace=NAMESPACE)
    assert what in raised.value.what
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    "env",
    [{"RAFT_BOOTSTRAP_EXPECT": 3}, {"RAFT_BOOTSTRAP_EXPECT": 1, "RAFT_JOIN": "weaviate-0,weaviate-1"}],
    ids=["more voters than pods", "another number of names"],
)
def test_raft_values_that_the_chart_refuses_are_refused(env: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="The chart refuses RAFT_BOOTSTRAP_EXPECT"):
        apply_values(DEFAULT, {"env": env}, namespace=NAMESPACE)


def test_an_object_of_the_same_name_outside_the_release_is_refused() -> None:
    foreign = {**DEFAULT, "poddisruptionbudgets": (PodDisruptionBudget(ObjectMeta("weaviate", NAMESPACE)),)}
    with pytest.raises(ConfigError, match="Helm refuses to create PodDisruptionBudget"):
        apply_values(foreign, {"podDisruptionBudgets": {"weaviate": {"enabled": True}}}, namespace=NAMESPACE)


def test_a_statefulset_that_is_not_of_the_chart_is_refused() -> None:
    workload: Any = DEFAULT["statefulsets"][0]
    labels = {"app": "weaviate"}
    other = msgspec.structs.replace(workload, metadata=msgspec.structs.replace(workload.metadata, labels=labels))
    assert is_from_chart(workload) and not is_from_chart(other)
    for objects in ({**DEFAULT, "statefulsets": (other,)}, {**DEFAULT, "statefulsets": ()}):
        with pytest.raises(WorkloadError, match="not known to be an installation by the official chart"):
            apply_values(objects, {"replicas": 3}, namespace=NAMESPACE)


def _paths() -> list[str]:
    found: set[str] = set()
    for key in loading.chart_values().keys:
        parts = key.split(".")
        found |= {".".join(parts[: length + 1]) for length in range(len(parts))}
    return sorted(found)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, 0.5, "x", True, [], {}, [1], ["a"], {"a": 1}, {"a": None}, [{"name": "x"}], [{}], [None]]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_paths()), JUNK, st.sampled_from([DEFAULT, HARDENED]))
def test_any_value_of_any_key_is_applied_or_refused(path: str, value: Any, objects: Any) -> None:
    fragment = value
    for part in reversed(path.split(".")):
        fragment = {part: fragment}
    with suppress(ConfigError):
        result = apply_values(objects, fragment, namespace=NAMESPACE)
        assert result["statefulsets"][0].metadata == objects["statefulsets"][0].metadata
