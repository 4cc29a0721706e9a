"""Memory limits, GOMEMLIMIT, usage and the estimated need of the vectors."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import PODS, ask, bad, measured, says, seen, used, without
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


GIB = 2**30


LIMIT = 20 * GIB


GUARDED = {"GOMEMLIMIT": "20GiB", "MEMORY_READONLY_PERCENTAGE": "90"}


HEAP = {"gomemlimit": dict.fromkeys(PODS, float(LIMIT))}


def heap(share: float, **more: Any) -> dict[str, Any]:
    return measured(**HEAP, heap_peak_7d=dict.fromkeys(PODS, share * LIMIT), **more)


def made(answers: dict[str, Any], *, env: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(env=GUARDED if env is None else env, **how)), answers)


FINE = says() | heap(0.6) | used(0.6)


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (FINE, MET, []),
        (FINE | heap(0.9), PARTLY, ["peak of Go's heap / Go's limit, 7 days"]),
        (FINE | heap(0.98), NOT_MET, ["peak of Go's heap / Go's limit, 7 days"]),
        (FINE | used(0.95), PARTLY, ["peak of resident memory / limits.memory"]),
        (FINE | used(0.2), PARTLY, ["peak of resident memory / limits.memory"]),
        (FINE | heap(0.6, allocation_rejected_7d=4), NOT_MET, ["allocations refused, 7 days"]),
        (FINE | heap(0.6, oom_events_7d={"weaviate-1": 1}), NOT_MET, ["OOM kills, 7 days"]),
        (without(FINE, "prometheus/weaviate"), UNKNOWN, []),
        (without(FINE, "prometheus/usage"), UNKNOWN, []),
        (FINE | used(0.6, pods=()), UNKNOWN, []),
        ({}, UNKNOWN, []),
    ],
)
def test_memory(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("res.memory_sized", made(answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_memory_without_any_limit_fails_without_prometheus_too() -> None:
    finding = ask("res.memory_sized", cluster(weaviate(container={"resources": {"limits": None}})))
    assert (finding.outcome, finding.sentence.partition(":")[0]) == (NOT_MET, "Memory is not limited")


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ({"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-22T00:00:00Z"}, NOT_MET),
        ({"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-10-01T00:00:00Z"}, MET),
        ({"reason": "Error", "exitCode": 137, "finishedAt": "2026-11-22T00:00:00Z"}, MET),
    ],
    ids=["within a week", "long ago", "killed by a probe"],
)
def test_an_oom_kill_of_the_last_week_fails(ended: dict[str, Any], outcome: Outcome) -> None:
    objects = weaviate(env=GUARDED)
    status = of(objects, "Pod", "weaviate-1")[0]["status"]["containerStatuses"][0]
    status["lastState"] = {"terminated": ended}
    assert ask("res.memory_sized", answered(cluster(objects), FINE)).outcome is outcome


def test_requests_below_the_limit_and_a_disabled_guard_are_partly_met() -> None:
    less = {"resources": {"requests": {"memory": "12Gi"}}}
    assert bad(ask("res.memory_sized", made(FINE, container=less))) == ["requests.memory"]
    assert bad(ask("res.memory_sized", made(FINE, env={"GOMEMLIMIT": "20GiB"}))) == ["env MEMORY_READONLY_PERCENTAGE"]


def test_trap_the_working_set_counts_mapped_files_and_is_not_judged() -> None:
    full = used(0.5)
    full["prometheus/usage"]["working_set_max"] = [23.9 * GIB] * 3
    assert ask("res.memory_sized", made(FINE | full)).outcome is MET


@pytest.mark.parametrize(("objects", "outcome"), [(1e6, MET), (3e6, PARTLY), (8e6, NOT_MET)])
def test_the_estimate_is_compared_with_the_limit_of_go(objects: float, outcome: Outcome) -> None:
    """Vectors of 1024 dimensions, not compressed: 6.1 to 8.2 GB for a million, over three nodes with three copies."""
    plain = {"vectorIndexConfig": {"distance": "cosine", "maxConnections": 32}}
    answers = says(objects=int(objects / 3), more={"Products": plain})
    dimensions = {"dimensions_by_class": [{"value": objects * 3 * 1024, "labels": {"class_name": "Products"}}]}
    scalars = heap(0.6)
    scalars["prometheus/weaviate"] |= dimensions
    finding = ask("res.memory_sized", made(FINE | answers | scalars))
    assert finding.outcome is outcome, finding.sentence


NO_LIMIT = {"resources": {"limits": None}}


@pytest.mark.parametrize(
    ("env", "container", "outcome"),
    [
        ({"GOMEMLIMIT": "20GiB"}, None, MET),
        ({"GOMEMLIMIT": "21474836480"}, None, MET),
        ({"GOMEMLIMIT": "20GiB", "LIMIT_RESOURCES": "true"}, None, MET),
        ({"LIMIT_RESOURCES": "true"}, None, PARTLY),
        ({"LIMIT_RESOURCES": "true"}, NO_LIMIT, NOT_MET),
        ({"GOMEMLIMIT": "off"}, None, NOT_MET),
        ({}, None, NOT_MET),
        ({"GOMEMLIMIT": "20Gi"}, None, PARTLY),
        ({"GOMEMLIMIT": "20GB"}, None, PARTLY),
        ({"GOMEMLIMIT": {"secretKeyRef": {"name": "x", "key": "y"}}}, None, UNKNOWN),
    ],
)
def test_gomemlimit(env: dict[str, Any], container: dict[str, Any] | None, outcome: Outcome) -> None:
    assert ask("res.gomemlimit", cluster(weaviate(env=env, container=container))).outcome is outcome


@pytest.mark.parametrize("value", ["True", "1", "on"])
def test_trap_limit_resources_is_on_only_by_the_word_true(value: str) -> None:
    assert ask("res.gomemlimit", cluster(weaviate(env={"LIMIT_RESOURCES": value}))).outcome is NOT_MET


def test_trap_gomemlimit_overrides_limit_resources() -> None:
    env = {"GOMEMLIMIT": "12GiB", "LIMIT_RESOURCES": "true"}
    assert seen(ask("res.gomemlimit_ratio", cluster(weaviate(env=env))), "GOMEMLIMIT") == [
        "0.50 (12.0 GiB of 24.0 GiB)"
    ]


def test_the_effective_limit_of_the_process_is_listed() -> None:
    finding = ask("res.gomemlimit", made(measured(gomemlimit=dict.fromkeys(PODS, 9.223372036854776e18))))
    assert seen(finding, "go_gc_gomemlimit_bytes") == ["no limit"]


@pytest.mark.parametrize(
    ("env", "container", "outcome"),
    [
        ({"GOMEMLIMIT": "20GiB"}, None, MET),
        ({"GOMEMLIMIT": "20615843021"}, None, MET),
        ({"LIMIT_RESOURCES": "true"}, None, MET),
        ({"GOMEMLIMIT": "18GiB"}, None, PARTLY),
        ({"GOMEMLIMIT": "22GiB"}, None, PARTLY),
        ({"GOMEMLIMIT": "23GiB"}, None, NOT_MET),
        ({"GOMEMLIMIT": "11GiB"}, None, NOT_MET),
        ({"GOMEMLIMIT": {"resourceFieldRef": {"resource": "limits.memory"}}}, None, NOT_MET),
        ({}, None, NOT_MET),
        ({"GOMEMLIMIT": "20GiB"}, NO_LIMIT, PARTLY),
        ({"GOMEMLIMIT": "31GiB"}, NO_LIMIT, NOT_MET),
        ({"GOMEMLIMIT": {"secretKeyRef": {"name": "x", "key": "y"}}}, None, UNKNOWN),
    ],
)
def test_ratio(env: dict[str, Any], container: dict[str, Any] | None, outcome: Outcome) -> None:
    assert ask("res.gomemlimit_ratio", cluster(weaviate(env=env, container=container))).outcome is outcome


def test_without_a_limit_and_without_nodes_the_ratio_is_unknown() -> None:
    objects = weaviate(env={"GOMEMLIMIT": "20GiB"}, container=NO_LIMIT)
    finding = ask("res.gomemlimit_ratio", cluster(objects, forbidden=("nodes",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


def field(resource: str, divisor: str = "") -> dict[str, Any]:
    ref = {"resource": resource} | ({"divisor": divisor} if divisor else {})
    return {"GOMEMLIMIT": {"resourceFieldRef": ref}}


@pytest.mark.parametrize(
    ("env", "outcome"),
    [
        (field("limits.memory"), MET),
        (field("limits.memory", "1"), MET),
        (field("limits.memory", "0"), MET),
        (field("limits.memory", "1Mi"), NOT_MET),
        (field("limits.memory", "1k"), NOT_MET),
        (field("limits.cpu"), NOT_MET),
    ],
)
def test_a_field_that_fills_gomemlimit_is_read_as_bytes(env: dict[str, Any], outcome: Outcome) -> None:
    assert ask("res.gomemlimit", cluster(weaviate(env=env))).outcome is outcome
    assert ask("res.gomemlimit_ratio", cluster(weaviate(env=env))).outcome is NOT_MET


def test_the_limit_of_the_running_pods_decides_and_the_template_is_named() -> None:
    objects = weaviate(env=GUARDED)
    for pod in of(objects, "Pod", "weaviate-1"):
        pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "12Gi"}, "limits": {"memory": "12Gi"}}
    facts = answered(cluster(objects), FINE)
    assert ask("res.gomemlimit_ratio", facts).outcome is NOT_MET
    finding = ask("res.memory_sized", facts)
    assert seen(finding, "resources of the running pods") == [
        "weaviate-1: memory limit 12.0 GiB, by the template 24.0 GiB; request 12.0 GiB, by the template 24.0 GiB"
    ]


def test_a_limit_of_the_pod_limits_the_container() -> None:
    none = {"resources": {"requests": None, "limits": None}}
    shared = {"resources": {"limits": {"memory": "24Gi"}}}
    assert ask("res.gomemlimit_ratio", cluster(weaviate(env=GUARDED, container=none, pod=shared))).outcome is MET
