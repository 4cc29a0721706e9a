"""TLS from clients to Weaviate, certificates, modules and object storage."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, of, weaviate
from tests.support.mesh import STRICT, encrypted, fields, meshed

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
TLS = "sec.tls"


# --- the edge -------------------------------------------------------------------------------------

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


def test_strict_mesh_without_entry_points_is_met() -> None:
    finding = ask(TLS, encrypted())
    assert finding.outcome is MET, finding.sentence


@pytest.mark.parametrize(
    ("more", "outcome", "text"),
    [
        pytest.param((INGRESS, GOOD_CERTIFICATE, ISSUER), UNKNOWN, "makes no handshake", id="a good certificate"),
        pytest.param((INGRESS,), UNKNOWN, "makes no handshake", id="a certificate of unknown keeping"),
        pytest.param((PLAIN_INGRESS,), UNKNOWN, "unless something in front of it terminates TLS", id="plain ingress"),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2026-11-20T06:00:00Z", ready="True"), ISSUER),
            NOT_MET,
            "expired on 2026-11-20",
            id="expired",
        ),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2026-12-04T06:00:00Z", ready="True"), ISSUER),
            PARTLY,
            "expires in 10 days",
            id="ends soon",
        ),
        pytest.param(
            (INGRESS, CERTIFICATE.format(end="2027-01-24T06:00:00Z", ready="False"), ISSUER),
            PARTLY,
            "cannot be renewed",
            id="not ready",
        ),
        pytest.param((INGRESS, GOOD_CERTIFICATE, SELF_SIGNED), PARTLY, "is self-signed", id="self-signed"),
    ],
)
def test_ingress_and_its_certificate(more: tuple[str, ...], outcome: Outcome, text: str) -> None:
    finding = ask(TLS, encrypted(*more))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence
    if outcome is UNKNOWN and text.startswith("makes"):
        assert finding.reason is Reason.NOT_COLLECTED


@pytest.mark.parametrize(
    ("service", "outcome", "text"),
    [
        pytest.param(
            {"type": "LoadBalancer"}, NOT_MET, "offers REST without TLS by a public load balancer", id="public"
        ),
        pytest.param({"type": "NodePort"}, PARTLY, "by ports of the nodes", id="node port"),
        pytest.param({"type": "ClusterIP"}, MET, "", id="inside"),
    ],
)
def test_service_without_tls_by_type(service: dict[str, Any], outcome: Outcome, text: str) -> None:
    objects = meshed()
    changed = of(objects, "Service", "weaviate")[0]
    changed["spec"].update(service)
    changed["status"] = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}} if "LoadB" in service["type"] else {}
    finding = ask(TLS, cluster(objects, STRICT))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence


def test_internal_load_balancer_without_tls_is_partly() -> None:
    objects = meshed()
    service = of(objects, "Service", "weaviate-grpc")[0]
    service["spec"]["type"] = "LoadBalancer"
    service["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}
    finding = ask(TLS, cluster(objects, STRICT))
    assert finding.outcome is PARTLY and "gRPC without TLS by an internal load balancer" in finding.sentence


def test_tls_of_the_server_or_the_load_balancer_is_met() -> None:
    objects = meshed(
        env={"GRPC_CERT_FILE": "/certs/tls.crt", "GRPC_KEY_FILE": "/certs/tls.key"}, service_type="LoadBalancer"
    )
    rest = of(objects, "Service", "weaviate")[0]
    rest["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:x"}
    finding = ask(TLS, cluster(objects, STRICT))
    assert finding.outcome is MET, finding.sentence


def balanced(annotations: dict[str, str], *ports: dict[str, Any], ip: str = "203.0.113.7") -> ClusterFacts:
    objects = meshed(env={"GRPC_CERT_FILE": "/certs/tls.crt", "GRPC_KEY_FILE": "/certs/tls.key"})
    service = of(objects, "Service", "weaviate")[0]
    service["metadata"]["annotations"] = annotations
    service["spec"] |= {"type": "LoadBalancer", "ports": list(ports) or [{"port": 443, "targetPort": 8080}]}
    service["status"] = {"loadBalancer": {"ingress": [{"ip": ip}] if ip else []}}
    return cluster(objects, STRICT)


@pytest.mark.parametrize(
    "annotations",
    [
        {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn"},
        {"service.beta.kubernetes.io/do-loadbalancer-certificate-id": "x"},
        {"load-balancer.hetzner.cloud/http-certificates": "x", "load-balancer.hetzner.cloud/protocol": "https"},
        {"service.beta.kubernetes.io/scw-loadbalancer-certificate-ids": "x"},
        {
            "service.beta.kubernetes.io/oci-load-balancer-ssl-ports": "443",
            "service.beta.kubernetes.io/oci-load-balancer-tls-secret": "tls",
        },
        {
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-cert-id": "x",
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-protocol-port": "https:443,http:80",
        },
        {"service.beta.kubernetes.io/linode-loadbalancer-port-443": '{"tls-secret-name": "x", "protocol": "https"}'},
        {"loadbalancer.openstack.org/default-tls-container-ref": "https://barbican/x"},
        {"service.beta.kubernetes.io/vultr-loadbalancer-ssl": "tls"},
    ],
    ids=["AWS", "DigitalOcean", "Hetzner", "Scaleway", "OCI", "Alibaba", "Linode", "OpenStack", "Vultr"],
)
def test_tls_at_the_load_balancer_of_each_provider(annotations: dict[str, str]) -> None:
    finding = ask(TLS, balanced(annotations))
    assert finding.outcome is MET, finding.sentence
    plain = ask(TLS, balanced({}))
    assert plain.outcome is NOT_MET, plain.sentence


@pytest.mark.parametrize("name", ["lb.example.net/tls-secret", "example.cloud/Certificate", "x.example/ssl"])
def test_unknown_annotation_that_mentions_tls_is_undecided(name: str) -> None:
    finding = ask(TLS, balanced({name: "anything"}))
    assert finding.outcome is UNKNOWN and "an annotation of its provider mentions TLS" in finding.sentence


@pytest.mark.parametrize(
    "annotations",
    [
        {
            "service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn",
            "service.beta.kubernetes.io/aws-load-balancer-ssl-ports": "443",
        },
        {"service.beta.kubernetes.io/do-loadbalancer-certificate-id": "x"},
        {
            "service.beta.kubernetes.io/oci-load-balancer-ssl-ports": "443",
            "service.beta.kubernetes.io/oci-load-balancer-tls-secret": "tls",
        },
    ],
    ids=["AWS", "DigitalOcean", "OCI"],
)
def test_plain_port_beside_a_port_with_tls_is_not_met(annotations: dict[str, str]) -> None:
    ports = ({"port": 443, "targetPort": 8080}, {"port": 80, "targetPort": 8080})
    finding = ask(TLS, balanced(annotations, *ports))
    assert finding.outcome is NOT_MET and "offers REST without TLS" in finding.sentence


def test_load_balancer_without_an_address_is_said_to_be_pending_and_its_node_port_named() -> None:
    facts = balanced({}, {"port": 80, "targetPort": 8080, "nodePort": 30416}, ip="")
    finding = ask(TLS, facts)
    assert finding.outcome is PARTLY
    assert "a public load balancer that has no address yet, and ports 30416 of the nodes" in finding.sentence
    access = ask("sec.access_limited", facts)
    assert "no address yet, and ports 30416 of the nodes" in access.sentence


def test_no_tls_inside_the_cluster_is_partly() -> None:
    finding = ask(TLS, cluster(weaviate()))
    assert finding.outcome is PARTLY
    assert "clients there connect without TLS" in finding.sentence and "between the Weaviate pods" in finding.sentence


@pytest.mark.parametrize("key", ["services", "ingresses", "httproutes", "gateways", "peerauthentications", "pods"])
def test_refused_list_is_never_met(key: str) -> None:
    finding = ask(TLS, cluster(meshed(), STRICT, forbidden=(key,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert key in finding.missing


def test_refused_certificates_are_unknown() -> None:
    finding = ask(TLS, cluster(meshed(), STRICT, INGRESS, forbidden=("certificates",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


def test_headless_service_is_not_an_entry_point() -> None:
    finding = ask(TLS, encrypted())
    assert finding.outcome is MET
    assert not [fact for fact in finding.facts if fact.ref.name == "weaviate-headless"]


def test_answers_through_a_port_forward_do_not_change_tls() -> None:
    """A live answer through any tunnel changes nothing of what is reported of TLS."""
    facts = encrypted(INGRESS, GOOD_CERTIFICATE, ISSUER)
    live = answered(facts, {"weaviate/meta": {"version": "1.38.2"}, "weaviate/live": {"status": 200}})
    assert ask(TLS, live).outcome is ask(TLS, facts).outcome is UNKNOWN


# --- modules and object storage -------------------------------------------------------------------


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
    assert ask(TLS, facts).outcome is outcome


def test_modules_without_tls_are_carried_by_a_strict_mesh_inside_the_cluster_only() -> None:
    finding = ask(TLS, encrypted(env={"TRANSFORMERS_INFERENCE_API": "http://transformers-inference:8080"}))
    assert finding.outcome is MET and fields(finding, False) == []
    finding = ask(TLS, encrypted(env={"TRANSFORMERS_INFERENCE_API": "http://models.example.org"}))
    assert finding.outcome is PARTLY and fields(finding, False) == ["env TRANSFORMERS_INFERENCE_API"]
