"""Security: encryption, rights, containers, entry points, authorisation, network policies and secrets.

Kubernetes shows how things are set up, Weaviate's own API how they are: where both speak, the running server counts.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import Check, note, settled, to_finding, unread, want
from readiness_kit.evidence.conditions.identity import pod_security, roles, rotation, service_account
from readiness_kit.evidence.conditions.network import access, entry_points, mesh, network_policies, tls
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.weaviate import secrets
from readiness_kit.facts.weaviate.secrets import Use
from readiness_kit.locate import workload_key
from readiness_kit.model import Finding, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET, MET = Outcome.PARTLY, Outcome.NOT_MET, Outcome.MET


# --- Q22 ------------------------------------------------------------------------------------------

TLS = tuple(
    sorted(
        {
            *entry_points.READS, *mesh.READS, *DETECTOR_READS["gateway"],
            "configmaps", "certificates", "issuers", "clusterissuers", "weaviate/meta",
        }
    )
)  # fmt: skip


@evidence("sec.tls", reads=TLS, tolerates=TLS)
def encryption(facts: ClusterFacts, settings: Settings) -> Finding:
    """Four hops: to the edge, between the pods, to modules, to the object storage. No handshake is made."""
    checks = [
        *tls.edge_checks(facts),
        *tls.certificate_checks(facts, settings),
        *mesh.between_pods(facts),
        *tls.module_notes(facts),
        *tls.storage_checks(facts),
    ]
    checks = settled([*checks, *tls.handshake(facts, checks)])
    met = "Every way into Weaviate, and the traffic between its pods and to the object storage, is encrypted."
    return to_finding("sec.tls", checks, met=met)


# --- Q23 ------------------------------------------------------------------------------------------

PRIVILEGE = (*service_account.READS, "configmaps", "pods", "weaviate/probe", *roles.READS)


@evidence("sec.least_privilege", reads=PRIVILEGE, tolerates=PRIVILEGE)
def least_privilege(facts: ClusterFacts, settings: Settings) -> Finding:
    """The pods' account and its bindings, keys of a cloud, and who may do everything inside Weaviate."""
    weaviate = facts.weaviate
    checks = [
        *service_account.account_checks(facts),
        *service_account.binding_checks(facts),
        access.anonymous_check(facts, otherwise=NOT_MET),
    ]
    if roles.live(facts) or access.rbac_on(facts):
        checks += roles.privilege_checks(facts, settings)
    else:  # an admin list, or nothing at all: the same lines as for RBAC say it
        checks += roles.authoriser_checks(facts)
    checks = settled([*checks, *service_account.roles_around(facts)])
    met = f"The account {weaviate.service_account} has no rights, and few users may do everything in Weaviate."
    return to_finding("sec.least_privilege", checks, met=met)


# --- Q24 ------------------------------------------------------------------------------------------


@evidence("sec.container_defaults", reads=("pods", "namespaces"), tolerates=("pods", "namespaces"))
def container_defaults(facts: ClusterFacts, settings: Settings) -> Finding:
    """Every container of the pods against the restricted Pod Security Standard, and the namespace that enforces one."""
    checks = [*pod_security.pod_checks(facts), pod_security.admission(facts), pod_security.account(facts)]
    met = "No container of the Weaviate pods runs as root or may gain rights, and the namespace enforces that."
    return to_finding("sec.container_defaults", checks, met=met)


# --- Q25 ------------------------------------------------------------------------------------------


ACCESS = (
    *entry_points.READS,
    "configmaps",
    "pods",
    "networkpolicies",
    "namespaces",
    "daemonsets",
    "customresourcedefinitions",
    "clusterrolebindings",
    "weaviate/probe",
    "weaviate/meta",
)


@evidence("sec.access_limited", reads=ACCESS, tolerates=ACCESS)
def access_limited(facts: ClusterFacts, settings: Settings) -> Finding:
    """Entry points and who is let in at them. Who can reach the API server shows nowhere: met only with an answer."""
    checks = [
        access.anonymous_check(facts, otherwise=PARTLY),
        *access.entry_checks(facts),
        access.debug_check(facts),
        network_policies.coverage(facts, otherwise=PARTLY),
        *access.open_bindings(facts),
        *access.further(facts),
    ]
    ref, field, expected = (
        Ref("Service", "kubernetes", "default"),
        "who can reach the Kubernetes API",
        "few, by VPN or SSO",
    )
    say = "Who can reach the API server of Kubernetes does not show in the cluster: an answer has to say it."
    if any(check.outcome in (PARTLY, NOT_MET) for check in checks):
        # It keeps the question from being met, which something that was read does already.
        checks.append(note(ref, field, "cannot be seen from outside", "services", expected))
    else:
        checks.append(unread(ref, field, expected, Reason.NOT_OBSERVABLE, "", say=say))
    return to_finding("sec.access_limited", checks, met="")


# --- Q26 ------------------------------------------------------------------------------------------


RBAC = ("configmaps", "weaviate/probe", "weaviate/meta", *roles.READS)


@evidence("sec.rbac", reads=RBAC, tolerates=RBAC)
def rbac(facts: ClusterFacts, settings: Settings) -> Finding:
    """Callers are known, and roles limit them: by configuration, and by what the running server shows."""
    checks = [access.anonymous_check(facts, otherwise=NOT_MET), *roles.authoriser_checks(facts)]
    met = "RBAC is on with limited roles in use, and callers without credentials are turned away."
    return to_finding("sec.rbac", checks, met=met)


# --- Q27 ------------------------------------------------------------------------------------------


@evidence(
    "sec.network_policies",
    reads=(
        "networkpolicies",
        "pods",
        "namespaces",
        "daemonsets",
        "customresourcedefinitions",
        *network_policies.READ.values(),
    ),
    tolerates=("namespaces", "daemonsets", "customresourcedefinitions", *network_policies.READ.values()),
)
def restricted_network(facts: ClusterFacts, settings: Settings) -> Finding:
    """All pods selected, no port open to everybody, their own ports to themselves, egress, a plug-in that enforces."""
    covered = network_policies.coverage(facts)
    checks = [covered]
    if covered.outcome is MET:
        checks += [*network_policies.rules(facts), network_policies.egress(facts), network_policies.enforcement(facts)]
    checks += network_policies.further(facts)
    met = "NetworkPolicies limit who reaches each port of the Weaviate pods and what these reach, and are enforced."
    return to_finding("sec.network_policies", checks, met=met)


# --- Q28 ------------------------------------------------------------------------------------------


@evidence(
    "sec.secrets",
    reads=("configmaps", *DETECTOR_READS["secrets"]),
    tolerates=("configmaps", *DETECTOR_READS["secrets"]),
)
def secured_secrets(facts: ClusterFacts, settings: Settings) -> Finding:
    """No key in clear text in a variable or ConfigMap; and a vault, or encryption at rest, behind those in Secrets."""
    found = secrets.uses(facts.weaviate)
    checks = [*_variables(facts, found), _configuration(facts), *_store(facts)]
    met = "No secret stands in clear text, and what holds them is encrypted or a vault."
    return to_finding("sec.secrets", checks, met=met)


def _variables(facts: ClusterFacts, found: tuple[Use, ...]) -> list[Check]:
    """One line for each variable in clear text or of unknown source, one for all that come from Secrets."""
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    checks: list[Check] = []
    for use in found:
        field, expected = f"container {use.container}: env {use.name}", "from a Secret"
        if use.state == "literal":
            say = f"{use.name} stands in clear text in the {weaviate.kind} {weaviate.name}."
            checks.append(want(weaviate.ref, field, "a literal value (not kept)", expected, False, source, say=say))
        elif use.state == "config_map":
            say = f"{use.name} stands in clear text in a ConfigMap ({use.origin})."
            checks.append(want(weaviate.ref, field, f"from {use.origin}", expected, False, "configmaps", say=say))
        elif use.state == "unknown":
            say = f"Where {use.name} comes from was not read ({use.origin})."
            reason = use.reason or Reason.NOT_OBSERVABLE
            checks.append(unread(weaviate.ref, field, expected, reason, "configmaps", say=say))
    referred = [use for use in found if use.state == "secret"]
    if referred:
        seen = (
            f"{names({use.name for use in referred})} from {names({use.origin.partition(',')[0] for use in referred})}"
        )
        checks.append(want(weaviate.ref, "variables with a secret", seen, "from a Secret", True, source))
    checks += _hidden_sources(facts)
    return checks


def _hidden_sources(facts: ClusterFacts) -> list[Check]:
    """Variables that the pod spec does not show: from a ConfigMap that was not read, or set by a script at start."""
    weaviate = facts.weaviate
    checks: list[Check] = []
    for container in (*weaviate.spec.init_containers, *weaviate.spec.containers):
        for origin in container.env_from:
            reason = weaviate.config_map(origin.config_map_ref.name) if origin.config_map_ref else None
            if isinstance(reason, Reason) and origin.config_map_ref is not None:
                ref = Ref("ConfigMap", origin.config_map_ref.name, weaviate.namespace)
                say = f"ConfigMap {ref.name}, which gives variables to {container.name}, was not read."
                checks.append(unread(ref, "variables with a secret", "none", reason, "configmaps", say=say))
    if weaviate.env_from_file:
        say = "A script starts Weaviate and may set variables from a file that the pod spec does not show."
        ref, field = weaviate.ref, "variables set at the start"
        checks.append(
            unread(ref, field, "no secret in clear text", Reason.NOT_OBSERVABLE, workload_key(weaviate.kind), say=say)
        )
    return checks


def _configuration(facts: ClusterFacts) -> Check:
    """API keys under `authentication.apikey` of the chart's values end up in the ConfigMap, readable to many."""
    weaviate = facts.weaviate
    mapping, config_map, reason = secrets.config_mapping(weaviate)
    field, expected = "authentication.apikey.allowed_keys", "not in a ConfigMap"
    if reason is not None:
        say = "Weaviate's configuration file was not read, and API keys can stand in it in clear text."
        return unread(weaviate.ref, field, expected, reason, "configmaps", say=say)
    if mapping is None or config_map is None:
        return want(
            weaviate.ref, field, "no configuration file from a ConfigMap", expected, True, workload_key(weaviate.kind)
        )
    ref = Ref("ConfigMap", config_map.metadata.name, weaviate.namespace)
    clear = secrets.keys_in_clear(mapping)
    say = f"API keys stand in clear text in ConfigMap {ref.name}."
    return want(
        ref, field, "in clear text (not kept)" if clear else "not there", expected, not clear, "configmaps", say=say
    )


def _store(facts: ClusterFacts) -> list[Check]:
    """What is behind the Secrets: nothing more than Kubernetes keeps the question partly met."""
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    kept = secrets.secret_sources(weaviate.spec)
    signs = secrets.vaults(facts)
    encrypted = secrets.encrypted_at_rest(facts)
    field, expected = "where the secrets are kept", "a vault, or encrypted at rest"
    seen = names([*signs, *(["an API server with an encryption configuration"] if encrypted else [])])
    checks: list[Check] = []
    if seen or not kept:
        seen = seen or "no Kubernetes Secret is used"
        checks.append(want(weaviate.ref, field, seen, expected, True, source))
    else:
        say = (
            f"Secrets come from {agree(len(kept), 'the Kubernetes Secret', 'the Kubernetes Secrets')} {names(kept)}; "
            "whether they are encrypted at rest cannot be seen from here."
        )
        shown = f"Kubernetes Secrets {names(kept)}"
        checks.append(want(weaviate.ref, field, shown, expected, False, source, otherwise=PARTLY, say=say))
    tools = facts.detected("secrets", level=1)
    if tools:
        shown = names(one.tool for one in tools)
        checks.append(note(weaviate.ref, "tools that fill Secrets, installed", shown, tools[0].facts[0].source))
    return checks


# --- Q29 ------------------------------------------------------------------------------------------


@evidence("sec.secret_process", reads=rotation.READS, tolerates=rotation.READS)
def secret_process(facts: ClusterFacts, settings: Settings) -> Finding:
    """A process: only an answer decides. What is seen are hints at how secrets are renewed."""
    checks = rotation.hints(facts)
    sentence = "Only an answer says what happens after a secret leaks or a key is lost; the facts are hints."
    return to_finding("sec.secret_process", checks, met="", otherwise=sentence)
