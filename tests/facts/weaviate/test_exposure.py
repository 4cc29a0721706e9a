"""The exposure of Weaviate by Services and Ingresses."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts.kubernetes.address_ranges import is_world, private
from readiness_kit.facts.weaviate.exposure import api_ports, entries, ingresses, resolve_host
from readiness_kit.kinds.network import IPBlock
from tests.support.cluster import cluster, weaviate


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.0.1", True),
        ("172.31.9.9", True),
        ("192.168.1.1", True),
        ("100.64.0.9", True),
        ("fd00::1", True),
        ("203.0.113.7", False),
        ("8.8.8.8", False),
        ("2001:4860::1", False),
        ("lb.example.com", None),
    ],
)
def test_private_addresses(address: str, expected: bool | None) -> None:
    assert private(address) is expected


def balancer(
    ingress: list[Any] | None = None, annotations: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    body = {
        "type": "LoadBalancer",
        "selector": {"app": "weaviate"},
        "ports": [{"port": 80, "targetPort": 8080}],
        **spec,
    }
    return {
        "kind": "Service",
        "metadata": {"name": "weaviate", "annotations": annotations or {}},
        "spec": body,
        "status": {"loadBalancer": {"ingress": ingress or []}},
    }


@pytest.mark.parametrize(
    ("service", "reach"),
    [
        (balancer(), "public"),
        (balancer([{"ip": "203.0.113.7"}]), "public"),
        (balancer([{"ip": "10.0.0.9"}]), "internal"),
        (balancer([{"ip": "10.0.0.9"}, {"ip": "203.0.113.7"}]), "public"),
        (balancer([{"hostname": "internal-a-1.eu.elb.example.com"}]), "internal"),
        (balancer([{"hostname": "a-1.eu.elb.example.com"}]), "public"),
        (balancer(annotations={"networking.gke.io/load-balancer-type": "Internal"}), "internal"),
        (balancer(annotations={"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}), "internal"),
        (balancer(annotations={"service.beta.kubernetes.io/azure-load-balancer-internal": "false"}), "public"),
        (balancer(annotations={"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}), "public"),
        (
            balancer([{"ip": "203.0.113.7"}], {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}),
            "public",
        ),
        (
            balancer([{"ip": "10.0.0.9"}], {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}),
            "internal",
        ),
        (balancer(loadBalancerClass="service.k8s.aws/nlb"), "internal"),
        (
            balancer(
                annotations={"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"},
                loadBalancerClass="service.k8s.aws/nlb",
            ),
            "public",
        ),
        (balancer(annotations={"service.beta.kubernetes.io/aws-load-balancer-type": "external"}), "internal"),
        (balancer(annotations={"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}), "public"),
        (balancer(annotations={"service.beta.kubernetes.io/scw-loadbalancer-private": "true"}), "internal"),
        (balancer(annotations={"service.beta.kubernetes.io/do-loadbalancer-network": "INTERNAL"}), "internal"),
        (balancer(annotations={"service.beta.kubernetes.io/oci-load-balancer-internal": "true"}), "internal"),
        (balancer(type="NodePort"), "node"),
        (balancer(type="ClusterIP"), "cluster"),
        (balancer(type="ClusterIP", externalIPs=["203.0.113.7"]), "external"),
        (balancer([{"ip": "10.0.0.9"}], externalIPs=["203.0.113.7"]), "external"),
    ],
)
def test_reach(service: dict[str, Any], reach: str) -> None:
    entry = next(candidate for candidate in entries(cluster(weaviate(), service)) if candidate.name == "weaviate")
    assert entry.reach == reach and entry.ports == (8080,)


ALLOWED = "service.beta.kubernetes.io/do-loadbalancer-allow-rules"
SOURCES = "service.beta.kubernetes.io/load-balancer-source-ranges"


@pytest.mark.parametrize(
    ("service", "limited"),
    [
        (balancer(), False),
        (balancer(loadBalancerSourceRanges=["198.51.100.0/24"]), True),
        (balancer(loadBalancerSourceRanges=["0.0.0.0/1", "128.0.0.0/1"]), False),
        (balancer(loadBalancerSourceRanges=["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1"]), False),
        (balancer(loadBalancerSourceRanges=["198.51.100.0/24", "2000::/3"]), False),
        (balancer(annotations={SOURCES: "198.51.100.0/24, 203.0.113.0/24"}), True),
        (balancer(annotations={SOURCES: "0.0.0.0/0"}), False),
        (
            balancer(annotations={"service.beta.kubernetes.io/do-loadbalancer-allow-rules": "cidr:198.51.100.0/24"}),
            True,
        ),
    ],
)
def test_source_ranges(service: dict[str, Any], limited: bool) -> None:
    entry = next(candidate for candidate in entries(cluster(weaviate(), service)) if candidate.name == "weaviate")
    assert entry.limited is limited


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([("0.0.0.0/0", ())], True),
        ([("0.0.0.0/0", ("10.0.0.0/8",))], True),
        ([("0.0.0.0/0", ("0.0.0.0/1",))], False),
        ([("0.0.0.0/0", ("0.0.0.0/0",))], False),
        ([("0.0.0.0/0", ("0.0.0.0/1", "128.0.0.0/1"))], False),
        ([("0.0.0.0/0", ("0.0.0.0/1",)), ("0.0.0.0/1", ())], True),
        ([("10.0.0.0/8", ()), ("192.168.0.0/16", ())], False),
        ([("::/0", ("fd00::/8",))], True),
        ([("2001:db8::/32", ())], False),
        ([("not an address", ())], False),
    ],
)
def test_ranges_as_good_as_the_internet(blocks: list[tuple[str, tuple[str, ...]]], expected: bool) -> None:
    assert is_world(IPBlock(cidr, holes) for cidr, holes in blocks) is expected


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("weaviate", ("clients", "weaviate")),
        ("weaviate.db", ("db", "weaviate")),
        ("weaviate.db.svc", ("db", "weaviate")),
        ("weaviate.db.svc.cluster.local.", ("db", "weaviate")),
        ("weaviate-0.weaviate-headless.db.svc.cluster.local", ("db", "weaviate-headless")),
        ("db.example.org", ("", "db.example.org")),
    ],
)
def test_hosts_of_the_cluster(host: str, service: tuple[str, str]) -> None:
    assert resolve_host(host, "clients") == service


def test_only_services_that_select_the_pods_count() -> None:
    others = """
        {kind: Service, metadata: {name: module}, spec: {selector: {app: module}, type: LoadBalancer}}
        ---
        {kind: Service, metadata: {name: everything}, spec: {type: LoadBalancer}}
        ---
        {kind: Service, metadata: {name: far, namespace: other}, spec: {selector: {app: weaviate}}}
    """
    assert [entry.name for entry in entries(cluster(weaviate(), others))] == [
        "weaviate",
        "weaviate-grpc",
        "weaviate-headless",
    ]


def test_a_target_port_by_name() -> None:
    service = balancer(ports=[{"port": 443, "targetPort": "grpc"}, {"port": 1, "targetPort": "nowhere"}])
    entry = next(candidate for candidate in entries(cluster(weaviate(), service)) if candidate.name == "weaviate")
    assert entry.ports == (50051,)


def test_ingresses_that_lead_to_weaviate() -> None:
    front = """
        kind: Ingress
        metadata: {name: front}
        spec:
          rules:
            - {host: db.example.com, http: {paths: [{path: /, backend: {service: {name: weaviate}}}]}}
            - {host: other.example.com, http: {paths: [{path: /, backend: {service: {name: client}}}]}}
        ---
        {kind: Ingress, metadata: {name: any}, spec: {defaultBackend: {service: {name: weaviate-grpc}}}}
        ---
        {kind: Ingress, metadata: {name: client}, spec: {defaultBackend: {service: {name: client}}}}
    """
    found = {ingress.metadata.name: hosts for ingress, hosts in ingresses(cluster(weaviate(), front))}
    assert found == {"any": ("*",), "front": ("db.example.com",)}


def test_the_ports_of_the_api() -> None:
    assert api_ports(cluster(weaviate()).weaviate) == (8080, 50051)
    moved = weaviate(
        env={"GRPC_PORT": "6000"}, container={"args": ["--port=9090", "--config-file", "/weaviate-config/conf.yaml"]}
    )
    assert api_ports(cluster(moved).weaviate) == (9090, 6000)
