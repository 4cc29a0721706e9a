"""Monitoring, as truth tables: what the cluster shows, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness_kit.evidence.monitoring import redirected
from readiness_kit.model import Outcome, Reason
from tests.evidence.test_security import judged, recorded
from tests.support.cluster import CONF, cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
LOGGING, METRICS = "mon.logging", "mon.metrics"

# --- logging --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "outcome", "said"),
    [
        pytest.param({}, MET, "JSON at level info", id="nothing set"),
        pytest.param({"LOG_LEVEL": "warning"}, MET, "level warning", id="warning"),
        pytest.param({"LOG_LEVEL": "loud"}, MET, "level info", id="a level that the server does not know"),
        pytest.param({"LOG_FORMAT": "text"}, PARTLY, "as text", id="text"),
        pytest.param({"LOG_LEVEL": "debug"}, PARTLY, "debug", id="debug"),
        pytest.param({"LOG_LEVEL": "trace"}, PARTLY, "trace", id="trace"),
        pytest.param({"LOG_LEVEL": "error"}, PARTLY, "error", id="errors only"),
        pytest.param({"LOG_LEVEL": "fatal"}, NOT_MET, "next to no log", id="fatal"),
        pytest.param({"LOG_LEVEL": "panic", "LOG_FORMAT": "text"}, NOT_MET, "panic", id="panic"),
        pytest.param(
            {"LOG_LEVEL": {"secretKeyRef": {"name": "s", "key": "k"}}}, UNKNOWN, "not read", id="from a Secret"
        ),
    ],
)
def test_logging(env: dict[str, Any], outcome: Outcome, said: str) -> None:
    finding = judged(LOGGING, cluster(weaviate(env=env)))
    assert finding.outcome is outcome
    assert said in finding.sentence


def test_logging_with_debug_in_the_configuration_file() -> None:
    finding = judged(LOGGING, cluster(weaviate(conf={**CONF, "debug": True})))
    assert finding.outcome is PARTLY and "debugging" in finding.sentence


@pytest.mark.parametrize(
    ("script", "away"),
    [
        ("exec /bin/weaviate --port 8080", ""),
        ("exec /bin/weaviate --port 8080 > /var/log/weaviate.log", "> /var/log/weaviate.log"),
        ("/bin/weaviate >> /logs/out 2>&1", ">> /logs/out"),
        ("/bin/weaviate &> /dev/null", "&> /dev/null"),
        ("/bin/weaviate 1>/dev/null", "1>/dev/null"),
        ("/bin/weaviate 2> /tmp/errors", ""),
        ("/bin/weaviate 2>&1", ""),
        ("/bin/weaviate > /dev/stdout", ""),
        ("/bin/weaviate 2>&1 | tee /tmp/log", ""),
        ("echo start > /tmp/started; exec /bin/weaviate", ""),
        ("exec > /tmp/all\n/bin/weaviate", "> /tmp/all"),
    ],
)
def test_logging_sent_away_by_the_command(script: str, away: str) -> None:
    assert redirected(("/bin/sh", "-c", script)) == away
    container = {"command": ["/bin/sh", "-c"], "args": [script]}
    env = {"LOG_LEVEL": "info", "LOG_FORMAT": "json"}
    finding = judged(LOGGING, cluster(weaviate(container=container, env=env)))
    assert (finding.outcome is NOT_MET) == bool(away)


def test_a_word_of_the_server_is_no_redirection() -> None:
    """Without a shell an argument is passed on as it is."""
    finding = judged(LOGGING, cluster(weaviate(container={"args": ["--note", "weaviate > /tmp/x"]}, conf=None)))
    assert finding.outcome is MET


def test_logging_without_a_permission() -> None:
    finding = judged(LOGGING, cluster(weaviate(), forbidden=("configmaps",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert judged(LOGGING, cluster(weaviate(env={"LOG_LEVEL": "fatal"}), forbidden=("configmaps",))).outcome is NOT_MET


# --- metrics --------------------------------------------------------------------------------------

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
    ("env", "extra", "outcome", "said"),
    [
        pytest.param({}, (), NOT_MET, "metrics are off", id="off"),
        pytest.param(
            {"PROMETHEUS_MONITORING_ENABLED": "yes"}, (), NOT_MET, "metrics are off", id="trap 26: yes is off"
        ),
        pytest.param(ON, (), NOT_MET, "nobody scrapes them", id="on, and nobody there to scrape"),
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
        pytest.param(ON, (running("example.com/client:1"),), NOT_MET, "nobody", id="on, something else runs"),
        pytest.param(
            ON,
            (monitor(selector={"matchLabels": {"app": "other"}}),),
            NOT_MET,
            "nobody",
            id="a monitor of something else",
        ),
        pytest.param(ON, (monitor(endpoints=[{"port": "http"}]),), NOT_MET, "nobody", id="a monitor of the API port"),
        pytest.param(
            ON,
            (monitor(namespaceSelector={"matchNames": ["other"]}),),
            NOT_MET,
            "nobody",
            id="a monitor of another namespace",
        ),
    ],
)
def test_metrics(env: dict[str, str], extra: tuple[Any, ...], outcome: Outcome, said: str) -> None:
    objects = weaviate(env=env, container=PORTS)
    for service in of(objects, "Service"):
        service["metadata"]["labels"]["app"] = "weaviate"
    finding = judged(METRICS, cluster(objects, *extra))
    assert finding.outcome is outcome
    assert said in finding.sentence


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
def test_trap_53_a_monitor_is_not_yet_selected(labels: dict[str, str], servers: list[Any], outcome: Outcome) -> None:
    finding = judged(METRICS, cluster(weaviate(env=ON, container=PORTS), monitor(labels), servers))
    assert finding.outcome is outcome
    if outcome is PARTLY:
        assert "ServiceMonitor weaviate/weaviate" in finding.sentence


@pytest.mark.parametrize(
    "annotations",
    [{"prometheus.io/scrape": "true", "prometheus.io/port": "2112"}, {"ad.datadoghq.com/weaviate.checks": "{}"}],
)
def test_metrics_asked_for_by_annotation(annotations: dict[str, str]) -> None:
    facts = cluster(weaviate(env=ON, template_metadata={"annotations": annotations}))
    finding = judged(METRICS, facts)
    assert finding.outcome is UNKNOWN and "prometheus/up" in finding.missing


def test_a_declared_metrics_port_does_not_mean_that_metrics_are_on() -> None:
    finding = judged(
        METRICS, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "false"}, container=PORTS), monitor())
    )
    assert finding.outcome is NOT_MET
    assert [fact.seen for fact in finding.facts if fact.field == "container port 2112"] == ["declared"]


def test_metrics_by_the_configuration_file() -> None:
    facts = cluster(weaviate(conf={**CONF, "monitoring": {"enabled": True}}, container=PORTS), monitor())
    assert judged(METRICS, facts).outcome is UNKNOWN


def test_nobody_scrapes_is_not_said_where_somebody_could_unseen() -> None:
    for refused in ("servicemonitors", "podmonitorings", "daemonsets", "deployments", "services"):
        finding = judged(METRICS, cluster(weaviate(env=ON), forbidden=(refused,)))
        assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), refused
    managed = judged(METRICS, cluster(weaviate(env=ON), server_version="v1.33.1-eks-1a2b3c"))
    assert managed.outcome is UNKNOWN and "a managed collector of AWS" in managed.sentence


def test_metrics_that_cannot_be_known() -> None:
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    finding = judged(METRICS, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": secret})))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


# --- two recorded clusters ------------------------------------------------------------------------


def test_the_recorded_clusters(recordings: Path) -> None:
    good, default = recorded(recordings / "good"), recorded(recordings / "default")
    assert judged(LOGGING, good).outcome is MET and judged(LOGGING, default).outcome is MET
    off = judged(METRICS, default)
    assert (off.outcome, off.sentence) == (NOT_MET, "Weaviate's metrics are off: nothing can be scraped.")
    on = judged(METRICS, good)
    assert on.outcome is UNKNOWN and "prometheus/up" in on.missing
    assert [fact.ref.name for fact in on.facts if fact.ref.kind == "ServiceMonitor"] == ["weaviate"]
