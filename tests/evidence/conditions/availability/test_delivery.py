"""Failovers, canaries and test environments: hints that support an answer."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.evidence.conditions.availability.delivery import ENVIRONMENT
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask, measured, seen
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


CHAOS = "{apiVersion: chaos-mesh.org/v1alpha1, kind: PodChaos, metadata: {name: kill-one, namespace: weaviate}}"


ROLLOUTS = """
kind: Deployment
metadata: {name: argo-rollouts, namespace: argo, labels: {app.kubernetes.io/name: argo-rollouts}}
spec: {template: {spec: {containers: [{name: a, image: 'quay.io/argoproj/argo-rollouts:v1.8.0'}]}}}
status: {readyReplicas: 1}
"""


def test_a_failover_test_is_never_met_by_evidence_alone() -> None:
    facts = answered(cluster(weaviate(), CHAOS), measured(ready_least_90d=2, replication_failed_1d=0))
    finding = ask("ha.failover_tested", facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert seen(finding, "ready replicas, last 90 days") == ["2 of 3 at the lowest"]
    assert seen(finding, "Chaos Mesh")
    assert "within 90 days" in finding.sentence


@pytest.mark.parametrize("partition", [0, 2])
def test_a_partition_is_shown_beside_the_question_on_canaries(partition: int) -> None:
    spec = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}}
    finding = ask("ha.canary", cluster(weaviate(spec=spec)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert seen(finding, "partition") == [str(partition)]


def test_trap_argo_rollouts_cannot_update_a_statefulset() -> None:
    finding = ask("ha.canary", cluster(weaviate(), ROLLOUTS))
    assert finding.outcome is UNKNOWN
    assert seen(finding, "Argo Rollouts") == ["for clients and modules: it cannot update a StatefulSet"]


def other(namespace: str, version: str = "1.38.2", nodes: tuple[str, ...] = ("test-0",)) -> list[dict[str, Any]]:
    image = f"cr.weaviate.io/semitechnologies/weaviate:{version}"
    return weaviate(1, ("eu-1a",), namespace=namespace, nodes=nodes, image=image)


@pytest.mark.parametrize(
    ("objects", "outcome"),
    [
        (other("search-staging"), MET),
        (other("search-staging", "1.39.0"), MET),
        (other("search-staging", "1.36.0"), PARTLY),
        (other("search-staging", nodes=("node-0",)), PARTLY),
        (other("analytics"), UNKNOWN),
        ([], UNKNOWN),
    ],
    ids=["same version", "newer", "older", "same nodes", "not named as a test environment", "none"],
)
def test_environments(objects: list[dict[str, Any]], outcome: Outcome) -> None:
    finding = ask("ha.dev_test_env", cluster(objects, weaviate(), choose="weaviate/weaviate"))
    assert finding.outcome is outcome
    assert finding.reason is (Reason.NOT_OBSERVABLE if outcome is UNKNOWN else None)


def test_the_node_pool_is_read_from_the_label_of_the_provider() -> None:
    objects = [*other("staging"), *weaviate()]
    for item in objects:
        if item["kind"] == "Node":
            item["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] = "workers"
    finding = ask("ha.dev_test_env", cluster(objects, choose="weaviate/weaviate"))
    assert (finding.outcome, seen(finding, "node pool")) == (PARTLY, ["workers"])


@pytest.mark.parametrize("name", ["devices", "testimonials", "stagecoach", "internal", "latest", "accounts", "qatar"])
def test_names_that_only_begin_like_a_test_environment(name: str) -> None:
    assert not ENVIRONMENT.search(name)


@pytest.mark.parametrize("name", ["dev", "search-staging", "weaviate_test2", "pre-prod", "nonprod", "uat.search"])
def test_names_of_test_environments(name: str) -> None:
    assert ENVIRONMENT.search(name)
