"""Probes: the time that they allow for a start, and what they ask."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Settings, Thresholds
from tests.support.asked import ask, bad, seen
from tests.support.cluster import cluster, of, weaviate

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
LIVE, READY, META = "/v1/.well-known/live", "/v1/.well-known/ready", "/v1/meta"


def get(path: str, **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": 8080}, **more}


def failed(finding: Finding) -> list[Outcome | None]:
    return [fact.outcome for fact in finding.facts if fact.ok is False]


def asked(**container: Any) -> list[str]:
    return bad(ask("ha.node_repair", cluster(weaviate(container=container))))


@pytest.mark.parametrize(
    ("container", "field"),
    [
        ({"startupProbe": get(READY, initialDelaySeconds=30, failureThreshold=3)},
         "startupProbe, time allowed for a start"),
        ({"livenessProbe": get(LIVE, initialDelaySeconds=30)}, "livenessProbe, time allowed for a start"),
        ({"livenessProbe": get(LIVE, initialDelaySeconds=0, periodSeconds=5, failureThreshold=2)},
         "livenessProbe, time allowed for a start"),
    ],
)  # fmt: skip
def test_a_window_shorter_than_the_expected_start_is_partly_met(container: dict[str, Any], field: str) -> None:
    finding = ask("ha.node_repair", cluster(weaviate(container=container)))
    assert bad(finding) == [field] and failed(finding) == [PARTLY]
    assert "it may never become ready" in finding.sentence


def test_the_startup_probe_alone_decides_where_there_is_one() -> None:
    startup = get(READY, periodSeconds=10, failureThreshold=60)
    assert asked(startupProbe=startup, livenessProbe=get(LIVE, initialDelaySeconds=None)) == []


def test_the_expected_start_is_a_setting() -> None:
    settings = Settings(thresholds=Thresholds(start_seconds_minimum=1200))
    assert bad(ask("ha.node_repair", cluster(weaviate()), settings)) == ["livenessProbe, time allowed for a start"]


@pytest.mark.parametrize(("ready_at", "outcome"), [("05:20:00", NOT_MET), ("05:01:00", None)])
def test_a_measured_start_beyond_the_window_is_not_met(ready_at: str, outcome: Outcome | None) -> None:
    objects = weaviate(container={"startupProbe": get(READY, failureThreshold=60)})
    for pod in of(objects, "Pod"):
        pod["status"]["conditions"][0]["lastTransitionTime"] = f"2026-11-24T{ready_at}Z"
        pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-11-24T05:00:00Z"}}
    finding = ask("ha.node_repair", cluster(objects))
    assert bad(finding) == (["startupProbe, time allowed for a start"] if outcome else [])
    assert seen(finding, "measured start") == (["20 minutes"] if outcome else ["60 seconds"])
    assert failed(finding) == ([outcome] if outcome else [])


def test_liveness_on_readiness_restarts_pods_that_wait_for_others() -> None:
    assert asked(livenessProbe=get(READY)) == ["livenessProbe.httpGet.path"]


def test_readiness_on_liveness_sends_requests_too_early() -> None:
    assert asked(readinessProbe=get(LIVE)) == ["readinessProbe.httpGet.path"]


def test_probes_of_an_open_port_prove_little() -> None:
    port = {"httpGet": None, "tcpSocket": {"port": 8080}}
    assert asked(livenessProbe=port, readinessProbe=port) == ["livenessProbe.tcpSocket", "readinessProbe.tcpSocket"]


@pytest.mark.parametrize(("ready", "outcome"), [("False", NOT_MET), ("True", PARTLY)])
@pytest.mark.parametrize("path", [META, "/v1/schema"])
def test_probes_that_need_an_api_key_always_fail(path: str, ready: str, outcome: Outcome) -> None:
    objects = weaviate(container={"livenessProbe": get(path), "readinessProbe": get(path)})
    for pod in of(objects, "Pod"):
        pod["status"]["conditions"][0]["status"] = ready
    finding = ask("ha.node_repair", cluster(objects))
    assert bad(finding) == ["livenessProbe.httpGet.path", "readinessProbe.httpGet.path"]
    assert failed(finding) == [outcome, outcome]


def test_probes_on_meta_are_in_order_where_anonymous_access_is_on() -> None:
    conf = {"authentication": {"anonymous_access": {"enabled": True}}}
    assert bad(ask("ha.node_repair", cluster(weaviate(conf=conf, container={"readinessProbe": get(META)})))) == []


def test_a_named_port_that_the_container_lacks_always_fails() -> None:
    assert asked(readinessProbe={"httpGet": {"path": READY, "port": "rest"}}) == ["readinessProbe.port"]
    assert asked(readinessProbe={"httpGet": {"path": READY, "port": "grpc"}}) == []
