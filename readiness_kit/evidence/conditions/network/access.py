"""Who can reach Weaviate, and who is let in: entry points, anonymous access, the debug port, open bindings."""

from __future__ import annotations

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.conditions.network import entry_points
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth, exposure
from readiness_kit.facts.weaviate.exposure import Entry
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.weaviate import Probe
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
PROBE = "weaviate/probe"
WAYS = tuple(key for key in entry_points.READS if key != "services")
_PLURALS = {"ingresses": "Ingresses"}
DEBUG_GATED = ("1.36.18", "1.37.9", "1.38.1")
"""From these releases on the debug port answers 404 unless DEBUG_ENDPOINTS_ENABLED is on."""
ANYBODY = frozenset({"system:anonymous", "system:unauthenticated"})
BY_DEFAULT = frozenset(
    """
    system:public-info-viewer system:discovery system:basic-user system:service-account-issuer-discovery
    system:oauth-token-deleter system:webhook system:scope-impersonation
    """.split()
)
"""Roles that Kubernetes and OpenShift give to callers without credentials by themselves."""
POWERFUL = frozenset({"cluster-admin", "admin", "edit"})
_REACH = {
    "public": "load balancer",
    "internal": "internal load balancer",
    "node": "ports of the nodes",
    "external": "external IPs",
    "cluster": "inside the cluster only",
}


def why_unknown(weaviate: Workload) -> Reason:
    return weaviate.config_missing or Reason.NOT_OBSERVABLE


def entry_checks(facts: ClusterFacts) -> list[Check]:
    """One line a Service or Ingress that leads to the pods. What is open to anybody fails where it reaches outside."""
    reason = facts.missing("services")
    known = anonymous(facts)
    checks: list[Check] = []
    if reason is not None:
        say = "The Services in front of Weaviate were not read."
        checks.append(unread(facts.weaviate.ref, "Services", "none open to the internet", reason, "services", say=say))
    checks += [_service(entry, known) for entry in exposure.entries(facts)]
    checks += _ways(facts, known)
    checks += _unauthenticated_ports(facts)
    return checks


def _service(entry: Entry, open_to_all: bool | None) -> Check:
    ref = Ref("Service", entry.name, entry.service.metadata.namespace)
    field, expected = "reached by", "inside the cluster, or an internal load balancer"
    at = f" at {names(entry.addresses)}" if entry.addresses else ""
    seen = f"{_REACH[entry.reach]}{at}"
    if entry.reach in ("public", "internal"):
        seen += f", sources {names(entry.sources)}" if entry.sources else ", any source"
    if not entry.outside:
        return want(ref, field, seen, expected, True, "services")
    if open_to_all:
        way = {"public": "a public load balancer", "internal": "an internal load balancer"}.get(
            entry.reach, _REACH[entry.reach]
        )
        say = f"Service {entry.name} brings callers without credentials in from outside the cluster, by {way}{at}."
        return want(ref, field, seen, expected, False, "services", say=say)
    fine = entry.reach == "internal" or (entry.reach == "public" and entry.limited)
    say = f"Service {entry.name} can be reached from outside by {_REACH[entry.reach]}{at}, from any address."
    return want(ref, field, seen, expected, fine, "services", otherwise=PARTLY, say=say)


def _ways(facts: ClusterFacts, open_to_all: bool | None) -> list[Check]:
    """Ingresses and routes. They limit nobody by themselves, so they fail where anybody is let in."""
    checks = [_way(way, open_to_all) for way in entry_points.ways(facts)]
    lost = next((key for key in WAYS if facts.missing(key) is not None), "")
    if lost:
        what = _PLURALS.get(lost, lost)
        say = f"The {what} in front of Weaviate were not read."
        reason = facts.missing(lost) or Reason.NOT_COLLECTED
        checks.append(unread(facts.weaviate.ref, what, "none for callers without credentials", reason, lost, say=say))
    return checks


def _way(way: entry_points.Way, open_to_all: bool | None) -> Check:
    word, hosts = f"{way.ref.kind} {way.ref.name}", names(way.hosts)
    if not open_to_all:
        return note(way.ref, "hosts", hosts, way.key)
    say = f"{word} brings callers without credentials in from outside the cluster, at {hosts}."
    return want(way.ref, "hosts", hosts, "only with authentication", False, way.key, say=say)


def _unauthenticated_ports(facts: ClusterFacts) -> list[Check]:
    """Metrics and the traffic between the pods ask for no credentials, so no outside Service may carry them."""
    weaviate = facts.weaviate
    rest, grpc = exposure.api_ports(weaviate)
    checks = []
    for entry in exposure.entries(facts):
        others = [port for port in entry.ports if port not in (rest, grpc)]
        if entry.outside and others:
            ref = Ref("Service", entry.name, entry.service.metadata.namespace)
            shown = names(map(str, others))
            say = f"Service {entry.name} also opens port {shown} to the outside, which asks for no credentials."
            checks.append(
                want(ref, "ports beside the API", shown, "none", False, "services", otherwise=PARTLY, say=say)
            )
    return checks


def anonymous(facts: ClusterFacts) -> bool | None:
    """Whether callers without credentials are let in: as the running server says, else as it is configured."""
    probe = facts.answer(PROBE)
    told: bool | None = probe.anonymous if probe is not None else None
    return auth.anonymous(facts.weaviate) if told is None else told


def anonymous_check(facts: ClusterFacts, *, otherwise: Outcome) -> Check:
    """Whether callers without credentials are let in, and by what. A live answer beats any configuration."""
    weaviate = facts.weaviate
    probe = facts.answer(PROBE)
    if probe is not None and probe.anonymous is not None:
        return _probed(facts, probe, otherwise)
    value = auth.anonymous(weaviate)
    field, expected, source = "anonymous access", "off", workload_key(weaviate.kind)
    if value is None:
        say = "Whether Weaviate lets in callers without credentials cannot be told from what was read."
        return unread(weaviate.ref, field, expected, why_unknown(weaviate), source_of(weaviate), say=say)
    seen = f"on ({_switched_on_by(weaviate)})" if value else "off"
    say = f"Anonymous access is {seen}: whoever reaches Weaviate may read, change and delete data."
    return want(weaviate.ref, field, seen, expected, not value, source, otherwise=otherwise, say=say)


def _probed(facts: ClusterFacts, probe: Probe, otherwise: Outcome) -> Check:
    """What the server told a caller without credentials: 401, in with all rights, or in but refused what it asks.

    Newer servers answer 200 to the schema and leave out what a caller may not see, so the node list tells as well; and
    collections that were shown after all are data for everybody.
    """
    ref, field, expected = facts.weaviate.ref, "GET /v1/meta without credentials", "401"
    if not probe.anonymous:
        ways = f" (asks for {names(probe.schemes)})" if probe.schemes else ""
        return want(ref, field, f"401{ways}", expected, True, PROBE)
    if probe.restricted:
        refused = "the schema" if probe.schema_status == 403 else "the nodes"
        seen = f"200, and 403 for {refused}" + (f"; {probe.collections} collections shown" if probe.collections else "")
        if not probe.collections:
            say = f"Callers without credentials are let in; an authoriser keeps {refused} from them."
            return want(ref, field, seen, expected, False, PROBE, otherwise=PARTLY, say=say)
        say = (
            f"Callers without credentials are let in: an authoriser keeps {refused} from them,"
            f" and {probe.collections} {'collection' if probe.collections == 1 else 'collections'} not."
        )
        return want(ref, field, seen, expected, False, PROBE, otherwise=otherwise, say=say)
    by = _switched_on_by(facts.weaviate) if auth.anonymous(facts.weaviate) else "seen at the running server"
    say = f"Anonymous access is on ({by}): Weaviate answered a caller without credentials."
    return want(ref, field, "200", expected, False, PROBE, otherwise=otherwise, say=say)


def source_of(weaviate: Workload) -> str:
    return "configmaps" if weaviate.config_missing not in (None, Reason.NOT_OBSERVABLE) else workload_key(weaviate.kind)


def _switched_on_by(weaviate: Workload) -> str:
    config = weaviate.config
    if config is not None and config.authentication.anonymous_access.enabled:
        # The variable only ever switches it on, so "false" there would be a false comfort.
        vain = (
            weaviate.is_enabled("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED") is False
            and weaviate.env("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED").set
        )
        return f"by {config.origin}" + ("; the variable set to false does not change that" if vain else "")
    if weaviate.is_enabled("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"):
        return "by AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"
    return "because no authentication method is selected"


def debug_check(facts: ClusterFacts) -> Check:
    """Port 6060 is bound unless profiling is disabled; what it answers depends on the version."""
    weaviate = facts.weaviate
    ref, field, source = weaviate.ref, f"debug port {exposure.DEBUG_PORT}", workload_key(weaviate.kind)
    expected = "closed, or without endpoints"
    closed = weaviate.is_enabled("GO_PROFILING_DISABLE")
    if closed:
        return want(ref, field, "closed by GO_PROFILING_DISABLE", expected, True, source)
    version, switch = facts.server_version, weaviate.is_enabled("DEBUG_ENDPOINTS_ENABLED")
    gated = version.since(*DEBUG_GATED) if version is not None else None
    if closed is None or gated is None or (gated and switch is None):
        say = f"Whether the debug port {exposure.DEBUG_PORT} answers cannot be told from what was read."
        reason = weaviate.env("DEBUG_ENDPOINTS_ENABLED").reason or Reason.NOT_OBSERVABLE
        return unread(ref, field, expected, reason, source, say=say)
    if gated and switch:
        say = f"The debug endpoints are on: port {exposure.DEBUG_PORT} answers anybody who reaches a pod."
        return want(ref, field, "DEBUG_ENDPOINTS_ENABLED is on", expected, False, source, say=say)
    if gated:
        return want(ref, field, f"without endpoints in {version}", expected, True, source)
    say = f"Weaviate {version} serves its debug endpoints on port {exposure.DEBUG_PORT} to whoever reaches a pod."
    return want(ref, field, f"open in {version}", expected, False, source, otherwise=PARTLY, say=say)


def open_bindings(facts: ClusterFacts) -> list[Check]:
    """Rights in the cluster for callers without credentials, beyond those that every cluster has."""
    reason = facts.missing("clusterrolebindings")
    field, expected = "rights of callers without credentials", "only those that every cluster has"
    if reason is not None:
        say = "The ClusterRoleBindings were not read."
        return [unread(facts.weaviate.ref, field, expected, reason, "clusterrolebindings", say=say)]
    checks, admins = [], 0
    for binding in facts.objects("clusterrolebindings"):
        role = binding.role_ref.name
        admins += len(binding.subjects) if role == "cluster-admin" else 0
        if (
            not any(one.name in ANYBODY for one in binding.subjects)
            or role in BY_DEFAULT
            or role.startswith("system:openshift:")
        ):
            continue
        ref = Ref("ClusterRoleBinding", binding.metadata.name)
        outcome = NOT_MET if role in POWERFUL else PARTLY
        say = (
            f"ClusterRoleBinding {ref.name} gives the role {role} to callers of the Kubernetes API without credentials."
        )
        checks.append(
            want(ref, field, f"role {role}", expected, False, "clusterrolebindings", otherwise=outcome, say=say)
        )
    who = Ref("ClusterRole", "cluster-admin")
    checks.append(note(who, "subjects bound cluster-wide", admins, "clusterrolebindings"))
    return checks


def further(facts: ClusterFacts) -> list[Check]:
    """For the reader: what else answers at the API."""
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    origin = weaviate.env("CORS_ALLOW_ORIGIN")
    checks = [
        note(
            weaviate.ref,
            "env CORS_ALLOW_ORIGIN",
            origin.value if origin.known and origin.value else "* (default)",
            source,
        )
    ]
    if weaviate.is_enabled("MCP_SERVER_ENABLED"):
        checks.append(note(weaviate.ref, "env MCP_SERVER_ENABLED", "on: /v1/mcp answers", source))
    return checks


# --- authorisation --------------------------------------------------------------------------------


def rbac_on(facts: ClusterFacts) -> bool | None:
    """RBAC by file or variable; a server before 1.28 knows none."""
    weaviate, version = facts.weaviate, facts.server_version
    if version is not None and not version.since("1.28.0"):
        return False
    config = weaviate.config
    in_file = config.authorization.rbac.enabled if config else None
    return auth.any_enabled(weaviate, in_file, "AUTHORIZATION_RBAC_ENABLED", "AUTHORIZATION_ENABLE_RBAC")


def admin_list_on(weaviate: Workload) -> bool | None:
    config = weaviate.config
    return auth.any_enabled(
        weaviate, config.authorization.admin_list.enabled if config else None, "AUTHORIZATION_ADMINLIST_ENABLED"
    )
