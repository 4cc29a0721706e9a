"""How Weaviate can be reached: the Services that select its pods, load balancers, node ports, Ingresses."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal

import msgspec

from readiness_kit.facts.kubernetes.selectors import equals
from readiness_kit.kinds.network import Ingress, Service
from readiness_kit.kinds.pods import PodSpec

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.workload import Workload

REST_PORT = 8080
DEBUG_PORT = 6060
RAFT_PORTS = (8300, 8301)
GOSSIP_PORT = 7000
DATA_PORT = 7001

Reach = Literal["cluster", "public", "internal", "node", "external"]
"""`cluster`: inside only; `public`, `internal`: load balancers; `node`: ports of the nodes; `external`: externalIPs."""

# `ipaddress.is_private` includes documentation ranges (203.0.113.0/24), so the unroutable ranges are listed here.
_PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
) + tuple(ip_network(text) for text in ("fc00::/7", "fe80::/10", "::1/128"))
_INTERNAL = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "networking.gke.io/load-balancer-type": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
}
_WHOLE_WORLD = ("0.0.0.0/0", "::/0")


class Entry(msgspec.Struct, frozen=True):
    """A Service that selects the pods. `ports` are ports of the server, `sources` the allowed address ranges."""

    service: Service
    reach: Reach
    ports: tuple[int, ...]
    addresses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the Service."""
        return self.service.metadata.name

    @property
    def outside(self) -> bool:
        """Whether it can be reached from outside the cluster."""
        return self.reach != "cluster"

    @property
    def limited(self) -> bool:
        """Whether a load balancer allows certain address ranges only."""
        return bool(self.sources) and not any(source in _WHOLE_WORLD for source in self.sources)


def api_ports(weaviate: Workload) -> tuple[int, int]:
    """(REST, gRPC) ports: `--port` and GRPC_PORT, by default 8080 and 50051."""
    arguments = (*weaviate.container.command, *weaviate.container.args)
    return _number(_flag(arguments, "--port"), REST_PORT), port_of(weaviate, "GRPC_PORT", 50051)


def port_of(weaviate: Workload, name: str, default: int) -> int:
    """The port in a variable; `default` where it is unset or could not be read."""
    value = weaviate.env(name)
    return _number(value.value if value.known else "", default)


def container_port(port: int | str, spec: PodSpec) -> int | None:
    """The number of a container port, given by number or name; None where no container declares the name."""
    if isinstance(port, int):
        return port
    declared = (each for container in spec.containers for each in container.ports)
    return next((each.container_port for each in declared if each.name == port), None)


def entries(facts: ClusterFacts) -> tuple[Entry, ...]:
    """The Services that select the Weaviate pods, by name."""
    weaviate = facts.weaviate
    found = (
        _entry(service, weaviate.spec)
        for service in facts.objects("services")
        if service.metadata.namespace == weaviate.namespace and equals(service.spec.selector, weaviate.pod_labels)
    )
    return tuple(sorted(found, key=lambda entry: entry.name))


def ingresses(facts: ClusterFacts) -> tuple[tuple[Ingress, tuple[str, ...]], ...]:
    """The Ingresses with a path to one of those Services, and the hosts of such paths (`*` for any)."""
    services = {entry.name for entry in entries(facts)}
    found = []
    for ingress in facts.objects("ingresses"):
        if ingress.metadata.namespace != facts.weaviate.namespace:
            continue
        hosts = {
            rule.host or "*"
            for rule in ingress.spec.rules
            for path in (rule.http.paths if rule.http else ())
            if path.backend.service is not None and path.backend.service.name in services
        }
        backend = ingress.spec.default_backend
        if backend is not None and backend.service is not None and backend.service.name in services:
            hosts.add("*")
        if hosts:
            found.append((ingress, tuple(sorted(hosts))))
    return tuple(sorted(found, key=lambda pair: pair[0].metadata.name))


def private(address: str) -> bool | None:
    """Whether an address is unreachable from the internet; None for a host name."""
    try:
        number = ip_address(address)
    except ValueError:
        return None
    return any(number.version == network.version and number in network for network in _PRIVATE)


def _entry(service: Service, spec: PodSpec) -> Entry:
    addresses = tuple(ingress.ip or ingress.hostname for ingress in service.status.load_balancer.ingress)
    ports = tuple(
        sorted(
            {number for port in service.spec.ports if (number := container_port(port.target_port or port.port, spec))}
        )
    )
    return Entry(
        service,
        _reach(service, addresses),
        ports,
        tuple(sorted((*addresses, *service.spec.external_ips))),
        service.spec.load_balancer_source_ranges,
    )


def _reach(service: Service, addresses: tuple[str, ...]) -> Reach:
    kind = service.spec.type
    if any(not private(address) for address in service.spec.external_ips):
        return "external"
    if kind == "LoadBalancer":
        annotated = any(
            service.metadata.annotations.get(name, "").lower() in values for name, values in _INTERNAL.items()
        )
        known = bool(addresses) and all(private(address) or address.startswith("internal-") for address in addresses)
        return "internal" if annotated or known else "public"
    if service.spec.external_ips:
        return "external"
    return "node" if kind == "NodePort" else "cluster"


def _flag(arguments: tuple[str, ...], name: str) -> str:
    for index, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
    return ""


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default
