"""Fixes of resources, storage, collections and releases: single faults that they close, and what stays open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import advice, sizing
from readiness_kit.fixes.applying import applied
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, filled, measured, says, used
from tests.support.cluster import cluster, merged, of, required, weaviate
from tests.support.findings import demonstration
from tests.support.fixes import assessed, due, fields_left, other_origin, proved

GIB = 2**30
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
ENV = {"GOMEMLIMIT": "20GiB", "MEMORY_READONLY_PERCENTAGE": "90"}
RELEASE = "1.40.2"
IMAGE = "cr.weaviate.io/semitechnologies/weaviate:"
HEAP = {"gomemlimit": dict.fromkeys(PODS, 20.0 * GIB), "heap_peak_7d": dict.fromkeys(PODS, 12.0 * GIB)}


def answers(*more: dict[str, Any], versions: tuple[str, ...] = (RELEASE,), **how: Any) -> dict[str, Any]:
    """A healthy Weaviate, well used: 60 % of memory, half of the CPU, 40 % of the disk."""
    found = says(versions=versions, **how) | used(0.6, 0.5) | filled(0.4) | measured(**HEAP, readonly_shards=0)
    for each in more:
        found |= each
    return found


def made(
    *more: dict[str, Any], env: dict[str, Any] | None = None, image: str = RELEASE, change: Any = None, **how: Any
) -> ClusterFacts:
    objects = weaviate(pod=required(HOST, ZONE), env={**ENV, **(env or {})}, image=IMAGE + image, **how)
    for item in of(objects, "PersistentVolume"):
        item["spec"]["persistentVolumeReclaimPolicy"] = "Retain"
    if change is not None:
        change(objects)
    return answered(cluster(objects), answers(*more, versions=(image,)))


def resources(limits: Any, requests: Any) -> dict[str, Any]:
    return {"resources": {"limits": limits, "requests": requests}}


def volumes(objects: list[dict[str, Any]]) -> None:
    of(objects, "PersistentVolume")[1]["spec"]["persistentVolumeReclaimPolicy"] = "Delete"


def no_expansion(objects: list[dict[str, Any]]) -> None:
    of(objects, "StorageClass")[0]["allowVolumeExpansion"] = False


def small_claims(objects: list[dict[str, Any]]) -> None:
    for claim in of(objects, "PersistentVolumeClaim"):
        claim["spec"]["resources"]["requests"]["storage"] = "32Gi"


def no_class(objects: list[dict[str, Any]]) -> None:
    objects.remove(of(objects, "StorageClass")[0])
    for found in of(objects, "Node"):
        found["spec"] = {"providerID": "aws:///eu-1a/i-1"}


UNCOMPRESSED = {
    "vectorIndexType": "hnsw",
    "vectorIndexConfig": {"distance": "cosine", "maxConnections": 32, "rq": {"enabled": False}},
}
BIG: dict[str, Any] = {"objects": 2_000_000, "more": {"Products": UNCOMPRESSED}, "each": {"compressed": False}}
EXPIRING = {"Products": {"objectTtlConfig": {"enabled": True, "defaultTtl": 86_400, "deleteOn": "_creationTimeUnix"}}}
DYNAMIC = {
    "vectorIndexType": "dynamic",
    "vectorIndexConfig": {
        "threshold": 500,
        "flat": {"bq": {"enabled": True}},
        "hnsw": {"maxConnections": 32, "rq": {"enabled": True, "bits": 8}},
    },
}
TENANTS = {"Products": {"multiTenancyConfig": {"enabled": True}, "shardingConfig": {}}}


def schema(**how: Any) -> dict[str, Any]:
    return says(versions=(RELEASE,), **how)


FAULTS: dict[str, tuple[Callable[[], ClusterFacts], str, str]] = {
    "no memory limit": (
        partial(made, env={"GOMEMLIMIT": None}, container=resources(None, {"memory": None})),
        "memory.size",
        "limits.memory",
    ),
    "memory near its limit": (
        partial(made, used(0.95), container=resources({"memory": "24Gi"}, {"memory": "24Gi"})),
        "memory.size",
        "peak of resident memory / limits.memory",
    ),
    "request below the limit": (
        partial(made, container=resources({"memory": "24Gi"}, {"memory": "20Gi"})),
        "memory.request",
        "requests.memory",
    ),
    "no GOMEMLIMIT": (partial(made, env={"GOMEMLIMIT": None}), "memory.go_limit", "env GOMEMLIMIT"),
    "GOMEMLIMIT too close": (
        partial(made, env={"GOMEMLIMIT": "23GiB"}),
        "memory.go_limit",
        "GOMEMLIMIT / limits.memory",
    ),
    "GOMEMLIMIT too low": (partial(made, env={"GOMEMLIMIT": "10GiB"}), "memory.go_limit", "GOMEMLIMIT / limits.memory"),
    "a quantity of Kubernetes": (partial(made, env={"GOMEMLIMIT": "20Gi"}), "memory.go_limit", "env GOMEMLIMIT"),
    "no guard": (
        partial(made, env={"MEMORY_READONLY_PERCENTAGE": None}),
        "memory.read_only_guard",
        "env MEMORY_READONLY_PERCENTAGE",
    ),
    "CPU busy": (partial(made, used(0.6, 0.95)), "cpu.request", "CPU, 95th percentile / limit or request"),
    "CPU idle": (partial(made, used(0.6, 0.1)), "cpu.request", "CPU, 95th percentile / request"),
    "no CPU request": (
        partial(made, container=resources({"memory": "24Gi"}, {"cpu": None, "memory": "24Gi"})),
        "cpu.request",
        "requests",
    ),
    "CPU at its limit": (
        partial(
            made, used(0.6, 0.95), container=resources({"memory": "24Gi", "cpu": "4"}, {"memory": "24Gi", "cpu": "6"})
        ),
        "cpu.unlimited",
        "CPU, 95th percentile / limit or request",
    ),
    "a volume deleted with its claim": (
        partial(made, change=volumes),
        "storage.retain",
        "persistentVolumeReclaimPolicy",
    ),
    "no expansion": (partial(made, change=no_expansion), "storage.allow_expansion", "allowVolumeExpansion"),
    "the chart's size": (partial(made, change=small_claims), "storage.expand", "requests.storage"),
    "a class that does not exist": (partial(made, change=no_class), "storage.class", "StorageClass"),
    "shards read-only": (
        partial(made, schema(each={"vectorIndexingStatus": "READONLY"})),
        "shards.reopen",
        "READONLY shards",
    ),
    "vectors not compressed": (partial(made, schema(**BIG)), "vectors.compress", "vector"),
    "a dynamic index that stays flat": (
        partial(made, schema(more={"Products": DYNAMIC})),
        "indexing.asynchronous",
        "env ASYNC_INDEXING",
    ),
    "expiry without a schedule": (
        partial(made, schema(more=EXPIRING)),
        "deletion.schedule",
        "env OBJECTS_TTL_DELETE_SCHEDULE",
    ),
    "limits that exclude replication": (
        partial(made, schema(more=TENANTS), env={"MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION": "100"}),
        "settings.remove_limits",
        "limits that exclude replication",
    ),
    "known faults of a release": (partial(made, image="1.38.2"), "versions.upgrade", "known fault KI-1"),
    "a release out of support": (partial(made, image="1.33.4"), "versions.upgrade", "support of 1.33.4"),
    "a misspelt setting": (
        partial(made, env={"PROMETHEUS_MONITORING_ENABELD": "true"}),
        "settings.correct",
        "env PROMETHEUS_MONITORING_ENABELD",
    ),
    "a removed setting": (
        partial(made, env={"REPLICA_MOVEMENT_DISABLED": "false"}),
        "settings.correct",
        "REPLICA_MOVEMENT",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_is_closed_and_nothing_gets_worse(name: str) -> None:
    facts, fix, field = FAULTS[name][0](), *FAULTS[name][1:]
    found = due(facts)
    assert fix in found and found[fix].applicable, found.get(fix)
    assert any(field in cause.check.field for cause in found[fix].causes)
    proof = proved(facts, fix)
    left = [
        check
        for step in proof.steps
        for check in (step.after.finding.facts if step.after.finding else ())
        if check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) and check.fix == fix and field in check.field
    ]
    assert left == []
    assert [step.id for step in proof.worse] == []
    assert proof.after.total.possible >= assessed(facts).total.possible


def test_a_sound_cluster_needs_none_of_these_fixes() -> None:
    named = {fix for _, fix, _ in FAULTS.values()}
    assert not named & due(made()).keys()


# --- memory ---------------------------------------------------------------------------------------


def test_memory_has_one_figure_in_advice_fix_and_patch() -> None:
    facts = ClusterFacts(demonstration())
    fix = due(facts)["memory.size"]
    text = f"{sizing.recommended(facts)}Gi"
    assert fix.values["resources"] == {"requests": {"memory": text}, "limits": {"memory": text}}
    assert fix.values["env"]["GOMEMLIMIT"] == sizing.go_limit(sizing.recommended(facts) * GIB)
    advised = [row.helm for row in advice.advice(facts) if "memory" in row.helm or "GOMEMLIMIT" in row.helm]
    assert advised and all(text in helm or fix.values["env"]["GOMEMLIMIT"] in helm for helm in advised)


@pytest.mark.parametrize("gib", [1, 2, 6, 10, 19, 20, 24, 33, 48, 60, 256])
def test_gomemlimit_is_between_80_and_90_percent(gib: int) -> None:
    text = sizing.go_limit(gib * GIB)
    number, unit = int(text[:-3]), {"MiB": 2**20, "GiB": GIB}[text[-3:]]
    assert 0.80 <= number * unit / (gib * GIB) <= 0.90


def test_memory_that_no_node_can_hold_is_a_decision() -> None:
    """The nodes have 32 GiB, and a pod of another application takes 4 of them on one node."""
    other = {
        "kind": "Pod",
        "metadata": {"name": "other", "namespace": "shop"},
        "spec": {
            "nodeName": "node-1",
            "containers": [{"name": "a", "resources": {"requests": {"memory": "4Gi"}}}],
        },
        "status": {"phase": "Running"},
    }
    fix = due(made(used(0.98), change=lambda objects: objects.append(other)))["memory.size"]
    assert not fix.applicable
    assert fix.decisions[0].what == "nodes with 30Gi for each pod: 2 nodes can hold a pod, which is too few in eu-1b"


def test_memory_that_was_never_measured_is_a_decision() -> None:
    facts = cluster(weaviate(container=resources(None, {"memory": None})))
    assert [each.name for each in due(facts)["memory.size"].decisions] == ["memory"]


def test_unread_nodes_leave_the_memory_undecided() -> None:
    objects = weaviate(pod=required(HOST, ZONE), env=ENV)
    facts = answered(cluster(objects, forbidden=("nodes",)), answers(used(0.98)))
    assert "were not read" in due(facts)["memory.size"].decisions[0].what


def test_a_pod_killed_with_all_that_it_needs_is_not_given_the_same_again() -> None:
    """Usage and estimate are satisfied and Go's limit is right: more memory would be an invented size."""
    facts = made(measured(**HEAP, oom_events_7d={"weaviate-1": 1}))
    fix = due(facts)["memory.size"]
    assert not fix.applicable and "were not enough" in fix.decisions[0].what


def test_the_guard_waits_where_the_heap_would_reach_it_at_once() -> None:
    """Shards would become read-only with the restart."""
    high = {**HEAP, "heap_peak_7d": dict.fromkeys(PODS, 19.5 * GIB)}
    facts = made(measured(**high), env={"MEMORY_READONLY_PERCENTAGE": None})
    assert not due(facts)["memory.read_only_guard"].applicable


def test_a_guard_that_is_set_keeps_its_value() -> None:
    facts = made(used(0.98), env={"MEMORY_READONLY_PERCENTAGE": "85"})
    assert due(facts)["memory.size"].values["env"]["MEMORY_READONLY_PERCENTAGE"] == "85"


def test_spare_memory_is_for_a_person_to_decide() -> None:
    fix = due(made(used(0.1)))["memory.spare"]
    assert "4 GiB" in fix.why and not fix.applicable


# --- storage --------------------------------------------------------------------------------------


def test_expanding_volumes_recreates_the_statefulset_and_says_so() -> None:
    facts = made(filled(0.85))
    fix = due(facts)["storage.expand"]
    assert fix.applicable and "320Gi" in fix.title
    assert "--cascade=orphan" in fix.commands[1] and "storage.size=320Gi" in fix.commands[2]
    after = applied(facts, [fix])
    workload = after.weaviate.object
    assert isinstance(workload, StatefulSet)
    (template,) = workload.spec.volume_claim_templates
    assert template.spec.resources.requests["storage"] == "320Gi"
    assert {claim.status.capacity["storage"] for claim in after.weaviate.claims} == {"320Gi"}
    proof = proved(facts, "storage.expand")
    assert any("StatefulSet" in sentence and "recreated" in sentence for sentence in proof.restart)
    step = next(step for step in proof.steps if step.id == "res.storage_compute_sized")
    assert step.to_confirm


def test_expanding_volumes_never_deletes_pods() -> None:
    commands = due(made(filled(0.85)))["storage.expand"].commands
    deletions = [line for text in commands for line in text.splitlines() if " delete " in line]
    assert deletions == ["kubectl -n weaviate delete statefulset weaviate --cascade=orphan"]


def test_volumes_without_a_measured_need_are_a_decision() -> None:
    objects = weaviate(env=ENV)
    small_claims(objects)
    facts = answered(cluster(objects), says())
    assert [each.name for each in due(facts)["storage.expand"].decisions] == ["size"]


# --- releases and settings ------------------------------------------------------------------------


def test_an_upgrade_goes_one_minor_version_at_a_time() -> None:
    fix = due(made(image="1.36.3"))["versions.upgrade"]
    steps = [line.rpartition("image.tag=")[2] for text in fix.commands for line in text.splitlines() if "--set" in line]
    minors = [int(step.split(".")[1]) for step in steps]
    assert minors[0] == 36 and all(later - earlier == 1 for earlier, later in pairwise(minors))
    assert "roll back to" in fix.rollback and any("1.39" in text for text in fix.before)


def test_an_upgrade_of_another_installation_sets_the_image_of_its_container() -> None:
    facts = other_origin()
    fix = due(facts)["versions.upgrade"]
    assert any("set image statefulset/vectors weaviate=" in text for text in fix.commands)
    assert applied(facts, [fix]).weaviate.image.tag == RELEASE


def test_an_upgrade_comes_before_replicas_are_copied() -> None:
    """Releases before 1.38.3 can lose writes while they copy a replica."""
    found = due(made(says({"Products": 3, "Sessions": 1}), image="1.38.2"))
    assert "versions.upgrade" in found["replication.three"].fix.after


def test_a_misspelt_setting_is_renamed_and_an_unknown_one_removed() -> None:
    env: dict[str, Any] = {"PROMETHEUS_MONITORING_ENABELD": "true", "REPLICATION_NOTHING_SUCH": "1"}
    commands = due(made(env=env))["settings.correct"].commands
    assert any("rename PROMETHEUS_MONITORING_ENABELD to PROMETHEUS_MONITORING_ENABLED" in text for text in commands)
    assert any("remove REPLICATION_NOTHING_SUCH" in text for text in commands)


def test_compression_waits_for_the_release_that_has_it() -> None:
    facts = made(says(versions=("1.30.5",), **BIG), image="1.30.5")
    assert [each.name for each in due(facts)["vectors.compress"].decisions] == ["version"]


def test_offloading_asks_for_the_bucket() -> None:
    active = {"schema_shards": [{"value": 5000.0, "labels": {"status": "HOT"}}]}
    samples = merged(measured(**HEAP)["prometheus/weaviate"], active)
    facts = made(schema(more=TENANTS), {"prometheus/weaviate": samples})
    assert [each.name for each in due(facts)["tenants.offload"].decisions] == ["bucket"]


def test_a_deletion_that_starts_now_is_to_be_confirmed() -> None:
    facts = made(schema(more=EXPIRING), measured(**HEAP, ttl_runs_7d=0, readonly_shards=0))
    step = next(step for step in proved(facts, "deletion.schedule").steps if step.id == "res.delete_process")
    assert step.to_confirm and fields_left(proved(facts, "deletion.schedule"), "res.delete_process") == []
