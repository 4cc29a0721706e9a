"""Replication factors, replicas of the shards, and asynchronous replication."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask, bad, says, without
from tests.support.cluster import cluster, required, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN

ZONES, HOSTS = required("topology.kubernetes.io/zone"), required("kubernetes.io/hostname")


def test_trap_separate_pods_do_not_mean_replicated_data() -> None:
    finding = ask("ha.replicas_across_nodes", cluster(weaviate(pod=HOSTS)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)
    assert "weaviate/schema" in finding.missing and "separate pods do not mean replicated data" in finding.sentence


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


def test_a_collection_of_which_no_shard_is_listed_keeps_zones_from_being_met() -> None:
    hidden = says({"Products": 3, "Hidden": 3}, place={"Hidden": []})
    finding = ask("ha.multi_az", made(pod=ZONES, answers=hidden))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "No shard of Hidden" in finding.sentence


def test_trap_replication_factor_1_with_three_pods_is_not_met() -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=says({"Sessions": 1})))
    assert finding.outcome is NOT_MET
    assert "Sessions has one replica" in finding.sentence


def test_an_empty_collection_loses_nothing() -> None:
    answers = says({"Products": 3, "Trial": 1})
    for node in answers["weaviate/nodes_verbose"]["nodes"]:
        for shard in node["shards"]:
            shard["objectCount"] = 0 if shard["class"] == "Trial" else 10
    assert ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=answers)).outcome is MET


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["replication factor"]),
        (says({"Products": 4}), PARTLY, ["replication factor", "replicas of each shard"]),
        (says({"Sessions": 1}), NOT_MET, ["replication factor"]),
        (says(place={"Products": [["weaviate-0", "weaviate-1"]]}), PARTLY, ["replicas of each shard"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN, []),
    ],
)
def test_replication_factor_three(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rf3", made(answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


@pytest.mark.parametrize(("version", "outcome"), [("1.30.0", PARTLY), ("1.37.9", PARTLY), ("1.38.2", MET)])
def test_trap_async_enabled_is_configured_before_1_38_and_derived_since(version: str, outcome: Outcome) -> None:
    more = {"Products": {"replicationConfig": {"factor": 3, "asyncEnabled": False}}}
    assert ask("ha.rf3", made(answers=says(versions=(version,), more=more))).outcome is outcome


def test_asynchronous_replication_can_be_off_for_the_whole_server() -> None:
    finding = ask("ha.rf3", made(env={"ASYNC_REPLICATION_DISABLED": "true"}))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["env ASYNC_REPLICATION_DISABLED"])


@pytest.mark.parametrize(
    "env", [{"REPLICATION_MAXIMUM_FACTOR": "1"}, {"MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION": "500"}]
)
def test_trap_usage_limits_exclude_a_replication_factor_of_three(env: dict[str, str]) -> None:
    finding = ask("ha.rf3", made(env=env, answers=says({"Sessions": 1})))
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "limited to a replication factor of 1" in finding.sentence


def test_without_data_the_definitions_are_judged() -> None:
    assert ask("ha.rf3", made(answers=says({"Products": 1}, objects=0))).outcome is NOT_MET
    assert ask("ha.rf3", made(answers=says({"Products": 3}, objects=0))).outcome is MET
