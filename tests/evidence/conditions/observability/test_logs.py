"""Log collectors on the nodes of Weaviate."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, of, weaviate
from tests.support.findings import described

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
LOGS = "mon.logs_central"


def daemonset(name: str, image: str, ready: int = 3, spec: str = "", labels: str = "") -> str:
    return f"""
        kind: DaemonSet
        metadata: {{name: {name}, namespace: logging, labels: {{app.kubernetes.io/name: {name}{labels}}}}}
        spec: {{template: {{spec: {{containers: [{{name: a, image: "{image}"}}]{spec}}}}}}}
        status: {{numberReady: {ready}, desiredNumberScheduled: 3}}
        """


FLUENT_BIT = daemonset("fluent-bit", "cr.fluentbit.io/fluent/fluent-bit:4.0")
EVERYWHERE = daemonset("fluent-bit", "fluent/fluent-bit:4.0", spec=", tolerations: [{operator: Exists}]")


@pytest.mark.parametrize(
    ("more", "outcome", "reason", "text"),
    [
        pytest.param((FLUENT_BIT,), UNKNOWN, Reason.NOT_OBSERVABLE, "Please answer", id="on every node"),
        pytest.param((), NOT_MET, None, "No log collector was found", id="none"),
        pytest.param(
            (daemonset("fluent-bit", "fluent/fluent-bit:4.0", ready=2),),
            PARTLY,
            Reason.NOT_OBSERVABLE,
            "Not all pods of",
            id="not ready",
        ),
        pytest.param(
            (daemonset("alloy", "grafana/alloy:v1.11"),),
            UNKNOWN,
            Reason.NOT_OBSERVABLE,
            "Grafana Alloy can collect logs",
            id="a telemetry collector that may collect logs",
        ),
        pytest.param(
            (daemonset("mystery", "example.org/agent:1"),),
            UNKNOWN,
            Reason.NOT_OBSERVABLE,
            "the DaemonSet mystery, which has no detector",
            id="a DaemonSet without a detector",
        ),
    ],
)
def test_log_collectors(more: tuple[str, ...], outcome: Outcome, reason: Reason | None, text: str) -> None:
    finding = ask(LOGS, cluster(weaviate(), *more))
    assert (finding.outcome, finding.reason) == (outcome, reason) and text in finding.sentence, described(finding)


def test_collector_without_toleration_misses_the_tainted_nodes() -> None:
    objects = weaviate()
    of(objects, "Node", "node-1")[0]["spec"] = {"taints": [{"key": "db", "value": "only", "effect": "NoSchedule"}]}
    finding = ask(LOGS, cluster(objects, FLUENT_BIT))
    assert finding.outcome is PARTLY
    assert "Fluent Bit does not run on node node-1, where Weaviate runs" in finding.sentence
    assert ask(LOGS, cluster(objects, EVERYWHERE)).outcome is UNKNOWN


def test_aggregator_alone_is_partly() -> None:
    vector = """
        kind: StatefulSet
        metadata: {name: vector, namespace: logging, labels: {app.kubernetes.io/name: vector}}
        spec: {replicas: 1, template: {spec: {containers: [{name: v, image: "timberio/vector:0.50"}]}}}
        status: {readyReplicas: 1}
        """
    finding = ask(LOGS, cluster(weaviate(), vector))
    assert finding.outcome is PARTLY and "Vector aggregator forwards logs, but nothing" in finding.sentence


def test_excluded_pods_are_partly() -> None:
    objects = weaviate(template_metadata={"annotations": {"fluentbit.io/exclude": "true"}})
    finding = ask(LOGS, cluster(objects, FLUENT_BIT))
    assert finding.outcome is PARTLY and "exclude their logs from Fluent Bit" in finding.sentence


def test_sidecar_counts_as_collector() -> None:
    objects = weaviate()
    for one in (*of(objects, "Pod"), of(objects, "StatefulSet")[0]["spec"]["template"]):
        one["spec"]["containers"].append({"name": "logs", "image": "registry.example.org/fluent/fluent-bit:4.0"})
    finding = ask(LOGS, cluster(objects))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert any(fact.ok and fact.seen == "sidecar in the Weaviate pods: Fluent Bit" for fact in finding.facts)


def test_fargate_without_daemonset_is_unknown() -> None:
    objects = weaviate()
    for node in of(objects, "Node"):
        node["metadata"]["labels"]["eks.amazonaws.com/compute-type"] = "fargate"
    for more in ((), (FLUENT_BIT,)):
        finding = ask(LOGS, cluster(objects, *more))
        assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE), described(finding)
        assert "Fargate" in finding.sentence


@pytest.mark.parametrize("key", ["daemonsets", "nodes", "pods"])
def test_refused_lists_are_unknown(key: str) -> None:
    finding = ask(LOGS, cluster(weaviate(), FLUENT_BIT, forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), described(finding)
