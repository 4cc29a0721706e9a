"""TLS hop by hop: to the edge, between the pods (see `mesh`), to modules and to the object storage.

The kit makes no TLS handshake: what is said of certificates comes from the objects that ask for them.
"""

from __future__ import annotations

from datetime import timedelta

from readiness_kit.evidence.checks import Check, has_failures, note, unread, want
from readiness_kit.evidence.conditions.network import mesh
from readiness_kit.evidence.conditions.network.entry_points import GATEWAY_ROUTES, Way, ways
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.facts.weaviate.exposure import Entry
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.ecosystem import Certificate
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Ref, Settings

PARTLY, NOT_MET, MET = Outcome.PARTLY, Outcome.NOT_MET, Outcome.MET
AWS_CERTIFICATE = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert"
EDGE = "encrypted up to the edge"
ENTRY_KEYS = ("services", "ingresses", "gateways", *GATEWAY_ROUTES, "routes")


# --- hop 1: from clients to the edge --------------------------------------------------------------


def edge_checks(facts: ClusterFacts) -> list[Check]:
    """One line a way in from outside; where there is none, what clients inside the cluster speak."""
    weaviate = facts.weaviate
    checks = [_way(way) for way in ways(facts)]
    checks += [check for entry in exposure.entries(facts) for check in _service(weaviate, entry)]
    lost = next((key for key in ENTRY_KEYS if facts.missing(key) is not None), "")
    if lost:
        say = f"Not all ways into Weaviate are known: {lost} were not read."
        reason = facts.missing(lost) or Reason.NOT_COLLECTED
        checks.append(unread(weaviate.ref, EDGE, "every way in with TLS", reason, lost, say=say))
    return checks or [_inside(facts)]


def _way(way: Way) -> Check:
    what = f"{way.ref.kind} {way.ref.name}"
    hosts = names(way.hosts)
    if way.encrypted is None or not way.encrypted:
        # Something in front (a load balancer, a CDN) may end TLS, so plain here is no proof of plain outside.
        say = f"{what} serves {hosts} without TLS ({way.how}), unless something in front of it ends TLS."
        return unread(way.ref, EDGE, "TLS", Reason.NOT_OBSERVABLE, way.key, say=say)
    if way.plain_too and way.key == "routes":
        say = f"{what} also answers {hosts} without TLS."
        return want(way.ref, EDGE, f"{way.how}, plain as well", "TLS only", False, way.key, otherwise=PARTLY, say=say)
    seen = f"{way.how}, and a plain listener beside it" if way.plain_too else way.how
    return want(way.ref, EDGE, seen, "TLS", True, way.key)


def _service(weaviate: Workload, entry: Entry) -> list[Check]:
    """A load balancer or node port straight to the API: plain unless the server or the cloud's balancer has TLS."""
    if not entry.outside:
        return []
    ref = Ref("Service", entry.name, entry.service.metadata.namespace)
    if entry.service.metadata.annotations.get(AWS_CERTIFICATE):
        return [want(ref, EDGE, "the load balancer ends TLS", "TLS", True, "services")]
    rest, grpc = exposure.api_ports(weaviate)
    unsafe = {rest: "REST", grpc: "gRPC"}
    served = [port for port in entry.ports if port in unsafe]
    plain = [port for port in served if not native_tls(weaviate, unsafe[port])]
    if not plain:
        return [want(ref, EDGE, "Weaviate itself serves TLS", "TLS", True, "services")] if served else []
    word = " and ".join(unsafe[port] for port in plain)
    at = f" at {names(entry.addresses)}" if entry.addresses else ""
    how = {
        "public": "a public load balancer",
        "external": "external IPs",
        "internal": "an internal load balancer",
        "node": "ports of the nodes",
    }[entry.reach]
    say = f"Service {entry.name} offers {word} without TLS by {how}{at}."
    outcome = NOT_MET if entry.reach in ("public", "external") else PARTLY
    return [want(ref, EDGE, f"plain {word} by {how}{at}", "TLS", False, "services", otherwise=outcome, say=say)]


def native_tls(weaviate: Workload, protocol: str) -> bool:
    """Whether the server itself serves TLS: REST by `--scheme https` and a certificate, gRPC by two variables."""
    if protocol == "gRPC":
        return all(weaviate.env(name).set for name in ("GRPC_CERT_FILE", "GRPC_KEY_FILE"))
    words = " ".join((*weaviate.container.command, *weaviate.container.args)).replace("=", " ")
    certified = "--tls-certificate" in words or bool(weaviate.env("TLS_CERTIFICATE").set)
    return "--scheme https" in words and certified


def _inside(facts: ClusterFacts) -> Check:
    """No way in from outside that shows. Clients inside the cluster speak plain HTTP, where no mesh carries it."""
    weaviate = facts.weaviate
    ref, expected, source = weaviate.ref, "TLS, or a mesh in strict mode", "services"
    if all(native_tls(weaviate, protocol) for protocol in ("REST", "gRPC")):
        return want(ref, EDGE, "Weaviate itself serves TLS", expected, True, source)
    if mesh.strict(facts):
        return want(ref, EDGE, "inside the cluster only, by the mesh", expected, True, source)
    others = [one.tool for one in facts.detected("gateway") if one.tool in ("Traefik", "Contour")]
    if others:
        say = f"No way in from outside was seen, but {names(others)} may publish Weaviate by routes that are not read."
        return unread(ref, EDGE, expected, Reason.NOT_OBSERVABLE, "", say=say)
    say = "Weaviate is reached from inside the cluster only, and clients there speak to it without TLS."
    seen = "inside the cluster only, in plain text"
    return want(ref, EDGE, seen, expected, False, source, otherwise=PARTLY, say=say)


# --- certificates ---------------------------------------------------------------------------------


def certificate_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """The certificates that cert-manager keeps for the ways in; of others only the Secret's name is known."""
    wanted = sorted({secret for way in ways(facts) if way.encrypted for secret in way.secrets})
    if not wanted:
        return []
    reason = facts.missing("certificates")
    if reason is not None:
        say = "The certificates of cert-manager were not read, so until when they hold is not known."
        return [unread(facts.weaviate.ref, "certificates", "valid", reason, "certificates", say=say)]
    found = {one.spec.secret_name: one for one in facts.objects("certificates")}
    checks: list[Check] = []
    for secret in wanted:
        if secret in found:
            checks += [_valid(facts, settings, found[secret]), _issuer(facts, found[secret])]
        else:
            shown = "no Certificate object keeps it"
            checks.append(note(facts.weaviate.ref, f"certificate in Secret {secret}", shown, "certificates"))
    return checks


def _valid(facts: ClusterFacts, settings: Settings, one: Certificate) -> Check:
    ref = Ref("Certificate", one.metadata.name, one.metadata.namespace)
    least = settings.thresholds.certificate_days
    field, expected, key = "status.notAfter", f"more than {count(least, 'day')} away", "certificates"
    end = one.status.not_after
    ready = next((c.status for c in one.status.conditions if c.type == "Ready"), "")
    if end is None:
        say = f"Certificate {ref.name} was not issued yet."
        return want(ref, field, "not issued", expected, False, key, otherwise=PARTLY, say=say)
    left = end - facts.as_of
    seen = f"{end:%Y-%m-%d}, {count(max(left.days, 0), 'day')} away" if left > timedelta(0) else f"{end:%Y-%m-%d}, past"
    if left <= timedelta(0):
        say = f"Certificate {ref.name} expired on {end:%Y-%m-%d}."
        return want(ref, field, seen, expected, False, key, say=say)
    if ready == "False":
        say = f"Certificate {ref.name} cannot be renewed at the moment: its condition Ready is False."
        return want(ref, field, f"{seen}; not Ready", expected, False, key, otherwise=PARTLY, say=say)
    say = f"Certificate {ref.name} ends in {count(left.days, 'day')}, on {end:%Y-%m-%d}."
    return want(ref, field, seen, expected, left > timedelta(days=least), key, otherwise=PARTLY, say=say)


def _issuer(facts: ClusterFacts, one: Certificate) -> Check:
    """A self-signed certificate is trusted by no client that was not told so."""
    ref = Ref("Certificate", one.metadata.name, one.metadata.namespace)
    key = "clusterissuers" if one.spec.issuer_ref.kind == "ClusterIssuer" else "issuers"
    field, expected = "spec.issuerRef", "an issuer that clients trust"
    name = one.spec.issuer_ref.name
    reason = facts.missing(key)
    if reason is not None:
        say = f"Who signs certificate {ref.name} was not read ({key})."
        return unread(ref, field, expected, reason, key, say=say)
    issuer = next((issuer for issuer in facts.objects(key) if issuer.metadata.name == name), None)
    if issuer is None or issuer.spec.self_signed is None:
        kind = next((word for word in ("acme", "ca", "vault", "venafi") if issuer and getattr(issuer.spec, word)), "")
        return note(ref, field, f"{name} ({kind or 'of another sort'})", "certificates")
    say = f"Certificate {ref.name} is signed by itself (issuer {name}), so clients cannot trust it as they are."
    return want(ref, field, f"{name} (self-signed)", expected, False, "certificates", otherwise=PARTLY, say=say)


def handshake(facts: ClusterFacts, checks: list[Check]) -> list[Check]:
    """What a handshake would show, which is not made. It keeps from `met` what nothing else does already."""
    hosts = names(host for way in ways(facts) if way.encrypted for host in way.hosts)
    if not hosts:
        return []
    ref, field, expected = facts.weaviate.ref, f"certificate served at {hosts}", "trusted, for this host, not expired"
    if has_failures(checks):
        return [note(ref, field, "no TLS handshake was made", "", expected)]
    say = f"Which certificate {hosts} serves, and whether clients trust it, was not tried: the kit makes no handshake."
    return [unread(ref, field, expected, Reason.NOT_COLLECTED, "", say=say)]


# --- hops 3 and 4: to modules and to the object storage -------------------------------------------


def module_notes(facts: ClusterFacts) -> list[Check]:
    """Modules that are called without TLS; inside the cluster that is what the chart sets up."""
    weaviate = facts.weaviate
    plain = [
        one.name
        for one in weaviate.container.env
        if one.name.endswith("_INFERENCE_API") and weaviate.env(one.name).value.startswith("http://")
    ]
    source = workload_key(weaviate.kind)
    return [note(weaviate.ref, f"env {name}", "http://, without TLS", source, "https://", False) for name in plain]


def storage_checks(facts: ClusterFacts) -> list[Check]:
    """Backups and offloaded tenants on S3; the server's own word on it first, else the variable (on by default)."""
    weaviate = facts.weaviate
    modules = weaviate.modules() or ()
    meta = facts.answer("weaviate/meta")
    checks: list[Check] = []
    told = meta.modules.get("backup-s3") if meta else None
    if told is not None and told.use_ssl is not None:
        checks.append(_storage(weaviate, "useSSL of backup-s3", told.use_ssl, "weaviate/meta"))
    elif "backup-s3" in modules:
        field = "env BACKUP_S3_USE_SSL"
        checks.append(_storage(weaviate, field, weaviate.is_enabled("BACKUP_S3_USE_SSL"), workload_key(weaviate.kind)))
    if "offload-s3" in modules and weaviate.env("OFFLOAD_S3_USE_SSL").set:
        field = "env OFFLOAD_S3_USE_SSL"
        checks.append(_storage(weaviate, field, weaviate.is_enabled("OFFLOAD_S3_USE_SSL"), workload_key(weaviate.kind)))
    return [*checks, *_login(facts)]


def _storage(weaviate: Workload, field: str, on: bool | None, source: str) -> Check:
    if on is None:
        say = f"Whether the object storage is reached by TLS was not read ({field})."
        return unread(weaviate.ref, field, "true", Reason.NOT_OBSERVABLE, source, say=say)
    say = f"Weaviate speaks to the object storage without TLS ({field})."
    return want(weaviate.ref, field, str(on).lower(), "true", on, source, otherwise=PARTLY, say=say)


def _login(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    name = "AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY"
    in_file = bool(weaviate.config and weaviate.config.authentication.oidc.insecure_skip_tls_verify)
    if not (in_file or weaviate.is_enabled(name)):
        return []
    version = facts.server_version
    if version is not None and not version.since("1.37.0"):
        return []  # a server that does not know the switch
    say = "Weaviate does not check the certificate of the login server (OIDC)."
    source = workload_key(weaviate.kind)
    return [want(weaviate.ref, f"env {name}", "on", "off", False, source, otherwise=PARTLY, say=say)]
