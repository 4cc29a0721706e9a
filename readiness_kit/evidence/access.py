"""Who can reach Weaviate, and who is let in: entry points, anonymous access, the debug port, open bindings."""

from __future__ import annotations

from readiness_kit.evidence.framework import Check, note, unread, want, workload_key
from readiness_kit.evidence.wording import names
from readiness_kit.facts import Facts, auth, exposure
from readiness_kit.facts.exposure import Entry
from readiness_kit.facts.workload import Workload
from readiness_kit.model import Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
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


def entry_checks(facts: Facts) -> list[Check]:
    """One line a Service or Ingress that leads to the pods. What is open to anybody fails where it reaches outside."""
    reason = facts.missing("services")
    anonymous = facts.weaviate.anonymous()
    checks: list[Check] = []
    if reason is not None:
        say = "The Services in front of Weaviate were not read."
        checks.append(unread(facts.weaviate.ref, "Services", "none open to the internet", reason, "services", say=say))
    checks += [_service(entry, anonymous) for entry in exposure.entries(facts)]
    checks += _ingresses(facts, anonymous)
    checks += _unauthenticated_ports(facts)
    return checks


def _service(entry: Entry, anonymous: bool | None) -> Check:
    ref = Ref("Service", entry.name, entry.service.metadata.namespace)
    field, expected = "reached by", "inside the cluster, or an internal load balancer"
    at = f" at {names(entry.addresses)}" if entry.addresses else ""
    seen = f"{_REACH[entry.reach]}{at}"
    if entry.reach in ("public", "internal"):
        seen += f", sources {names(entry.sources)}" if entry.sources else ", any source"
    if not entry.outside:
        return want(ref, field, seen, expected, True, "services")
    if anonymous:
        way = {"public": "a public load balancer", "internal": "an internal load balancer"}.get(
            entry.reach, _REACH[entry.reach]
        )
        say = f"Service {entry.name} brings callers without credentials in from outside the cluster, by {way}{at}."
        return want(ref, field, seen, expected, False, "services", say=say)
    fine = entry.reach == "internal" or (entry.reach == "public" and entry.limited)
    say = f"Service {entry.name} can be reached from outside by {_REACH[entry.reach]}{at}, from any address."
    return want(ref, field, seen, expected, fine, "services", otherwise=PARTLY, say=say)


def _ingresses(facts: Facts, anonymous: bool | None) -> list[Check]:
    reason = facts.missing("ingresses")
    if reason is not None:
        say = "The Ingresses in front of Weaviate were not read."
        return [
            unread(
                facts.weaviate.ref, "Ingresses", "none for callers without credentials", reason, "ingresses", say=say
            )
        ]
    checks = []
    for ingress, hosts in exposure.ingresses(facts):
        ref = Ref("Ingress", ingress.metadata.name, ingress.metadata.namespace)
        if anonymous:
            say = (
                f"Ingress {ref.name} brings callers without credentials in from outside the cluster, at {names(hosts)}."
            )
            checks.append(want(ref, "hosts", names(hosts), "only with authentication", False, "ingresses", say=say))
        else:
            checks.append(note(ref, "hosts", names(hosts), "ingresses"))
    return checks


def _unauthenticated_ports(facts: Facts) -> list[Check]:
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


def anonymous_check(facts: Facts, *, otherwise: Outcome) -> Check:
    """Whether callers without credentials are let in, and by what."""
    weaviate = facts.weaviate
    value = weaviate.anonymous()
    field, expected, source = "anonymous access", "off", workload_key(weaviate.kind)
    if value is None:
        say = "Whether Weaviate lets in callers without credentials cannot be told from what was read."
        return unread(weaviate.ref, field, expected, why_unknown(weaviate), _source_of(weaviate), say=say)
    seen = f"on ({_switched_on_by(weaviate)})" if value else "off"
    say = f"Anonymous access is {seen}: whoever reaches Weaviate may read, change and delete data."
    return want(weaviate.ref, field, seen, expected, not value, source, otherwise=otherwise, say=say)


def _source_of(weaviate: Workload) -> str:
    return "configmaps" if weaviate.config_missing not in (None, Reason.NOT_OBSERVABLE) else workload_key(weaviate.kind)


def _switched_on_by(weaviate: Workload) -> str:
    config = weaviate.config
    if config is not None and config.authentication.anonymous_access.enabled:
        # The variable only ever switches it on, so "false" there would be a false comfort.
        vain = (
            weaviate.truthy("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED") is False
            and weaviate.env("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED").set
        )
        return f"by {config.origin}" + ("; the variable set to false does not change that" if vain else "")
    if weaviate.truthy("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"):
        return "by AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"
    return "because no authentication method is selected"


def debug_check(facts: Facts) -> Check:
    """Port 6060 is bound unless profiling is disabled; what it answers depends on the version."""
    weaviate = facts.weaviate
    ref, field, source = weaviate.ref, f"debug port {exposure.DEBUG_PORT}", workload_key(weaviate.kind)
    expected = "closed, or without endpoints"
    closed = weaviate.truthy("GO_PROFILING_DISABLE")
    if closed:
        return want(ref, field, "closed by GO_PROFILING_DISABLE", expected, True, source)
    version, switch = weaviate.version, weaviate.truthy("DEBUG_ENDPOINTS_ENABLED")
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


def open_bindings(facts: Facts) -> list[Check]:
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


def further(facts: Facts) -> list[Check]:
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
    if weaviate.truthy("MCP_SERVER_ENABLED"):
        checks.append(note(weaviate.ref, "env MCP_SERVER_ENABLED", "on: /v1/mcp answers", source))
    return checks


# --- authorisation --------------------------------------------------------------------------------


def rbac_on(weaviate: Workload) -> bool | None:
    """RBAC by file or variable; a server before 1.28 knows none."""
    if weaviate.version is not None and not weaviate.version.since("1.28.0"):
        return False
    config = weaviate.config
    in_file = config.authorization.rbac.enabled if config else None
    return auth.either(weaviate, in_file, "AUTHORIZATION_RBAC_ENABLED", "AUTHORIZATION_ENABLE_RBAC")


def admin_list_on(weaviate: Workload) -> bool | None:
    config = weaviate.config
    return auth.either(
        weaviate, config.authorization.admin_list.enabled if config else None, "AUTHORIZATION_ADMINLIST_ENABLED"
    )


def authoriser_checks(facts: Facts) -> list[Check]:
    """What limits a caller who is let in: roles, a list of administrators, or nothing."""
    weaviate = facts.weaviate
    rbac, listed = rbac_on(weaviate), admin_list_on(weaviate)
    ref, field, expected, source = weaviate.ref, "authorisation", "RBAC", workload_key(weaviate.kind)
    if rbac:
        return [want(ref, field, "RBAC", expected, True, source), *_roles(facts)]
    if listed:  # the server refuses to start with both, so a list in force is an answer about RBAC as well
        say = "An admin list is in use: users are administrators or readers, nothing in between."
        return [want(ref, field, "admin list", expected, False, source, otherwise=PARTLY, say=say)]
    if rbac is None or listed is None:
        say = "Whether Weaviate authorises by roles cannot be told from what was read."
        return [unread(ref, field, expected, why_unknown(weaviate), _source_of(weaviate), say=say)]
    say = "Neither RBAC nor an admin list is on: every key or login may do everything."
    return [want(ref, field, "none", expected, False, source, say=say)]


def _roles(facts: Facts) -> list[Check]:
    """Whether scoped roles are in use is Weaviate's to tell; that everybody is root shows in the configuration."""
    weaviate = facts.weaviate
    roots = _listed(weaviate, "AUTHORIZATION_RBAC_ROOT_USERS", "AUTHORIZATION_ADMIN_USERS") | _in_file(weaviate)
    users = _listed(weaviate, "AUTHENTICATION_APIKEY_USERS") | _users_in_file(weaviate)
    field, source = "users who are root", workload_key(weaviate.kind)
    only_keys = auth.method(weaviate, "oidc") is False and auth.method(weaviate, "db_users") is False
    if only_keys and users and users <= roots:
        say = f"RBAC is on, but every user with a key is root: {names(users)}."
        return [
            want(weaviate.ref, field, f"all of {names(users)}", "not all", False, source, otherwise=PARTLY, say=say)
        ]
    shown = f"{names(roots) or 'none named'} (users with a key: {names(users) or 'not listed here'})"
    reason = facts.missing("weaviate/authz/roles") or Reason.NOT_COLLECTED
    say = "RBAC is on; the roles and who holds them were not read from Weaviate."
    return [
        note(weaviate.ref, field, shown, source),
        unread(weaviate.ref, "scoped roles in use", "1 or more", reason, "weaviate/authz/roles", say=say),
    ]


def _listed(weaviate: Workload, *variables: str) -> set[str]:
    found: set[str] = set()
    for name in variables:
        value = weaviate.env(name)
        if value.known:
            found |= {part.strip() for part in value.value.split(",") if part.strip()}
    return found


def _in_file(weaviate: Workload) -> set[str]:
    return set(weaviate.config.authorization.rbac.root_users) if weaviate.config else set()


def _users_in_file(weaviate: Workload) -> set[str]:
    return set(weaviate.config.authentication.apikey.users) if weaviate.config else set()
