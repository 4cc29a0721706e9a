"""Permissions of the service account of the Weaviate pods in the Kubernetes API and in the cloud."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness_kit.evidence.checks import Subject, first_missing, weaviate_subject
from readiness_kit.evidence.conditions.network.access import BY_DEFAULT
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.access import PolicyRule, RoleBinding
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
BINDINGS = ("rolebindings", "clusterrolebindings")
READS = ("serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings")
STATIC_KEYS = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_CONNECTION_STRING", "GOOGLE_APPLICATION_CREDENTIALS",
)  # fmt: skip
CLOUD_IDENTITY = {
    "eks.amazonaws.com/role-arn": "an AWS role",
    "iam.gke.io/gcp-service-account": "a Google service account",
    "azure.workload.identity/client-id": "an Azure identity",
}
FOR_EVERY_ACCOUNT = BY_DEFAULT | {"system:image-puller"}
"""Roles that Kubernetes and OpenShift grant to service accounts by default."""


def _account(facts: ClusterFacts, source: str = "serviceaccounts") -> Subject:
    weaviate = facts.weaviate
    return Subject(Ref("ServiceAccount", weaviate.service_account, weaviate.namespace), source)


def account_checks(facts: ClusterFacts) -> list[Check]:
    """A dedicated account without a token, because Weaviate never calls the Kubernetes API; and cloud credentials."""
    on, name, namespace = weaviate_subject(facts), facts.weaviate.service_account, facts.weaviate.namespace
    message = f"The Weaviate pods use the default service account of {namespace}, which other pods use as well."
    field, expected, ok = "serviceAccountName", "a dedicated account", name != "default"
    dedicated = on.check(field, name, expected, ok, message=message, on_failure=PARTLY)
    return [dedicated, _token(facts), *_identity(facts)]


def _token(facts: ClusterFacts) -> Check:
    """The field of the pod decides, then that of the account; the token is mounted where neither disables it."""
    field, expected = "automountServiceAccountToken", "false"
    on, mounted = _account(facts), facts.weaviate.mounts_token
    if mounted is None:
        message = f"Whether the pods mount a Kubernetes API token depends on the unread account {on.ref.name}."
        reason = facts.missing("serviceaccounts") or Reason.NOT_OBSERVABLE
        return on.unread(field, expected, reason, message=message)
    if facts.weaviate.spec.automount_service_account_token is not None:
        on = weaviate_subject(facts)
    message = "The Weaviate pods mount a token for the Kubernetes API, which Weaviate never uses."
    seen = "true" if mounted else "false"
    return on.check(field, seen, expected, not mounted, message=message, on_failure=PARTLY)


def _identity(facts: ClusterFacts) -> Iterator[Check]:
    """Cloud keys in the environment, which override a cloud identity of the account."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    key = (weaviate.namespace, weaviate.service_account)
    accounts = facts.objects("serviceaccounts")
    account = next((a for a in accounts if (a.metadata.namespace, a.metadata.name) == key), None)
    annotations = account.metadata.annotations if account else {}
    identities = names(word for key, word in CLOUD_IDENTITY.items() if annotations.get(key))
    if identities:
        yield _account(facts).info("cloud identity", identities)
    values = {name: weaviate.env(name) for name in STATIC_KEYS}
    keys = names(name for name, value in values.items() if value.set)
    unclear = next((value for value in values.values() if value.set is None), None)
    field, expected = "static cloud keys", "none: an identity of the account"
    if unclear is not None and not keys:
        message = f"Whether static cloud keys are set in the environment was not read ({unclear.origin})."
        yield on.unread(field, expected, unclear.reason or Reason.NOT_OBSERVABLE, message=message)
    else:
        effect = f"override {identities} of the account" if identities else "use an identity of the account instead"
        message = f"Static cloud keys are set in the environment ({keys}){' and ' if identities else '; '}{effect}."
        yield on.check(field, keys or "none", expected, not keys, message=message, on_failure=PARTLY)


# --- permissions in the Kubernetes API ------------------------------------------------------------


class Grant(msgspec.Struct, frozen=True):
    """A binding that includes the account. `rules` is None where its role was not read or does not exist."""

    key: str
    binding: RoleBinding
    subject: str
    rules: tuple[PolicyRule, ...] | None


def binding_checks(facts: ClusterFacts) -> list[Check]:
    """One check a binding. None is needed; cluster-admin and a role with full rights are not met."""
    field, expected = "permissions in the Kubernetes API", "none"
    checks = [_grant(grant) for grant in grants(facts)]
    if missing := first_missing(facts, BINDINGS):
        key, reason = missing
        account = _account(facts, key)
        message = f"The Kubernetes API permissions of the account {account.ref.name} were not read ({key})."
        checks.append(account.unread(field, expected, reason, message=message))
    return checks or [_account(facts, "rolebindings").check(field, "none", expected, True)]


def grants(facts: ClusterFacts) -> Iterator[Grant]:
    """The bindings of the namespace and of the cluster that include the account, without those of every account."""
    namespace, account = facts.weaviate.namespace, facts.weaviate.service_account
    rules = {
        **{("ClusterRole", "", role.metadata.name): role.rules for role in facts.objects("clusterroles")},
        **{("Role", role.metadata.namespace, role.metadata.name): role.rules for role in facts.objects("roles")},
    }
    for key in reversed(BINDINGS):
        for binding in facts.objects(key):
            if key == "rolebindings" and binding.metadata.namespace != namespace:
                continue
            subject, role = _subject(binding, namespace, account), binding.role_ref
            if subject and not (role.name in FOR_EVERY_ACCOUNT or role.name.startswith("system:openshift:")):
                role_namespace = binding.metadata.namespace if role.kind == "Role" else ""
                yield Grant(key, binding, subject, rules.get((role.kind, role_namespace, role.name)))


def _subject(binding: RoleBinding, namespace: str, account: str) -> str:
    """The subject by which a binding includes the account, "" where it does not."""
    groups = {"system:serviceaccounts", f"system:serviceaccounts:{namespace}"}
    for subject in binding.subjects:
        owner = (subject.namespace or binding.metadata.namespace, subject.name)
        if subject.kind == "ServiceAccount" and owner == (namespace, account):
            return f"the account {account}"
        if subject.kind == "Group" and subject.name in groups:
            return f"the group {subject.name}"
        if subject.kind == "User" and subject.name == f"system:serviceaccount:{namespace}:{account}":
            return f"the account {account}"
    return ""


def _grant(grant: Grant) -> Check:
    role, on = grant.binding.role_ref, Subject.of(grant.key, grant.binding)
    field, expected = "roleRef", "no binding for Weaviate's account"
    gives = f"{on.ref.kind} {on.ref.name} gives {grant.subject} the role {role.name}"
    if role.name == "cluster-admin" or any(_is_everything(rule) for rule in grant.rules or ()):
        message = f"{gives}, which has full rights."
        return on.check(field, f"{role.kind} {role.name}: everything", expected, False, message=message)
    if grant.rules is None:
        source = "clusterroles" if role.kind == "ClusterRole" else "roles"
        message = f"{gives}, whose rules were not read."
        return Subject(on.ref, source).unread(field, expected, Reason.NOT_COLLECTED, message=message)
    risks = f" ({names(_risks(grant.rules))})" if _risks(grant.rules) else ""
    message = f"{gives}{risks}; Weaviate needs none."
    return on.check(field, f"{role.kind} {role.name}{risks}", expected, False, message=message, on_failure=PARTLY)


def _is_everything(rule: PolicyRule) -> bool:
    return "*" in rule.verbs and "*" in rule.resources and "*" in rule.api_groups


def _risks(rules: tuple[PolicyRule, ...]) -> set[str]:
    """The permissions by which a pod can take over others."""
    found = set()
    for rule in rules:
        if {"*", "pods/exec", "pods/attach"} & set(rule.resources) and {"*", "create", "get"} & set(rule.verbs):
            found.add("to run commands in pods")
        if {"*", "secrets"} & set(rule.resources) and {"*", "get", "list"} & set(rule.verbs):
            found.add("to read Secrets")
    return found


def risky_roles(facts: ClusterFacts) -> Iterator[Check]:
    """Informational: Roles of the namespace that permit reading Secrets or running commands in pods."""
    namespace = facts.weaviate.namespace
    for role in facts.objects("roles"):
        if role.metadata.namespace == namespace and (risks := _risks(role.rules)):
            yield Subject.of("roles", role).info("rules", f"allows {names(risks)}")
