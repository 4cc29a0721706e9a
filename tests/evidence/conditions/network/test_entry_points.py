"""Gateway API routes and OpenShift routes to Weaviate."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome
from tests.support.asked import ask
from tests.support.cluster import cluster, of
from tests.support.mesh import STRICT, encrypted, meshed

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
TLS = "sec.tls"
ALL = "allowedRoutes: {namespaces: {from: All}}"
CRD = "{{kind: CustomResourceDefinition, metadata: {{name: {}}}}}"


@pytest.mark.parametrize(
    ("protocol", "outcome"), [("HTTPS", UNKNOWN), ("HTTP", UNKNOWN)], ids=["a listener with TLS", "a plain listener"]
)
def test_routes_of_the_gateway_api(protocol: str, outcome: Outcome) -> None:
    tls = "tls: {certificateRefs: [{name: edge}]}" if protocol == "HTTPS" else "hostname: db.example.org"
    gateway = f"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {{name: edge, namespace: gateways}}
        spec: {{listeners: [{{name: web, port: 443, protocol: {protocol}, {tls}, {ALL}}}]}}
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


HTTP_ROUTE = """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: weaviate, namespace: %s}
    spec:
      hostnames: [db.example.org]
      parentRefs: [{name: edge, namespace: gateways%s}]
      rules: [{backendRefs: [{name: weaviate, namespace: weaviate, port: 80}]}]
"""
TWO_LISTENERS = """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: gateways}
    spec:
      listeners:
        - {name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
        - {name: secure, port: 443, protocol: HTTPS, allowedRoutes: {namespaces: {from: All}}}
"""


@pytest.mark.parametrize(
    ("namespace", "section", "text"),
    [
        pytest.param("weaviate", "", "is also served without TLS", id="every listener takes it"),
        pytest.param("weaviate", ", sectionName: web", "without TLS (listener web HTTP)", id="the plain listener"),
        pytest.param("weaviate", ", port: 443", "makes no handshake", id="the listener with TLS"),
        pytest.param("clients", "", "is also served without TLS", id="a route in another namespace"),
    ],
)
def test_route_is_judged_for_every_listener_that_takes_it(namespace: str, section: str, text: str) -> None:
    finding = ask(TLS, encrypted(TWO_LISTENERS, HTTP_ROUTE % (namespace, section)))
    assert finding.outcome is UNKNOWN and text in finding.sentence, finding.sentence


def test_listener_of_another_namespace_takes_only_routes_that_it_allows() -> None:
    closed = TWO_LISTENERS.replace("{from: All}", "{from: Same}")
    assert ask(TLS, encrypted(closed, HTTP_ROUTE % ("weaviate", ""))).outcome is MET


ISTIO = """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: istio-system}
    spec: {servers: [{port: {number: 80, protocol: HTTP}, hosts: ["*"]%s}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: db, namespace: clients}
    spec:
      hosts: [db.example.org]
      gateways: [%s]
      http: [{route: [{destination: {host: weaviate.weaviate.svc.cluster.local}}]}]
"""
REDIRECT = ", tls: {httpsRedirect: true}"
TRAEFIK = """
    apiVersion: traefik.io/v1alpha1
    kind: IngressRoute
    metadata: {name: db, namespace: clients}
    spec: {entryPoints: [web], routes: [{services: [{name: weaviate, namespace: weaviate}]}]%s}
"""
CONTOUR = """
    apiVersion: projectcontour.io/v1
    kind: HTTPProxy
    metadata: {name: db}
    spec: {virtualhost: {fqdn: db.example.org%s}, routes: [{services: [{name: weaviate}]%s}]}
"""
EXTERNAL_NAME = """
    {kind: Service, metadata: {name: db, namespace: clients},
     spec: {type: ExternalName, externalName: weaviate.weaviate.svc.cluster.local}}
    ---
    kind: Ingress
    metadata: {name: db, namespace: clients}
    spec: {defaultBackend: {service: {name: db}}}
"""
TCP_ROUTE = """
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: TCPRoute
    metadata: {name: db}
    spec: {parentRefs: [{name: edge, namespace: gateways}], rules: [{backendRefs: [{name: weaviate, port: 80}]}]}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: gateways}
    spec: {listeners: [{name: db, port: 80, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}]}
"""
TARGET_GROUP = """
    apiVersion: elbv2.k8s.aws/v1beta1
    kind: TargetGroupBinding
    metadata: {name: db}
    spec: {serviceRef: {name: weaviate}}
"""


@pytest.mark.parametrize(
    ("objects", "outcome", "text"),
    [
        pytest.param(ISTIO % ("", "istio-system/edge"), UNKNOWN, "db.example.org without TLS (server 80", id="Istio"),
        pytest.param(
            ISTIO % (", tls: {httpsRedirect: true}", "istio-system/edge"), UNKNOWN, "handshake", id="redirect"
        ),
        pytest.param(ISTIO % ("", "other/edge"), UNKNOWN, "its gateway was not read", id="an unknown gateway of Istio"),
        pytest.param(ISTIO % ("", "mesh"), MET, "", id="Istio inside the mesh"),
        pytest.param(TRAEFIK % "", UNKNOWN, "without TLS (no spec.tls at web)", id="Traefik"),
        pytest.param(TRAEFIK % ", tls: {secretName: x}", UNKNOWN, "makes no handshake", id="Traefik with TLS"),
        pytest.param(CONTOUR % ("", ""), UNKNOWN, "db.example.org without TLS", id="Contour"),
        pytest.param(CONTOUR % (", tls: {secretName: x}", ", permitInsecure: true"), PARTLY, "also answers", id="both"),
        pytest.param(EXTERNAL_NAME, UNKNOWN, "Ingress db serves * without TLS", id="an ExternalName Service"),
        pytest.param(TCP_ROUTE, UNKNOWN, "TCPRoute db serves * without TLS", id="a TCP route"),
        pytest.param(TARGET_GROUP, UNKNOWN, "managed outside the cluster", id="an AWS target group"),
        pytest.param(CRD.format("mappings.getambassador.io"), UNKNOWN, "Emissary may publish", id="Emissary"),
        pytest.param(CRD.format("virtualservers.k8s.nginx.org"), UNKNOWN, "NGINX may publish", id="NGINX"),
        pytest.param(CRD.format("policies.k8s.nginx.org"), MET, "", id="no route of NGINX"),
    ],
)
def test_each_way_in_is_judged_beside_a_strict_mesh(objects: str, outcome: Outcome, text: str) -> None:
    finding = ask(TLS, encrypted(objects))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence


def test_kinds_of_routes_of_unknown_installation_are_undecided() -> None:
    unread = ("customresourcedefinitions", "kubernetes/apis")
    assert ask(TLS, cluster(meshed(), STRICT, forbidden=unread)).outcome is UNKNOWN
    assert ask(TLS, cluster(meshed(), STRICT, forbidden=unread[:1])).outcome is MET


@pytest.mark.parametrize(
    ("host_network", "port", "text"),
    [
        (True, {"containerPort": 8080}, "REST and gRPC without TLS at the addresses of their nodes (hostNetwork)"),
        (False, {"containerPort": 8080, "hostPort": 80}, "REST without TLS at the addresses of their nodes (hostPort)"),
    ],
    ids=["hostNetwork", "hostPort"],
)
def test_pods_on_the_addresses_of_nodes(host_network: bool, port: dict[str, int], text: str) -> None:
    objects = meshed(pod={"hostNetwork": host_network})
    of(objects, "StatefulSet")[0]["spec"]["template"]["spec"]["containers"][0]["ports"] = [port]
    finding = ask(TLS, cluster(objects, STRICT))
    assert finding.outcome is PARTLY and text in finding.sentence, finding.sentence
    access = ask("sec.access_limited", cluster(objects, STRICT))
    assert "at the addresses of their nodes" in access.sentence


def test_service_for_a_single_pod_is_an_entry_point() -> None:
    first = """
        kind: Service
        metadata: {name: first}
        spec:
          type: NodePort
          selector: {statefulset.kubernetes.io/pod-name: weaviate-0}
          ports: [{port: 80, targetPort: 8080}]
    """
    objects = meshed()
    of(objects, "Pod", "weaviate-0")[0]["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = "weaviate-0"
    finding = ask(TLS, cluster(objects, STRICT, first))
    assert finding.outcome is PARTLY and "Service first offers REST without TLS" in finding.sentence
