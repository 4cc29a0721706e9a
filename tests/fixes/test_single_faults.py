"""Single faults of high availability and backups: the proof of their fix closes each, and nothing gets worse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import State
from tests.support.asked import PODS, Answers, backed_up, backup, says, stored
from tests.support.cluster import node, required
from tests.support.fixes import (
    BUDGET,
    HOST,
    STARTUP,
    assessed,
    checks_for,
    due,
    fields_left,
    proved,
    sound,
    spare_nodes,
)

LIVE, READY = "/v1/.well-known/live", "/v1/.well-known/ready"
BACKUPS = {
    "ENABLE_MODULES": "backup-s3",
    "BACKUP_S3_BUCKET": "backups",
    "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "bucket", "key": "id"}},
}
SECOND = BUDGET.replace("{name: weaviate,", "{name: platform,").replace("Helm", "kustomize")
NO_BUDGET = "kind: PodDisruptionBudget\nmetadata: {name: weaviate, namespace: elsewhere}\nspec: {maxUnavailable: 1}"
DNS = """
kind: Deployment
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {replicas: 1}
status: {replicas: 1, readyReplicas: 1}
"""
HPA = """
kind: HorizontalPodAutoscaler
metadata: {name: weaviate}
spec: {scaleTargetRef: {kind: StatefulSet, name: weaviate}, minReplicas: 3, maxReplicas: 6}
"""
FIVE = tuple(f"weaviate-{at}" for at in range(5))
TWO_ZONES = ("eu-1a", "eu-1a", "eu-1b", "eu-1c", "eu-1d")


def probe(name: str, handler: dict[str, Any] | None) -> dict[str, Any]:
    """The container with one other probe; None removes it."""
    replaced = {"httpGet": None, **handler} if handler is not None else None
    return {**STARTUP, name: replaced}


def asks(path: str, port: int | str = 8080) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port}}


def strategy(**how: Any) -> dict[str, Any]:
    return {"updateStrategy": how}


def spot() -> ClusterFacts:
    """One pod on a spot node, and free on-demand nodes in each zone."""
    nodes = [node("node-0", "eu-1a", **{"karpenter.sh/capacity-type": "spot"})]
    return sound(nodes, spare_nodes(6))


def shared_node() -> ClusterFacts:
    """Two pods on one node, and a free node in the same zone."""
    return sound(
        spare_nodes(3, ("eu-1a",)), pod=required(HOST), nodes=("node-0", "node-0", "node-1"), zones=("eu-1a", "eu-1b")
    )


def crowded_zone() -> ClusterFacts:
    """Five pods in four zones; the shards have two of three replicas in one of them."""
    answers = says({"Products": 3}, nodes=FIVE, voters=FIVE[2:], place={"Products": [FIVE[:3]]})
    return sound(replicas=5, zones=TWO_ZONES, pod=required(HOST), answers=answers)


def lacking() -> Answers:
    """A shard on two nodes, although the factor is three."""
    return says({"Products": 3}, place={"Products": [PODS[:2], PODS]})


FAULTS: dict[str, tuple[Callable[[], ClusterFacts], str]] = {
    "liveness opens a port": (
        lambda: sound(container=probe("livenessProbe", {"tcpSocket": {"port": 8080}})),
        "probes.liveness",
    ),
    "liveness asks for readiness": (lambda: sound(container=probe("livenessProbe", asks(READY))), "probes.liveness"),
    "liveness needs a key": (lambda: sound(container=probe("livenessProbe", asks("/v1/meta"))), "probes.liveness"),
    "no liveness, own objects": (
        lambda: sound(container=probe("livenessProbe", None), chart=False),
        "probes.liveness",
    ),
    "readiness asks for life": (lambda: sound(container=probe("readinessProbe", asks(LIVE))), "probes.readiness"),
    "readiness opens a port, own objects": (
        lambda: sound(container=probe("readinessProbe", {"tcpSocket": {"port": 8080}}), chart=False),
        "probes.readiness",
    ),
    "no readiness, own objects": (
        lambda: sound(container=probe("readinessProbe", None), chart=False),
        "probes.readiness",
    ),
    "startup asks an unknown port": (
        lambda: sound(container=probe("startupProbe", {**asks(READY, "web"), "failureThreshold": 200})),
        "probes.startup_path",
    ),
    "on delete": (lambda: sound(spec=strategy(type="OnDelete")), "updates.one_by_one"),
    "on delete, own objects": (lambda: sound(spec=strategy(type="OnDelete"), chart=False), "updates.one_by_one"),
    "a partition": (lambda: sound(spec=strategy(rollingUpdate={"partition": 2})), "updates.one_by_one"),
    "two at once": (
        lambda: sound(spec=strategy(rollingUpdate={"maxUnavailable": 2}), server_version="v1.37.0"),
        "updates.one_by_one",
    ),
    "a moving tag": (lambda: sound(image="cr.weaviate.io/semitechnologies/weaviate:latest"), "image.pin"),
    "a foreign budget of two": (
        lambda: sound(NO_BUDGET, SECOND.replace("maxUnavailable: 1", "maxUnavailable: 2")),
        "disruption_budget.own",
    ),
    "two budgets": (lambda: sound(SECOND), "disruption_budget.single"),
    "pods on one node": (shared_node, "placement.nodes"),
    "a spot node": (spot, "nodes.on_demand"),
    "one DNS replica": (lambda: sound(DNS), "dns.replicas"),
    "an autoscaler": (lambda: sound(HPA), "autoscaler.remove"),
    "a join address without Service": (
        lambda: sound(env={"CLUSTER_JOIN": "vectors.weaviate.svc.cluster.local."}, chart=False),
        "cluster.join",
    ),
    "another gossip port": (
        lambda: sound(env={"CLUSTER_JOIN": "weaviate-headless.weaviate.svc.cluster.local.:7946"}, chart=False),
        "cluster.join",
    ),
    "no headless Service": (lambda: sound(spec={"serviceName": "members"}, chart=False), "cluster.service"),
    "an unknown voter": (
        lambda: sound(env={"RAFT_JOIN": "weaviate-0,weaviate-1,weaviate-7"}, chart=False),
        "raft.voters",
    ),
    "one voter": (
        lambda: sound(env={"RAFT_BOOTSTRAP_EXPECT": "1", "RAFT_JOIN": "weaviate-0"}, chart=False),
        "raft.voters",
    ),
    "four voters waited for": (lambda: sound(env={"RAFT_BOOTSTRAP_EXPECT": "4"}, chart=False), "raft.voters"),
    "one-node recovery": (lambda: sound(env={"RAFT_ENABLE_ONE_NODE_RECOVERY": "true"}), "raft.recovery_off"),
    "missing replicas": (lambda: sound(answers=lacking()), "shards.complete"),
    "replicas in one zone": (crowded_zone, "shards.spread"),
    "no asynchronous replication": (
        lambda: sound(env={"ASYNC_REPLICATION_DISABLED": "true"}),
        "async_replication.server",
    ),
    "a collection that is not repaired": (
        lambda: sound(
            image="cr.weaviate.io/semitechnologies/weaviate:1.36.0",
            answers=says(
                versions=("1.36.0",), more={"Products": {"replicationConfig": {"factor": 3, "asyncEnabled": False}}}
            ),
        ),
        "async_replication.collections",
    ),
    "an endpoint with a scheme": (
        lambda: sound(env=BACKUPS | {"BACKUP_S3_ENDPOINT": "https://s3.wasabisys.com"}, answers=backed_up()),
        "backups.endpoint",
    ),
    "backups without TLS": (
        lambda: sound(env=BACKUPS | {"BACKUP_S3_USE_SSL": "false"}, answers=backed_up()),
        "tls.backups",
    ),
    "no schedule": (lambda: sound(env=BACKUPS, answers=stored(backup("b", 100))), "backups.schedule"),
    "no backup at all": (lambda: sound(env=BACKUPS, answers=stored()), "backups.schedule"),
    "a late backup": (lambda: sound(env=BACKUPS, answers=backed_up(40)), "backups.now"),
    "a backup without a collection": (
        lambda: sound(factors={"Products": 3, "Orders": 3}, env=BACKUPS, answers=backed_up()),
        "backups.now",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_is_closed_and_nothing_gets_worse(name: str) -> None:
    facts, fix = FAULTS[name][0](), FAULTS[name][1]
    found = due(facts)
    assert fix in found and not found[fix].decisions
    proof = proved(facts, fix)
    assert checks_for(proof, fix) == []
    assert not [cause for cause in found[fix].causes if cause.check.field in fields_left(proof, cause.question.id)]
    assert [step.id for step in proof.worse] == []
    assert proof.after.total.possible >= assessed(facts).total.possible


def test_a_sound_cluster_needs_none_of_these_fixes() -> None:
    answers = {**backed_up()}
    assert not {fix for _, fix in FAULTS.values()} & due(sound(env=BACKUPS, answers=answers)).keys()


def test_a_backup_that_is_only_planned_is_not_claimed() -> None:
    """Whether the next backup succeeds is to be confirmed: the question is open and earns nothing."""
    steps = {step.id: step for step in proved(FAULTS["a late backup"][0](), "backups.now").steps}
    assert steps["ha.weaviate_backups"].to_confirm
    assert steps["ha.weaviate_backups"].after.state is State.OPEN
