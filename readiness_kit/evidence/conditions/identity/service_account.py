"""Permissions of the service account of the Weaviate pods in the Kubernetes API and in the cloud."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import grants
from readiness_kit.facts.kubernetes.grants import Grant
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
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


def _account(facts: ClusterFacts, source: str = "serviceaccounts") -> Subject:
    weaviate = facts.weaviate
    return Subject(Ref("ServiceAccount", weaviate.service_account, weaviate.namespace), source)


def account_checks(facts: ClusterFacts) -> list[Check]:
    """A dedicated account without a token, because Weaviate never calls the Kubernetes API; and cloud credentials."""
    on, name, namespace = weaviate_subject(facts), facts.weaviate.service_account, facts.weaviate.namespace
    message = f"The Weaviate pods use the default service account of {namespace}, which other pods use as well."
    field, expected, ok = "serviceAccountName", "a dedicated account", name != "default"
    fix = "identity.account"
    dedicated = on.check(field, name, expected, ok, message=message, on_failure=PARTLY, fix=fix)
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
    fix = "identity.account" if facts.weaviate.service_account == "default" else "identity.token"
    return on.check(field, seen, expected, not mounted, message=message, on_failure=PARTLY, fix=fix)


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
        fix = "identity.cloud"
        yield on.check(field, keys or "none", expected, not keys, message=message, on_failure=PARTLY, fix=fix)


# --- permissions in the Kubernetes API ------------------------------------------------------------


def binding_checks(facts: ClusterFacts) -> list[Check]:
    """One check a binding. None is needed; cluster-admin and a role with full rights are not met."""
    field, expected = "permissions in the Kubernetes API", "none"
    checks = [_grant(facts, grant) for grant in grants.grants(facts)]
    for key, reason in grants.unread(facts).items():
        account = _account(facts, key)
        message = f"The Kubernetes API permissions of the account {account.ref.name} were not read ({key})."
        checks.append(account.unread(field, expected, reason, message=message))
    if any(check.outcome or check.reason for check in checks):
        return checks
    return [*checks, _account(facts, "rolebindings").check(field, "none", expected, True)]


def _grant(facts: ClusterFacts, grant: Grant) -> Check:
    role, on = grant.binding.role_ref, Subject.of(grant.key, grant.binding)
    field, expected = "roleRef", "no binding for Weaviate's account"
    gives = f"{on.ref.kind} {on.ref.name} gives {grant.subject} the role {role.name}"
    if on.ref.namespace and on.ref.namespace != facts.weaviate.namespace:
        gives += f" in the namespace {on.ref.namespace}"
    if grant.everything:
        message, seen = f"{gives}, which has full rights.", f"{role.kind} {role.name}: everything"
        return on.check(field, seen, expected, False, message=message, fix="identity.bindings")
    if grant.rules is None:
        message = f"{gives}, whose rules were not read."
        reason = facts.missing(grant.source) or Reason.NOT_COLLECTED
        return Subject(on.ref, grant.source).unread(field, expected, reason, message=message)
    if grant.harmless:
        return on.info(field, f"{role.kind} {role.name}, for {grant.subject}: nothing beyond public information")
    found = names(grants.risks(grant.rules), most=6)
    risks = f" ({found})" if found else ""
    message, seen, fix = f"{gives}{risks}; Weaviate needs none.", f"{role.kind} {role.name}{risks}", "identity.bindings"
    return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)


def risky_roles(facts: ClusterFacts) -> Iterator[Check]:
    """Informational: Roles of the namespace that permit taking over other pods or accounts."""
    namespace = facts.weaviate.namespace
    for role in facts.objects("roles"):
        if role.metadata.namespace == namespace and (found := grants.risks(role.rules)):
            yield Subject.of("roles", role).info("rules", f"allows {names(found, most=6)}")
