"""The loss of a zone, judged by the shards and voters that Weaviate reports."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, says, without
from tests.support.cluster import cluster, required, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


ZONES = required("topology.kubernetes.io/zone")


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["shards without this zone"]),
        (says({"Products": 3, "Sessions": 1}), PARTLY, ["shards without this zone"]),
        (says(nodes=PODS[:2], voters=PODS), PARTLY, ["shards without this zone", "raft voters without this zone"]),
        (says({}), UNKNOWN, []),
        (without(says(), "weaviate/nodes_verbose"), UNKNOWN, []),
        (without(says(), "weaviate/statistics"), UNKNOWN, []),
    ],
    ids=["met", "two copies", "one copy", "a dead node", "no shard shown", "no shards read", "no voters read"],
)
def test_zones(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.multi_az", made(pod=ZONES, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_trap_three_zones_with_unlucky_replica_placement_are_not_zone_safe() -> None:
    names = tuple(f"weaviate-{at}" for at in range(6))
    unlucky = says(nodes=names, place={"Products": [["weaviate-0", "weaviate-3", "weaviate-1"]]})
    finding = ask("ha.multi_az", made(6, answers=unlucky, zones=("a", "b", "c"), pod=ZONES))
    assert finding.outcome is PARTLY
    assert "Without the zone a, shards of Products lose their quorum" in finding.sentence
