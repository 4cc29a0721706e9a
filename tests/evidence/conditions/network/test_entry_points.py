"""Gateway API routes and OpenShift routes to Weaviate."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome
from tests.support.asked import ask
from tests.support.mesh import encrypted

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
TLS = "sec.tls"


@pytest.mark.parametrize(
    ("protocol", "outcome"), [("HTTPS", UNKNOWN), ("HTTP", UNKNOWN)], ids=["a listener with TLS", "a plain listener"]
)
def test_routes_of_the_gateway_api(protocol: str, outcome: Outcome) -> None:
    tls = "tls: {certificateRefs: [{name: edge}]}" if protocol == "HTTPS" else "hostname: x"
    gateway = f"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {{name: edge, namespace: gateways}}
        spec: {{listeners: [{{name: web, port: 443, protocol: {protocol}, {tls}}}]}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {{name: weaviate}}
        spec:
          hostnames: [db.example.org]
          parentRefs: [{{name: edge, namespace: gateways}}]
          rules: [{{backendRefs: [{{name: weaviate, port: 80}}]}}]
        """
    finding = ask(TLS, encrypted(gateway))
    line = next(fact for fact in finding.facts if fact.ref.kind == "HTTPRoute")
    assert finding.outcome is outcome and line.ok is (True if protocol == "HTTPS" else None)
    assert ("makes no handshake" if protocol == "HTTPS" else "without TLS (listener web HTTP)") in finding.sentence


def test_openshift_route_that_allows_plain_http_is_partly() -> None:
    route = """
        apiVersion: route.openshift.io/v1
        kind: Route
        metadata: {name: weaviate}
        spec: {host: db.example.org, to: {name: weaviate}, tls: {insecureEdgeTerminationPolicy: Allow}}
        """
    finding = ask(TLS, encrypted(route))
    assert finding.outcome is PARTLY and "also answers db.example.org without TLS" in finding.sentence
