"""Questions on resource management that combine the conditions of several modules."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome, Reason, Settings
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("replicas", "read_heavy", "outcome", "reason"),
    [
        (1, None, NOT_MET, None),
        (1, True, NOT_MET, None),
        (1, False, UNKNOWN, Reason.NOT_OBSERVABLE),
        (3, None, UNKNOWN, Reason.NOT_COLLECTED),
        (3, True, UNKNOWN, Reason.NOT_COLLECTED),
        (3, False, UNKNOWN, Reason.NOT_OBSERVABLE),
    ],
)
def test_read_replicas(replicas: int, read_heavy: bool | None, outcome: Outcome, reason: Reason | None) -> None:
    finding = ask("res.read_replicas", cluster(weaviate(replicas)), Settings(read_heavy=read_heavy))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_the_headless_service_is_not_what_clients_use() -> None:
    slices = [
        {
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-x", "labels": {"kubernetes.io/service-name": name}},
            "endpoints": [
                {"addresses": ["10.0.0.1"], "conditions": {"ready": True}},
                {"addresses": ["10.0.0.2"], "conditions": {}},
                {"addresses": ["10.0.0.3"], "conditions": {"ready": False}},
            ],
        }
        for name in ("weaviate", "weaviate-headless")
    ]
    finding = ask("res.read_replicas", cluster(weaviate(), slices))
    seen = {check.ref.name: check.seen for check in finding.facts if check.field == "ready endpoints"}
    assert seen == {"weaviate": "2"}  # and no line for a Service without any slice


def test_one_ready_endpoint_is_a_known_lack() -> None:
    endpoints = [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"], "conditions": {"ready": False}}]
    piece = {
        "kind": "EndpointSlice",
        "metadata": {"name": "weaviate-x", "labels": {"kubernetes.io/service-name": "weaviate"}},
        "endpoints": endpoints,
    }
    finding = ask("res.read_replicas", cluster(weaviate(2), [piece]))
    assert (finding.outcome, finding.at_best) == (PARTLY, True)
    assert "Service weaviate has 1 ready endpoint: all reads go to one pod." in finding.sentence
    assert next(check for check in finding.facts if check.field == "spec.replicas").expected == "2 or more"


def test_service_that_selects_no_pod_is_named() -> None:
    typo = "{kind: Service, metadata: {name: weaviate-read}, spec: {selector: {app: weaviat}, ports: [{port: 80}]}}"
    finding = ask("res.read_replicas", cluster(weaviate(), typo))
    assert any(fact.ref.name == "weaviate-read" and fact.field == "selected pods" for fact in finding.facts)
    assert not any(fact.field == "selected pods" for fact in ask("res.read_replicas", cluster(weaviate())).facts)
