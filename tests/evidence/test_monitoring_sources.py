"""Monitoring by its other sources, as truth tables: log agents by node, targets, dashboards, loaded rules."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason
from tests.evidence.test_security import judged
from tests.support.answers import answered
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
LOGS, METRICS, GRAFANA, ALERTS = "mon.logs_central", "mon.metrics", "mon.grafana", "mon.alerts"
ON = {"PROMETHEUS_MONITORING_ENABLED": "true"}


def daemonset(name: str, image: str, ready: int = 3, spec: str = "", labels: str = "") -> str:
    return f"""
        kind: DaemonSet
        metadata: {{name: {name}, namespace: logging, labels: {{app.kubernetes.io/name: {name}{labels}}}}}
        spec: {{template: {{spec: {{containers: [{{name: a, image: "{image}"}}]{spec}}}}}}}
        status: {{numberReady: {ready}, desiredNumberScheduled: 3}}
        """


FLUENT_BIT = daemonset("fluent-bit", "cr.fluentbit.io/fluent/fluent-bit:4.0")
EVERYWHERE = daemonset("fluent-bit", "fluent/fluent-bit:4.0", spec=", tolerations: [{operator: Exists}]")


def said(finding: Finding) -> str:
    return f"{finding.outcome.value} {finding.reason}: {finding.sentence}"


# --- Q31 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outcome", "reason", "word"),
    [
        pytest.param(
            (FLUENT_BIT,), UNKNOWN, Reason.NOT_OBSERVABLE, "how long they are kept, has to be said", id="on every node"
        ),
        pytest.param((), NOT_MET, None, "No agent collects the logs", id="none"),
        pytest.param(
            (daemonset("fluent-bit", "fluent/fluent-bit:4.0", ready=2),),
            PARTLY,
            None,
            "Not all pods of",
            id="not ready",
        ),
        pytest.param(
            (daemonset("alloy", "grafana/alloy:v1.11"),),
            UNKNOWN,
            Reason.NOT_OBSERVABLE,
            "Grafana Alloy can collect them",
            id="an agent that may or may not collect logs",
        ),
        pytest.param(
            (daemonset("mystery", "example.org/agent:1"),),
            UNKNOWN,
            Reason.NOT_OBSERVABLE,
            "the DaemonSet mystery, which the kit does not know",
            id="a DaemonSet that nobody knows",
        ),
    ],
)
def test_log_agents(more: tuple[str, ...], outcome: Outcome, reason: Reason | None, word: str) -> None:
    finding = judged(LOGS, cluster(weaviate(), *more))
    assert (finding.outcome, finding.reason) == (outcome, reason) and word in finding.sentence, said(finding)


def test_an_agent_without_the_toleration_misses_exactly_the_tainted_nodes() -> None:
    objects = weaviate()
    of(objects, "Node", "node-1")[0]["spec"] = {"taints": [{"key": "db", "value": "only", "effect": "NoSchedule"}]}
    finding = judged(LOGS, cluster(objects, FLUENT_BIT))
    assert finding.outcome is PARTLY
    assert "Fluent Bit does not come to node node-1, where Weaviate runs" in finding.sentence
    assert judged(LOGS, cluster(objects, EVERYWHERE)).outcome is UNKNOWN


def test_an_aggregator_collects_nothing_from_nodes() -> None:
    vector = """
        kind: StatefulSet
        metadata: {name: vector, namespace: logging, labels: {app.kubernetes.io/name: vector}}
        spec: {replicas: 1, template: {spec: {containers: [{name: v, image: "timberio/vector:0.50"}]}}}
        status: {readyReplicas: 1}
        """
    finding = judged(LOGS, cluster(weaviate(), vector))
    assert finding.outcome is PARTLY and "Vector aggregator passes logs on, but nothing" in finding.sentence


def test_pods_that_ask_to_be_left_out_are_left_out() -> None:
    objects = weaviate(template_metadata={"annotations": {"fluentbit.io/exclude": "true"}})
    finding = judged(LOGS, cluster(objects, FLUENT_BIT))
    assert finding.outcome is PARTLY and "ask Fluent Bit to leave their logs out" in finding.sentence


def test_a_sidecar_that_ships_logs_is_an_agent() -> None:
    objects = weaviate()
    for one in (*of(objects, "Pod"), of(objects, "StatefulSet")[0]["spec"]["template"]):
        one["spec"]["containers"].append({"name": "logs", "image": "registry.example.org/fluent/fluent-bit:4.0"})
    finding = judged(LOGS, cluster(objects))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert any(fact.ok and fact.seen == "beside the server: Fluent Bit" for fact in finding.facts)


def test_on_fargate_no_daemonset_runs_and_that_is_no_gap() -> None:
    objects = weaviate()
    for node in of(objects, "Node"):
        node["metadata"]["labels"]["eks.amazonaws.com/compute-type"] = "fargate"
    for more in ((), (FLUENT_BIT,)):
        finding = judged(LOGS, cluster(objects, *more))
        assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE), said(finding)
        assert "Fargate" in finding.sentence


@pytest.mark.parametrize("key", ["daemonsets", "nodes", "pods"])
def test_refused_lists_leave_the_agents_unknown(key: str) -> None:
    finding = judged(LOGS, cluster(weaviate(), FLUENT_BIT, forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), said(finding)


# --- Q32 ------------------------------------------------------------------------------------------

MONITOR = """
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: weaviate}
    spec: {selector: {matchLabels: {app: weaviate}}, endpoints: [{targetPort: 2112}]}
"""
UNSELECTED = """
    kind: Prometheus
    apiVersion: monitoring.coreos.com/v1
    metadata: {name: k8s}
    spec: {serviceMonitorSelector: {matchLabels: {release: stack}}}
"""


def targets(
    *values: int, env: dict[str, str] | None = None, more: tuple[str, ...] = (MONITOR,), **answers: Any
) -> Finding:
    up = [{"value": value, "pod": f"weaviate-{place}"} for place, value in enumerate(values)]
    facts = answered(cluster(weaviate(env=ON | (env or {})), *more), {"prometheus/up": up, **answers})
    return judged(METRICS, facts)


@pytest.mark.parametrize(
    ("values", "outcome", "word"),
    [
        pytest.param((1, 1, 1), MET, "from each of 3 Weaviate pods", id="all up"),
        pytest.param((1, 0, 1), PARTLY, "from 2 of 3 Weaviate pods, down: weaviate-1", id="one down"),
        pytest.param((1, 1), PARTLY, "from 2 of 3 Weaviate pods", id="one not scraped"),
        pytest.param((), PARTLY, "no target of Weaviate", id="none in this Prometheus"),
    ],
)
def test_targets(values: tuple[int, ...], outcome: Outcome, word: str) -> None:
    finding = targets(*values)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_only_up_proves_that_metrics_arrive() -> None:
    """A ServiceMonitor that nothing selects is a gap until the targets are seen to be up by another way."""
    facts = cluster(weaviate(env=ON), MONITOR, UNSELECTED)
    assert judged(METRICS, facts).outcome is PARTLY
    assert targets(1, 1, 1, more=(MONITOR, UNSELECTED)).outcome is MET
    assert targets(1, 1, 1, more=()).outcome is MET


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ABSENT, Reason.NOT_COLLECTED])
def test_targets_that_were_not_read_are_unknown_for_the_same_reason(reason: Reason) -> None:
    facts = answered(cluster(weaviate(env=ON), MONITOR), {"prometheus/up": reason})
    assert (judged(METRICS, facts).outcome, judged(METRICS, facts).reason) == (UNKNOWN, reason)


def test_metrics_that_are_off_are_a_gap_without_prometheus() -> None:
    off = cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "false"}))
    assert judged(METRICS, answered(off, {"prometheus/up": Reason.UNREACHABLE})).outcome is NOT_MET


@pytest.mark.parametrize(
    ("shards", "env", "outcome"),
    [(1000, {}, MET), (1001, {}, PARTLY), (1001, {"PROMETHEUS_MONITORING_GROUP": "true"}, MET)],
)
def test_many_shards_without_grouping(shards: int, env: dict[str, str], outcome: Outcome) -> None:
    samples = {"schema_shards": [{"value": shards, "labels": {"status": "HOT"}}]}
    answers: dict[str, Any] = {"prometheus/weaviate": samples}
    finding = targets(1, 1, 1, env=env, **answers)
    assert finding.outcome is outcome, said(finding)


# --- Q33 ------------------------------------------------------------------------------------------

GRAFANA_RUNS = """
    kind: Deployment
    metadata: {name: grafana, namespace: observability, labels: {app.kubernetes.io/name: grafana}}
    spec: {replicas: 1, template: {spec: {containers: [{name: g, image: "docker.io/grafana/grafana:12.2"}]}}}
    status: {readyReplicas: 1}
"""
BOARD = "{kind: ConfigMap, metadata: {name: weaviate-dashboard, labels: {grafana_dashboard: '1'}}}"
BOARD_OBJECT = """
    apiVersion: grafana.integreatly.org/v1beta1
    kind: GrafanaDashboard
    metadata: {name: weaviate-overview, namespace: observability}
"""
PROMETHEUS_RUNS = GRAFANA_RUNS.replace("grafana", "prometheus").replace("docker.io/prometheus", "quay.io/prometheus")


@pytest.mark.parametrize(
    ("more", "outcome", "word"),
    [
        pytest.param((GRAFANA_RUNS, BOARD), MET, "a dashboard of Weaviate is there", id="for the sidecar"),
        pytest.param((GRAFANA_RUNS, BOARD_OBJECT), MET, "", id="for the operator"),
        pytest.param((GRAFANA_RUNS,), PARTLY, "no dashboard called after Weaviate", id="kept in Grafana, unseen"),
        pytest.param(
            (GRAFANA_RUNS, BOARD.replace("weaviate-", "nginx-")), PARTLY, "Grafana runs", id="of another tool"
        ),
        pytest.param((GRAFANA_RUNS, BOARD.replace("grafana_dashboard", "x")), PARTLY, "", id="not for the sidecar"),
        pytest.param((PROMETHEUS_RUNS, BOARD), UNKNOWN, "Prometheus can feed one outside", id="Grafana elsewhere"),
        pytest.param((), NOT_MET, "nobody can look", id="nothing at all"),
    ],
)
def test_dashboards(more: tuple[str, ...], outcome: Outcome, word: str) -> None:
    finding = judged(GRAFANA, cluster(weaviate(), *more))
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


@pytest.mark.parametrize("key", ["configmaps", "deployments", "grafanadashboards"])
def test_dashboards_that_may_not_be_listed_are_unknown(key: str) -> None:
    finding = judged(GRAFANA, cluster(weaviate(), forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), said(finding)


# --- Q34 ------------------------------------------------------------------------------------------

FULL_RULES = [
    {"name": "WeaviateDown", "query": 'up{job="weaviate"} == 0', "health": "ok"},
    {"name": "WeaviateErrors", "query": 'rate(requests_total{status="server_error"}[5m]) > 1', "health": "ok"},
    {"name": "WeaviateReadOnly", "query": 'weaviate_index_shards_total{status="READONLY"} > 0', "health": "ok"},
    {"name": "WeaviateBackupOld", "query": 'weaviate_background_process{process="backup"}', "health": "ok"},
]
STACK = [
    {"name": "KubePodCrashLooping", "query": "kube_pod_container_status_waiting_reason", "health": "ok"},
    {"name": "TargetDown", "query": "up == 0", "health": "ok"},
    {"name": "etcdNoLeader", "query": "etcd_server_has_leader == 0", "health": "ok"},
]
RECEIVER = """
    apiVersion: monitoring.coreos.com/v1alpha1
    kind: AlertmanagerConfig
    metadata: {name: team}
    spec: {receivers: [{name: team, slackConfigs: [{channel: x}]}]}
"""
NULL_RECEIVER = RECEIVER.replace("name: team, slackConfigs: [{channel: x}]", "name: 'null'")


def alerting(rules: Any, active: Any = ("alertmanager:9093",), *more: str) -> Finding:
    managers = active if isinstance(active, Reason) else {"active": list(active)}
    answers = {"prometheus/rules": rules, "prometheus/alertmanagers": managers}
    return judged(ALERTS, answered(cluster(weaviate(), *more), answers))


@pytest.mark.parametrize(
    ("rules", "active", "more", "outcome", "word"),
    [
        pytest.param(FULL_RULES, ("a:9093",), (RECEIVER,), MET, "an Alertmanager sends them out", id="all of it"),
        pytest.param(FULL_RULES, ("a:9093",), (), UNKNOWN, "which is not read", id="receiver unseen"),
        pytest.param(
            FULL_RULES, ("a:9093",), (NULL_RECEIVER,), UNKNOWN, "sends the alerts to anybody", id="null receiver"
        ),
        pytest.param(FULL_RULES, (), (RECEIVER,), NOT_MET, "its alerts reach nobody", id="no Alertmanager"),
        pytest.param(FULL_RULES, Reason.ABSENT, (RECEIVER,), UNKNOWN, "was not read", id="Alertmanagers not told"),
        pytest.param([], ("a:9093",), (RECEIVER,), NOT_MET, "no alert rule at all", id="no rule"),
        pytest.param(STACK[2:], ("a:9093",), (RECEIVER,), NOT_MET, "None of 1 alert rule", id="rules on other things"),
        pytest.param(FULL_RULES[:3], ("a:9093",), (RECEIVER,), PARTLY, "backups that fail", id="no rule on backups"),
    ],
)
def test_alerts(rules: Any, active: Any, more: tuple[str, ...], outcome: Outcome, word: str) -> None:
    finding = alerting(rules, active, *more)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_rules_of_the_stack_are_not_alerts_about_weaviate() -> None:
    finding = alerting(STACK, ("a:9093",), RECEIVER)
    assert finding.outcome is PARTLY and "Only generic rules watch the pods" in finding.sentence


def test_a_rule_that_cannot_be_evaluated_is_half_a_gap() -> None:
    broken = [{**rule, "health": "err"} if rule["name"] == "WeaviateErrors" else rule for rule in FULL_RULES]
    finding = alerting(broken, ("a:9093",), RECEIVER)
    assert finding.outcome is PARTLY and "cannot evaluate WeaviateErrors" in finding.sentence


def test_rule_objects_prove_no_loaded_rule() -> None:
    """Without Prometheus the objects are shown, and nothing is decided."""
    rule = """
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: weaviate}
        spec: {groups: [{name: g, rules: [{alert: Down, expr: "weaviate_build_info == 0"}]}]}
        """
    facts: ClusterFacts = cluster(weaviate(), rule)
    finding = judged(ALERTS, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)
    assert "Objects of the cluster ask for some (Prometheus rules)" in finding.sentence
    assert [fact.ref.name for fact in finding.facts if fact.source == "prometheusrules"] == ["weaviate"]
