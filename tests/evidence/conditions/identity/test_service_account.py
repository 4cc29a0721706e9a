"""The service account of the Weaviate pods: its token, its bindings, and cloud credentials."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, of, weaviate
from tests.support.findings import described
from tests.support.rbac import ACCOUNT, LIVE, OWN, scoped, wire

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
PRIVILEGE = "sec.least_privilege"


def test_account_without_rights_and_limited_users_is_met() -> None:
    finding = ask(PRIVILEGE, scoped())
    assert finding.outcome is MET, described(finding)


@pytest.mark.parametrize(
    ("pod", "account", "outcome", "text"),
    [
        pytest.param({}, ACCOUNT, MET, "", id="the account says no"),
        pytest.param({"automountServiceAccountToken": True}, ACCOUNT, PARTLY, "mount a token", id="the pod beats it"),
        pytest.param({"automountServiceAccountToken": False}, "", MET, "", id="the pod says no"),
        pytest.param({}, ACCOUNT.replace("false", "true"), PARTLY, "mount a token", id="the account says yes"),
        pytest.param({}, "{kind: ServiceAccount, metadata: {name: db}}", PARTLY, "mount a token", id="default is yes"),
        pytest.param(
            {"serviceAccountName": None, "automountServiceAccountToken": False},
            "",
            PARTLY,
            "the default service account",
            id="default account",
        ),
    ],
)
def test_token_mount_of_the_pod_overrides_the_account(
    pod: dict[str, Any], account: str, outcome: Outcome, text: str
) -> None:
    facts = answered(cluster(weaviate(pod=OWN | pod), account), wire(LIVE))
    finding = ask(PRIVILEGE, facts)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


BINDING = """
    kind: ClusterRoleBinding
    metadata: {{name: b}}
    subjects: [{subject}]
    roleRef: {{kind: ClusterRole, name: {role}}}
"""
DB = "{kind: ServiceAccount, name: db, namespace: weaviate}"
GROUP = "{kind: Group, name: 'system:serviceaccounts:weaviate'}"
READER = "{kind: ClusterRole, metadata: {name: r}, rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]}"
WILD = "{kind: ClusterRole, metadata: {name: r}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}"


@pytest.mark.parametrize(
    ("binding", "role", "outcome", "text"),
    [
        pytest.param(BINDING.format(subject=DB, role="cluster-admin"), READER, NOT_MET, "has full rights", id="admin"),
        pytest.param(BINDING.format(subject=DB, role="r"), WILD, NOT_MET, "has full rights", id="wildcards"),
        pytest.param(BINDING.format(subject=DB, role="r"), READER, PARTLY, "to read Secrets", id="reads Secrets"),
        pytest.param(BINDING.format(subject=GROUP, role="r"), READER, PARTLY, "the group system:", id="by group"),
        pytest.param(BINDING.format(subject=DB, role="gone"), READER, UNKNOWN, "rules were not read", id="no role"),
        pytest.param(BINDING.format(subject=GROUP, role="system:discovery"), READER, MET, "", id="what all have"),
        pytest.param(
            BINDING.format(subject=DB.replace("weaviate", "other"), role="r"), READER, MET, "", id="another's"
        ),
    ],
)
def test_bindings_of_the_account(binding: str, role: str, outcome: Outcome, text: str) -> None:
    finding = ask(PRIVILEGE, scoped(binding, role))
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


@pytest.mark.parametrize("key", ["serviceaccounts", "rolebindings", "clusterrolebindings"])
def test_refused_rights_are_unknown(key: str) -> None:
    facts = answered(cluster(weaviate(pod=OWN), ACCOUNT, forbidden=(key,)), wire(LIVE))
    finding = ask(PRIVILEGE, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN) and key in finding.missing


@pytest.mark.parametrize(
    ("env", "outcome"),
    [
        pytest.param({}, MET, id="none"),
        pytest.param({"AWS_ACCESS_KEY_ID": "x"}, PARTLY, id="an access key"),
        pytest.param({"AZURE_STORAGE_KEY": "x"}, PARTLY, id="a storage key"),
    ],
)
def test_static_cloud_keys_are_partly(env: dict[str, Any], outcome: Outcome) -> None:
    finding = ask(PRIVILEGE, scoped(**env))
    assert finding.outcome is outcome, described(finding)


def test_static_keys_override_workload_identity() -> None:
    account = ACCOUNT.replace("name: db}", "name: db, annotations: {eks.amazonaws.com/role-arn: 'arn:x'}}")
    facts = answered(cluster(weaviate(pod=OWN, env={"AWS_ACCESS_KEY_ID": "x"}), account), wire(LIVE))
    assert "and override an AWS role of the account" in ask(PRIVILEGE, facts).sentence


def test_risky_roles_of_the_namespace_are_shown() -> None:
    role = "{kind: Role, metadata: {name: ops}, rules: [{apiGroups: [''], resources: [pods/exec], verbs: [create]}]}"
    objects = weaviate(pod=OWN)
    assert of(objects, "StatefulSet")
    finding = ask(PRIVILEGE, answered(cluster(objects, ACCOUNT, role), wire(LIVE)))
    assert finding.outcome is MET
    assert [fact.seen for fact in finding.facts if fact.ref.name == "ops"] == ["allows to run commands in pods"]


def bound(role: str, *subjects: dict[str, str], namespace: str = "", kind: str = "ClusterRole") -> dict[str, Any]:
    metadata = {"name": "b"} | ({"namespace": namespace} if namespace else {})
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": metadata,
        "subjects": list(subjects),
        "roleRef": {"kind": kind, "name": role},
    }


def role(*verbs: str, group: str = "", resource: str, **more: Any) -> dict[str, Any]:
    rule = {"apiGroups": [group], "resources": [resource], "verbs": list(verbs), **more}
    return {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}


ACCOUNT_SUBJECT = {"kind": "ServiceAccount", "name": "db", "namespace": "weaviate"}


@pytest.mark.parametrize(
    ("subject", "outcome"),
    [
        ({"kind": "Group", "name": "system:authenticated"}, NOT_MET),
        ({"kind": "Group", "name": "system:unauthenticated"}, NOT_MET),
        ({"kind": "User", "name": "system:anonymous"}, NOT_MET),
        ({"kind": "Group", "name": "system:serviceaccounts"}, NOT_MET),
        ({"kind": "Group", "name": "system:serviceaccounts:weaviate"}, NOT_MET),
        ({"kind": "Group", "name": "system:serviceaccounts:other"}, MET),
        ({"kind": "User", "name": "system:serviceaccount:weaviate:db"}, NOT_MET),
        ({"kind": "User", "name": "system:authenticated-by-name"}, MET),
        ({"kind": "ServiceAccount", "name": "db"}, NOT_MET),
    ],
)
def test_groups_and_users_that_include_the_account(subject: dict[str, str], outcome: Outcome) -> None:
    finding = ask(PRIVILEGE, scoped(bound("cluster-admin", subject, namespace="weaviate")))
    assert finding.outcome is outcome, described(finding)


def test_a_binding_in_another_namespace_counts_and_names_it() -> None:
    finding = ask(PRIVILEGE, scoped(bound("r", ACCOUNT_SUBJECT, namespace="kube-system"), READER))
    assert finding.outcome is PARTLY and "the role r in the namespace kube-system (to read Secrets)" in finding.sentence


def test_a_role_of_the_namespace_called_cluster_admin_is_not_the_cluster_role() -> None:
    own = "{kind: Role, metadata: {name: cluster-admin}, rules: [{apiGroups: [apps], resources: ['*'], verbs: [get]}]}"
    finding = ask(PRIVILEGE, scoped(bound("cluster-admin", ACCOUNT_SUBJECT, namespace="weaviate", kind="Role"), own))
    assert finding.outcome is PARTLY and "full rights" not in finding.sentence


RBAC_API = "rbac.authorization.k8s.io"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (role("watch", resource="secrets"), "to read Secrets"),
        (role("list", resource="secrets", resourceNames=["db"]), "to read Secrets"),
        (role("*", group="apps", resource="*"), "to create pods"),
        (role("get", group="apps", resource="*"), ""),
        (role("create", resource="*/exec"), "to run commands in pods"),
        (role("create", resource="pods/*"), ""),
        (role("create", resource="pods"), "to create pods"),
        (role("get", resource="pods"), ""),
        (role("*", resource="pods/log"), ""),
        (role("escalate", group=RBAC_API, resource="clusterroles"), "escalate"),
        (role("bind", group=RBAC_API, resource="*"), "bind"),
        (role("impersonate", resource="serviceaccounts"), "impersonate"),
        (role("impersonate", group="apps", resource="users"), ""),
        (role("create", resource="serviceaccounts/token"), "to create tokens"),
        (role("get", group="*", resource="nodes/proxy"), "kubelets"),
    ],
)
def test_risks_of_a_role_are_matched_as_the_authorizer_does(given: dict[str, Any], words: str) -> None:
    finding = ask(PRIVILEGE, scoped(bound("r", ACCOUNT_SUBJECT), given))
    assert finding.outcome is PARTLY and words in finding.sentence
    assert ("the role r (" in finding.sentence) is bool(words), finding.sentence


def test_bindings_that_were_read_in_one_namespace_only_are_unread() -> None:
    facts = scoped()
    manifest = facts.snapshot.manifest
    reads = tuple(
        msgspec.structs.replace(read, namespaces=("weaviate",)) if read.key == "rolebindings" else read
        for read in manifest.reads
    )
    snapshot = msgspec.structs.replace(facts.snapshot, manifest=msgspec.structs.replace(manifest, reads=reads))
    finding = ask(PRIVILEGE, ClusterFacts(snapshot))
    assert finding.outcome is UNKNOWN and "were not read (rolebindings)" in finding.sentence
