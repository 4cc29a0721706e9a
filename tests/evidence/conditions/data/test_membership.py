"""Health, versions and raft voters, by what Weaviate reports."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, says, seen, without
from tests.support.cluster import cluster, required, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


HOSTS = required("kubernetes.io/hostname")


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), MET, []),
        (says({"Products": 3, "Sessions": 1}), NOT_MET, ["replication factor"]),
        (says({"Products": 3, "Empty": 1}, place={"Empty": []}), NOT_MET, ["replication factor"]),
        (says(healthy=2), PARTLY, ["nodes that Weaviate reports as HEALTHY"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes"), UNKNOWN, []),
    ],
)
def test_nodes(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_trap_a_dead_node_is_missing_in_the_list_and_not_counted_as_healthy() -> None:
    finding = ask("ha.replicas_across_nodes", made(pod=HOSTS, answers=says(nodes=PODS[:2], voters=PODS)))
    assert finding.outcome is PARTLY
    assert "Weaviate reports 2 of 3 nodes as healthy; the others are not listed" in finding.sentence


@pytest.mark.parametrize(
    ("replicas", "answers", "outcome", "wrong"),
    [
        (3, says(), MET, []),
        (1, says(nodes=PODS[:1]), NOT_MET, ["spec.replicas"]),
        (
            2,
            says(nodes=PODS[:2], voters=PODS[:1]),
            NOT_MET,
            ["spec.replicas", "configured raft voters", "env RAFT_BOOTSTRAP_EXPECT"],
        ),
        (3, says(healthy=2), PARTLY, ["nodes that Weaviate reports as HEALTHY"]),
        (3, says(voters=PODS[:1]), PARTLY, ["configured raft voters"]),
        (3, says(voters=(*PODS, "old-0")), PARTLY, ["configured raft voters", "members that answer"]),
        (3, says(synchronized=False), PARTLY, ["cluster/statistics synchronized"]),
        (3, without(says(), "weaviate/nodes"), UNKNOWN, []),
        (3, without(says(), "weaviate/statistics"), UNKNOWN, []),
    ],
)
def test_three_nodes(replicas: int, answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.three_nodes", made(replicas, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_trap_raft_counts_configured_members_not_answering_ones() -> None:
    finding = ask("ha.three_nodes", made(answers=says(nodes=PODS[:2], voters=PODS)))
    assert seen(finding, "configured raft voters") == ["3"]
    assert seen(finding, "members that answer") == ["not weaviate-2"]


def test_trap_synchronized_is_polled_several_times() -> None:
    assert "polled 5 times" in ask("ha.three_nodes", made(answers=says(synchronized=False))).sentence


@pytest.mark.parametrize("change", [{"ready": False}, {"open": False}, {"dbLoaded": False}, {"status": "UNHEALTHY"}])
def test_a_member_whose_metadata_store_is_not_ready_is_named(change: dict[str, Any]) -> None:
    answers = says()
    answers["weaviate/statistics"]["statistics"][1] |= change
    finding = ask("ha.three_nodes", made(answers=answers))
    assert finding.outcome is PARTLY and bad(finding) == ["members whose metadata store is ready"]
    assert "The metadata store of weaviate-1 is not open and ready." in finding.sentence
