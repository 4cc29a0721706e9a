"""How much of the verbose node list is requested."""

from __future__ import annotations

import pytest

from readiness_kit.model import Reason
from tests.collect.weaviate.conftest import collected, reads
from tests.support.weaviate import collection, error, healthy, shard


def test_huge_schema_is_listed_by_collection_and_in_part() -> None:
    classes = [collection("Huge", shards=3000), collection("Big", shards=1000), collection("Small", shards=3)]
    answers = healthy(classes=classes)
    for name in ("Big", "Small"):
        answers[f"/v1/nodes/{name}?output=verbose"] = {
            "nodes": [{"name": "weaviate-0", "status": "HEALTHY", "shards": [shard("s", name), shard("x", "Other")]}]
        }
    found, fake = collected(answers)
    assert "GET /v1/nodes?output=verbose" not in fake.asked
    nodes, read = found.answers["weaviate/nodes_verbose"], reads(found)["weaviate/nodes_verbose"]
    assert nodes.sampled == ("Big", "Small")
    assert [(entry.collection, entry.name) for entry in nodes.nodes[0].shards] == [("Big", "s"), ("Small", "s")]
    assert (read.reason, read.partial, read.count) == (Reason.NOT_COLLECTED, True, 1)
    assert "2 of 3 collections were listed" in read.message


TENANTS = {"multiTenancyConfig": {"enabled": True}, "shardingConfig": {"desiredCount": 0}}


def test_trap_ten_collections_with_a_thousand_tenants_each_are_not_listed() -> None:
    classes = [collection(f"T{place}", **TENANTS) for place in range(10)]
    found, fake = collected(healthy(classes=classes))
    assert not [line for line in fake.asked if "verbose" in line or "tenants" in line]
    read = reads(found)["weaviate/nodes_verbose"]
    assert (read.reason, read.count) == (Reason.NOT_COLLECTED, 0)
    assert "10 have tenants, whose number is not known" in read.message


@pytest.mark.parametrize(
    ("shards", "factor", "whole"), [(5000, 1, True), (5001, 1, False), (1666, 3, True), (1667, 3, False)]
)
def test_known_entrycount_is_multiplied_by_the_replication_factor(shards: int, factor: int, whole: bool) -> None:
    tenants = collection("T", **TENANTS, replicationConfig={"factor": factor})
    found, fake = collected(healthy(classes=[tenants]), shards=shards)
    assert ("GET /v1/nodes?output=verbose" in fake.asked) is whole
    assert (reads(found)["weaviate/nodes_verbose"].reason is None) is whole


def test_entrycount_below_the_schema_is_ignored() -> None:
    classes = [collection("Plain", shards=30), collection("T", **TENANTS)]
    _, fake = collected(healthy(classes=classes), shards=29)
    assert "GET /v1/nodes?output=verbose" not in fake.asked


@pytest.mark.parametrize("shards", [None, 5])
def test_no_shards_are_requested_without_the_schema(shards: int | None) -> None:
    found, fake = collected({**healthy(), "/v1/schema": error(403, "forbidden")}, shards=shards)
    assert not [line for line in fake.asked if "verbose" in line]
    assert reads(found)["weaviate/nodes_verbose"].reason is Reason.NOT_COLLECTED
