"""The ways into Weaviate from outside that are no plain Service: Ingresses, routes of the Gateway API, OpenShift's.

What each says of TLS is all that is known: whether something in front of it ends TLS does not show in the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.mesh import Gateway, Listener, OpenShiftRoute, Route
from readiness_kit.kinds.network import Ingress
from readiness_kit.model import Ref

GATEWAY_ROUTES = ("httproutes", "grpcroutes")
READS = ("services", "ingresses", "gateways", *GATEWAY_ROUTES, "routes")
"""All that `ways` and `exposure.entries` look at."""
ENCRYPTED_PROTOCOLS = frozenset({"HTTPS", "TLS"})


class Way(msgspec.Struct, frozen=True):
    """One object that leads traffic in. `encrypted` None: it cannot be told. `secrets` hold its certificates.

    `plain_too`: the same hosts are answered without TLS as well (or redirected, which does not show).
    """

    ref: Ref
    key: str
    hosts: tuple[str, ...]
    encrypted: bool | None
    how: str
    secrets: tuple[str, ...] = ()
    plain_too: bool = False


def ways(facts: ClusterFacts) -> tuple[Way, ...]:
    """Every way in, by kind and name."""
    return (*_ingresses(facts), *_gateway_routes(facts), *_openshift_routes(facts))


def _ingresses(facts: ClusterFacts) -> Iterator[Way]:
    for ingress, hosts in exposure.ingresses(facts):
        covered = all(_covered(ingress, host) for host in hosts)
        secrets = tuple(sorted({one.secret_name for one in ingress.spec.tls if one.secret_name}))
        how = "spec.tls" if covered else "no TLS for " + ", ".join(h for h in hosts if not _covered(ingress, h))
        yield Way(_ref("ingresses", ingress.metadata), "ingresses", hosts, covered, how, secrets)


def _covered(ingress: Ingress, host: str) -> bool:
    """A TLS entry without hosts is for all of the Ingress; `*.example.org` is for one label more."""
    for entry in ingress.spec.tls:
        if not entry.hosts or host in entry.hosts or f"*.{host.partition('.')[2]}" in entry.hosts:
            return True
    return False


def _gateway_routes(facts: ClusterFacts) -> Iterator[Way]:
    gateways = {(one.metadata.namespace, one.metadata.name): one for one in facts.objects("gateways")}
    services = {entry.name for entry in exposure.entries(facts)}
    for key in GATEWAY_ROUTES:
        for route in facts.objects(key):
            if _leads(route, facts.weaviate.namespace, services):
                yield _by_gateway(key, route, list(_listeners(route, gateways)))


def _leads(route: Route, namespace: str, services: set[str]) -> bool:
    if route.metadata.namespace != namespace:
        return False
    backends = (backend for rule in route.spec.rules for backend in rule.backend_refs)
    return any(
        one.kind in ("", "Service") and one.name in services and one.namespace in ("", namespace) for one in backends
    )


def _listeners(route: Route, gateways: dict[tuple[str, str], Gateway]) -> Iterator[Listener | None]:
    """The listeners that a route hangs on; None for a gateway that was not read."""
    for parent in route.spec.parent_refs:
        gateway = gateways.get((parent.namespace or route.metadata.namespace, parent.name))
        if gateway is None:
            yield None
            continue
        for listener in gateway.spec.listeners:
            if not parent.section_name or parent.section_name == listener.name:
                yield listener


def _by_gateway(key: str, route: Route, listeners: list[Listener | None]) -> Way:
    known = [one for one in listeners if one is not None]
    secure = [one for one in known if one.protocol in ENCRYPTED_PROTOCOLS]
    plain = [one for one in known if one.protocol not in ENCRYPTED_PROTOCOLS]
    secrets = {ref.name for one in secure if one.tls for ref in one.tls.certificate_refs}
    how = _words(known) or "its gateway was not read"
    encrypted = True if secure else False if known and None not in listeners else None
    hosts = route.spec.hostnames or tuple(sorted({one.hostname or "*" for one in known})) or ("*",)
    return Way(
        _ref(key, route.metadata), key, hosts, encrypted, how, tuple(sorted(secrets)), bool(secure) and bool(plain)
    )


def _words(listeners: Iterable[Listener]) -> str:
    return ", ".join(sorted({f"listener {one.name or one.port} {one.protocol}" for one in listeners}))


def _openshift_routes(facts: ClusterFacts) -> Iterator[Way]:
    services = {entry.name for entry in exposure.entries(facts)}
    for route in facts.objects("routes"):
        if route.metadata.namespace == facts.weaviate.namespace and route.spec.to.name in services:
            yield _by_router(route)


def _by_router(route: OpenShiftRoute) -> Way:
    tls = route.spec.tls
    how = f"termination {tls.termination or 'edge'}" if tls else "no TLS"
    plain_too = tls is not None and tls.insecure_edge_termination_policy == "Allow"
    return Way(
        _ref("routes", route.metadata), "routes", (route.spec.host or "*",), tls is not None, how, plain_too=plain_too
    )


def _ref(key: str, metadata: object) -> Ref:
    return Ref(KINDS[key].kind, getattr(metadata, "name", ""), getattr(metadata, "namespace", ""))
