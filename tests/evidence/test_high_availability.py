"""Questions on high availability that combine the conditions of several modules."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason, Settings
from tests.support.answers import answered
from tests.support.asked import ask, backed_up, bad, says, seen, without
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN

BUDGET = """
kind: PodDisruptionBudget
metadata: {name: weaviate}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: weaviate}}}
"""


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (says(), MET, []),
        (says({"Products": 2}), PARTLY, ["lowest replication factor"]),
        (says({"Products": 3, "Sessions": 1}), NOT_MET, ["lowest replication factor"]),
        (says(versions=("1.38.2", "1.37.9", "1.38.2")), PARTLY, ["versions that the nodes run"]),
        (says(synchronized=False), PARTLY, ["cluster/statistics synchronized"]),
        (without(says(), "weaviate/schema"), UNKNOWN, []),
        (without(says(), "weaviate/nodes"), UNKNOWN, []),
    ],
)
def test_rolling_updates(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rolling_updates", made(3, BUDGET, answers=answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_no_setting_changes_quorum_arithmetic() -> None:
    assert ask("ha.rf3", made(answers=says({"Products": 2})), Settings(read_heavy=True)).outcome is PARTLY


def test_recovery_lists_restores_and_restarts_and_needs_an_answer() -> None:
    objects = weaviate()
    for item in objects:
        born = "2026-01-01T00:00:00Z" if item["kind"] == "PersistentVolumeClaim" else "2026-11-20T00:00:00Z"
        item.setdefault("metadata", {})["creationTimestamp"] = born
    finding = ask("ha.recovery_tested", answered(cluster(objects), backed_up(restores={"b0": "SUCCESS"})))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert seen(finding, "started again") == ["volume of 2026-01-01, pod of 2026-11-20"] * 3
    assert seen(finding, "restored")
    assert ask("ha.recovery_tested", cluster(objects)).reason is Reason.NOT_COLLECTED
