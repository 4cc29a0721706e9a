"""How Weaviate can be reached: the Services that select its pods, load balancers, node ports, Ingresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from readiness_kit.facts.kubernetes import load_balancers
from readiness_kit.facts.kubernetes.address_ranges import private, texts_are_world
from readiness_kit.facts.kubernetes.services import backends
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
SERVER_PORTS = {
    "PROMETHEUS_MONITORING_PORT": 2112,
    "CLUSTER_GOSSIP_BIND_PORT": 7946,
    "CLUSTER_DATA_BIND_PORT": 7947,
    "GO_PROFILING_PORT": DEBUG_PORT,
}
"""Variable -> port on which the server listens where it is not set, besides the API."""

Reach = Literal["cluster", "public", "internal", "node", "external"]
"""`cluster`: inside only; `public`, `internal`: load balancers; `node`: ports of the nodes; `external`: externalIPs."""


class Entry(msgspec.Struct, frozen=True):
    """A Service that leads to the pods. `ports` are ports of the server, `sources` the allowed address ranges.

    `planned`: the Service is a manifest, so it cannot have an address.
    """

    service: Service
    reach: Reach
    ports: tuple[int, ...]
    addresses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    planned: bool = False

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
        return bool(self.sources) and not texts_are_world(self.sources)

    @property
    def pending(self) -> bool:
        """Whether it is a load balancer that has no address yet."""
        if self.planned or self.service.spec.type != "LoadBalancer":
            return False
        return not load_balancers.addresses(self.service)

    @property
    def node_ports(self) -> tuple[int, ...]:
        """The ports that every node opens for it, next to the addresses of a load balancer."""
        return tuple(sorted({port.node_port for port in self.service.spec.ports if port.node_port}))


def api_ports(weaviate: Workload) -> tuple[int, int]:
    """(REST, gRPC) ports: `--port` and GRPC_PORT, by default 8080 and 50051."""
    arguments = (*weaviate.container.command, *weaviate.container.args)
    return _number(_flag(arguments, "--port"), REST_PORT), port_of(weaviate, "GRPC_PORT", 50051)


def port_of(weaviate: Workload, name: str, default: int) -> int:
    """The port in a variable; `default` where it is unset or could not be read."""
    value = weaviate.env(name)
    return _number(value.value if value.known else "", default)


def raft_ports(weaviate: Workload) -> tuple[int, int]:
    """(Raft, its internal RPC) ports: RAFT_PORT and RAFT_INTERNAL_RPC_PORT, by default 8300 and 8301."""
    raft, internal = RAFT_PORTS
    return port_of(weaviate, "RAFT_PORT", raft), port_of(weaviate, "RAFT_INTERNAL_RPC_PORT", internal)


def listening_ports(weaviate: Workload) -> frozenset[int]:
    """The ports on which the pods can be expected to listen: those declared, and those of the server by its settings.

    A declaration is only informational in Kubernetes, so the server listens on its ports without one.
    """
    containers = (*weaviate.spec.init_containers, *weaviate.spec.containers)
    declared = {port.container_port for container in containers for port in container.ports}
    own = {port_of(weaviate, name, default) for name, default in SERVER_PORTS.items()}
    return frozenset({*declared, *own, *api_ports(weaviate), *raft_ports(weaviate)})


def container_port(port: int | str, spec: PodSpec) -> int | None:
    """The number of a container port, given by number or name; None where no container declares the name."""
    if isinstance(port, int):
        return port
    declared = (each for container in spec.containers for each in container.ports)
    return next((each.container_port for each in declared if each.name == port), None)


def entries(facts: ClusterFacts) -> tuple[Entry, ...]:
    """The Services that lead to the Weaviate pods, by name.

    The labels of the pods themselves decide, those of the template where there are no pods. A Service without a
    selector counts where its EndpointSlices name a pod or its address.
    """
    weaviate = facts.weaviate
    own = [service for service in facts.objects("services") if service.metadata.namespace == weaviate.namespace]
    found = (
        _entry(service, weaviate.spec, planned=facts.from_manifests)
        for service in own
        if leads_to_weaviate(facts, service)
    )
    return tuple(sorted(found, key=lambda entry: entry.name))


def leads_to_weaviate(facts: ClusterFacts, service: Service) -> bool:
    """Whether a Service of Weaviate's namespace sends traffic to a Weaviate pod."""
    weaviate = facts.weaviate
    if service.metadata.namespace != weaviate.namespace or service.spec.type == "ExternalName":
        return False
    if not service.spec.selector:
        return bool(_by_hand(facts, service))
    return bool(backends(service, weaviate.desired_pods or weaviate.created_pods))


def selects_nothing(facts: ClusterFacts, service: Service) -> bool:
    """Whether a Service that is meant for Weaviate, by its name or labels, selects no pod of the namespace."""
    weaviate, metadata = facts.weaviate, service.metadata
    if metadata.namespace != weaviate.namespace or not service.spec.selector or facts.missing("pods") is not None:
        return False
    name = weaviate.pod_labels.get("app.kubernetes.io/name", weaviate.name)
    named = metadata.name == weaviate.name or metadata.name.startswith(f"{weaviate.name}-")
    meant = named or name in service.spec.selector.values() or weaviate.name in service.spec.selector.values()
    return meant and bool(weaviate.pods) and not backends(service, facts.objects("pods"))


def _by_hand(facts: ClusterFacts, service: Service) -> list[str]:
    """The Weaviate pods that the EndpointSlices of a Service without a selector name, by name or address."""
    pods = {pod.metadata.name for pod in facts.weaviate.pods}
    addresses = {pod.status.pod_ip for pod in facts.weaviate.pods} - {""}
    endpoints = [
        endpoint
        for part in facts.objects("endpointslices")
        if part.metadata.namespace == service.metadata.namespace
        and part.metadata.labels.get("kubernetes.io/service-name") == service.metadata.name
        for endpoint in part.endpoints
    ]
    named = [endpoint.target_ref.name for endpoint in endpoints if endpoint.target_ref]
    return [name for name in named if name in pods] + [
        address for endpoint in endpoints for address in endpoint.addresses if address in addresses
    ]


def routable(facts: ClusterFacts) -> frozenset[tuple[str, str]]:
    """(namespace, name) of the Services by which a route reaches Weaviate, including ExternalName Services."""
    found = {(entry.service.metadata.namespace, entry.name) for entry in entries(facts)}
    aliases = [service for service in facts.objects("services") if service.spec.type == "ExternalName"]
    while True:
        more = {
            (service.metadata.namespace, service.metadata.name)
            for service in aliases
            if resolve_host(service.spec.external_name, service.metadata.namespace) in found
        }
        if more <= found:
            return frozenset(found)
        found |= more


def resolve_host(host: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of the Service that a host of the cluster names: `a`, `a.ns`, `a.ns.svc.cluster.local`."""
    labels = host.rstrip(".").split(".")
    if len(labels) == 1:
        return namespace, labels[0]
    if len(labels) == 2 or labels[2] == "svc":
        return labels[1], labels[0]
    # The headless Service also answers for single pods: pod.service.namespace.svc.
    return (labels[2], labels[1]) if len(labels) > 3 and labels[3] == "svc" else ("", host)


def host_ports(weaviate: Workload) -> tuple[int, ...]:
    """The ports of the pods that the nodes open directly: all with `hostNetwork`, or the declared `hostPort`s."""
    spec = weaviate.spec
    if spec.host_network:
        declared = {port.container_port for container in spec.containers for port in container.ports}
        return tuple(sorted(declared | set(api_ports(weaviate))))
    return tuple(
        sorted({port.container_port for container in spec.containers for port in container.ports if port.host_port})
    )


def ingresses(facts: ClusterFacts) -> tuple[tuple[Ingress, tuple[str, ...]], ...]:
    """The Ingresses with a path to one of those Services, and the hosts of such paths (`*` for any)."""
    services = routable(facts)
    found = []
    for ingress in facts.objects("ingresses"):
        namespace = ingress.metadata.namespace
        hosts = {
            rule.host or "*"
            for rule in ingress.spec.rules
            for path in (rule.http.paths if rule.http else ())
            if path.backend.service is not None and (namespace, path.backend.service.name) in services
        }
        backend = ingress.spec.default_backend
        if backend is not None and backend.service is not None and (namespace, backend.service.name) in services:
            hosts.add("*")
        if hosts:
            found.append((ingress, tuple(sorted(hosts))))
    return tuple(sorted(found, key=lambda pair: (pair[0].metadata.name, pair[0].metadata.namespace)))


def _entry(service: Service, spec: PodSpec, *, planned: bool) -> Entry:
    addresses = load_balancers.addresses(service)
    ports = tuple(
        sorted(
            {number for port in service.spec.ports if (number := container_port(port.target_port or port.port, spec))}
        )
    )
    return Entry(
        service,
        _reach(service),
        ports,
        tuple(sorted((*addresses, *service.spec.external_ips))),
        load_balancers.source_ranges(service),
        planned,
    )


def _reach(service: Service) -> Reach:
    kind = service.spec.type
    if any(not private(address) for address in service.spec.external_ips):
        return "external"
    if kind == "LoadBalancer":
        return "internal" if load_balancers.is_internal(service) else "public"
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
