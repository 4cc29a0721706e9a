"""TLS on each hop: to the edge, between the pods (see `mesh`), to modules and to the object storage.

The kit makes no TLS handshake: certificates are judged by the objects that request them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from readiness_kit.evidence.checks import Subject, any_of, weaviate_subject
from readiness_kit.evidence.conditions.network import entry_points, mesh
from readiness_kit.evidence.conditions.network.entry_points import EntryPoint, ways
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import load_balancers
from readiness_kit.facts.weaviate import exposure
from readiness_kit.facts.weaviate.exposure import Entry
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.ecosystem import Certificate
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
READS = ("certificates", "issuers", "clusterissuers", "namespaces", "endpointslices")
EDGE = "encrypted up to the edge"
SKIP_VERIFY = "AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY"


# --- from clients to the edge ---------------------------------------------------------------------


def edge_checks(facts: ClusterFacts) -> list[Check]:
    """One check for each external entry point; without any, how clients inside the cluster connect."""
    message = "The Services in front of Weaviate were not read."
    checks = weaviate_subject(facts, "services").missing(facts, EDGE, "every entry point with TLS", message)
    checks += [_route(route) for route in ways(facts)]
    checks += [check for entry in exposure.entries(facts) for check in service_checks(facts, entry)]
    checks += _on_nodes(facts)
    checks += entry_points.not_read(facts, EDGE, "every entry point with TLS")
    return checks or [_inside(facts)]


def _route(route: EntryPoint) -> Check:
    on, what, hosts = entry_points.subject(route), f"{route.ref.kind} {route.ref.name}", names(route.hosts)
    if route.encrypted is None:
        message = f"Whether {what} serves {hosts} with TLS is unknown ({route.how})."
        return on.unread(EDGE, "TLS", Reason.NOT_OBSERVABLE, message=message, fix="tls.routes")
    if not route.encrypted:
        # A load balancer or CDN in front may terminate TLS, so plain here does not prove plain outside.
        message = f"{what} serves {hosts} without TLS ({route.how}), unless something in front of it terminates TLS."
        return on.unread(EDGE, "TLS", Reason.NOT_OBSERVABLE, message=message, fix="tls.routes")
    if route.plain_too and route.key in ("routes", "httpproxies", "ingresses"):
        message = f"{what} also answers {hosts} without TLS."
        seen = f"{route.how}, plain as well"
        return on.check(EDGE, seen, "TLS only", False, message=message, on_failure=PARTLY, fix="tls.routes")
    if route.plain_too:
        message = f"{what} is also served without TLS ({route.how}), unless that listener only redirects to HTTPS."
        return on.unread(EDGE, "TLS only", Reason.NOT_OBSERVABLE, message=message, fix="tls.routes")
    return on.check(EDGE, route.how, "TLS", True)


def service_checks(facts: ClusterFacts, entry: Entry) -> list[Check]:
    """A load balancer or node port to the API: plain unless the server or the cloud load balancer terminates TLS."""
    if not entry.outside:
        return []
    on = Subject.of("services", entry.service)
    served = _plain_ports(facts.weaviate, entry)
    if not served:
        return []
    plain = [protocol for protocol, ended in served if ended == "plain"]
    unknown = [protocol for protocol, ended in served if ended == "unknown"]
    checks = []
    if unknown:
        message = f"Whether the load balancer of Service {entry.name} terminates TLS for {names(unknown)} is unknown: "
        message += "an annotation of its provider mentions TLS."
        checks.append(on.unread(EDGE, "TLS", Reason.NOT_OBSERVABLE, message=message))
    if plain:
        by = entry_points.reached_by(entry)
        message = f"Service {entry.name} offers {_and(plain)} without TLS by {by}."
        public = entry.reach in ("public", "external") and not entry.pending
        outcome = NOT_MET if public else PARTLY
        seen = f"plain {_and(plain)} by {by}"
        fix = "exposure.internal" if entry_points.of_the_chart(facts, entry.service) else "exposure.services"
        if entry.reach == "internal":
            fix = "tls.load_balancer"
        checks.append(on.check(EDGE, seen, "TLS", False, message=message, on_failure=outcome, fix=fix))
    how = "Weaviate itself serves TLS" if all(e == "native" for _, e in served) else "the load balancer terminates TLS"
    return checks or [on.check(EDGE, how, "TLS", True)]


def _plain_ports(weaviate: Workload, entry: Entry) -> list[tuple[str, str]]:
    """(protocol, `native`, `tls`, `plain` or `unknown`) of each port of a Service that leads to the API."""
    rest, grpc = exposure.api_ports(weaviate)
    protocols = {rest: "REST", grpc: "gRPC"}
    found = []
    for port in entry.service.spec.ports:
        target = exposure.container_port(port.target_port or port.port, weaviate.spec)
        if target is None or target not in protocols:
            continue
        protocol = protocols[target]
        if native_tls(weaviate, protocol):
            found.append((protocol, "native"))
        elif entry.service.spec.type == "LoadBalancer":
            found.append((protocol, load_balancers.termination(entry.service, port)))
        else:
            found.append((protocol, "plain"))
    return found


def _and(protocols: list[str]) -> str:
    return " and ".join(dict.fromkeys(protocols))


def _on_nodes(facts: ClusterFacts) -> Iterator[Check]:
    """The API on the addresses of the nodes, by `hostNetwork` or `hostPort`."""
    weaviate = facts.weaviate
    opened, protocols = (
        exposure.host_ports(weaviate),
        dict(zip(exposure.api_ports(weaviate), ("REST", "gRPC"), strict=True)),
    )
    plain = [name for port, name in protocols.items() if port in opened and not native_tls(weaviate, name)]
    if plain:
        how = "hostNetwork" if weaviate.spec.host_network else "hostPort"
        message = f"The pods offer {_and(plain)} without TLS at the addresses of their nodes ({how})."
        on, seen = weaviate_subject(facts), f"plain {_and(plain)} by {how}"
        yield on.check(EDGE, seen, "TLS", False, message=message, on_failure=PARTLY, fix="exposure.nodes")


def native_tls(weaviate: Workload, protocol: str) -> bool:
    """Whether the server serves TLS: REST by `--scheme https` and a certificate, gRPC by two variables."""
    if protocol == "gRPC":
        return all(weaviate.env(name).set for name in ("GRPC_CERT_FILE", "GRPC_KEY_FILE"))
    words = " ".join((*weaviate.container.command, *weaviate.container.args)).replace("=", " ")
    certified = "--tls-certificate" in words or bool(weaviate.env("TLS_CERTIFICATE").set)
    return "--scheme https" in words and certified


def _inside(facts: ClusterFacts) -> Check:
    """No external entry point was found. Clients inside the cluster use plain HTTP unless a mesh carries it."""
    on, expected = weaviate_subject(facts, "services"), "TLS, or a mesh in strict mode"
    message = "Weaviate is reachable from inside the cluster only, and clients there connect without TLS."
    seen, fix = "inside the cluster only, in plain text", "encryption.inside"
    native = all(native_tls(facts.weaviate, protocol) for protocol in ("REST", "gRPC"))
    found = "Weaviate itself serves TLS" if native else seen
    by_server = on.check(EDGE, found, expected, native, message=message, on_failure=PARTLY, fix=fix)
    by_mesh = mesh.strict(facts)
    if isinstance(by_mesh, Reason):
        message = "Weaviate is reachable from inside the cluster only; whether a mesh encrypts that was not read."
        return any_of([by_server, on.unread(EDGE, expected, by_mesh, message=message, on_failure=PARTLY, fix=fix)])
    found = "inside the cluster only, by the mesh" if by_mesh else seen
    return any_of([by_server, on.check(EDGE, found, expected, by_mesh, message=message, on_failure=PARTLY, fix=fix)])


# --- certificates ---------------------------------------------------------------------------------


def certificate_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """The cert-manager certificates of the entry points; of others only the name of the Secret is known."""
    secrets = sorted({secret for route in ways(facts) if route.encrypted for secret in route.secrets})
    on, message = weaviate_subject(facts, "certificates"), "The certificates of cert-manager were not read."
    checks = on.missing(facts, "certificates", "valid", message) if secrets else []
    by_secret = {certificate.spec.secret_name: certificate for certificate in facts.objects("certificates")}
    for secret in secrets if not checks else ():
        if secret in by_secret:
            certificate = by_secret[secret]
            checks += [
                _validity(facts, settings, certificate),
                _issuer(facts, certificate),
                *_hosts(facts, certificate),
            ]
        else:
            checks.append(on.info(f"certificate in Secret {secret}", "not managed by a Certificate object"))
    return checks


def _validity(facts: ClusterFacts, settings: Settings, certificate: Certificate) -> Check:
    on, minimum = Subject.of("certificates", certificate), settings.thresholds.certificate_days
    name, end = on.ref.name, certificate.status.not_after
    field, expected = "status.notAfter", f"more than {count(minimum, 'day')} away"
    if end is None and facts.from_manifests:
        message = f"Whether certificate {name} is issued and valid is not known: it has no status."
        return on.unread(field, expected, Reason.NOT_COLLECTED, message=message)
    if end is None:
        message = f"Certificate {name} is not issued yet."
        fix = "certificates.renew"
        return on.check(field, "not issued", expected, False, message=message, on_failure=PARTLY, fix=fix)
    left = end - facts.as_of
    if left <= timedelta(0):
        message = f"Certificate {name} expired on {end:%Y-%m-%d}."
        return on.check(field, f"{end:%Y-%m-%d}, past", expected, False, message=message, fix="certificates.renew")
    seen = f"{end:%Y-%m-%d}, {count(left.days, 'day')} away"
    ready = next((c.status for c in certificate.status.conditions if c.type == "Ready"), "")
    if ready == "False":
        message = f"Certificate {name} cannot be renewed at the moment: its condition Ready is False."
        seen, fix = f"{seen}; not Ready", "certificates.renew"
        return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)
    message = f"Certificate {name} expires in {count(left.days, 'day')}, on {end:%Y-%m-%d}."
    ok, fix = left > timedelta(days=minimum), "certificates.renew"
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _hosts(facts: ClusterFacts, certificate: Certificate) -> list[Check]:
    """The hosts that are served with a certificate are among its names."""
    known, secret = set(certificate.spec.dns_names), certificate.spec.secret_name
    served = {host for route in ways(facts) if route.encrypted and route.secrets == (secret,) for host in route.hosts}
    uncovered = {host for host in served if host not in known and f"*.{host.partition('.')[2]}" not in known} - {"*"}
    if not known or not served:
        return []
    on, name, ok = Subject.of("certificates", certificate), certificate.metadata.name, not uncovered
    message = f"Certificate {name} is not issued for {names(uncovered)}: clients reject it."
    return [on.check("spec.dnsNames", names(known), names(served), ok, message=message, on_failure=PARTLY)]


def _issuer(facts: ClusterFacts, certificate: Certificate) -> Check:
    """A self-signed certificate is only trusted by clients that were configured to trust it."""
    on, name = Subject.of("certificates", certificate), certificate.spec.issuer_ref.name
    key = "clusterissuers" if certificate.spec.issuer_ref.kind == "ClusterIssuer" else "issuers"
    field, expected = "spec.issuerRef", "an issuer that clients trust"
    reason = facts.missing(key)
    if reason is not None:
        message = f"The issuer of certificate {on.ref.name} was not read ({key})."
        return Subject(on.ref, key).unread(field, expected, reason, message=message)
    issuer = next((issuer for issuer in facts.objects(key) if issuer.metadata.name == name), None)
    if issuer is None or issuer.spec.self_signed is None:
        kind = next((word for word in ("acme", "ca", "vault", "venafi") if issuer and getattr(issuer.spec, word)), "")
        return on.info(field, f"{name} ({kind or 'another type'})")
    message = f"Certificate {on.ref.name} is self-signed (issuer {name}), so clients do not trust it by default."
    seen, fix = f"{name} (self-signed)", "certificates.issuer"
    return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)


def handshake(facts: ClusterFacts) -> list[Check]:
    """What only a handshake would show, which the kit does not make."""
    hosts = names(host for route in ways(facts) if route.encrypted for host in route.hosts)
    if not hosts:
        return []
    on, field, expected = weaviate_subject(facts, ""), f"certificate served at {hosts}", "trusted, for this host, valid"
    message = f"Whether clients trust the certificate that {hosts} serves is unknown: the kit makes no handshake."
    return [on.unread(field, expected, Reason.NOT_COLLECTED, message=message, on_failure=PARTLY)]


# --- to modules and to the object storage ---------------------------------------------------------


def module_checks(facts: ClusterFacts) -> Iterator[Check]:
    """Modules that are called without TLS, which is the default of the chart; a strict mesh carries it."""
    weaviate = facts.weaviate
    for variable in weaviate.container.env:
        if variable.name.endswith("_INFERENCE_API") and weaviate.env(variable.name).value.startswith("http://"):
            on, field, seen = weaviate_subject(facts), f"env {variable.name}", "http://, without TLS"
            message = f"Weaviate calls a module without TLS ({variable.name})."
            carried = mesh.strict(facts) if _in_cluster(weaviate.env(variable.name).value) else False
            if isinstance(carried, Reason):
                message = f"Whether a mesh encrypts the calls to a module ({variable.name}) was not read."
                yield on.unread(
                    field, "https://, or a mesh in strict mode", carried, message=message, on_failure=PARTLY
                )
            elif carried:
                yield on.info(field, f"{seen}; carried by the mesh")
            else:
                fix = "encryption.inside" if _in_cluster(weaviate.env(variable.name).value) else "tls.modules"
                yield on.check(field, seen, "https://", False, message=message, on_failure=PARTLY, fix=fix)


def _in_cluster(address: str) -> bool:
    """Whether the host is the name of a Service: one word, or a name below `svc`."""
    host = urlsplit(address).hostname or ""
    return "." not in host or ".svc" in host


def storage_checks(facts: ClusterFacts) -> Iterator[Check]:
    """Backups and offloaded tenants on S3, by the running server or the variable (on by default); and OIDC."""
    weaviate, meta, on = facts.weaviate, facts.answer("weaviate/meta"), weaviate_subject(facts)
    modules = weaviate.modules() or ()
    backup = meta.modules.get("backup-s3") if meta else None
    if backup is not None and backup.use_ssl is not None:
        yield _storage(weaviate_subject(facts, "weaviate/meta"), "useSSL of backup-s3", backup.use_ssl)
    elif "backup-s3" in modules:
        yield _storage(on, "env BACKUP_S3_USE_SSL", weaviate.is_enabled("BACKUP_S3_USE_SSL"))
    if "offload-s3" in modules and weaviate.env("OFFLOAD_S3_USE_SSL").set:
        yield _storage(on, "env OFFLOAD_S3_USE_SSL", weaviate.is_enabled("OFFLOAD_S3_USE_SSL"))
    in_file = weaviate.config is not None and weaviate.config.authentication.oidc.insecure_skip_tls_verify
    ignored = facts.server_version is not None and not facts.server_version.since("1.37.0")
    if (in_file or weaviate.is_enabled(SKIP_VERIFY)) and not ignored:
        message = "Weaviate does not verify the certificate of the identity provider (OIDC)."
        yield on.check(f"env {SKIP_VERIFY}", "on", "off", False, message=message, on_failure=PARTLY, fix="tls.oidc")


def _storage(on: Subject, field: str, enabled: bool | None) -> Check:
    if enabled is None:
        message = f"Whether Weaviate connects to the object storage with TLS was not read ({field})."
        return on.unread(field, "true", Reason.NOT_OBSERVABLE, message=message)
    message = f"Weaviate connects to the object storage without TLS ({field})."
    fix = "tls.offload" if "OFFLOAD" in field else "tls.backups"
    return on.check(field, str(enabled).lower(), "true", enabled, message=message, on_failure=PARTLY, fix=fix)
