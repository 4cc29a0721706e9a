"""Encryption between the Weaviate pods: service mesh or network plug-in."""

from __future__ import annotations

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, of, weaviate
from tests.support.mesh import PROXY, STRICT, encrypted, fields, meshed

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
TLS = "sec.tls"
WIREGUARD = """
    apiVersion: crd.projectcalico.org/v1
    kind: FelixConfiguration
    metadata: {name: default}
    spec: {wireguardEnabled: true}
"""


@pytest.mark.parametrize(
    ("policy", "outcome", "text"),
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
            "exempts the port 7001",
            id="an exempt port",
        ),
    ],
)
def test_istio_mutual_tls_mode(policy: str, outcome: Outcome, text: str) -> None:
    finding = ask(TLS, cluster(meshed(), policy))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence


def test_native_sidecar_counts_and_udp_gossip_bypasses_it() -> None:
    finding = ask(TLS, cluster(meshed({**PROXY, "restartPolicy": "Always"}, native=True), STRICT))
    assert finding.outcome is MET
    assert "gossip on port 7000/UDP" in fields(finding, None)


def test_ambient_mesh_needs_no_sidecar() -> None:
    ambient = """
        {kind: Namespace, metadata: {name: weaviate, labels: {istio.io/dataplane-mode: ambient}}}
        ---
        kind: DaemonSet
        metadata: {name: ztunnel, namespace: istio-system, labels: {app: ztunnel}}
        status: {numberReady: 3, desiredNumberScheduled: 3}
        """
    assert ask(TLS, cluster(weaviate(), STRICT, ambient)).outcome is MET


def test_proxy_in_some_pods_only_is_not_a_mesh() -> None:
    objects = meshed()
    of(objects, "Pod", "weaviate-2")[0]["spec"]["containers"].pop()
    finding = ask(TLS, cluster(objects, STRICT))
    assert finding.outcome is PARTLY and "Nothing encrypts the traffic between" in finding.sentence


@pytest.mark.parametrize(("skip", "outcome"), [("", MET), ("4317", MET), ("7001,8300-8301", PARTLY)])
def test_linkerd_with_skipped_ports_is_partly(skip: str, outcome: Outcome) -> None:
    proxy = {"name": "linkerd-proxy", "image": "cr.l5d.io/linkerd/proxy:2.17"}
    marks = {"annotations": {"config.linkerd.io/skip-inbound-ports": skip}} if skip else {}
    # Linkerd takes plain clients too, so only the hop between the pods is looked at here.
    finding = ask(TLS, cluster(meshed(proxy, template_metadata=marks)))
    line = next(fact for fact in finding.facts if fact.field == "encryption between the pods")
    assert line.ok is (outcome is MET), line


def test_plug_in_encryption_does_not_cover_pods_on_one_node() -> None:
    def hop(*nodes: str) -> bool | None:
        finding = ask(TLS, cluster(weaviate(nodes=nodes), WIREGUARD))
        return next(fact for fact in finding.facts if fact.field == "encryption between the pods").ok

    assert hop("n1", "n2", "n3") is True
    assert hop("n1", "n1", "n3") is False


def test_cilium_leaves_encryption_unknown() -> None:
    cilium = "{kind: DaemonSet, metadata: {name: cilium, namespace: kube-system}, status: {numberReady: 3}}"
    finding = ask(TLS, cluster(weaviate(env={"GRPC_CERT_FILE": "c", "GRPC_KEY_FILE": "k"}), cilium))
    line = next(fact for fact in finding.facts if fact.field == "encryption between the pods")
    assert line.ok is None and "cannot be seen" in line.seen


def test_single_replica_has_no_traffic_between_pods() -> None:
    finding = ask(TLS, cluster(weaviate(replicas=1)))
    assert finding.outcome is PARTLY and "between the Weaviate pods" not in finding.sentence


@pytest.mark.parametrize(
    ("annotation", "ports"),
    [
        ({"traffic.sidecar.istio.io/excludeInboundPorts": "7001,8300"}, "7001 and 8300"),
        ({"traffic.sidecar.istio.io/includeInboundPorts": "8080,50051,7000,8300,8301"}, "7001"),
    ],
)
def test_ports_that_the_sidecars_leave_out_are_plain(annotation: dict[str, str], ports: str) -> None:
    finding = ask(TLS, encrypted(template_metadata={"annotations": annotation}))
    assert finding.outcome is PARTLY and f"stay in plain text: {ports}" in finding.sentence, finding.sentence


def test_pod_outside_the_ambient_mesh_is_not_encrypted() -> None:
    ambient = """
        {kind: Namespace, metadata: {name: weaviate, labels: {istio.io/dataplane-mode: ambient}}}
        ---
        {kind: DaemonSet, metadata: {name: ztunnel, namespace: istio-system}, status: {numberReady: 3}}
        """
    objects = weaviate()
    of(objects, "Pod", "weaviate-1")[0]["metadata"]["labels"]["istio.io/dataplane-mode"] = "none"
    assert ask(TLS, cluster(objects, STRICT, ambient)).outcome is PARTLY


def test_a_plug_in_that_encrypts_is_enough_beside_a_permissive_mesh() -> None:
    finding = ask(TLS, cluster(meshed(), STRICT.replace("STRICT", "PERMISSIVE"), WIREGUARD))
    assert "mutual TLS is PERMISSIVE" not in finding.sentence
    line = next(fact for fact in finding.facts if fact.field == "encryption between the pods")
    assert line.outcome is MET and "spec.mtls.mode" in fields(finding, None)


@pytest.mark.parametrize("key", ["peerauthentications", "pods"])
def test_an_unread_mesh_neither_encrypts_nor_fails_what_it_may_encrypt(key: str) -> None:
    module = {"TRANSFORMERS_INFERENCE_API": "http://t2v:8080"}
    finding = ask(TLS, cluster(meshed(env=module), STRICT, forbidden=(key,)))
    lines = {fact.field: fact for fact in finding.facts}
    for field in ("encrypted up to the edge", "env TRANSFORMERS_INFERENCE_API"):
        assert (lines[field].outcome, lines[field].reason) == (None, Reason.FORBIDDEN), field
    assert finding.outcome is UNKNOWN


def test_a_server_with_tls_needs_no_mesh() -> None:
    arguments = ["--scheme", "https", "--tls-certificate", "/tls/tls.crt"]
    files = {"GRPC_CERT_FILE": "/tls/tls.crt", "GRPC_KEY_FILE": "/tls/tls.key"}
    finding = ask(TLS, cluster(weaviate(container={"args": arguments}, env=files), forbidden=("peerauthentications",)))
    line = next(fact for fact in finding.facts if fact.field == "encrypted up to the edge")
    assert (line.outcome, line.seen) == (MET, "Weaviate itself serves TLS")
