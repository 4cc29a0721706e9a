"""What Weaviate's own identity may do in Kubernetes and in the cloud."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.network.access import BY_DEFAULT
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.access import PolicyRule, RoleBinding
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
READS = ("serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings")
STATIC_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "GOOGLE_APPLICATION_CREDENTIALS",
)
CLOUD_IDENTITY = {
    "eks.amazonaws.com/role-arn": "an AWS role",
    "iam.gke.io/gcp-service-account": "a Google service account",
    "azure.workload.identity/client-id": "an Azure identity",
}
FOR_EVERY_ACCOUNT = BY_DEFAULT | {"system:image-puller"}
"""Roles that Kubernetes and OpenShift give to service accounts by themselves."""


def account_checks(facts: ClusterFacts) -> list[Check]:
    """An account of its own, without a token: Weaviate never calls the Kubernetes API."""
    weaviate = facts.weaviate
    name = weaviate.service_account
    message = f"The Weaviate pods run under the account {name}, which every other pod of {weaviate.namespace} has too."
    own = weaviate_subject(facts).check(
        "serviceAccountName", name, "an account of its own", name != "default", message=message, on_failure=PARTLY
    )
    return [own, _token(facts), *_identity(facts)]


def _token(facts: ClusterFacts) -> Check:
    """The pod's field first, then the account's; mounted where neither says no."""
    weaviate = facts.weaviate
    field, expected = "automountServiceAccountToken", "false"
    ref = Ref("ServiceAccount", weaviate.service_account, weaviate.namespace)
    mounted = weaviate.mounts_token
    if mounted is None:
        message = f"Whether the pods get a token for the Kubernetes API is for the account {ref.name} to say: not read."
        reason = facts.missing("serviceaccounts") or Reason.NOT_OBSERVABLE
        return Subject(ref, "serviceaccounts").unread(field, expected, reason, message=message)
    message = "The Weaviate pods carry a token for the Kubernetes API, which Weaviate never uses."
    by_pod = weaviate.spec.automount_service_account_token is not None
    seen = "true" if mounted else "false"
    source = workload_key(weaviate.kind) if by_pod else "serviceaccounts"
    return Subject(weaviate.ref if by_pod else ref, source).check(
        field, seen, expected, not mounted, message=message, on_failure=PARTLY
    )


def _identity(facts: ClusterFacts) -> Iterator[Check]:
    """Keys of a cloud that stand in the environment, which beat an identity of the account."""
    weaviate = facts.weaviate
    account = next(
        (
            one
            for one in facts.objects("serviceaccounts")
            if (one.metadata.namespace, one.metadata.name) == (weaviate.namespace, weaviate.service_account)
        ),
        None,
    )
    kinds = [word for key, word in CLOUD_IDENTITY.items() if account and account.metadata.annotations.get(key)]
    if kinds:
        yield Subject(Ref("ServiceAccount", weaviate.service_account, weaviate.namespace), "serviceaccounts").info(
            "cloud identity", names(kinds)
        )
    values = {name: weaviate.env(name) for name in STATIC_KEYS}
    there = [name for name, value in values.items() if value.set]
    unclear = [value for value in values.values() if value.set is None]
    field, expected = "static keys of a cloud", "none: an identity of the account"
    on = weaviate_subject(facts)
    if there or not unclear:
        message = f"Static keys of a cloud stand in the environment ({names(there)})" + (
            f" and beat {names(kinds)} that the account has." if kinds else "; an identity of the account needs none."
        )
        yield on.check(field, names(there) or "none", expected, not there, message=message, on_failure=PARTLY)
    else:
        message = f"Whether static keys of a cloud are in the environment was not read ({unclear[0].origin})."
        reason = unclear[0].reason or Reason.NOT_OBSERVABLE
        yield on.unread(field, expected, reason, message=message)


# --- rights in the Kubernetes API -----------------------------------------------------------------


class Bound(msgspec.Struct, frozen=True):
    """A binding that takes in the account. `rules` None: its role was not read, or is not there."""

    key: str
    binding: RoleBinding
    subject: str
    rules: tuple[PolicyRule, ...] | None


def binding_checks(facts: ClusterFacts) -> list[Check]:
    """One line a binding. None are needed; the administrator's and one for everything fail."""
    weaviate = facts.weaviate
    account = Ref("ServiceAccount", weaviate.service_account, weaviate.namespace)
    field, expected = "rights in the Kubernetes API", "none"
    checks = [_bound(one) for one in bound(facts)]
    lost = next((key for key in ("rolebindings", "clusterrolebindings") if facts.missing(key) is not None), "")
    if lost:
        message = f"Which rights the account {account.name} has in the Kubernetes API was not read ({lost})."
        checks.append(
            Subject(account, lost).unread(field, expected, facts.missing(lost) or Reason.NOT_COLLECTED, message=message)
        )
    return checks or [Subject(account, "rolebindings").check(field, "none", expected, True)]


def bound(facts: ClusterFacts) -> Iterator[Bound]:
    weaviate = facts.weaviate
    rules = {
        **{("ClusterRole", "", one.metadata.name): one.rules for one in facts.objects("clusterroles")},
        **{("Role", one.metadata.namespace, one.metadata.name): one.rules for one in facts.objects("roles")},
    }
    for key in ("clusterrolebindings", "rolebindings"):
        for binding in facts.objects(key):
            if key == "rolebindings" and binding.metadata.namespace != weaviate.namespace:
                continue
            subject = _subject(binding, weaviate.namespace, weaviate.service_account)
            role = binding.role_ref
            if subject and not (role.name in FOR_EVERY_ACCOUNT or role.name.startswith("system:openshift:")):
                space = binding.metadata.namespace if role.kind == "Role" else ""
                yield Bound(key, binding, subject, rules.get((role.kind, space, role.name)))


def _subject(binding: RoleBinding, namespace: str, account: str) -> str:
    """By which subject a binding takes in the account, "" where it does not."""
    groups = {"system:serviceaccounts", f"system:serviceaccounts:{namespace}"}
    for one in binding.subjects:
        if one.kind == "ServiceAccount" and (one.namespace or binding.metadata.namespace, one.name) == (
            namespace,
            account,
        ):
            return f"the account {account}"
        if one.kind == "Group" and one.name in groups:
            return f"the group {one.name}"
        if one.kind == "User" and one.name == f"system:serviceaccount:{namespace}:{account}":
            return f"the account {account}"
    return ""


def _bound(one: Bound) -> Check:
    role = one.binding.role_ref
    kind = "ClusterRoleBinding" if one.key == "clusterrolebindings" else "RoleBinding"
    ref = Ref(kind, one.binding.metadata.name, one.binding.metadata.namespace)
    field, expected = "roleRef", "no binding for Weaviate's account"
    on = Subject(ref, one.key)
    if role.name == "cluster-admin" or any(_everything(rule) for rule in one.rules or ()):
        message = f"{kind} {ref.name} gives {one.subject} the role {role.name}, which may do everything."
        return on.check(field, f"{role.kind} {role.name}: everything", expected, False, message=message)
    if one.rules is None:
        lost = "clusterroles" if role.kind == "ClusterRole" else "roles"
        message = f"{kind} {ref.name} gives {one.subject} the role {role.name}, whose rights were not read."
        return Subject(ref, lost).unread(field, expected, Reason.NOT_COLLECTED, message=message)
    risky = _risky(one.rules)
    what = f" ({names(risky)})" if risky else ""
    message = f"{kind} {ref.name} gives {one.subject} the role {role.name}{what}; Weaviate needs none."
    seen = f"{role.kind} {role.name}{what}"
    return on.check(field, seen, expected, False, message=message, on_failure=PARTLY)


def _everything(rule: PolicyRule) -> bool:
    return "*" in rule.verbs and "*" in rule.resources and "*" in rule.api_groups


def _risky(rules: tuple[PolicyRule, ...]) -> list[str]:
    """The rights by which a pod takes over others."""
    found = []
    for rule in rules:
        if {"*", "pods/exec", "pods/attach"} & set(rule.resources) and {"*", "create", "get"} & set(rule.verbs):
            found.append("to run commands in pods")
        if {"*", "secrets"} & set(rule.resources) and {"*", "get", "list"} & set(rule.verbs):
            found.append("to read Secrets")
    return sorted(set(found))


def roles_around(facts: ClusterFacts) -> list[Check]:
    """For the reader: roles of the namespace by which somebody reads Secrets or runs commands in pods."""
    namespace = facts.weaviate.namespace
    return [
        Subject(Ref("Role", one.metadata.name, namespace), "roles").info("rules", f"allows {names(_risky(one.rules))}")
        for one in facts.objects("roles")
        if one.metadata.namespace == namespace and _risky(one.rules)
    ]
