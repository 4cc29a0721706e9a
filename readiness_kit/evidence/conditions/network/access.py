"""Access to Weaviate: entry points, anonymous access, the debug port, bindings of unauthenticated callers."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.network import entry_points
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import grants
from readiness_kit.facts.weaviate import auth, exposure
from readiness_kit.facts.weaviate.exposure import Entry
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.weaviate import Probe
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
PROBE = "weaviate/probe"
DEBUG_GATED = ("1.36.18", "1.37.9", "1.38.1")
"""From these releases on the debug port answers 404 unless DEBUG_ENDPOINTS_ENABLED is on."""
POWERFUL = frozenset({"cluster-admin", "admin", "edit"})
ANONYMOUS = "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"
_REACH = {
    "public": "load balancer",
    "internal": "internal load balancer",
    "node": "ports of the nodes",
    "external": "external IPs",
    "cluster": "inside the cluster only",
}

# --- entry points ---------------------------------------------------------------------------------


def entry_checks(facts: ClusterFacts) -> list[Check]:
    """One check for each Service, Ingress and route to the pods; not met where anonymous callers reach it."""
    entries, open_to_all = exposure.entries(facts), anonymous(facts)
    message, on = "The Services in front of Weaviate were not read.", weaviate_subject(facts, "services")
    checks = on.missing(facts, "Services", "none open to the internet", message)
    checks += [service_check(facts, entry, open_to_all) for entry in entries]
    checks += [_route(route, open_to_all) for route in entry_points.ways(facts)]
    checks += _on_nodes(facts, open_to_all)
    checks += entry_points.not_read(facts, "routes", "none for anonymous callers")
    return [*checks, *_unauthenticated_ports(facts, entries)]


def service_check(facts: ClusterFacts, entry: Entry, open_to_all: bool | None) -> Check:
    """How a Service can be reached; not met where anonymous callers come in from outside."""
    on, reach = Subject.of("services", entry.service), _REACH[entry.reach]
    field, expected = "reached by", "inside the cluster, or an internal load balancer"
    seen = f"{reach}{f' at {names(entry.addresses)}' if entry.addresses else ''}"
    if entry.reach in ("public", "internal"):
        seen += ", no address yet" if entry.pending else ""
        seen += f", sources {names(entry.sources)}" if entry.sources else ", any source"
        seen += f", node ports {names(map(str, entry.node_ports))}" if entry.node_ports else ""
    if not entry.outside:
        return on.check(field, seen, expected, True)
    by = entry_points.reached_by(entry)
    fix = "exposure.internal" if entry_points.of_the_chart(facts, entry.service) else "exposure.services"
    if open_to_all:
        message = f"Service {entry.name} accepts anonymous callers from outside the cluster, by {by}."
        return on.check(field, seen, expected, False, message=message, fix=fix)
    ok = entry.reach == "internal" or (entry.reach == "public" and entry.limited)
    message = f"Service {entry.name} can be reached from outside by {by}, from any address."
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _on_nodes(facts: ClusterFacts, open_to_all: bool | None) -> Iterator[Check]:
    """The ports of the pods on the addresses of the nodes, which no Service shows."""
    ports = names(map(str, exposure.host_ports(facts.weaviate)))
    if ports:
        how = "hostNetwork" if facts.weaviate.spec.host_network else "hostPort"
        message = f"The pods can be reached at the addresses of their nodes ({how}, ports {ports}), from any address."
        outcome = NOT_MET if open_to_all else PARTLY
        on, seen, expected = weaviate_subject(facts), f"nodes, {how}: {ports}", "inside the cluster only"
        fix = "exposure.nodes"
        yield on.check("reached by", seen, expected, False, message=message, on_failure=outcome, fix=fix)


def _route(route: entry_points.EntryPoint, open_to_all: bool | None) -> Check:
    """An Ingress or route does not restrict callers, so it fails where anonymous access is on."""
    on, hosts = entry_points.subject(route), names(route.hosts)
    if not open_to_all:
        return on.info("hosts", hosts)
    message = f"{route.ref.kind} {route.ref.name} accepts anonymous callers from outside the cluster, at {hosts}."
    return on.check("hosts", hosts, "only with authentication", False, message=message, fix="access.authenticate")


def _unauthenticated_ports(facts: ClusterFacts, entries: tuple[Entry, ...]) -> Iterator[Check]:
    """Metrics and the traffic between the pods need no credentials, so no external Service may expose them."""
    api = exposure.api_ports(facts.weaviate)
    for entry in entries:
        ports = names(str(port) for port in entry.ports if port not in api)
        if entry.outside and ports:
            message = f"Service {entry.name} also exposes port {ports} to the outside, which needs no credentials."
            on, field = Subject.of("services", entry.service), "ports other than the API"
            fix = "exposure.internal" if entry_points.of_the_chart(facts, entry.service) else "exposure.services"
            yield on.check(field, ports, "none", False, message=message, on_failure=PARTLY, fix=fix)


# --- anonymous access -----------------------------------------------------------------------------


def anonymous(facts: ClusterFacts) -> bool | None:
    """Whether anonymous callers are accepted: by the running server, or by the configuration where it is unknown."""
    probe = facts.answer(PROBE)
    if probe is not None and probe.anonymous is not None:
        return bool(probe.anonymous)
    return auth.anonymous(facts.weaviate)


def anonymous_check(facts: ClusterFacts, *, on_failure: Outcome) -> Check:
    """Whether anonymous callers are accepted, and why. The answer of the running server overrides configuration."""
    weaviate, probe = facts.weaviate, facts.answer(PROBE)
    if probe is not None and probe.anonymous is not None:
        return _probed(facts, probe, on_failure)
    field, expected = "anonymous access", "off"
    enabled = auth.anonymous(weaviate)
    if enabled is None:
        message = "Whether Weaviate accepts anonymous callers could not be determined from the configuration."
        on = weaviate_subject(facts, source_of(weaviate))
        return on.unread(field, expected, why_unknown(weaviate), message=message)
    seen = f"on ({_enabled_by(weaviate)})" if enabled else "off"
    effect = "anyone who reaches Weaviate can read, change and delete data"
    if enabled and rbac_on(facts):
        effect = "the server does not start with anonymous access and RBAC"
    elif enabled and admin_list_on(weaviate):
        effect = "the admin list answers anonymous callers with 403, unless it names them"
        on_failure = PARTLY
    message = f"Anonymous access is {seen}: {effect}."
    on, fix = weaviate_subject(facts), "access.authenticate"
    return on.check(field, seen, expected, not enabled, message=message, on_failure=on_failure, fix=fix)


def _probed(facts: ClusterFacts, probe: Probe, on_failure: Outcome) -> Check:
    """The answer to an anonymous request: 401, full access, or accepted but refused what it asks for.

    Newer servers answer 200 to the schema and omit what the caller may not see, so the node list counts as well;
    collections that are shown anyway are data for everyone.
    """
    on = weaviate_subject(facts, PROBE)
    field, expected = "GET /v1/meta without credentials", "401"
    if not probe.anonymous:
        schemes = f" (asks for {names(probe.schemes)})" if probe.schemes else ""
        return on.check(field, f"401{schemes}", expected, True)
    fix = "access.authenticate"
    if probe.restricted:
        refused = "the schema" if probe.schema_status == 403 else "the nodes"
        message = f"Anonymous callers are accepted; authorisation denies them {refused}"
        if not probe.collections:
            seen, message = f"200, and 403 for {refused}", f"{message}."
            return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)
        seen = f"200, and 403 for {refused}; {probe.collections} collections shown"
        message += f", but shows {count(probe.collections, 'collection')}."
        return on.check(field, seen, expected, False, message=message, on_failure=on_failure, fix=fix)
    by = _enabled_by(facts.weaviate) if auth.anonymous(facts.weaviate) else "seen at the running server"
    message = f"Anonymous access is on ({by}): Weaviate answered a request without credentials."
    return on.check(field, "200", expected, False, message=message, on_failure=on_failure, fix=fix)


def _enabled_by(weaviate: Workload) -> str:
    by_variable, config = weaviate.is_enabled(ANONYMOUS), weaviate.config
    if config is not None and config.authentication.anonymous_access.enabled:
        # The variable can only enable anonymous access; false does not override the file.
        ignored = by_variable is False and weaviate.env(ANONYMOUS).set
        return f"by {config.origin}" + ("; the variable set to false does not change that" if ignored else "")
    return f"by {ANONYMOUS}" if by_variable else "because no authentication method is selected"


def client_check(facts: ClusterFacts) -> list[Check]:
    """With OIDC, whether tokens that were issued to other applications are refused; [] where OIDC is off."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    if auth.method(weaviate, "oidc") is False:
        return []
    field, expected = f"env {auth.SKIP_CLIENT_ID}", "off, so that the client id of a token is checked"
    skipped = auth.accepts_tokens_of_other_clients(weaviate)
    if skipped is None:
        message = "Whether Weaviate checks for which application a token was issued (OIDC) could not be determined."
        source = weaviate_subject(facts, source_of(weaviate))
        return [source.unread(field, expected, why_unknown(weaviate), message=message, on_failure=PARTLY)]
    message = "Weaviate accepts every token of the identity provider, also those that were issued to other applications"
    message += f" ({auth.SKIP_CLIENT_ID} is on)."
    seen = "on" if skipped else "off"
    return [on.check(field, seen, expected, not skipped, message=message, on_failure=PARTLY)]


# --- the debug port, bindings, and the API --------------------------------------------------------


def debug_check(facts: ClusterFacts) -> Check:
    """Port 6060 is open unless profiling is disabled; whether it has endpoints depends on the version."""
    weaviate, version, on = facts.weaviate, facts.server_version, weaviate_subject(facts)
    field, expected = f"debug port {exposure.DEBUG_PORT}", "closed, or without endpoints"
    closed, enabled = weaviate.is_enabled("GO_PROFILING_DISABLE"), weaviate.is_enabled("DEBUG_ENDPOINTS_ENABLED")
    if closed:
        return on.check(field, "closed by GO_PROFILING_DISABLE", expected, True)
    gated = version.since(*DEBUG_GATED) if version is not None else None
    if closed is None or gated is None or (gated and enabled is None):
        message = f"Whether the debug port {exposure.DEBUG_PORT} answers could not be determined."
        reason = weaviate.env("DEBUG_ENDPOINTS_ENABLED").reason or Reason.NOT_OBSERVABLE
        return on.unread(field, expected, reason, message=message)
    if gated and enabled:
        message = f"The debug endpoints are on: port {exposure.DEBUG_PORT} answers anyone who reaches a pod."
        return on.check(field, "DEBUG_ENDPOINTS_ENABLED is on", expected, False, message=message, fix="access.debug")
    if gated:
        return on.check(field, f"without endpoints in {version}", expected, True)
    message = f"Weaviate {version} serves debug endpoints on port {exposure.DEBUG_PORT} to anyone who reaches a pod."
    seen, fix = f"open in {version}", "access.debug"
    return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)


def open_bindings(facts: ClusterFacts) -> list[Check]:
    """Permissions of callers without credentials and of everybody with some, other than those of every cluster."""
    field, expected = "permissions of everybody", "only those that every cluster has"
    checks = []
    for key, reason in grants.unread(facts).items():
        message = f"The permissions of unauthenticated callers of the Kubernetes API were not read ({key})."
        checks.append(weaviate_subject(facts, key).unread(field, expected, reason, message=message))
    for grant in grants.open_grants(facts):
        role, on = grant.binding.role_ref.name, Subject.of(grant.key, grant.binding)
        powerful, unread = grant.everything or role in POWERFUL, facts.missing(grant.source)
        if grant.rules is None and unread and not (powerful or grant.without_credentials):
            message = f"{on.ref.kind} {on.ref.name} gives {grant.subject} the role {role}, whose rules were not read."
            checks.append(Subject(on.ref, grant.source).unread(field, expected, unread, message=message))
            continue
        if not powerful and (grant.harmless or not (grant.without_credentials or grants.risks(grant.rules or ()))):
            continue
        where = f" in the namespace {on.ref.namespace}" if on.ref.namespace else ""
        message = f"{on.ref.kind} {on.ref.name} gives {grant.subject} the role {role}{where}."
        outcome, seen, fix = NOT_MET if powerful else PARTLY, f"role {role}{where}", "access.bindings"
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix))
    key = "clusterrolebindings"
    bindings = facts.objects(key)
    admins = sum(len(binding.subjects) for binding in bindings if binding.role_ref.name == "cluster-admin")
    return [*checks, Subject(Ref("ClusterRole", "cluster-admin"), key).info("subjects bound cluster-wide", admins)]


def api_settings(facts: ClusterFacts) -> list[Check]:
    """Informational: allowed origins, and the MCP server."""
    origin, on = facts.weaviate.env("CORS_ALLOW_ORIGIN"), weaviate_subject(facts)
    shown = origin.value if origin.known and origin.value else "* (default)"
    checks = [on.info("env CORS_ALLOW_ORIGIN", shown)]
    if facts.weaviate.is_enabled("MCP_SERVER_ENABLED"):
        checks.append(on.info("env MCP_SERVER_ENABLED", "on: /v1/mcp answers"))
    return checks


# --- authorisation --------------------------------------------------------------------------------


def why_unknown(weaviate: Workload) -> Reason:
    """Why a setting of the configuration file is unknown."""
    return weaviate.config_missing or Reason.NOT_OBSERVABLE


def source_of(weaviate: Workload) -> str:
    """The source that an unknown setting would have been read from."""
    return "configmaps" if weaviate.config_missing not in (None, Reason.NOT_OBSERVABLE) else workload_key(weaviate.kind)


def rbac_on(facts: ClusterFacts) -> bool | None:
    """Whether RBAC is on, by the file or a variable; servers before 1.28 have no RBAC. None where unknown."""
    weaviate, version = facts.weaviate, facts.server_version
    if version is not None and not version.since("1.28.0"):
        return False
    in_file = weaviate.config.authorization.rbac.enabled if weaviate.config else None
    return auth.any_enabled(weaviate, in_file, "AUTHORIZATION_RBAC_ENABLED", "AUTHORIZATION_ENABLE_RBAC")


def admin_list_on(weaviate: Workload) -> bool | None:
    """Whether the admin list is on, by the file or a variable. None where unknown."""
    in_file = weaviate.config.authorization.admin_list.enabled if weaviate.config else None
    return auth.any_enabled(weaviate, in_file, "AUTHORIZATION_ADMINLIST_ENABLED")
