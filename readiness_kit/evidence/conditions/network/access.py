"""Who can reach Weaviate, and who is let in: entry points, anonymous access, the debug port, open bindings."""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.network import entry_points
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import exposure
from readiness_kit.facts.kubernetes.exposure import Entry
from readiness_kit.facts.weaviate import auth
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.weaviate import Probe
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref

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
        message = "The Services in front of Weaviate were not read."
        checks.append(
            weaviate_subject(facts, "services").unread("Services", "none open to the internet", reason, message=message)
        )
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
    on = Subject(ref, "services")
    if not entry.outside:
        return on.check(field, seen, expected, True)
    if open_to_all:
        way = {"public": "a public load balancer", "internal": "an internal load balancer"}.get(
            entry.reach, _REACH[entry.reach]
        )
        message = f"Service {entry.name} brings callers without credentials in from outside the cluster, by {way}{at}."
        return on.check(field, seen, expected, False, message=message)
    fine = entry.reach == "internal" or (entry.reach == "public" and entry.limited)
    message = f"Service {entry.name} can be reached from outside by {_REACH[entry.reach]}{at}, from any address."
    return on.check(field, seen, expected, fine, message=message, on_failure=PARTLY)


def _ways(facts: ClusterFacts, open_to_all: bool | None) -> list[Check]:
    """Ingresses and routes. They limit nobody by themselves, so they fail where anybody is let in."""
    checks = [_way(way, open_to_all) for way in entry_points.ways(facts)]
    lost = next((key for key in WAYS if facts.missing(key) is not None), "")
    if lost:
        what = _PLURALS.get(lost, lost)
        message = f"The {what} in front of Weaviate were not read."
        reason = facts.missing(lost) or Reason.NOT_COLLECTED
        checks.append(
            weaviate_subject(facts, lost).unread(what, "none for callers without credentials", reason, message=message)
        )
    return checks


def _way(way: entry_points.Way, open_to_all: bool | None) -> Check:
    word, hosts = f"{way.ref.kind} {way.ref.name}", names(way.hosts)
    on = Subject(way.ref, way.key)
    if not open_to_all:
        return on.info("hosts", hosts)
    message = f"{word} brings callers without credentials in from outside the cluster, at {hosts}."
    return on.check("hosts", hosts, "only with authentication", False, message=message)


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
            message = f"Service {entry.name} also opens port {shown} to the outside, which asks for no credentials."
            checks.append(
                Subject(ref, "services").check(
                    "ports beside the API", shown, "none", False, message=message, on_failure=PARTLY
                )
            )
    return checks


def anonymous(facts: ClusterFacts) -> bool | None:
    """Whether callers without credentials are let in: as the running server says, else as it is configured."""
    probe = facts.answer(PROBE)
    told: bool | None = probe.anonymous if probe is not None else None
    return facts.weaviate.anonymous() if told is None else told


def anonymous_check(facts: ClusterFacts, *, on_failure: Outcome) -> Check:
    """Whether callers without credentials are let in, and by what. A live answer beats any configuration."""
    weaviate = facts.weaviate
    probe = facts.answer(PROBE)
    if probe is not None and probe.anonymous is not None:
        return _probed(facts, probe, on_failure)
    value = weaviate.anonymous()
    field, expected = "anonymous access", "off"
    if value is None:
        message = "Whether Weaviate lets in callers without credentials cannot be told from what was read."
        return weaviate_subject(facts, source_of(weaviate)).unread(
            field, expected, why_unknown(weaviate), message=message
        )
    seen = f"on ({_switched_on_by(weaviate)})" if value else "off"
    message = f"Anonymous access is {seen}: whoever reaches Weaviate may read, change and delete data."
    return weaviate_subject(facts).check(field, seen, expected, not value, message=message, on_failure=on_failure)


def _probed(facts: ClusterFacts, probe: Probe, on_failure: Outcome) -> Check:
    """What the server told a caller without credentials: 401, in with all rights, or in but refused what it asks.

    Newer servers answer 200 to the schema and leave out what a caller may not see, so the node list tells as well; and
    collections that were shown after all are data for everybody.
    """
    field, expected = "GET /v1/meta without credentials", "401"
    on = weaviate_subject(facts, PROBE)
    if not probe.anonymous:
        ways = f" (asks for {names(probe.schemes)})" if probe.schemes else ""
        return on.check(field, f"401{ways}", expected, True)
    if probe.restricted:
        refused = "the schema" if probe.schema_status == 403 else "the nodes"
        seen = f"200, and 403 for {refused}" + (f"; {probe.collections} collections shown" if probe.collections else "")
        if not probe.collections:
            message = f"Callers without credentials are let in; an authoriser keeps {refused} from them."
            return on.check(field, seen, expected, False, message=message, on_failure=PARTLY)
        message = (
            f"Callers without credentials are let in: an authoriser keeps {refused} from them,"
            f" and {probe.collections} {'collection' if probe.collections == 1 else 'collections'} not."
        )
        return on.check(field, seen, expected, False, message=message, on_failure=on_failure)
    by = _switched_on_by(facts.weaviate) if facts.weaviate.anonymous() else "seen at the running server"
    message = f"Anonymous access is on ({by}): Weaviate answered a caller without credentials."
    return on.check(field, "200", expected, False, message=message, on_failure=on_failure)


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
    field = f"debug port {exposure.DEBUG_PORT}"
    expected = "closed, or without endpoints"
    closed = weaviate.is_enabled("GO_PROFILING_DISABLE")
    on = weaviate_subject(facts)
    if closed:
        return on.check(field, "closed by GO_PROFILING_DISABLE", expected, True)
    version, switch = facts.server_version, weaviate.is_enabled("DEBUG_ENDPOINTS_ENABLED")
    gated = version.since(*DEBUG_GATED) if version is not None else None
    if closed is None or gated is None or (gated and switch is None):
        message = f"Whether the debug port {exposure.DEBUG_PORT} answers cannot be told from what was read."
        reason = weaviate.env("DEBUG_ENDPOINTS_ENABLED").reason or Reason.NOT_OBSERVABLE
        return on.unread(field, expected, reason, message=message)
    if gated and switch:
        message = f"The debug endpoints are on: port {exposure.DEBUG_PORT} answers anybody who reaches a pod."
        return on.check(field, "DEBUG_ENDPOINTS_ENABLED is on", expected, False, message=message)
    if gated:
        return on.check(field, f"without endpoints in {version}", expected, True)
    message = f"Weaviate {version} serves its debug endpoints on port {exposure.DEBUG_PORT} to whoever reaches a pod."
    return on.check(field, f"open in {version}", expected, False, message=message, on_failure=PARTLY)


def open_bindings(facts: ClusterFacts) -> list[Check]:
    """Rights in the cluster for callers without credentials, beyond those that every cluster has."""
    reason = facts.missing("clusterrolebindings")
    field, expected = "rights of callers without credentials", "only those that every cluster has"
    if reason is not None:
        message = "The ClusterRoleBindings were not read."
        return [weaviate_subject(facts, "clusterrolebindings").unread(field, expected, reason, message=message)]
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
        message = (
            f"ClusterRoleBinding {ref.name} gives the role {role} to callers of the Kubernetes API without credentials."
        )
        checks.append(
            Subject(ref, "clusterrolebindings").check(
                field, f"role {role}", expected, False, message=message, on_failure=outcome
            )
        )
    who = Ref("ClusterRole", "cluster-admin")
    checks.append(Subject(who, "clusterrolebindings").info("subjects bound cluster-wide", admins))
    return checks


def further(facts: ClusterFacts) -> list[Check]:
    """For the reader: what else answers at the API."""
    weaviate = facts.weaviate
    origin = weaviate.env("CORS_ALLOW_ORIGIN")
    on = weaviate_subject(facts)
    checks = [on.info("env CORS_ALLOW_ORIGIN", origin.value if origin.known and origin.value else "* (default)")]
    if weaviate.is_enabled("MCP_SERVER_ENABLED"):
        checks.append(on.info("env MCP_SERVER_ENABLED", "on: /v1/mcp answers"))
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
