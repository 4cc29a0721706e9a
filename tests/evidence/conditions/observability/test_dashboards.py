"""Grafana and dashboards of Weaviate."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.findings import described

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
GRAFANA = "mon.grafana"
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
    ("more", "outcome", "text"),
    [
        pytest.param((GRAFANA_RUNS, BOARD), MET, "has a dashboard for Weaviate", id="for the sidecar"),
        pytest.param((GRAFANA_RUNS, BOARD_OBJECT), MET, "", id="for the operator"),
        pytest.param(
            (GRAFANA_RUNS,), PARTLY, "no dashboard object has Weaviate in its name", id="stored in Grafana, not visible"
        ),
        pytest.param(
            (GRAFANA_RUNS, BOARD.replace("weaviate-", "nginx-")), PARTLY, "Grafana runs", id="of another tool"
        ),
        pytest.param((GRAFANA_RUNS, BOARD.replace("grafana_dashboard", "x")), PARTLY, "", id="not for the sidecar"),
        pytest.param((PROMETHEUS_RUNS, BOARD), UNKNOWN, "Prometheus can feed one outside", id="Grafana elsewhere"),
        pytest.param((), NOT_MET, "nobody can view", id="nothing at all"),
    ],
)
def test_dashboards(more: tuple[str, ...], outcome: Outcome, text: str) -> None:
    finding = ask(GRAFANA, cluster(weaviate(), *more))
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


@pytest.mark.parametrize("key", ["dashboardconfigmaps", "deployments", "grafanadashboards"])
def test_refused_dashboards_are_unknown(key: str) -> None:
    finding = ask(GRAFANA, cluster(weaviate(), forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), described(finding)
