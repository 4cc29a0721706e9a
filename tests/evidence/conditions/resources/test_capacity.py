"""Requests, volumes and CPU as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Settings
from readiness_kit.thresholds import Thresholds
from tests.support.answers import answered
from tests.support.asked import ask, bad, filled, measured, says, seen, used, without
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


GUARDED = {"GOMEMLIMIT": "20GiB", "MEMORY_READONLY_PERCENTAGE": "90"}


def made(answers: dict[str, Any], *, env: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(env=GUARDED if env is None else env, **how)), answers)


ROOMY = says() | used(0.6, 0.5) | filled(0.4)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (ROOMY, MET, []),
        (ROOMY | filled(0.85), PARTLY, ["used share"]),
        (ROOMY | filled(0.95), NOT_MET, ["used share"]),
        (ROOMY | filled(0.60, 0.015), PARTLY, ["read-only reached in"]),
        (ROOMY | filled(0.79, 0.025), NOT_MET, ["read-only reached in"]),
        (ROOMY | used(0.6, 0.9), PARTLY, ["CPU, 95th percentile / limit or request"]),
        (ROOMY | used(0.6, 0.1), PARTLY, ["CPU, 95th percentile / request"]),
        (ROOMY | used(0.6, 0.5, 0.4), PARTLY, ["throttled CPU periods"]),
        (ROOMY | says(each={"vectorIndexingStatus": "READONLY"}), NOT_MET, ["READONLY shards"]),
        (without(ROOMY, "prometheus/volumes"), UNKNOWN, []),
        (without(ROOMY, "prometheus/usage"), UNKNOWN, []),
        (without(ROOMY, "weaviate/nodes_verbose"), UNKNOWN, []),
        (without(ROOMY, "weaviate/nodes_verbose") | measured(readonly_shards=0), MET, []),
        (without(ROOMY, "weaviate/nodes_verbose") | measured(readonly_shards=2), NOT_MET, ["READONLY shards"]),
    ],
)
def test_storage_and_cpu(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("res.storage_compute_sized", made(answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


@pytest.mark.parametrize(
    ("resources", "outcome"),
    [
        ({"requests": None, "limits": None}, NOT_MET),
        ({"requests": {"cpu": None, "memory": "24Gi"}}, PARTLY),
    ],
)
def test_requests_are_required(resources: dict[str, Any], outcome: Outcome) -> None:
    assert ask("res.storage_compute_sized", made(ROOMY, container={"resources": resources})).outcome is outcome


def test_trap_a_missing_cpu_limit_is_not_a_fault() -> None:
    finding = ask("res.storage_compute_sized", made(ROOMY))
    assert finding.outcome is MET and seen(finding, "limits.cpu") == ["none"]


def test_levels_come_from_the_server_and_days_from_the_settings() -> None:
    env = {**GUARDED, "DISK_USE_WARNING_PERCENTAGE": "30"}
    assert ask("res.storage_compute_sized", made(ROOMY, env=env)).outcome is PARTLY
    patient = Settings(thresholds=Thresholds(disk_full_soon_days=10))
    assert ask("res.storage_compute_sized", made(ROOMY | filled(0.60, 0.015)), patient).outcome is MET


SHARED = {"requests": {"cpu": "4", "memory": "24Gi"}, "limits": {"memory": "24Gi"}}


def test_resources_of_the_pod_are_those_of_its_containers_without_their_own() -> None:
    none = {"resources": {"requests": None, "limits": None}}
    facts = made(ROOMY, container=none, pod={"resources": SHARED})
    assert ask("res.storage_compute_sized", facts).outcome is MET
    partial = made(ROOMY, container=none, pod={"resources": {"requests": {"cpu": "4"}}})
    finding = ask("res.storage_compute_sized", partial)
    assert finding.outcome is PARTLY and "Neither the container nor its pod requests memory" in finding.sentence
    assert facts.containers["memory_limit"].dropna().tolist() == [24 * 2.0**30] * 3


def test_running_pods_decide_over_the_requests_of_the_template() -> None:
    objects = weaviate(env=GUARDED)
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"][0]["resources"] = {}
    finding = ask("res.storage_compute_sized", answered(cluster(objects), ROOMY))
    assert finding.outcome is NOT_MET and "cpu and memory" in finding.sentence
