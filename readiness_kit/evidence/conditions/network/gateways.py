"""Routes that gateways serve: the listeners of the Gateway API and the servers of Istio that take each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate.exposure import resolve_host
from readiness_kit.kinds.mesh import Gateway, Listener, Route, RouteParent
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.routing import IstioGateway, IstioServer, VirtualService

GATEWAY_ROUTES = ("httproutes", "grpcroutes", "tcproutes", "tlsroutes")
ENCRYPTED_PROTOCOLS = frozenset({"HTTPS", "TLS"})
_ISTIO_TLS = frozenset({"SIMPLE", "MUTUAL", "PASSTHROUGH", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL"})
_TAKEN_BY = {
    "httproutes": frozenset({"HTTP", "HTTPS"}),
    "grpcroutes": frozenset({"HTTP", "HTTPS"}),
    "tcproutes": frozenset({"TCP", "TLS"}),
    "tlsroutes": frozenset({"TLS"}),
}
"""Kind of route -> protocols of the listeners that can take it."""
Services = frozenset[tuple[str, str]]


class Served(msgspec.Struct, frozen=True):
    """A listener that takes a route."""

    described: str
    secure: bool
    hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class ServedRoute(msgspec.Struct, frozen=True):
    """A route to Weaviate with its listeners; None stands for those of a gateway that was not read."""

    key: str
    metadata: ObjectMeta
    hosts: tuple[str, ...]
    listeners: tuple[Served | None, ...]


# --- the Gateway API ------------------------------------------------------------------------------


def of_gateway_api(facts: ClusterFacts, services: Services) -> Iterator[ServedRoute]:
    """The routes of the Gateway API to these Services, from any namespace; only those that a listener takes."""
    gateways = {(gateway.metadata.namespace, gateway.metadata.name): gateway for gateway in facts.objects("gateways")}
    labels = {item.metadata.name: item.metadata.labels for item in facts.objects("namespaces")}
    for key in GATEWAY_ROUTES:
        for route in facts.objects(key):
            listeners = tuple(_listeners(key, route, gateways, labels)) if _leads_to(route, services) else ()
            if listeners:
                yield ServedRoute(key, route.metadata, route.spec.hostnames, listeners)


def _leads_to(route: Route, services: Services) -> bool:
    return any(
        backend.kind in ("", "Service") and (backend.namespace or route.metadata.namespace, backend.name) in services
        for rule in route.spec.rules
        for backend in rule.backend_refs
    )


def _listeners(
    key: str,
    route: Route,
    gateways: Mapping[tuple[str, str], Gateway],
    labels: Mapping[str, Mapping[str, str]],
) -> Iterator[Served | None]:
    """The listeners that take a route: every one that fits, where the route names none."""
    for parent in route.spec.parent_refs:
        if parent.kind not in ("", "Gateway"):
            continue  # a Service as parent: routing inside a mesh
        gateway = gateways.get((parent.namespace or route.metadata.namespace, parent.name))
        if gateway is None:
            yield None
            continue
        for listener in gateway.spec.listeners:
            if _takes(listener, key, route, parent, gateway, labels):
                yield _listener(listener)


def _takes(
    listener: Listener,
    key: str,
    route: Route,
    parent: RouteParent,
    gateway: Gateway,
    labels: Mapping[str, Mapping[str, str]],
) -> bool:
    if parent.section_name not in ("", listener.name) or parent.port not in (0, listener.port):
        return False
    if listener.protocol in ENCRYPTED_PROTOCOLS | {"HTTP", "TCP", "UDP"} and listener.protocol not in _TAKEN_BY[key]:
        return False
    if route.spec.hostnames and not any(_overlap(listener.hostname, host) for host in route.spec.hostnames):
        return False
    namespace, allowed = route.metadata.namespace, listener.allowed_routes.namespaces
    if allowed.from_ == "Selector" and namespace in labels:
        return matches(allowed.selector, {"kubernetes.io/metadata.name": namespace, **labels[namespace]})
    return allowed.from_ in ("All", "Selector") or namespace == gateway.metadata.namespace


def _listener(listener: Listener) -> Served:
    secure = listener.protocol in ENCRYPTED_PROTOCOLS
    secrets = tuple(ref.name for ref in listener.tls.certificate_refs) if secure and listener.tls else ()
    described = f"listener {listener.name or listener.port} {listener.protocol}"
    return Served(described, secure, (listener.hostname or "*",), secrets)


def _overlap(pattern: str, host: str) -> bool:
    """Whether two host names, of which each may begin with `*.`, can mean the same host."""
    if pattern in ("", "*") or host in ("", "*") or pattern == host:
        return True
    if pattern.startswith("*."):
        return host.removeprefix("*").endswith(pattern[1:]) or (host.startswith("*.") and pattern.endswith(host[1:]))
    return host.startswith("*.") and pattern.endswith(host[1:])


# --- Istio ----------------------------------------------------------------------------------------


def of_istio(facts: ClusterFacts, services: Services) -> Iterator[ServedRoute]:
    """The VirtualServices that a gateway of Istio serves; those of the mesh alone are not entry points."""
    gateways = {(item.metadata.namespace, item.metadata.name): item for item in facts.objects("istiogateways")}
    for route in facts.objects("virtualservices"):
        named = [name for name in route.spec.gateways if name != "mesh"]
        if named and _reaches(route, services):
            hosts = tuple(host for host in route.spec.hosts if host != "*")
            if listeners := tuple(_servers(route, named, gateways)):
                yield ServedRoute("virtualservices", route.metadata, hosts, listeners)


def _reaches(route: VirtualService, services: Services) -> bool:
    return any(
        resolve_host(target.destination.host, route.metadata.namespace) in services
        for rule in (*route.spec.http, *route.spec.tcp, *route.spec.tls)
        for target in rule.route
    )


def _servers(
    route: VirtualService, named: list[str], gateways: Mapping[tuple[str, str], IstioGateway]
) -> Iterator[Served | None]:
    for name in named:
        namespace, _, short = name.rpartition("/")
        gateway = gateways.get((namespace or route.metadata.namespace, short))
        if gateway is None:
            yield None
            continue
        for server in gateway.spec.servers:
            patterns = [host.rpartition("/")[2] for host in server.hosts]
            if any(_overlap(pattern, host) for pattern in patterns for host in route.spec.hosts):
                yield _server(server, patterns)


def _server(server: IstioServer, patterns: list[str]) -> Served:
    """A server that only redirects to HTTPS serves nothing in plain text."""
    tls, protocol = server.tls, server.port.protocol.upper()
    redirects = tls is not None and tls.https_redirect
    secure = redirects or protocol in ENCRYPTED_PROTOCOLS or (tls is not None and tls.mode in _ISTIO_TLS)
    secrets = (tls.credential_name,) if tls is not None and tls.credential_name else ()
    described = f"server {server.port.number} {protocol}{' (redirects to HTTPS)' if redirects else ''}"
    return Served(described, secure, tuple(patterns), secrets)
