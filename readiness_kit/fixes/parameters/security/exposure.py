"""Parameters of entry points: Services that are open to the outside, and certificates."""

from __future__ import annotations

from readiness_kit.evidence.conditions.network import access, entry_points, mesh, tls
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.facts.weaviate.exposure import Entry
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.names import pod_selector
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.model import Outcome

FAILED = (Outcome.PARTLY, Outcome.NOT_MET)
CLOUD_ENDPOINTS = ("amazonaws.com", "amazonaws.com.cn", "googleapis.com", "digitaloceanspaces.com")
"""Object storages that serve TLS."""
LIST_SERVICES = "kubectl get services --all-namespaces"


def to_close(facts: ClusterFacts, *, by_values: bool) -> tuple[Entry, ...]:
    """The Services whose way from the outside fails a check; those of the chart's values, or the others."""
    return tuple(
        entry
        for entry in exposure.entries(facts)
        if _fails(facts, entry) and entry_points.of_the_chart(facts, entry.service) is by_values
    )


def _fails(facts: ClusterFacts, entry: Entry) -> bool:
    if not entry.outside:
        return False
    checks = [access.service_check(facts, entry, access.anonymous(facts))]
    if entry.reach != "internal":  # an internal load balancer stays, with TLS
        checks += tls.service_checks(facts, entry)
    more = set(entry.ports) - set(exposure.api_ports(facts.weaviate))
    return bool(more) or any(check.outcome in FAILED for check in checks)


@parameter("rest_service")
def rest_service(context: Context) -> Value:
    """The values of the REST Service where it is to be closed; none where it is in order."""
    return _values(context, 0)


@parameter("grpc_service")
def grpc_service(context: Context) -> Value:
    """The values of the gRPC Service where it is to be closed; none where it is in order."""
    return _values(context, 1)


def _values(context: Context, protocol: int) -> Value:
    port = exposure.api_ports(context.facts.weaviate)[protocol]
    open_ones = [entry for entry in to_close(context.facts, by_values=True) if port in entry.ports]
    return Value({"type": "ClusterIP"} if open_ones else {}, "the Services that lead to the Weaviate pods")


@parameter("open_services")
def open_services(context: Context) -> Value | OpenDecision:
    """The Services of the chart that are to be closed to the outside."""
    return _names(to_close(context.facts, by_values=True))


@parameter("other_services")
def other_services(context: Context) -> Value | OpenDecision:
    """The Services that no value of the chart sets, and that are to be closed to the outside."""
    return _names(to_close(context.facts, by_values=False))


def _names(entries: tuple[Entry, ...]) -> Value | OpenDecision:
    if not entries:
        return OpenDecision("services", "which Service is to be closed to the outside: none was found", LIST_SERVICES)
    return Value([entry.name for entry in entries], "the Services that lead to the Weaviate pods")


@parameter("recorded_services")
def recorded_services(context: Context) -> Value | OpenDecision:
    """Type, source ranges and annotations of the open Services as the snapshot recorded them, in words."""
    entries = [each for by_values in (True, False) for each in to_close(context.facts, by_values=by_values)]
    if not entries:
        return OpenDecision("services", "which Service is to be closed to the outside: none was found", LIST_SERVICES)
    return Value("; ".join(map(_recorded, entries)), "the Services of the snapshot")


def _recorded(entry: Entry) -> str:
    spec, notes = entry.service.spec, entry.service.metadata.annotations
    own = [f"{key}={value}" for key, value in sorted(notes.items()) if not key.startswith("meta.helm.sh/")]
    parts = [
        f"type {spec.type}",
        f"source ranges {names(spec.load_balancer_source_ranges, most=9) or 'none'}",
        f"annotations {names(own, most=9) or 'none'}",
    ]
    parts += [f"load balancer class {spec.load_balancer_class}"] if spec.load_balancer_class else []
    parts += [f"external IPs {names(spec.external_ips, most=9)}"] if spec.external_ips else []
    return f"Service {entry.name}: {', '.join(parts)}"


@parameter("remaining_entries")
def remaining_entries(context: Context) -> Value:
    """Which ways from the outside remain for REST and for gRPC, as a sentence."""
    facts = context.facts
    rest, grpc = exposure.api_ports(facts.weaviate)
    closed = {entry.name for by_values in (True, False) for entry in to_close(facts, by_values=by_values)}
    ports = {entry.name: entry.ports for entry in exposure.entries(facts)}
    found: dict[int, list[str]] = {rest: [], grpc: []}
    for ingress, hosts in exposure.ingresses(facts):
        backends = {
            path.backend.service.name
            for rule in ingress.spec.rules
            for path in (rule.http.paths if rule.http else ())
            if path.backend.service is not None
        }
        for port, ways in found.items():
            if any(port in ports.get(name, ()) for name in backends):
                ways.append(f"Ingress {ingress.metadata.name} ({names(hosts)})")
    for entry in exposure.entries(facts):
        for port, ways in found.items():
            if entry.outside and entry.name not in closed and port in entry.ports:
                ways.append(f"Service {entry.name}")
    routes = [f"{way.ref.kind} {way.ref.name}" for way in entry_points.ways(facts) if way.key != "ingresses"]
    words = [f"{name} by {names([*ways, *routes]) or 'nothing'}" for name, ways in _by_protocol(found, rest, grpc)]
    return Value(f"From the outside, Weaviate is then reached for {'; for '.join(words)}.", "Ingresses and routes")


def _by_protocol(found: dict[int, list[str]], rest: int, grpc: int) -> list[tuple[str, list[str]]]:
    return [("REST", found[rest]), ("gRPC", found[grpc])]


# --- certificates ---------------------------------------------------------------------------------


@parameter("due_certificates")
def due_certificates(context: Context) -> Value | OpenDecision:
    """The Certificates that expire, expired or are not ready."""
    found = context.subjects("Certificate")
    if not found:
        return OpenDecision("certificates", "which certificate is to be renewed", "kubectl get certificates -A")
    return Value(list(found), "the Certificates of cert-manager")


@parameter("certificate_namespace")
def certificate_namespace(context: Context) -> Value:
    """The namespace of those Certificates."""
    namespaces = {check.ref.namespace for check in context.checks if check.ref.kind == "Certificate"} - {""}
    found = sorted(namespaces) or [context.facts.weaviate.namespace]
    return Value(found[0], "the Certificates of cert-manager")


# --- storage and mesh -----------------------------------------------------------------------------


@parameter("backup_ssl")
def backup_ssl(context: Context) -> Value | OpenDecision:
    """The chart's values that turn on TLS to the backup storage; none for installations of other origin."""
    return _ssl(context, "BACKUP_S3", chart=True)


@parameter("backup_ssl_env")
def backup_ssl_env(context: Context) -> Value | OpenDecision:
    """The variable that turns on TLS to the backup storage; none for installations by the chart."""
    return _ssl(context, "BACKUP_S3", chart=False)


@parameter("offload_ssl")
def offload_ssl(context: Context) -> Value | OpenDecision:
    """The chart's values that turn on TLS to the storage of offloaded tenants."""
    return _ssl(context, "OFFLOAD_S3", chart=True)


@parameter("offload_ssl_env")
def offload_ssl_env(context: Context) -> Value | OpenDecision:
    """The variable that turns on TLS to the storage of offloaded tenants."""
    return _ssl(context, "OFFLOAD_S3", chart=False)


def _ssl(context: Context, prefix: str, *, chart: bool) -> Value | OpenDecision:
    """Open where an endpoint is set that may not serve TLS."""
    weaviate = context.facts.weaviate
    endpoint = weaviate.env(f"{prefix}_ENDPOINT")
    if endpoint.set is not False and not endpoint.value.rstrip("/").endswith(CLOUD_ENDPOINTS):
        where = endpoint.value if endpoint.known and endpoint.value else f"the endpoint in {prefix}_ENDPOINT"
        how = "openssl s_client -connect HOST:PORT from a pod of the namespace"
        return OpenDecision("endpoint", f"whether {where} serves TLS", how)
    variable = {f"{prefix}_USE_SSL": "true"}
    if is_from_chart(weaviate.object) is not chart:
        return Value({}, "the origin of the installation")
    return Value({"s3": {"envconfig": variable}} if chart else variable, "the environment of the pods")


@parameter("peer_labels")
def peer_labels(context: Context) -> Value:
    """The labels of the Weaviate pods that a PeerAuthentication selects."""
    own = pod_selector(context).value.get("matchLabels")
    return Value(own or dict(context.facts.weaviate.pod_labels), "the selector of the workload")


@parameter("peer_policy")
def peer_policy(context: Context) -> Value | OpenDecision:
    """The name of the PeerAuthentication; open where another one selects the pods already, which would win."""
    facts = context.facts
    found, _ = mesh.peer_mode(facts)
    if found is None or found.spec.selector is None or found.metadata.namespace != facts.weaviate.namespace:
        return Value(facts.weaviate.name, "the name of the workload")
    if found.spec.selector.match_labels == peer_labels(context).value:
        return Value(found.metadata.name, "the policy that selects exactly these pods")
    what = f"how to make PeerAuthentication {found.metadata.name} strict: it also selects other pods"
    return OpenDecision("peer_policy", what, f"kubectl -n {facts.weaviate.namespace} get peerauthentications -o yaml")
