"""Metrics: enabled, scraped by a monitor or annotation, and received by Prometheus."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, of, weaviate
from tests.support.findings import described

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
METRICS = "mon.metrics"


# --- enabled and scraped --------------------------------------------------------------------------

ON = {"PROMETHEUS_MONITORING_ENABLED": "true"}
PORTS = {"ports": [{"containerPort": 8080}, {"name": "metrics", "containerPort": 2112}]}


def monitor(labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    body = {"selector": {"matchLabels": {"app": "weaviate"}}, "endpoints": [{"targetPort": "metrics"}], **spec}
    return {"kind": "ServiceMonitor", "metadata": {"name": "weaviate", "labels": labels or {}}, "spec": body}


def prometheus(selector: dict[str, Any] | None, namespaces: dict[str, Any] | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    if selector is not None:
        spec["serviceMonitorSelector"] = selector
    if namespaces is not None:
        spec["serviceMonitorNamespaceSelector"] = namespaces
    return {"kind": "Prometheus", "metadata": {"name": "k8s", "namespace": "monitoring"}, "spec": spec}


def running(image: str) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "main", "image": image}]}}
    return {"kind": "Deployment", "metadata": {"name": "tool", "namespace": "tools"}, "spec": {"template": template}}


POD_MONITOR = """
    kind: PodMonitor
    metadata: {name: pods, namespace: monitoring}
    spec:
      namespaceSelector: {any: true}
      selector: {matchLabels: {app: weaviate}}
      podMetricsEndpoints: [{port: metrics}]
"""
GOOGLE = """
    kind: PodMonitoring
    metadata: {name: weaviate}
    spec: {selector: {matchLabels: {app: weaviate}}, endpoints: [{port: metrics}]}
"""


@pytest.mark.parametrize(
    ("env", "extra", "outcome", "text"),
    [
        pytest.param({}, (), NOT_MET, "metrics of Weaviate are off", id="off"),
        pytest.param(
            {"PROMETHEUS_MONITORING_ENABLED": "yes"},
            (),
            NOT_MET,
            "metrics of Weaviate are off",
            id="trap 26: yes is off",
        ),
        pytest.param(ON, (), NOT_MET, "nothing scrapes them", id="on, without a scraper"),
        pytest.param(ON, (monitor(),), UNKNOWN, "targets are up", id="on, a ServiceMonitor"),
        pytest.param(ON, (POD_MONITOR,), UNKNOWN, "targets are up", id="on, a PodMonitor"),
        pytest.param(ON, (GOOGLE,), UNKNOWN, "targets are up", id="on, a PodMonitoring"),
        pytest.param(ON, (running("grafana/alloy:v1.9"),), UNKNOWN, "Grafana Alloy may do so", id="trap 53: Alloy"),
        pytest.param(ON, (running("gcr.io/datadoghq/agent:7"),), UNKNOWN, "Datadog may do so", id="trap 53: Datadog"),
        pytest.param(
            ON,
            (running("otel/opentelemetry-collector-contrib:0.1"),),
            UNKNOWN,
            "OpenTelemetry",
            id="trap 53: OpenTelemetry",
        ),
        pytest.param(ON, (running("example.com/client:1"),), NOT_MET, "nothing scrapes", id="on, something else runs"),
        pytest.param(
            ON,
            (monitor(selector={"matchLabels": {"app": "other"}}),),
            NOT_MET,
            "nothing scrapes",
            id="a monitor of something else",
        ),
        pytest.param(
            ON, (monitor(endpoints=[{"port": "http"}]),), NOT_MET, "nothing scrapes", id="a monitor of the API port"
        ),
        pytest.param(
            ON,
            (monitor(namespaceSelector={"matchNames": ["other"]}),),
            NOT_MET,
            "nothing scrapes",
            id="a monitor of another namespace",
        ),
    ],
)
def test_metrics(env: dict[str, str], extra: tuple[Any, ...], outcome: Outcome, text: str) -> None:
    objects = weaviate(env=env, container=PORTS)
    for service in of(objects, "Service"):
        service["metadata"]["labels"]["app"] = "weaviate"
    finding = ask(METRICS, cluster(objects, *extra))
    assert finding.outcome is outcome
    assert text in finding.sentence


@pytest.mark.parametrize(
    ("labels", "servers", "outcome"),
    [
        pytest.param({}, [prometheus({"matchLabels": {"release": "stack"}}, {})], PARTLY, id="label missing"),
        pytest.param(
            {"release": "stack"}, [prometheus({"matchLabels": {"release": "stack"}}, {})], UNKNOWN, id="selected"
        ),
        pytest.param({}, [prometheus({}, {})], UNKNOWN, id="empty selectors select all"),
        pytest.param({}, [prometheus(None, {})], PARTLY, id="a missing selector selects nothing"),
        pytest.param({}, [prometheus({})], PARTLY, id="without a namespace selector: its own namespace"),
        pytest.param({}, [], UNKNOWN, id="no Prometheus object to ask"),
    ],
)
def test_trap_53_monitor_needs_a_prometheus_that_selects_it(
    labels: dict[str, str], servers: list[Any], outcome: Outcome
) -> None:
    finding = ask(METRICS, cluster(weaviate(env=ON, container=PORTS), monitor(labels), servers))
    assert finding.outcome is outcome
    if outcome is PARTLY:
        assert "ServiceMonitor weaviate/weaviate" in finding.sentence


@pytest.mark.parametrize(
    "annotations",
    [{"prometheus.io/scrape": "true", "prometheus.io/port": "2112"}, {"ad.datadoghq.com/weaviate.checks": "{}"}],
)
def test_annotation_without_prometheus_is_unknown(annotations: dict[str, str]) -> None:
    facts = cluster(weaviate(env=ON, template_metadata={"annotations": annotations}))
    finding = ask(METRICS, facts)
    assert finding.outcome is UNKNOWN and "prometheus/up" in finding.missing


def test_declared_port_does_not_enable_metrics() -> None:
    finding = ask(
        METRICS, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "false"}, container=PORTS), monitor())
    )
    assert finding.outcome is NOT_MET
    assert [fact.seen for fact in finding.facts if fact.field == "container port 2112"] == ["declared"]


def test_configuration_file_enables_metrics() -> None:
    facts = cluster(weaviate(conf={**CONF, "monitoring": {"enabled": True}}, container=PORTS), monitor())
    assert ask(METRICS, facts).outcome is UNKNOWN


def test_no_scrape_configuration_is_unknown_where_a_scraper_may_be_hidden() -> None:
    for refused in ("servicemonitors", "podmonitorings", "daemonsets", "deployments", "services"):
        finding = ask(METRICS, cluster(weaviate(env=ON), forbidden=(refused,)))
        assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), refused
    managed = ask(METRICS, cluster(weaviate(env=ON), server_version="v1.33.1-eks-1a2b3c"))
    assert managed.outcome is UNKNOWN and "a managed collector of AWS" in managed.sentence


def test_metrics_setting_from_a_secret_is_unknown() -> None:
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    finding = ask(METRICS, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": secret})))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


# --- received by Prometheus -----------------------------------------------------------------------

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
    return ask(METRICS, facts)


@pytest.mark.parametrize(
    ("values", "outcome", "text"),
    [
        pytest.param((1, 1, 1), MET, "from each of 3 Weaviate pods", id="all up"),
        pytest.param((1, 0, 1), PARTLY, "from 2 of 3 Weaviate pods, down: weaviate-1", id="one down"),
        pytest.param((1, 1), PARTLY, "from 2 of 3 Weaviate pods", id="one not scraped"),
        pytest.param((), PARTLY, "no target of Weaviate", id="none in this Prometheus"),
    ],
)
def test_targets(values: tuple[int, ...], outcome: Outcome, text: str) -> None:
    finding = targets(*values)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_targets_that_are_up_override_the_scrape_configuration() -> None:
    """A ServiceMonitor that nothing selects is a gap until the targets are seen to be up by another way."""
    facts = cluster(weaviate(env=ON), MONITOR, UNSELECTED)
    assert ask(METRICS, facts).outcome is PARTLY
    assert targets(1, 1, 1, more=(MONITOR, UNSELECTED)).outcome is MET
    assert targets(1, 1, 1, more=()).outcome is MET


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ABSENT, Reason.NOT_COLLECTED])
def test_unread_targets_keep_their_reason(reason: Reason) -> None:
    facts = answered(cluster(weaviate(env=ON), MONITOR), {"prometheus/up": reason})
    assert (ask(METRICS, facts).outcome, ask(METRICS, facts).reason) == (UNKNOWN, reason)


def test_disabled_metrics_are_not_met_without_prometheus() -> None:
    off = cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "false"}))
    assert ask(METRICS, answered(off, {"prometheus/up": Reason.UNREACHABLE})).outcome is NOT_MET


@pytest.mark.parametrize(
    ("shards", "env", "outcome"),
    [(1000, {}, MET), (1001, {}, PARTLY), (1001, {"PROMETHEUS_MONITORING_GROUP": "true"}, MET)],
)
def test_many_shards_without_grouping(shards: int, env: dict[str, str], outcome: Outcome) -> None:
    samples = {"schema_shards": [{"value": shards, "labels": {"status": "HOT"}}]}
    answers: dict[str, Any] = {"prometheus/weaviate": samples}
    finding = targets(1, 1, 1, env=env, **answers)
    assert finding.outcome is outcome, described(finding)


def test_monitor_of_a_port_that_the_service_lacks_is_named() -> None:
    monitor = """
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: weaviate}
        spec: {selector: {matchLabels: {app: weaviate}}, endpoints: [{port: no-such-port}]}
    """
    facts = cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "true"}), monitor)
    finding = ask("mon.metrics", facts)
    assert "ServiceMonitor weaviate/weaviate asks for the port no-such-port" in finding.sentence
