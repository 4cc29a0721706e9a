"""Security: encryption, privileges, containers, entry points, authorisation, network policies and secrets.

Kubernetes shows the configuration, Weaviate's API the running server; where both are read, the running server decides.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, answer_needed, to_finding
from readiness_kit.evidence.conditions import start
from readiness_kit.evidence.conditions.identity import pod_security, roles, rotation, secrets, service_account
from readiness_kit.evidence.conditions.network import access, entry_points, mesh, network_policies, plugin_policies, tls
from readiness_kit.evidence.registry import evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET, MET = Outcome.PARTLY, Outcome.NOT_MET, Outcome.MET
TLS = tuple(sorted({"configmaps", "pods", "weaviate/meta", *entry_points.READS, *mesh.READS, *tls.READS}))
PRIVILEGE = (*service_account.READS, "configmaps", "pods", "weaviate/probe", *roles.READS)
ACCESS = (
    *entry_points.READS, "configmaps", "pods", "networkpolicies", "namespaces", "daemonsets", "endpointslices",
    "customresourcedefinitions", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "weaviate/probe",
    "weaviate/meta",
)  # fmt: skip
RBAC = ("configmaps", "weaviate/probe", "weaviate/meta", *roles.READS)
POLICY_CONTEXT = (
    "namespaces",
    "nodes",
    "daemonsets",
    "ciliumconfigs",
    "customresourcedefinitions",
    *plugin_policies.READ.values(),
)


@evidence("sec.tls", reads=TLS, tolerates=TLS)
def encryption(facts: ClusterFacts, settings: Settings) -> Finding:
    """Four hops: to the edge, between the pods, to modules, to the object storage. The kit makes no TLS handshake."""
    checks = [
        *tls.edge_checks(facts),
        *tls.certificate_checks(facts, settings),
        *mesh.between_pods(facts),
        *tls.module_checks(facts),
        *tls.storage_checks(facts),
    ]
    checks += tls.handshake(facts)
    met = "All entry points of Weaviate, the traffic between its pods and to the object storage are encrypted."
    return to_finding("sec.tls", checks, met=met)


@evidence("sec.least_privilege", reads=PRIVILEGE, tolerates=PRIVILEGE)
def least_privilege(facts: ClusterFacts, settings: Settings) -> Finding:
    """The service account of the pods and its bindings, cloud keys, and who has full rights in Weaviate."""
    checks = [
        *start.refusals(facts, "access"),
        *service_account.account_checks(facts),
        *service_account.binding_checks(facts),
        access.anonymous_check(facts, on_failure=NOT_MET),
    ]
    if roles.live(facts) or access.rbac_on(facts):
        checks += roles.privilege_checks(facts, settings)
    else:  # with an admin list, or without authorisation
        checks += roles.authoriser_checks(facts)
    checks += service_account.risky_roles(facts)
    account = facts.weaviate.service_account
    met = f"The service account {account} has no permissions, and few users have full rights in Weaviate."
    return to_finding("sec.least_privilege", checks, met=met)


@evidence("sec.container_defaults", reads=("pods", "namespaces"), tolerates=("pods", "namespaces"))
def container_defaults(facts: ClusterFacts, settings: Settings) -> Finding:
    """All containers against the restricted Pod Security Standard, and whether the namespace enforces a standard."""
    checks = [*pod_security.pod_checks(facts), pod_security.admission(facts), pod_security.fs_group(facts)]
    met = "No container of the Weaviate pods runs as root or can escalate privileges, and the namespace enforces this."
    return to_finding("sec.container_defaults", checks, met=met)


@evidence("sec.access_limited", reads=ACCESS, tolerates=ACCESS)
def access_limited(facts: ClusterFacts, settings: Settings) -> Finding:
    """Entry points and authentication. Who can reach the API server is not observable, so an answer is required."""
    checks = [
        *start.refusals(facts, "access"),
        access.anonymous_check(facts, on_failure=PARTLY),
        *access.client_check(facts),
        *access.entry_checks(facts),
        access.debug_check(facts),
        network_policies.coverage(facts, on_failure=PARTLY),
        *access.open_bindings(facts),
        *access.api_settings(facts),
    ]
    ref, field, expected = Ref("Service", "kubernetes", "default"), "access to the Kubernetes API", "few, by VPN or SSO"
    message = "Who can reach the Kubernetes API server cannot be read from the cluster; please answer."
    on, fix = Subject(ref, ""), "access.kubernetes_api"
    checks.append(on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix=fix))
    return to_finding("sec.access_limited", checks, met="")


@evidence("sec.rbac", reads=RBAC, tolerates=RBAC)
def rbac(facts: ClusterFacts, settings: Settings) -> Finding:
    """Callers authenticate, and roles limit them: by configuration, and as the running server shows."""
    checks = [
        *start.refusals(facts, "access"),
        access.anonymous_check(facts, on_failure=NOT_MET),
        *access.client_check(facts),
        *roles.authoriser_checks(facts),
    ]
    met = "RBAC is on with limited roles in use, and anonymous callers are rejected."
    return to_finding("sec.rbac", checks, met=met)


@evidence("sec.network_policies", reads=("networkpolicies", "pods", *POLICY_CONTEXT), tolerates=POLICY_CONTEXT)
def restricted_network(facts: ClusterFacts, settings: Settings) -> Finding:
    """All pods selected, no port open to everyone, cluster ports only among the pods, egress, and enforcement."""
    covered = network_policies.coverage(facts)
    checks = [covered]
    if covered.outcome in (MET, PARTLY):
        checks += [*network_policies.rules(facts), network_policies.egress(facts), network_policies.enforcement(facts)]
        checks += plugin_policies.may_widen(facts)
    if facts.missing(network_policies.SOURCE) is None:
        checks.append(network_policies.default_deny(facts))
    met = "NetworkPolicies limit who reaches each port of the Weaviate pods and what the pods reach, and are enforced."
    return to_finding("sec.network_policies", checks, met=met)


@evidence("sec.secrets", reads=secrets.READS, tolerates=secrets.READS)
def secured_secrets(facts: ClusterFacts, settings: Settings) -> Finding:
    """No secret in plain text in the pod template or a ConfigMap; Secrets from a vault or encrypted at rest.

    Not applicable where every place was read and no credential was found.
    """
    checks = secrets.checks(facts)
    if secrets.nothing_to_protect(facts) and not any(check.reason for check in checks):
        sentence = "Weaviate uses no credential: none was found in its pods, Secrets or configuration file."
        return Finding("sec.secrets", Outcome.NOT_APPLICABLE, sentence, tuple(checks))
    met = "No secret is stored in plain text, and secrets are kept in a vault or encrypted at rest."
    return to_finding("sec.secrets", checks, met=met)


@evidence("sec.secret_process", reads=rotation.READS, tolerates=rotation.READS)
def secret_process(facts: ClusterFacts, settings: Settings) -> Finding:
    """A process, which only an answer can confirm; the facts show how secrets are renewed."""
    failed = (
        "The procedure for leaked secrets cannot be read from the cluster; please answer. Facts are indicative only."
    )
    needed = answer_needed(facts, "procedure for leaked secrets", failed, fix="secrets.procedure")
    return to_finding("sec.secret_process", [*rotation.hints(facts), needed], met="", failed=failed)
