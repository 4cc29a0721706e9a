"""Consumption, deletion, reads, sharding and quantisation."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason, Settings
from readiness_kit.thresholds import Thresholds
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, measured, says, seen, without
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def made(answers: dict[str, Any], *more: Any, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**how), *more), answers)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (says() | measured(object_growth_7d=500), Reason.NOT_OBSERVABLE),
        (says(), Reason.NOT_COLLECTED),
        (without(says() | measured(), "weaviate/nodes_verbose"), Reason.FORBIDDEN),
    ],
)
def test_consumption_is_listed_and_needs_an_answer(answers: dict[str, Any], reason: Reason) -> None:
    finding = ask("res.consumption_patterns", made(answers))
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)
    if "weaviate/nodes_verbose" not in finding.missing:
        assert seen(finding, "objects") and seen(finding, "shards") == ["3"]


EXPIRES = {"Products": {"objectTtlConfig": {"enabled": True, "defaultTtl": 3600, "deleteOn": "_creationTimeUnix"}}}


SCHEDULE = {"OBJECTS_TTL_DELETE_SCHEDULE": "0 */6 * * *"}


JOB = """
kind: CronJob
metadata: {name: tidy}
spec:
  schedule: "0 3 * * *"
  suspend: %s
  jobTemplate: {spec: {template: {spec: {containers: [{name: a, args: ["curl -X DELETE http://w/v1/batch/objects"]}]}}}}
status: {lastSuccessfulTime: "%s"}
"""


@pytest.mark.parametrize(
    ("env", "answers", "outcome"),
    [
        (SCHEDULE, says(more=EXPIRES) | measured(ttl_runs_7d=28), MET),
        (SCHEDULE, says(more=EXPIRES) | measured(ttl_runs_7d=0), PARTLY),
        (SCHEDULE, says(more=EXPIRES) | measured(), UNKNOWN),
        (SCHEDULE, says(more=EXPIRES), UNKNOWN),
        ({}, says(), UNKNOWN),
        ({}, without(says(), "weaviate/schema"), UNKNOWN),
    ],
)
def test_deletion(env: dict[str, str], answers: dict[str, Any], outcome: Outcome) -> None:
    assert ask("res.delete_process", made(answers, env=env)).outcome is outcome


def test_trap_objects_that_expire_without_a_schedule_are_never_deleted() -> None:
    finding = ask("res.delete_process", made(says(more=EXPIRES)))
    assert finding.outcome is NOT_MET
    assert "they are never deleted" in finding.sentence


@pytest.mark.parametrize(
    ("suspend", "last", "outcome"),
    [
        ("false", "2026-11-24T03:00:00Z", MET),
        ("true", "2026-11-24T03:00:00Z", UNKNOWN),
        ("false", "2026-11-01T03:00:00Z", UNKNOWN),
    ],
)
def test_trap_a_job_counts_where_it_is_active_and_succeeded_recently(suspend: str, last: str, outcome: Outcome) -> None:
    assert ask("res.delete_process", made(says(), JOB % (suspend, last))).outcome is outcome


EVEN = measured(queries_by_pod=dict.fromkeys(PODS, 5.0))


@pytest.mark.parametrize(
    ("answers", "read_heavy", "outcome", "wrong"),
    [
        (says() | EVEN, None, MET, []),
        (says({"Products": 2}) | EVEN, None, PARTLY, ["replication factor"]),
        (says({"Products": 2}) | EVEN, True, MET, []),
        (says({"Products": 3, "Sessions": 1}) | EVEN, None, PARTLY, ["replication factor"]),
        (says({"Sessions": 1}) | EVEN, None, NOT_MET, ["replication factor"]),
        (
            says() | measured(queries_by_pod={PODS[0]: 9.0, PODS[1]: 0.5, PODS[2]: 0.5}),
            None,
            PARTLY,
            ["reads of the busiest pod / average"],
        ),
        (says() | measured(queries_by_pod={PODS[0]: 9.0}), None, PARTLY, ["reads of the busiest pod / average"]),
        (says() | measured(queries_by_pod=dict.fromkeys(PODS, 0.0)), None, MET, []),
        (says() | measured(), None, UNKNOWN, []),
        (says(), None, UNKNOWN, []),
        (without(says(), "weaviate/schema") | EVEN, None, UNKNOWN, []),
        (says({"Sessions": 1}) | EVEN, False, UNKNOWN, []),
    ],
)
def test_reads(answers: dict[str, Any], read_heavy: bool | None, outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("res.read_replicas", made(answers), Settings(read_heavy=read_heavy))
    assert (finding.outcome, [field for field in bad(finding) if field != "ready endpoints"]) == (outcome, wrong)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), UNKNOWN, []),
        (says(shards=1, objects=11_000_000), PARTLY, ["shards"]),
        (says({"Products": 1}, shards=1), PARTLY, ["shard replicas"]),
        (says({f"C{at}": 3 for at in range(21)}), PARTLY, ["collections without multi-tenancy"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN, []),
    ],
)
def test_sharding(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("res.sharding", made(answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_uneven_shards_and_a_nearly_reached_limit_are_partly_met() -> None:
    answers = says(shards=4)
    for node in answers["weaviate/nodes_verbose"]["nodes"]:
        for shard in node["shards"]:
            shard["objectCount"] = 9000 if shard["name"] == "s0" else 1000
    assert bad(ask("res.sharding", made(answers))) == ["objects of the largest shard / average"]
    capped = ask("res.sharding", made(says(), env={"MAXIMUM_ALLOWED_COLLECTIONS_COUNT": "1"}))
    assert bad(capped) == ["env MAXIMUM_ALLOWED_COLLECTIONS_COUNT"]


def test_trap_a_multi_tenant_collection_has_no_shard_count() -> None:
    tenants = {"Products": {"multiTenancyConfig": {"enabled": True}, "shardingConfig": {}}}
    finding = ask("res.sharding", made(says(more=tenants)))
    assert (finding.outcome, bad(finding)) == (UNKNOWN, [])


def test_trap_ten_collections_with_a_thousand_tenants_each_are_not_many_collections() -> None:
    names = [f"C{at}" for at in range(10)]
    tenants = {name: {"multiTenancyConfig": {"enabled": True}, "shardingConfig": {}} for name in names}
    finding = ask("res.sharding", made(says(dict.fromkeys(names, 3), shards=1000, more=tenants)))
    assert (finding.outcome, seen(finding, "collections without multi-tenancy")) == (UNKNOWN, ["0"])


PLAIN: dict[str, Any] = {"vectorIndexConfig": {"distance": "cosine", "maxConnections": 32}}


LARGE = 500_000  # of three shards


def vectors(config: dict[str, Any]) -> dict[str, Any]:
    return {"Products": {"vectorIndexType": "", "vectorIndexConfig": None, "vectorConfig": config}}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (says(objects=LARGE), MET),
        (says(objects=LARGE, more={"Products": PLAIN}) | measured(), PARTLY),
        (says(objects=LARGE, more={"Products": PLAIN}), PARTLY),
        (says(objects=1000, more={"Products": PLAIN}), UNKNOWN),
        (says(objects=LARGE, each={"compressed": False}), PARTLY),
        (says(objects=LARGE, more={"Products": {**PLAIN, "vectorIndexType": "hfresh"}}), MET),
        (says({}), UNKNOWN),
        (without(says(), "weaviate/schema"), UNKNOWN),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN),
    ],
)
def test_quantisation(answers: dict[str, Any], outcome: Outcome) -> None:
    assert ask("res.quantization", made(answers)).outcome is outcome


def test_large_vectors_that_do_not_fit_by_estimate_fail() -> None:
    answers = says(objects=4_000_000, more={"Products": PLAIN})
    answers |= {
        "prometheus/weaviate": {
            "dimensions_by_class": [{"value": 12e6 * 3 * 1024, "labels": {"class_name": "Products"}}]
        }
    }
    finding = ask("res.quantization", made(answers, env={"GOMEMLIMIT": "20GiB"}))
    assert finding.outcome is NOT_MET


def test_trap_each_named_vector_is_judged_separately() -> None:
    two = {
        "title": {"vectorIndexType": "hnsw", "vectorIndexConfig": {"rq": {"enabled": True, "bits": 8}}},
        "image": {"vectorIndexType": "hnsw", "vectorIndexConfig": {}},
    }
    finding = ask("res.quantization", made(says(objects=LARGE, more=vectors(two)) | measured()))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["vector image"])


def test_trap_a_dynamic_index_is_flat_below_its_threshold() -> None:
    later = {"threshold": 10_000_000, "hnsw": {}, "flat": {}}
    small = vectors({"v": {"vectorIndexType": "dynamic", "vectorIndexConfig": later}})
    assert ask("res.quantization", made(says(objects=LARGE, more=small))).outcome is MET
    grown = vectors({"v": {"vectorIndexType": "dynamic", "vectorIndexConfig": {**later, "threshold": 10_000}}})
    on = ask("res.quantization", made(says(objects=LARGE, more=grown) | measured(), env={"ASYNC_INDEXING": "true"}))
    assert (on.outcome, bad(on)) == (PARTLY, ["vector v"])


def test_trap_a_dynamic_index_silently_stays_flat_without_asynchronous_indexing() -> None:
    grown = {"threshold": 10_000, "hnsw": {"rq": {"enabled": True}}, "flat": {}}
    more = vectors({"v": {"vectorIndexType": "dynamic", "vectorIndexConfig": grown}})
    finding = ask("res.quantization", made(says(objects=LARGE, more=more)))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["env ASYNC_INDEXING"])


def test_what_counts_as_large_is_a_setting() -> None:
    settings = Settings(thresholds=Thresholds(quantisation_objects=2_000_000))
    assert ask("res.quantization", made(says(objects=LARGE, more={"Products": PLAIN})), settings).outcome is UNKNOWN
