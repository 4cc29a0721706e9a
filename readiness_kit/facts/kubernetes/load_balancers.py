"""What a Service of type LoadBalancer asks of its cloud: scheme, allowed sources, and TLS at the load balancer.

The addresses in the status decide over annotations. Annotations follow the documentation of each provider; TLS of a
provider that is not listed stays unknown where an annotation mentions it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from readiness_kit.decoding import UNDECODABLE, plain
from readiness_kit.facts.kubernetes.address_ranges import private
from readiness_kit.kinds.allowed import MENTIONS_TLS
from readiness_kit.kinds.network import Service, ServicePort

_SERVICE = "service.beta.kubernetes.io"
_INTERNAL: dict[str, tuple[str, ...]] = {
    f"{_SERVICE}/aws-load-balancer-scheme": ("internal",),
    f"{_SERVICE}/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    f"{_SERVICE}/azure-load-balancer-internal": ("true",),
    "networking.gke.io/load-balancer-type": ("internal",),
    "cloud.google.com/load-balancer-type": ("internal",),
    f"{_SERVICE}/do-loadbalancer-network": ("internal",),
    f"{_SERVICE}/oci-load-balancer-internal": ("true",),
    f"{_SERVICE}/openstack-internal-load-balancer": ("true",),
    f"{_SERVICE}/scw-loadbalancer-private": ("true",),
    f"{_SERVICE}/alibaba-cloud-loadbalancer-address-type": ("intranet",),
    f"{_SERVICE}/alicloud-loadbalancer-address-type": ("intranet",),
    "load-balancer.hetzner.cloud/disable-public-network": ("true",),
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": ("private",),
    "oci-network-load-balancer.oraclecloud.com/internal": ("true",),
}
"""Annotation -> values that ask for an internal load balancer."""
_SCHEME = f"{_SERVICE}/aws-load-balancer-scheme"
_AWS_TYPE = f"{_SERVICE}/aws-load-balancer-type"
_INTERNAL_BY_DEFAULT = frozenset({"service.k8s.aws/nlb", "tailscale"})
"""Classes whose load balancers are internal unless an annotation asks for another scheme."""
_SOURCES = (
    f"{_SERVICE}/load-balancer-source-ranges",
    f"{_SERVICE}/azure-allowed-ip-ranges",
    f"{_SERVICE}/do-loadbalancer-allow-rules",
)

Termination = Literal["tls", "plain", "unknown"]


class Provider(msgspec.Struct, frozen=True):
    """Annotations of one provider. `ports` lists the ports with TLS; without it, every port has TLS."""

    certificates: tuple[str, ...]
    ports: str = ""
    default_ports: str = "*"
    protocol: tuple[str, tuple[str, ...]] | None = None
    """An annotation and the values with which the load balancer serves TLS."""


_PROVIDERS = (
    Provider((f"{_SERVICE}/aws-load-balancer-ssl-cert",), f"{_SERVICE}/aws-load-balancer-ssl-ports"),
    Provider(
        (f"{_SERVICE}/do-loadbalancer-certificate-id", f"{_SERVICE}/do-loadbalancer-certificate-name"),
        f"{_SERVICE}/do-loadbalancer-tls-ports",
        "443",
    ),
    Provider(
        ("load-balancer.hetzner.cloud/http-certificates", "load-balancer.hetzner.cloud/certificate-type"),
        protocol=("load-balancer.hetzner.cloud/protocol", ("https",)),
    ),
    Provider((f"{_SERVICE}/scw-loadbalancer-certificate-ids",)),
    Provider((f"{_SERVICE}/oci-load-balancer-tls-secret",), f"{_SERVICE}/oci-load-balancer-ssl-ports", ""),
    Provider(
        (f"{_SERVICE}/alibaba-cloud-loadbalancer-cert-id",), f"{_SERVICE}/alibaba-cloud-loadbalancer-protocol-port", ""
    ),
    Provider((f"{_SERVICE}/alicloud-loadbalancer-cert-id",), f"{_SERVICE}/alicloud-loadbalancer-protocol-port", ""),
    Provider(("loadbalancer.openstack.org/default-tls-container-ref",)),
    Provider((f"{_SERVICE}/vultr-loadbalancer-ssl",), f"{_SERVICE}/vultr-loadbalancer-https-ports", "443"),
    Provider(("kubernetes.io/elb.cert-id",), "kubernetes.io/elb.protocol-port", ""),
)
_LINODE_PORT = re.compile(rf"{re.escape(_SERVICE)}/linode-loadbalancer-port-(\d+)")
_PROTOCOL_PORT = re.compile(r"(?:(https|tls|ssl|http|tcp|udp):)?(\*|[\w-]+)", re.IGNORECASE)
_KNOWN = frozenset(name for p in _PROVIDERS for name in (*p.certificates, p.ports)) | {
    f"{_SERVICE}/aws-load-balancer-ssl-negotiation-policy",
    "load-balancer.hetzner.cloud/http-redirect-http",
    f"{_SERVICE}/do-loadbalancer-redirect-http-to-https",
}


def addresses(service: Service) -> tuple[str, ...]:
    """The addresses that the load balancer has, from the status."""
    return tuple(entry.ip or entry.hostname for entry in service.status.load_balancer.ingress)


def is_internal(service: Service) -> bool:
    """Whether the load balancer is unreachable from the internet: by its addresses, or by annotation and class."""
    found = addresses(service)
    reach = [True if address.startswith("internal-") else private(address) for address in found]
    if found and None not in reach:
        return all(reach)
    if False in reach:
        return False
    return _asks_for_internal(service)


def _asks_for_internal(service: Service) -> bool:
    annotations = service.metadata.annotations
    if any(annotations.get(name, "").lower() in values for name, values in _INTERNAL.items()):
        return True
    by_class = service.spec.load_balancer_class in _INTERNAL_BY_DEFAULT
    # These types are served by the AWS Load Balancer Controller, whose default is internal; `nlb` alone is not.
    by_type = annotations.get(_AWS_TYPE, "") in ("external", "nlb-ip")
    return (by_class or by_type) and not annotations.get(_SCHEME)


def source_ranges(service: Service) -> tuple[str, ...]:
    """The address ranges that the load balancer accepts; () for any."""
    if service.spec.load_balancer_source_ranges:
        return service.spec.load_balancer_source_ranges
    for name in _SOURCES:
        listed = [part.strip() for part in service.metadata.annotations.get(name, "").split(",")]
        ranges = tuple(part.removeprefix("cidr:").removeprefix("ip:") for part in listed if part)
        if ranges:
            return ranges
    return ()


def termination(service: Service, port: ServicePort) -> Termination:
    """Whether the load balancer serves TLS on a port; `unknown` where only an unlisted annotation mentions TLS."""
    annotations = service.metadata.annotations
    for provider in _PROVIDERS:
        if _has_certificate(provider, annotations):
            return "tls" if _covers(provider, annotations, port) else "plain"
    for name, value in annotations.items():
        linode = _LINODE_PORT.fullmatch(name)
        if linode and int(linode[1]) == port.port and _linode_tls(value):
            return "tls"
    if any(MENTIONS_TLS.match(name) and name not in _KNOWN for name in annotations if not _LINODE_PORT.match(name)):
        return "unknown"
    return "plain"


def _has_certificate(provider: Provider, annotations: Mapping[str, str]) -> bool:
    if not any(annotations.get(name) for name in provider.certificates):
        return False
    if provider.protocol is None:
        return True
    name, values = provider.protocol
    return annotations.get(name, "").lower() in values


def _covers(provider: Provider, annotations: Mapping[str, str], port: ServicePort) -> bool:
    """`443`, `https,8443`, `*`, or `https:443,http:80` as lists of ports or names of ports."""
    listed = annotations.get(provider.ports, "") or provider.default_ports
    for part in listed.split(","):
        found = _PROTOCOL_PORT.fullmatch(part.strip())
        secure = found is not None and (found[1] or "https").lower() in ("https", "tls", "ssl")
        if found is not None and secure and found[2] in ("*", str(port.port), port.name):
            return True
    return False


def _linode_tls(value: str) -> bool:
    try:
        settings = plain(value)
    except UNDECODABLE:
        return False
    return isinstance(settings, dict) and bool(settings.get("tls-secret-name"))
