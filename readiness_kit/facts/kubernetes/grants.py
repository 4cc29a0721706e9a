"""The RBAC bindings that include Weaviate's ServiceAccount, and what their roles permit.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ and
https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes.rbac_rules import ALL, ResourceRequest, allows_resource
from readiness_kit.kinds.access import PolicyRule, RoleBinding
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

BINDINGS = ("rolebindings", "clusterrolebindings")
FOR_EVERYBODY = frozenset(
    """
    system:public-info-viewer system:discovery system:basic-user system:service-account-issuer-discovery
    system:oauth-token-deleter system:webhook system:scope-impersonation system:image-puller
    """.split()
)
"""ClusterRoles that Kubernetes and OpenShift grant to everybody or to all ServiceAccounts by default."""
KUBEADM = ("kube-public", "kubeadm:bootstrap-signer-clusterinfo")
"""The Role by which kubeadm publishes the address and the CA certificate of the API server, with its namespace."""
AUTHENTICATED = "system:authenticated"
ANYBODY = frozenset({"system:unauthenticated", "system:anonymous"})
"""The group and the user of callers without credentials: what they may do, every pod may do as well."""
_READS, _WRITES = ("get", "list", "watch"), ("create", "update", "patch")
_RBAC = "rbac.authorization.k8s.io"
_WORKLOADS = {
    "": ("pods", "replicationcontrollers"),
    "apps": ("deployments", "statefulsets", "daemonsets", "replicasets"),
    "batch": ("jobs", "cronjobs"),
}
_REVIEWS = frozenset({"authorization.k8s.io", "authentication.k8s.io"})


class Grant(msgspec.Struct, frozen=True):
    """A binding that includes the account, or everybody.

    subject: by what it does, in words: `the account db`, `the group system:serviceaccounts`, `everybody …`
    direct:  whether it names the account itself
    rules:   those of the role; None where the role was not read or does not exist
    """

    key: str
    binding: RoleBinding
    subject: str
    direct: bool
    rules: tuple[PolicyRule, ...] | None

    @property
    def everything(self) -> bool:
        """Whether the role has full rights, in the cluster or in the namespace of the binding."""
        role = self.binding.role_ref
        is_admin = role.kind == "ClusterRole" and role.name == "cluster-admin"
        return is_admin or any(_is_everything(rule) for rule in self.rules or ())

    @property
    def source(self) -> str:
        """The list that has its role."""
        return "clusterroles" if self.binding.role_ref.kind == "ClusterRole" else "roles"

    @property
    def without_credentials(self) -> bool:
        """Whether callers without credentials have it."""
        return any(subject.name in ANYBODY for subject in self.binding.subjects)

    @property
    def harmless(self) -> bool:
        """Whether a group has no more by it than non-resource paths, reviews of itself, and named objects to read."""
        return not self.direct and self.rules is not None and all(map(_is_harmless, self.rules))


def grants(facts: ClusterFacts) -> Iterator[Grant]:
    """The bindings of the cluster and of all namespaces that include the account, without Kubernetes' own defaults."""
    namespace, account = facts.weaviate.namespace, facts.weaviate.service_account
    return _bindings(facts, lambda binding: _subject(binding, namespace, account))


def open_grants(facts: ClusterFacts) -> Iterator[Grant]:
    """The bindings for callers without credentials and for all with some, without Kubernetes' own defaults."""
    return _bindings(facts, lambda binding: (_everybody(binding), False))


def _bindings(facts: ClusterFacts, included: Callable[[RoleBinding], tuple[str, bool]]) -> Iterator[Grant]:
    rules = {
        **{("ClusterRole", "", role.metadata.name): role.rules for role in facts.objects("clusterroles")},
        **{("Role", role.metadata.namespace, role.metadata.name): role.rules for role in facts.objects("roles")},
    }
    for key in reversed(BINDINGS):
        for binding in facts.objects(key):
            role = binding.role_ref
            subject, direct = included(binding)
            if subject and not _is_default(binding):
                namespace = binding.metadata.namespace if role.kind == "Role" else ""
                yield Grant(key, binding, subject, direct, rules.get((role.kind, namespace, role.name)))


def _is_default(binding: RoleBinding) -> bool:
    role = binding.role_ref
    if role.kind == "ClusterRole":
        return role.name in FOR_EVERYBODY or role.name.startswith("system:openshift:")
    return (binding.metadata.namespace, role.name) == KUBEADM


def unread(facts: ClusterFacts) -> dict[str, Reason]:
    """The lists of bindings that are not completely known: refused, or read in some namespaces only."""
    found = {key: reason for key in BINDINGS if (reason := facts.missing(key)) is not None}
    if "rolebindings" not in found and facts.snapshot.read("rolebindings").namespaces:
        found["rolebindings"] = Reason.NOT_COLLECTED
    return found


def risks(rules: Iterable[PolicyRule]) -> list[str]:
    """The permissions by which a pod can take over others, in words; a rule for named objects counts as for all."""
    listed = [msgspec.structs.replace(rule, resource_names=()) for rule in rules]
    return [words for words, requests in _RISKS.items() if any(allows_resource(listed, each) for each in requests)]


def _requests(verbs: Iterable[str], group: str, *resources: str) -> tuple[ResourceRequest, ...]:
    """Each verb on each resource; a resource may have a subresource (`pods/exec`)."""
    parts = [resource.partition("/") for resource in resources]
    return tuple(ResourceRequest(verb, name, group, sub) for verb in verbs for name, _, sub in parts)


_RISKS: dict[str, tuple[ResourceRequest, ...]] = {
    "to read Secrets": _requests(_READS, "", "secrets"),
    "to run commands in pods": _requests(("create", "get"), "", "pods/exec", "pods/attach")
    + _requests(_WRITES, "", "pods/ephemeralcontainers"),
    "to create pods": tuple(
        request for group, resources in _WORKLOADS.items() for request in _requests(_WRITES, group, *resources)
    ),
    "to create tokens of other accounts": _requests(("create",), "", "serviceaccounts/token"),
    "to raise its own rights (escalate)": _requests(("escalate",), _RBAC, "roles", "clusterroles"),
    "to bind any role (bind)": _requests(("bind",), _RBAC, "roles", "clusterroles"),
    "to act as others (impersonate)": _requests(("impersonate",), "", "users", "groups", "serviceaccounts"),
    "to call the kubelets of the nodes": _requests((*_READS, "create"), "", "nodes/proxy"),
    "to change admission webhooks": _requests(
        _WRITES,
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
    ),
}


def _subject(binding: RoleBinding, namespace: str, account: str) -> tuple[str, bool]:
    """By what a binding includes the account, and whether it names it; ("", False) where it does not."""
    user = f"system:serviceaccount:{namespace}:{account}"
    groups = {"system:serviceaccounts", f"system:serviceaccounts:{namespace}"}
    found = _everybody(binding)
    for subject in binding.subjects:
        owner = (subject.namespace or binding.metadata.namespace, subject.name)
        if subject.kind == "ServiceAccount" and owner == (namespace, account):
            return f"the account {account}", True
        if subject.kind == "User" and subject.name == user:
            return f"the account {account}", True
        if subject.kind == "Group" and subject.name in groups:
            found = found or f"the group {subject.name}"
    return found, False


def _everybody(binding: RoleBinding) -> str:
    """The group or user of a binding that stands for everybody, in words; "" where it names none."""
    subjects = {subject.name for subject in binding.subjects if subject.kind in ("Group", "User")}
    if unauthenticated := sorted(subjects & ANYBODY):
        return f"everybody without credentials ({unauthenticated[0]})"
    return f"everybody with credentials ({AUTHENTICATED})" if AUTHENTICATED in subjects else ""


def _is_everything(rule: PolicyRule) -> bool:
    return ALL in rule.verbs and ALL in rule.resources and ALL in rule.api_groups and not rule.resource_names


def _is_harmless(rule: PolicyRule) -> bool:
    if not rule.resources:
        return True
    if set(rule.api_groups) <= _REVIEWS:
        return True
    return bool(rule.resource_names) and set(rule.verbs) <= set(_READS) and not risks([rule])
