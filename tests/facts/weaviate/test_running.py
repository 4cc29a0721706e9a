"""Weaviate's state now: what blocks, what is only shown, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Reason, RunningState
from tests.support.cluster import AS_OF, cluster, of, weaviate

KEYS: dict[str, Any] = {
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": {"secretKeyRef": {"name": "keys", "key": "keys"}},
    "AUTHENTICATION_APIKEY_USERS": "admin",
}
LONG_AGO, JUST_NOW = "2026-11-24T05:00:00Z", "2026-11-24T05:57:00Z"


def state(
    status: dict[str, Any] | None = None, *, pod: int = 2, metadata: dict[str, Any] | None = None, **more: Any
) -> RunningState:
    """The state of three pods, one of which has another status or other metadata."""
    objects = weaviate(**{"env": KEYS, **more})
    changed = of(objects, "Pod", f"weaviate-{pod}")[0]
    changed["status"] = status if status is not None else changed["status"]
    changed["metadata"] |= metadata or {}
    return cluster(objects).running


def not_ready(since: str = LONG_AGO, **container: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "False", **({"lastTransitionTime": since} if since else {})}
    statuses = [{"name": "weaviate", "ready": False, **container}]
    return {"phase": "Running", "conditions": [ready], "containerStatuses": statuses}


def waiting(reason: str, **more: Any) -> dict[str, Any]:
    return not_ready(JUST_NOW, state={"waiting": {"reason": reason}}, **more)


def unschedulable(message: str, reason: str = "Unschedulable") -> dict[str, Any]:
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": JUST_NOW}]}


def test_nothing_is_reported_of_a_cluster_whose_pods_are_ready() -> None:
    assert cluster(weaviate(env=KEYS)).running == RunningState()


@pytest.mark.parametrize(
    ("since", "blocks"), [(LONG_AGO, True), (JUST_NOW, False), ("2026-11-24T05:50:00Z", True), ("", True)]
)
def test_fewer_ready_pods_than_desired_block_after_ten_minutes(since: str, blocks: bool) -> None:
    found = state(not_ready(since))
    assert bool(found.blocking) is blocks
    assert (found.blocking or found.shown)[0].startswith("2 of 3 pods are ready")


def test_a_clock_that_is_behind_does_not_make_a_pod_block() -> None:
    assert state(not_ready("2026-11-24T07:00:00Z")).blocking == ()


def test_crash_loops_block_at_once_and_name_restarts_and_exit_code() -> None:
    last = {"terminated": {"reason": "Error", "exitCode": 2}}
    found = state(waiting("CrashLoopBackOff", restartCount=57, lastState=last))
    assert found.blocking == (
        "weaviate-2: the container weaviate is in CrashLoopBackOff: 57 restarts, "
        "the last one with exit code 2 (Error).",
    )
    assert [(fact.ref.name, fact.seen, fact.ok) for fact in found.facts if fact.ok is False][1:] == [
        ("weaviate-2", "CrashLoopBackOff", False)
    ]


def test_a_crash_loop_of_an_init_container_and_of_a_sidecar_block_as_well() -> None:
    looping = {"name": "copy", "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    assert (
        "container copy is in CrashLoopBackOff"
        in state({**not_ready(), "initContainerStatuses": [looping]}).blocking[1]
    )
    sidecar = {**not_ready(), "containerStatuses": [looping]}
    assert "container copy is in CrashLoopBackOff" in state(sidecar).blocking[1]


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"])
def test_images_that_cannot_be_pulled_block_and_are_named(reason: str) -> None:
    found = state(waiting(reason))
    assert len(found.blocking) == 1 and reason in found.blocking[0]
    assert "cr.weaviate.io/semitechnologies/weaviate:1.38.2" in found.blocking[0]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.", "Claim is not bound"),
        ("0/3 nodes are available: 3 Insufficient memory.", "not enough free memory"),
        (
            "0/3 nodes are available: 3 node(s) had untolerated taint {team: x}.",
            "taints that the pod does not tolerate",
        ),
        ("0/2 nodes are available: 2 node(s) had volume node affinity conflict.", "its volume is in a zone"),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", "its node selector"),
        ('persistentvolumeclaim "data-weaviate-2" not found', "its PersistentVolumeClaim does not exist"),
        ("", "it cannot be scheduled."),
    ],
)
def test_pods_that_cannot_be_scheduled_block_with_the_reason_in_words(message: str, words: str) -> None:
    found = state(unschedulable(message))
    assert any(words in sentence for sentence in found.blocking)


def test_only_known_phrases_of_the_scheduler_are_kept() -> None:
    objects = weaviate(env=KEYS)
    text = "0/3 nodes are available: 3 Insufficient memory, taint {owner: jane.doe@example.com}"
    of(objects, "Pod", "weaviate-2")[0]["status"] = unschedulable(text)
    assert cluster(objects).weaviate.pods[2].status.conditions[0].message == "Insufficient memory"


def test_a_scheduling_gate_is_shown_but_is_no_refusal() -> None:
    found = state(unschedulable("", "SchedulingGated"))
    assert "scheduling gate" in " ".join(found.shown)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"phase": "Succeeded"}, "it has ended (Completed)"),
        ({"phase": "Failed", "reason": "Evicted"}, "it was evicted from its node"),
        ({"phase": "Failed"}, "it has failed"),
        ({"phase": "Pending"}, "it is Pending"),
        ({"phase": "Unknown"}, "its node does not answer"),
    ],
)
def test_the_phase_of_a_pod_that_does_not_run_is_named(status: dict[str, Any], words: str) -> None:
    found = state(status)
    assert found.blocking == ("2 of 3 pods are ready.",)
    assert any(words in sentence for sentence in found.shown)


def test_evicted_pods_beside_enough_ready_ones_are_only_shown() -> None:
    objects = weaviate(env=KEYS)
    evicted = {**of(objects, "Pod", "weaviate-0")[0], "status": {"phase": "Failed", "reason": "Evicted"}}
    evicted["metadata"] = {**evicted["metadata"], "name": "weaviate-old"}
    found = cluster(objects, evicted).running
    assert found.blocking == () and found.shown == ("weaviate-old: it was evicted from its node.",)


def test_past_restarts_oom_kills_and_replaced_pods_are_shown_only() -> None:
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-16T03:00:00Z"}}
    restarted = {"name": "weaviate", "ready": True, "restartCount": 1, "lastState": killed}
    found = state({**ready, "containerStatuses": [restarted]}, metadata={"creationTimestamp": "2026-11-20T00:00:00Z"})
    assert found.blocking == ()
    assert found.shown == ("weaviate-2: the container weaviate ran out of memory (OOM-killed on 16 November 2026).",)
    objects = weaviate(env=KEYS)
    for pod, day in zip(of(objects, "Pod"), (1, 1, 20), strict=True):
        pod["metadata"]["creationTimestamp"] = f"2026-11-{day:02}T00:00:00Z"
    assert cluster(objects).running.shown == ("weaviate-2: it was replaced on 20 November 2026.",)


def test_events_explain_why_a_pod_is_not_ready() -> None:
    objects = weaviate(env=KEYS)
    of(objects, "Pod", "weaviate-2")[0]["status"] = not_ready()
    event = {"kind": "Event", "metadata": {"name": "e"}, "reason": "Unhealthy", "count": 24}
    event["involvedObject"] = {"kind": "Pod", "name": "weaviate-2", "namespace": "weaviate"}
    assert cluster(objects, event).running.shown == ("weaviate-2: its probes fail (24 events Unhealthy).",)


def test_a_workload_without_any_status_is_not_blamed() -> None:
    objects = [item for item in weaviate(env=KEYS) if item["kind"] != "Pod"]
    of(objects, "StatefulSet")[0].pop("status")
    found = cluster(objects).running
    assert found.blocking == () and found.reason is Reason.NOT_COLLECTED
    assert found.shown == ("The objects have no status, so they do not show whether the pods are ready.",)


def test_a_workload_that_is_scaled_to_zero_blocks() -> None:
    objects = weaviate(replicas=0, env=KEYS)
    of(objects, "StatefulSet")[0]["status"]["observedGeneration"] = 1
    assert cluster(objects).running.blocking == ("Weaviate is scaled to zero replicas: no pod runs.",)


def test_without_the_pods_the_status_of_the_workload_counts() -> None:
    objects = weaviate(env=KEYS)
    of(objects, "StatefulSet")[0]["status"]["readyReplicas"] = 1
    found = cluster(objects, forbidden=("pods",)).running
    assert found.blocking == ("1 of 3 pods is ready.",) and found.reason is Reason.FORBIDDEN


@pytest.mark.parametrize("reason", ["forbidden", "not_collected"])
def test_without_the_pods_it_is_not_known_whether_a_workload_with_all_ready_runs(reason: str) -> None:
    found = cluster(weaviate(env=KEYS), **{reason: ("pods",)}).running
    assert found.blocking == () and found.reason is Reason(reason)
    assert len(found.shown) == 1 and found.shown[0].startswith("The pods could not be read in full (not ")
    assert found.shown[0].endswith("The StatefulSet reports 3 of 3 ready.")


def test_a_pod_that_an_update_is_replacing_is_shown_only() -> None:
    objects = [item for item in weaviate(env=KEYS) if (item["kind"], item["metadata"]["name"]) != ("Pod", "weaviate-2")]
    of(objects, "StatefulSet")[0]["status"] |= {"updateRevision": "weaviate-2", "updatedReplicas": 0}
    found = cluster(objects, as_of=AS_OF).running
    assert found.blocking == () and found.shown == ("2 of 3 pods are ready, for 0 minutes.",)


ANONYMOUS = {"authentication": {"anonymous_access": {"enabled": True}}}
RBAC = {"rbac": {"enabled": True}}
OWN_KEYS = {"apikey": {"enabled": True, "allowed_keys": ["x"], "users": ["a"]}}
S3 = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "b"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"conf": {**ANONYMOUS, "authorization": RBAC}}, "RBAC cannot be used while anonymous access"),
        ({"conf": {"authorization": RBAC}}, "RBAC cannot be used while anonymous access"),
        (
            {"conf": {"authentication": OWN_KEYS, "authorization": {**RBAC, "admin_list": {"enabled": True}}}},
            "RBAC and the admin list",
        ),
        ({"conf": None, "env": {"AUTHENTICATION_APIKEY_ENABLED": "true"}}, "API keys are enabled without any key"),
        ({"conf": None, "env": {"AUTHENTICATION_OIDC_ENABLED": "true"}}, "OIDC is enabled without"),
        ({"env": {"ENABLE_MODULES": "text2vec-transformers"}}, "without TRANSFORMERS_INFERENCE_API"),
        ({"env": {"ENABLE_MODULES": "reranker-transformers"}}, "without RERANKER_INFERENCE_API"),
        ({"env": {"ENABLE_MODULES": "backup-s3"}}, "without BACKUP_S3_BUCKET"),
        ({"env": {**S3, "BACKUP_S3_ENDPOINT": "https://s3.example.com"}}, "does not accept a scheme"),
        ({"env": {"GOMEMLIMIT": "14Gi"}}, "Go cannot parse GOMEMLIMIT 14Gi"),
        ({"env": {"GOMEMLIMIT": "90%"}}, "Go cannot parse GOMEMLIMIT 90%"),
    ],
)
def test_configurations_that_the_server_refuses_block_before_anything_else(more: dict[str, Any], words: str) -> None:
    found = state(not_ready(), **{"conf": ANONYMOUS, **more})
    assert found.blocking[0].startswith("This configuration does not start: ") and words in found.blocking[0]
    assert found.blocking[-1].startswith("2 of 3 pods are ready")


@pytest.mark.parametrize(
    "env",
    [
        KEYS,
        {"ENABLE_MODULES": "text2vec-transformers", "TRANSFORMERS_INFERENCE_API": "http://t2v:8080"},
        {**S3, "BACKUP_S3_ENDPOINT": "s3.eu-west-1.amazonaws.com"},
        {"GOMEMLIMIT": "14GiB"},
        {"GOMEMLIMIT": "off"},
    ],
)
def test_configurations_that_start_are_not_refused(env: dict[str, Any]) -> None:
    assert cluster(weaviate(env={**KEYS, **env})).running == RunningState()
