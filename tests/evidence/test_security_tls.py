"""Encryption in transit, as truth tables: the edge, certificates, the mesh, modules and the object storage."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason
from tests.evidence.test_security import judged
from tests.support.answers import answered
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
TLS = "sec.tls"

INGRESS = """
    kind: Ingress
    metadata: {name: weaviate}
    spec:
      tls: [{hosts: [db.example.org], secretName: weaviate-tls}]
      rules: [{host: db.example.org, http: {paths: [{path: /, backend: {service: {name: weaviate}}}]}}]
"""
PLAIN_INGRESS = INGRESS.replace("tls: [{hosts: [db.example.org], secretName: weaviate-tls}]", "tls: []")
CERTIFICATE = """
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata: {{name: weaviate-tls}}
    spec: {{secretName: weaviate-tls, issuerRef: {{name: public, kind: ClusterIssuer}}}}
    status: {{notAfter: "{end}", conditions: [{{type: Ready, status: "{ready}"}}]}}
"""
GOOD_CERTIFICATE = CERTIFICATE.format(end="2027-01-24T06:00:00Z", ready="True")
ISSUER = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: public}, spec: {acme: {}}}"
SELF_SIGNED = ISSUER.replace("acme", "selfSigned")
STRICT = """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default}
    spec: {mtls: {mode: STRICT}}
"""
PROXY = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.27.0"}
WIREGUARD = """
    apiVersion: crd.projectcalico.org/v1
    kind: FelixConfiguration
    metadata: {name: default}
    spec: {wireguardEnabled: true}
"""


def meshed(container: dict[str, Any] = PROXY, native: bool = False, **keywords: Any) -> list[dict[str, Any]]:
    """A Weaviate whose running pods have the proxy; the template knows nothing of it, as with an injector."""
    objects = weaviate(**keywords)
    for pod in of(objects, "Pod"):
        place = "initContainers" if native else "containers"
        pod["spec"][place] = [*pod["spec"].get(place, []), dict(container)]
    return objects


def encrypted(*more: Any, **keywords: Any) -> ClusterFacts:
    return cluster(meshed(**keywords), STRICT, *more)


def fields(finding: Finding, outcome: bool | None) -> list[str]:
    return [fact.field for fact in finding.facts if fact.ok is outcome]


# --- the edge -------------------------------------------------------------------------------------


def test_everything_encrypted_and_no_edge_is_met() -> None:
    finding = judged(TLS, encrypted())
    assert finding.outcome is MET, finding.sentence


@pytest.mark.parametrize(
    ("more", "outcome", "said"),
    [
        pytest.param((INGRESS, GOOD_CERTIFICATE, ISSUER), UNKNOWN, "makes no handshake", id="a good certificate"),
        pytest.param((INGRESS,), UNKNOWN, "makes no handshake", id="a certificate of unknown keeping"),
        pytest.param((PLAIN_INGRESS,), UNKNOWN, "unless something in front of it ends TLS", id="plain ingress"),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2026-11-20T06:00:00Z", ready="True"), ISSUER),
            NOT_MET,
            "expired on 2026-11-20",
            id="expired",
        ),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2026-12-04T06:00:00Z", ready="True"), ISSUER),
            PARTLY,
            "ends in 10 days",
            id="ends soon",
        ),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2027-01-24T06:00:00Z", ready="False"), ISSUER),
            PARTLY,
            "cannot be renewed",
            id="not ready",
        ),
        pytest.param((INGRESS, GOOD_CERTIFICATE, SELF_SIGNED), PARTLY, "signed by itself", id="self-signed"),
    ],
)
def test_ingress_and_its_certificate(more: tuple[str, ...], outcome: Outcome, said: str) -> None:
    finding = judged(TLS, encrypted(*more))
    assert finding.outcome is outcome and said in finding.sentence, finding.sentence
    if outcome is UNKNOWN and said.startswith("makes"):
        assert finding.reason is Reason.NOT_COLLECTED


@pytest.mark.parametrize(
    ("service", "outcome", "said"),
    [
        pytest.param(
            {"type": "LoadBalancer"}, NOT_MET, "offers REST without TLS by a public load balancer", id="public"
        ),
        pytest.param({"type": "NodePort"}, PARTLY, "by ports of the nodes", id="node port"),
        pytest.param({"type": "ClusterIP"}, MET, "", id="inside"),
    ],
)
def test_plain_services_beside_the_edge(service: dict[str, Any], outcome: Outcome, said: str) -> None:
    objects = meshed()
    of(objects, "Service", "weaviate")[0]["spec"].update(service)
    finding = judged(TLS, cluster(objects, STRICT))
    assert finding.outcome is outcome and said in finding.sentence, finding.sentence


def test_an_internal_load_balancer_in_plain_text_is_half_a_gap() -> None:
    objects = meshed()
    service = of(objects, "Service", "weaviate-grpc")[0]
    service["spec"]["type"] = "LoadBalancer"
    service["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}
    finding = judged(TLS, cluster(objects, STRICT))
    assert finding.outcome is PARTLY and "gRPC without TLS by an internal load balancer" in finding.sentence


def test_the_servers_own_tls_and_the_clouds_count() -> None:
    objects = meshed(
        env={"GRPC_CERT_FILE": "/certs/tls.crt", "GRPC_KEY_FILE": "/certs/tls.key"}, service_type="LoadBalancer"
    )
    rest = of(objects, "Service", "weaviate")[0]
    rest["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:x"}
    finding = judged(TLS, cluster(objects, STRICT))
    assert finding.outcome is MET, finding.sentence


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
    finding = judged(TLS, encrypted(gateway))
    line = next(fact for fact in finding.facts if fact.ref.kind == "HTTPRoute")
    assert finding.outcome is outcome and line.ok is (True if protocol == "HTTPS" else None)
    assert ("makes no handshake" if protocol == "HTTPS" else "without TLS (listener web HTTP)") in finding.sentence


def test_an_openshift_route_that_also_answers_in_plain_text() -> None:
    route = """
        apiVersion: route.openshift.io/v1
        kind: Route
        metadata: {name: weaviate}
        spec: {host: db.example.org, to: {name: weaviate}, tls: {insecureEdgeTerminationPolicy: Allow}}
        """
    finding = judged(TLS, encrypted(route))
    assert finding.outcome is PARTLY and "also answers db.example.org without TLS" in finding.sentence


def test_clients_inside_the_cluster_speak_plain_text_without_a_mesh() -> None:
    finding = judged(TLS, cluster(weaviate()))
    assert finding.outcome is PARTLY
    assert (
        "clients there speak to it without TLS" in finding.sentence and "between the Weaviate pods" in finding.sentence
    )


@pytest.mark.parametrize("key", ["services", "ingresses", "httproutes", "gateways", "peerauthentications", "pods"])
def test_a_refused_list_is_unknown(key: str) -> None:
    finding = judged(TLS, cluster(meshed(), STRICT, forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), finding.sentence
    assert key in finding.missing


def test_certificates_that_may_not_be_read_are_unknown() -> None:
    finding = judged(TLS, cluster(meshed(), STRICT, INGRESS, forbidden=("certificates",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


# --- between the pods -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "outcome", "said"),
    [
        pytest.param(STRICT, MET, "", id="STRICT"),
        pytest.param(STRICT.replace("STRICT", "PERMISSIVE"), PARTLY, "mutual TLS is PERMISSIVE", id="PERMISSIVE"),
        pytest.param("", PARTLY, "mutual TLS is PERMISSIVE", id="no policy: permissive by default"),
        pytest.param(
            STRICT.replace("default}", "default, namespace: istio-system}"), MET, "", id="STRICT for the whole mesh"
        ),
        pytest.param(
            STRICT.replace("default}", "default, namespace: elsewhere}"), PARTLY, "PERMISSIVE", id="another namespace"
        ),
        pytest.param(
            STRICT
            + "---"
            + STRICT.replace("default}", "own}").replace(
                "{mtls: {mode: STRICT}}", "{selector: {matchLabels: {app: weaviate}}, mtls: {mode: PERMISSIVE}}"
            ),
            PARTLY,
            "PERMISSIVE",
            id="the selector's beats the namespace's",
        ),
        pytest.param(
            STRICT.replace("STRICT}}", "STRICT}, portLevelMtls: {'7001': {mode: DISABLE}}}"),
            PARTLY,
            "takes the port 7001 out",
            id="a port is taken out",
        ),
    ],
)
def test_mesh_mtls_instead_of_tls(policy: str, outcome: Outcome, said: str) -> None:
    finding = judged(TLS, cluster(meshed(), policy))
    assert finding.outcome is outcome and said in finding.sentence, finding.sentence


def test_a_native_sidecar_counts_and_udp_gossip_bypasses_it() -> None:
    finding = judged(TLS, cluster(meshed({**PROXY, "restartPolicy": "Always"}, native=True), STRICT))
    assert finding.outcome is MET
    assert "gossip on port 7000/UDP" in fields(finding, None)


def test_an_ambient_mesh_has_no_sidecar() -> None:
    ambient = """
        {kind: Namespace, metadata: {name: weaviate, labels: {istio.io/dataplane-mode: ambient}}}
        ---
        kind: DaemonSet
        metadata: {name: ztunnel, namespace: istio-system, labels: {app: ztunnel}}
        status: {numberReady: 3, desiredNumberScheduled: 3}
        """
    assert judged(TLS, cluster(weaviate(), STRICT, ambient)).outcome is MET


def test_a_proxy_in_some_pods_only_is_no_mesh() -> None:
    objects = meshed()
    of(objects, "Pod", "weaviate-2")[0]["spec"]["containers"].pop()
    finding = judged(TLS, cluster(objects, STRICT))
    assert finding.outcome is PARTLY and "Nothing encrypts the traffic between" in finding.sentence


@pytest.mark.parametrize(("skip", "outcome"), [("", MET), ("4317", MET), ("7001,8300-8301", PARTLY)])
def test_linkerd_and_the_ports_it_skips(skip: str, outcome: Outcome) -> None:
    proxy = {"name": "linkerd-proxy", "image": "cr.l5d.io/linkerd/proxy:2.17"}
    marks = {"annotations": {"config.linkerd.io/skip-inbound-ports": skip}} if skip else {}
    # Linkerd takes plain clients too, so only the hop between the pods is looked at here.
    finding = judged(TLS, cluster(meshed(proxy, template_metadata=marks)))
    line = next(fact for fact in finding.facts if fact.field == "encryption between the pods")
    assert line.ok is (outcome is MET), line


def test_encryption_of_the_plug_in_leaves_two_pods_on_one_node_in_the_clear() -> None:
    def hop(*nodes: str) -> bool | None:
        finding = judged(TLS, cluster(weaviate(nodes=nodes), WIREGUARD))
        return next(fact for fact in finding.facts if fact.field == "encryption between the pods").ok

    assert hop("n1", "n2", "n3") is True
    assert hop("n1", "n1", "n3") is False


def test_cilium_may_encrypt_by_a_configuration_that_is_not_read() -> None:
    cilium = "{kind: DaemonSet, metadata: {name: cilium, namespace: kube-system}, status: {numberReady: 3}}"
    finding = judged(TLS, cluster(weaviate(env={"GRPC_CERT_FILE": "c", "GRPC_KEY_FILE": "k"}), cilium))
    line = next(fact for fact in finding.facts if fact.field == "encryption between the pods")
    assert line.ok is None and "cannot be seen" in line.seen


def test_one_pod_has_nobody_to_talk_to() -> None:
    finding = judged(TLS, cluster(weaviate(replicas=1)))
    assert finding.outcome is PARTLY and "between the Weaviate pods" not in finding.sentence


def test_the_headless_services_port_80_is_gossip_and_no_plain_http() -> None:
    finding = judged(TLS, encrypted())
    assert finding.outcome is MET
    assert not [fact for fact in finding.facts if fact.ref.name == "weaviate-headless"]


def test_a_port_forward_says_nothing_of_the_edge() -> None:
    """A live answer through any tunnel changes nothing of what is said of TLS."""
    facts = encrypted(INGRESS, GOOD_CERTIFICATE, ISSUER)
    live = answered(facts, {"weaviate/meta": {"version": "1.38.2"}, "weaviate/live": {"status": 200}})
    assert judged(TLS, live).outcome is judged(TLS, facts).outcome is UNKNOWN


# --- modules and the object storage ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "meta", "outcome"),
    [
        pytest.param({"ENABLE_MODULES": "backup-s3"}, None, MET, id="on by default"),
        pytest.param({"ENABLE_MODULES": "backup-s3", "BACKUP_S3_USE_SSL": "false"}, None, PARTLY, id="switched off"),
        pytest.param({"ENABLE_MODULES": "backup-s3"}, False, PARTLY, id="off, says the server"),
        pytest.param({"ENABLE_MODULES": "backup-s3", "BACKUP_S3_USE_SSL": "false"}, True, MET, id="the server counts"),
        pytest.param({}, None, MET, id="no such module"),
        pytest.param({"AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY": "true"}, None, PARTLY, id="login unchecked"),
    ],
)
def test_object_storage(env: dict[str, str], meta: bool | None, outcome: Outcome) -> None:
    facts = encrypted(env=env)
    if meta is not None:
        facts = answered(facts, {"weaviate/meta": {"version": "1.38.2", "modules": {"backup-s3": {"useSSL": meta}}}})
    assert judged(TLS, facts).outcome is outcome


def test_modules_without_tls_inform_only() -> None:
    finding = judged(TLS, encrypted(env={"TRANSFORMERS_INFERENCE_API": "http://transformers-inference:8080"}))
    assert finding.outcome is MET and fields(finding, False) == ["env TRANSFORMERS_INFERENCE_API"]
