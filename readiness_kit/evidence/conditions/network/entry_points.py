"""Entry points other than Services: Ingresses, and routes of gateways, meshes and ingress controllers.

Each shows only its own TLS settings; whether something in front of it terminates TLS is not visible in the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from readiness_kit.evidence.checks import Subject, first_missing, weaviate_subject
from readiness_kit.evidence.conditions.network import gateways
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.network import Ingress, Service
from readiness_kit.kinds.routing import IngressRoute, ServiceRoute
from readiness_kit.model import Check, Reason, Ref

TRAEFIK_ROUTES = ("ingressroutes", "ingressroutetcps")
ROUTES = (
    *("ingresses", "gateways", *gateways.GATEWAY_ROUTES, "routes", "istiogateways", "virtualservices"),
    *(*TRAEFIK_ROUTES, "httpproxies", "targetgroupbindings"),
)
CRDS, APIS = "customresourcedefinitions", "kubernetes/apis"
READS = ("services", *ROUTES, CRDS)
"""What `ways`, `not_read` and `exposure.entries` read."""
REACHED_BY = {
    "public": "a public load balancer",
    "internal": "an internal load balancer",
    "node": "ports of the nodes",
    "external": "external IPs",
}
"""How a Service is reached from outside of the cluster, by `Entry.reach`."""
TO_HTTPS = ("nginx.ingress.kubernetes.io/ssl-redirect", "ingress.kubernetes.io/ssl-redirect")
"""Annotations that switch off the redirection to HTTPS, which is on where an Ingress has TLS."""
UNREAD_ROUTES = {
    "apisix.apache.org": ("APISIX", "apisixroutes"),
    "cis.f5.com": ("F5", "virtualservers transportservers ingresslinks"),
    "configuration.konghq.com": ("Kong", "tcpingresses"),
    "consul.hashicorp.com": ("Consul", "ingressgateways"),
    "enroute.saaras.io": ("EnRoute", "gatewayhosts"),
    "gateway.solo.io": ("Gloo", "virtualservices"),
    "getambassador.io": ("Emissary", "mappings tcpmappings"),
    "ingress.v1.haproxy.org": ("HAProxy", "tcps"),
    "ingress.v3.haproxy.org": ("HAProxy", "tcps"),
    "k8s.nginx.org": ("NGINX", "virtualservers virtualserverroutes transportservers"),
    "kuma.io": ("Kuma", "meshgatewayroutes meshgateways"),
    "networking.cfargotunnel.com": ("Cloudflare Tunnel operator", "tunnelbindings"),
    "networking.gke.io": ("multi-cluster Ingress", "multiclusteringresses"),
    "ngrok.k8s.ngrok.com": ("ngrok", "agentendpoints cloudendpoints"),
    "traefik.containo.us": ("Traefik 2", "ingressroutes ingressroutetcps"),
    "voyager.appscode.com": ("Voyager", "ingresses"),
    "zalando.org": ("Skipper", "routegroups"),
}
"""API group -> (tool, plurals) of routes that the kit does not read."""
MANAGED_BY, RELEASE = "app.kubernetes.io/managed-by", "meta.helm.sh/release-name"
NO_OTHER = "no route of a kind that is not read"


class EntryPoint(msgspec.Struct, frozen=True):
    """An object that routes traffic to Weaviate. `encrypted` is None where unknown; `secrets` hold its certificates.

    `plain_too`: the same hosts are also answered without TLS.
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
    services = exposure.routable(facts)
    served = (*gateways.of_gateway_api(facts, services), *gateways.of_istio(facts, services))
    return (
        *_ingresses(facts),
        *map(_by_listeners, served),
        *_openshift_routes(facts, services),
        *_traefik(facts, services),
        *_contour(facts, services),
        *_target_groups(facts, services),
    )


def not_read(facts: ClusterFacts, field: str, expected: str) -> list[Check]:
    """Unread checks for lists of routes that are missing, for routes of unknown kinds, and for other namespaces."""
    checks = []
    if missing := first_missing(facts, ROUTES):
        key, reason = missing
        message = f"Not all entry points of Weaviate are known: {_plural(key)} were not read."
        checks.append(weaviate_subject(facts, key).unread(field, expected, reason, message=message))
    if tools := names(_installed(facts)):
        message = f"{tools} may publish Weaviate by routes that are not read."
        on = weaviate_subject(facts, CRDS)
        checks.append(on.unread(NO_OTHER, "none", Reason.NOT_OBSERVABLE, message=message))
    elif (unread := facts.missing(CRDS)) is not None and facts.missing(APIS) is not None:
        message = "Which kinds of routes are installed was not read, so one of them may publish Weaviate."
        checks.append(weaviate_subject(facts, CRDS).unread(NO_OTHER, "none", unread, message=message))
    if facts.snapshot.manifest.namespaces and not missing:
        message = "Routes and Services of other namespaces, which can publish Weaviate as well, were not read."
        on = weaviate_subject(facts, "services")
        checks.append(on.unread("entry points in other namespaces", "none", Reason.NOT_COLLECTED, message=message))
    return checks


def _plural(key: str) -> str:
    return "Ingresses" if key == "ingresses" else key


def _installed(facts: ClusterFacts) -> Iterator[str]:
    """The tools whose routes are not read, by their CustomResourceDefinitions, otherwise by their API groups."""
    if facts.missing(CRDS) is None:
        crds = {crd.metadata.name for crd in facts.objects(CRDS)}
        for group, (tool, plurals) in UNREAD_ROUTES.items():
            if any(f"{plural}.{group}" in crds for plural in plurals.split()):
                yield tool
        return
    groups = set(facts.answer(APIS) or ()) - {"networking.gke.io"}
    yield from (tool for group, (tool, _) in UNREAD_ROUTES.items() if group in groups)


def _ingresses(facts: ClusterFacts) -> Iterator[EntryPoint]:
    for ingress, hosts in exposure.ingresses(facts):
        plain = [host for host in hosts if not _covered(ingress, host)]
        secrets = tuple(sorted({tls.secret_name for tls in ingress.spec.tls if tls.secret_name}))
        how = f"no TLS for {', '.join(plain)}" if plain else "spec.tls"
        plain_too = any(ingress.metadata.annotations.get(name, "").lower() == "false" for name in TO_HTTPS)
        ref = _ref("ingresses", ingress.metadata)
        yield EntryPoint(ref, "ingresses", hosts, not plain, how, secrets, plain_too and not plain)


def _covered(ingress: Ingress, host: str) -> bool:
    """A TLS entry without hosts applies to the whole Ingress; `*.example.org` covers one more label."""
    wildcard = f"*.{host.partition('.')[2]}"
    return any(not tls.hosts or host in tls.hosts or wildcard in tls.hosts for tls in ingress.spec.tls)


def _by_listeners(route: gateways.ServedRoute) -> EntryPoint:
    """A route is served by every listener that takes it, so one without TLS counts."""
    known = [listener for listener in route.listeners if listener is not None]
    secure = [listener for listener in known if listener.secure]
    described = sorted({listener.described for listener in known})
    how = ", ".join(described) or "its gateway was not read"
    encrypted = True if secure else False if known and None not in route.listeners else None
    secrets = tuple(sorted({secret for listener in secure for secret in listener.secrets}))
    plain_too = 0 < len(secure) < len(known)
    if encrypted and None in route.listeners:
        encrypted, how = None, f"{how}; a gateway of it was not read"
    hosts = route.hosts or tuple(sorted({host for listener in known for host in listener.hosts})) or ("*",)
    return EntryPoint(_ref(route.key, route.metadata), route.key, hosts, encrypted, how, secrets, plain_too)


def _openshift_routes(facts: ClusterFacts, services: frozenset[tuple[str, str]]) -> Iterator[EntryPoint]:
    for route in facts.objects("routes"):
        targets = (route.spec.to, *route.spec.alternate_backends)
        if any((route.metadata.namespace, target.name) in services for target in targets):
            tls, hosts = route.spec.tls, (route.spec.host or "*",)
            how = f"termination {tls.termination or 'edge'}" if tls else "no TLS"
            plain_too = tls is not None and tls.insecure_edge_termination_policy == "Allow"
            ref = _ref("routes", route.metadata)
            yield EntryPoint(ref, "routes", hosts, tls is not None, how, plain_too=plain_too)


def _traefik(facts: ClusterFacts, services: frozenset[tuple[str, str]]) -> Iterator[EntryPoint]:
    """Without `tls` a route is served in plain text, unless the entry point of Traefik itself has TLS."""
    for key in TRAEFIK_ROUTES:
        for route in facts.objects(key):
            if _leads(route.spec.routes, route.metadata.namespace, services):
                yield _traefik_route(key, route)


def _traefik_route(key: str, route: IngressRoute) -> EntryPoint:
    tls, points = route.spec.tls, names(route.spec.entry_points) or "all entry points"
    how = f"{'spec.tls' if tls else 'no spec.tls'} at {points}"
    secrets = (tls.secret_name,) if tls and tls.secret_name else ()
    return EntryPoint(_ref(key, route.metadata), key, ("*",), tls is not None, how, secrets)


def _contour(facts: ClusterFacts, services: frozenset[tuple[str, str]]) -> Iterator[EntryPoint]:
    for proxy in facts.objects("httpproxies"):
        spec = proxy.spec
        routes = (*spec.routes, *([spec.tcpproxy] if spec.tcpproxy else []))
        leading = [route for route in routes if _leads([route], proxy.metadata.namespace, services)]
        if not leading:
            continue
        ref, host = _ref("httpproxies", proxy.metadata), spec.virtualhost
        if host is None:
            yield EntryPoint(ref, "httpproxies", ("*",), None, "included by another HTTPProxy")
            continue
        plain_too = host.tls is not None and any(route.permit_insecure for route in leading)
        secrets = (host.tls.secret_name.rpartition("/")[2],) if host.tls and host.tls.secret_name else ()
        how = "virtualhost.tls" if host.tls else "no virtualhost.tls"
        hosts = (host.fqdn or "*",)
        yield EntryPoint(ref, "httpproxies", hosts, host.tls is not None, how, secrets, plain_too)


def _leads(routes: Iterable[ServiceRoute], namespace: str, services: frozenset[tuple[str, str]]) -> bool:
    return any((target.namespace or namespace, target.name) in services for r in routes for target in r.services)


def _target_groups(facts: ClusterFacts, services: frozenset[tuple[str, str]]) -> Iterator[EntryPoint]:
    """Those of a load balancer that no Service or Ingress of the cluster asks for; its listeners are in AWS."""
    asked = {
        (e.service.metadata.namespace, e.name) for e in exposure.entries(facts) if e.reach in ("public", "internal")
    }
    by_ingress = {ingress.metadata.namespace for ingress, _ in exposure.ingresses(facts)}
    for binding in facts.objects("targetgroupbindings"):
        target = (binding.metadata.namespace, binding.spec.service_ref.name)
        if target in services and target not in asked and target[0] not in by_ingress:
            ref = _ref("targetgroupbindings", binding.metadata)
            yield EntryPoint(ref, "targetgroupbindings", ("*",), None, "a load balancer managed outside the cluster")


def of_the_chart(facts: ClusterFacts, service: Service) -> bool:
    """Whether the values of the official chart set how a Service is reached: those of the release of Weaviate."""
    own, workload = service.metadata, facts.weaviate.object.metadata
    by_helm = all(each.labels.get(MANAGED_BY, "").lower() == "helm" for each in (own, workload))
    releases = {each.annotations.get(RELEASE, "") for each in (own, workload)}
    named = all(each.labels.get("app.kubernetes.io/name") == "weaviate" for each in (own, workload))
    return by_helm and named and len(releases) == 1 and not service.spec.external_ips


def reached_by(entry: exposure.Entry) -> str:
    """How a Service is reached from outside: `a public load balancer at 203.0.113.7`."""
    if entry.pending and entry.reach in ("public", "internal"):
        nodes = f", and ports {names(map(str, entry.node_ports))} of the nodes" if entry.node_ports else ""
        return f"{REACHED_BY[entry.reach]} that has no address yet{nodes}"
    return REACHED_BY[entry.reach] + (f" at {names(entry.addresses)}" if entry.addresses else "")


def _ref(key: str, metadata: ObjectMeta) -> Ref:
    return Ref(KINDS[key].kind, metadata.name, metadata.namespace)


def subject(route: EntryPoint) -> Subject:
    """The subject of the checks on a route."""
    return Subject(route.ref, route.key)
