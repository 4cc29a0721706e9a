"""Alert rules on Weaviate, Alertmanagers and receivers."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.findings import described

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
ALERTS = "mon.alerts"
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
    spec: {route: {receiver: team}, receivers: [{name: team, slackConfigs: [{channel: x}]}, {name: 'null'}]}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: Alertmanager
    metadata: {name: main, namespace: monitoring}
    spec: {alertmanagerConfigSelector: {}, alertmanagerConfigNamespaceSelector: {}}
"""
NULL_RECEIVER = RECEIVER.replace("slackConfigs: [{channel: x}]", "slackConfigs: []")
NULL_ROUTE = RECEIVER.replace("receiver: team", "receiver: 'null'")
NOT_SELECTED = RECEIVER.replace("alertmanagerConfigSelector: {}", "alertmanagerConfigSelector: {matchLabels: {a: b}}")
OTHER_NAMESPACE = RECEIVER.replace(", alertmanagerConfigNamespaceSelector: {}", "")
NO_MANAGER = RECEIVER.partition("---")[0]


def alerting(rules: Any, active: Any = ("alertmanager:9093",), *more: str) -> Finding:
    managers = active if isinstance(active, Reason) else {"active": list(active)}
    answers = {"prometheus/rules": rules, "prometheus/alertmanagers": managers}
    return ask(ALERTS, answered(cluster(weaviate(), *more), answers))


@pytest.mark.parametrize(
    ("rules", "active", "more", "outcome", "text"),
    [
        pytest.param(FULL_RULES, ("a:9093",), (RECEIVER,), MET, "an Alertmanager sends the alerts", id="all of it"),
        pytest.param(FULL_RULES, ("a:9093",), (), UNKNOWN, "which is not read", id="receiver unseen"),
        pytest.param(
            FULL_RULES, ("a:9093",), (NULL_RECEIVER,), UNKNOWN, "sends the alerts to anyone", id="null receiver"
        ),
        pytest.param(FULL_RULES, ("a:9093",), (NULL_ROUTE,), UNKNOWN, "to anyone", id="route to a null receiver"),
        pytest.param(FULL_RULES, ("a:9093",), (NOT_SELECTED,), UNKNOWN, "to anyone", id="no Alertmanager selects it"),
        pytest.param(FULL_RULES, ("a:9093",), (OTHER_NAMESPACE,), UNKNOWN, "to anyone", id="not of this namespace"),
        pytest.param(FULL_RULES, ("a:9093",), (NO_MANAGER,), UNKNOWN, "to anyone", id="no Alertmanager object"),
        pytest.param(FULL_RULES, (), (RECEIVER,), NOT_MET, "its alerts are not sent", id="no Alertmanager"),
        pytest.param(FULL_RULES, Reason.ABSENT, (RECEIVER,), UNKNOWN, "was not read", id="Alertmanagers not read"),
        pytest.param([], ("a:9093",), (RECEIVER,), NOT_MET, "no alert rule at all", id="no rule"),
        pytest.param(STACK[2:], ("a:9093",), (RECEIVER,), NOT_MET, "None of 1 alert rule", id="rules on other things"),
        pytest.param(FULL_RULES[:3], ("a:9093",), (RECEIVER,), PARTLY, "backups that fail", id="no rule on backups"),
    ],
)
def test_alerts(rules: Any, active: Any, more: tuple[str, ...], outcome: Outcome, text: str) -> None:
    finding = alerting(rules, active, *more)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_generic_rules_alone_are_partly() -> None:
    finding = alerting(STACK, ("a:9093",), RECEIVER)
    assert finding.outcome is PARTLY and "Only generic rules cover the pods" in finding.sentence


def test_rule_with_an_evaluation_error_is_partly() -> None:
    broken = [{**rule, "health": "err"} if rule["name"] == "WeaviateErrors" else rule for rule in FULL_RULES]
    finding = alerting(broken, ("a:9093",), RECEIVER)
    assert finding.outcome is PARTLY and "cannot evaluate WeaviateErrors" in finding.sentence


def test_rule_objects_do_not_prove_loaded_rules() -> None:
    """Without Prometheus the objects are shown, and nothing is decided."""
    rule = """
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: weaviate}
        spec: {groups: [{name: g, rules: [{alert: Down, expr: "weaviate_build_info == 0"}]}]}
        """
    facts: ClusterFacts = cluster(weaviate(), rule)
    finding = ask(ALERTS, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)
    assert "Objects of the cluster define some (Prometheus rules)" in finding.sentence
    assert [fact.ref.name for fact in finding.facts if fact.source == "prometheusrules"] == ["weaviate"]
