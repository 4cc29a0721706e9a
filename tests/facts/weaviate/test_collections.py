"""Collections and vector indexes in one form for all versions of the server."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import VectorIndex
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate
from tests.support.weaviate import collection

ZONES = ("a", "b", "c")


def facts(answers: dict[str, Any], **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**{"zones": ZONES, **how})), answers)


def schema(*classes: dict[str, Any]) -> dict[str, Any]:
    plain = [{name: value for name, value in definition.items() if name != "properties"} for definition in classes]
    return {"classes": plain}


def first(definition: dict[str, Any], version: str = "1.38.2") -> Any:
    found = facts({"weaviate/schema": schema(definition), "weaviate/meta": {"version": version}})
    return found.collections[0]


@pytest.mark.parametrize(
    ("version", "configured"), [("1.25.0", None), ("1.26.0", True), ("1.37.9", True), ("1.38.0", None)]
)
def test_trap_13_asynchronous_repair_is_configured_only_between_1_26_and_1_37(
    version: str, configured: bool | None
) -> None:
    assert first(collection("P"), version).async_configured is configured


def test_trap_14_shards_of_a_collection_with_tenants_are_its_tenants() -> None:
    found = first(collection("P", multiTenancyConfig={"enabled": True}))
    assert (found.multi_tenant, found.shards, found.shards_wanted) == (True, 0, 0)


def test_trap_15_legacy_and_named_vectors_are_both_read() -> None:
    named = {
        "b": {"vectorizer": "none", "vectorIndexType": "flat", "vectorIndexConfig": {"bq": {"enabled": True}}},
        "a": {"vectorIndexType": "hnsw", "vectorIndexConfig": {"skip": True}},
    }
    found = first(collection("P", vectorConfig=named))
    assert [(index.name, index.kind, index.quantisation) for index in found.indexes] == [
        ("", "hnsw", ""),
        ("b", "flat", "bq"),
    ]


def test_a_dynamic_index_is_flat_and_says_what_it_becomes() -> None:
    config = {
        "threshold": 10000,
        "flat": {"bq": {"enabled": True, "cache": True}},
        "hnsw": {"rq": {"enabled": True, "bits": 8}},
    }
    found = first(collection("P", vectorIndexType="dynamic", vectorIndexConfig=config))
    (index,) = found.indexes
    assert (index.kind, index.threshold, index.quantisation, index.cached, index.in_memory) == (
        "dynamic",
        10000,
        "bq",
        True,
        True,
    )
    assert isinstance(index.later, VectorIndex)
    assert (index.later.kind, index.later.quantisation, index.later.bits) == ("hnsw", "rq", 8)


@pytest.mark.parametrize(
    ("config", "version", "ttl"),
    [(None, "1.34.0", None), (None, "1.35.0", False), ({"enabled": True, "defaultTtl": 60}, "1.38.2", True)],
)
def test_expiry_of_objects(config: dict[str, Any] | None, version: str, ttl: bool | None) -> None:
    more = {} if config is None else {"objectTtlConfig": config}
    assert first(collection("P", **more), version).ttl is ttl
