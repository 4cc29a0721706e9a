"""Entry points other than Services: Ingresses, routes of the Gateway API and of OpenShift.

Each shows only its own TLS settings; whether something in front of it terminates TLS is not visible in the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.mesh import Gateway, Listener, Route
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.network import Ingress
from readiness_kit.model import Ref

GATEWAY_ROUTES = ("httproutes", "grpcroutes")
READS = ("services", "ingresses", "gateways", *GATEWAY_ROUTES, "routes")
"""What `ways` and `exposure.entries` read."""
REACHED_BY = {
    "public": "a public load balancer",
    "internal": "an internal load balancer",
    "node": "ports of the nodes",
    "external": "external IPs",
}
"""How a Service is reached from outside of the cluster, by `Entry.reach`."""
ENCRYPTED_PROTOCOLS = frozenset({"HTTPS", "TLS"})


class EntryPoint(msgspec.Struct, frozen=True):
    """An object that routes traffic to Weaviate. `encrypted` is None where unknown; `secrets` hold its certificates.

    `plain_too`: the same hosts are also answered without TLS (or redirected, which is not visible).
    """

    ref: Ref
    key: str
    hosts: tuple[str, ...]
    encrypted: bool | None
    how: str
    secrets: tuple[str, ...] = ()
    plain_too: bool = False


def ways(facts: ClusterFacts) -> tuple[EntryPoint, ...]:
    """Every Ingress and route to Weaviate, by kind and name."""
    return (*_ingresses(facts), *_gateway_routes(facts), *_openshift_routes(facts))


def _ingresses(facts: ClusterFacts) -> Iterator[EntryPoint]:
    for ingress, hosts in exposure.ingresses(facts):
        plain = [host for host in hosts if not _covered(ingress, host)]
        secrets = tuple(sorted({tls.secret_name for tls in ingress.spec.tls if tls.secret_name}))
        how = f"no TLS for {', '.join(plain)}" if plain else "spec.tls"
        yield EntryPoint(_ref("ingresses", ingress.metadata), "ingresses", hosts, not plain, how, secrets)


def _covered(ingress: Ingress, host: str) -> bool:
    """A TLS entry without hosts applies to the whole Ingress; `*.example.org` covers one more label."""
    wildcard = f"*.{host.partition('.')[2]}"
    return any(not tls.hosts or host in tls.hosts or wildcard in tls.hosts for tls in ingress.spec.tls)


def _gateway_routes(facts: ClusterFacts) -> Iterator[EntryPoint]:
    gateways = {(gateway.metadata.namespace, gateway.metadata.name): gateway for gateway in facts.objects("gateways")}
    services = {entry.name for entry in exposure.entries(facts)}
    for key in GATEWAY_ROUTES:
        for route in facts.objects(key):
            if _leads_to_weaviate(route, facts.weaviate.namespace, services):
                yield _gateway_route(key, route, list(_listeners(route, gateways)))


def _leads_to_weaviate(route: Route, namespace: str, services: set[str]) -> bool:
    return route.metadata.namespace == namespace and any(
        backend.kind in ("", "Service") and backend.name in services and backend.namespace in ("", namespace)
        for rule in route.spec.rules
        for backend in rule.backend_refs
    )


def _listeners(route: Route, gateways: Mapping[tuple[str, str], Gateway]) -> Iterator[Listener | None]:
    """The listeners that a route is attached to; None for a gateway that was not read."""
    for parent in route.spec.parent_refs:
        gateway = gateways.get((parent.namespace or route.metadata.namespace, parent.name))
        if gateway is None:
            yield None
            continue
        for listener in gateway.spec.listeners:
            if not parent.section_name or parent.section_name == listener.name:
                yield listener


def _gateway_route(key: str, route: Route, listeners: list[Listener | None]) -> EntryPoint:
    known = [listener for listener in listeners if listener is not None]
    secure = [listener for listener in known if listener.protocol in ENCRYPTED_PROTOCOLS]
    secrets = {ref.name for listener in secure if listener.tls for ref in listener.tls.certificate_refs}
    described = sorted({f"listener {listener.name or listener.port} {listener.protocol}" for listener in known})
    how = ", ".join(described) or "its gateway was not read"
    encrypted = True if secure else False if known and None not in listeners else None
    hosts = route.spec.hostnames or tuple(sorted({listener.hostname or "*" for listener in known})) or ("*",)
    plain_too = 0 < len(secure) < len(known)
    return EntryPoint(_ref(key, route.metadata), key, hosts, encrypted, how, tuple(sorted(secrets)), plain_too)


def _openshift_routes(facts: ClusterFacts) -> Iterator[EntryPoint]:
    services = {entry.name for entry in exposure.entries(facts)}
    for route in facts.objects("routes"):
        if route.metadata.namespace == facts.weaviate.namespace and route.spec.to.name in services:
            tls, hosts = route.spec.tls, (route.spec.host or "*",)
            how = f"termination {tls.termination or 'edge'}" if tls else "no TLS"
            plain_too = tls is not None and tls.insecure_edge_termination_policy == "Allow"
            ref = _ref("routes", route.metadata)
            yield EntryPoint(ref, "routes", hosts, tls is not None, how, plain_too=plain_too)


def _ref(key: str, metadata: ObjectMeta) -> Ref:
    return Ref(KINDS[key].kind, metadata.name, metadata.namespace)
