"""Rights, as truth tables: the pods' account, keys of a cloud, users and roles, and what the running server shows."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason
from tests.evidence.test_security import judged
from tests.support.answers import answered
from tests.support.cluster import CONF, cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
PRIVILEGE, RBAC, ACCESS, PROCESS = "sec.least_privilege", "sec.rbac", "sec.access_limited", "sec.secret_process"

ACCOUNT = "{kind: ServiceAccount, metadata: {name: db}, automountServiceAccountToken: false}"
OWN = {"serviceAccountName": "db"}
ROLES = [
    {"name": "admin", "users": 1},
    {"name": "viewer", "users": 1},
    {"name": "shop", "permissions": [{"action": "read_data", "wide": False}]},
]
USERS = [{"kind": "db_user", "roles": ["shop"], "active": True}]
LIVE: dict[str, Any] = {
    "weaviate/probe": {"meta_status": 401, "schemes": ["API-keys"]},
    "weaviate/roles": ROLES,
    "weaviate/users": USERS,
    "weaviate/own_info": {"roles": ["viewer"]},
}


def scoped(
    *more: Any, answers: dict[str, Any] | None = None, pod: dict[str, Any] | None = None, **env: str
) -> ClusterFacts:
    """A Weaviate with nothing to complain of but what the arguments change."""
    facts = cluster(weaviate(pod=OWN | (pod or {}), env=env), ACCOUNT, *more)
    return answered(facts, wire(LIVE | (answers or {})))


def wire(answers: dict[str, Any]) -> dict[str, Any]:
    """Names as on the wire, for the answers that are written with the Structs' names here."""
    names = {
        "meta_status": "metaStatus",
        "schema_status": "schemaStatus",
        "nodes_status": "nodesStatus",
        "created_at": "createdAt",
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): renamed(one) for key, one in value.items()}
        return [renamed(one) for one in value] if isinstance(value, list) else value

    return {key: renamed(value) for key, value in answers.items()}


def said(finding: Finding) -> str:
    return f"{finding.outcome.value}: {finding.sentence}"


# --- Q23: the pods' account -----------------------------------------------------------------------


def test_an_account_without_rights_and_scoped_users_is_met() -> None:
    finding = judged(PRIVILEGE, scoped())
    assert finding.outcome is MET, said(finding)


@pytest.mark.parametrize(
    ("pod", "account", "outcome", "word"),
    [
        pytest.param({}, ACCOUNT, MET, "", id="the account says no"),
        pytest.param({"automountServiceAccountToken": True}, ACCOUNT, PARTLY, "carry a token", id="the pod beats it"),
        pytest.param({"automountServiceAccountToken": False}, "", MET, "", id="the pod says no"),
        pytest.param({}, ACCOUNT.replace("false", "true"), PARTLY, "carry a token", id="the account says yes"),
        pytest.param({}, "{kind: ServiceAccount, metadata: {name: db}}", PARTLY, "carry a token", id="default is yes"),
        pytest.param(
            {"serviceAccountName": None, "automountServiceAccountToken": False},
            "",
            PARTLY,
            "account default",
            id="default account",
        ),
    ],
)
def test_automount_is_the_pods_first_then_the_accounts(
    pod: dict[str, Any], account: str, outcome: Outcome, word: str
) -> None:
    facts = answered(cluster(weaviate(pod=OWN | pod), account), wire(LIVE))
    finding = judged(PRIVILEGE, facts)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


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
    ("binding", "role", "outcome", "word"),
    [
        pytest.param(BINDING.format(subject=DB, role="cluster-admin"), READER, NOT_MET, "do everything", id="admin"),
        pytest.param(BINDING.format(subject=DB, role="r"), WILD, NOT_MET, "do everything", id="wildcards"),
        pytest.param(BINDING.format(subject=DB, role="r"), READER, PARTLY, "to read Secrets", id="reads Secrets"),
        pytest.param(BINDING.format(subject=GROUP, role="r"), READER, PARTLY, "the group system:", id="by group"),
        pytest.param(BINDING.format(subject=DB, role="gone"), READER, UNKNOWN, "rights were not read", id="no role"),
        pytest.param(BINDING.format(subject=GROUP, role="system:discovery"), READER, MET, "", id="what all have"),
        pytest.param(
            BINDING.format(subject=DB.replace("weaviate", "other"), role="r"), READER, MET, "", id="another's"
        ),
    ],
)
def test_bindings_of_the_account(binding: str, role: str, outcome: Outcome, word: str) -> None:
    finding = judged(PRIVILEGE, scoped(binding, role))
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


@pytest.mark.parametrize("key", ["serviceaccounts", "rolebindings", "clusterrolebindings"])
def test_refused_rights_are_unknown(key: str) -> None:
    facts = answered(cluster(weaviate(pod=OWN), ACCOUNT, forbidden=(key,)), wire(LIVE))
    finding = judged(PRIVILEGE, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN) and key in finding.missing


@pytest.mark.parametrize(
    ("env", "outcome"),
    [
        pytest.param({}, MET, id="none"),
        pytest.param({"AWS_ACCESS_KEY_ID": "x"}, PARTLY, id="an access key"),
        pytest.param({"AZURE_STORAGE_KEY": "x"}, PARTLY, id="a storage key"),
    ],
)
def test_static_keys_of_a_cloud(env: dict[str, Any], outcome: Outcome) -> None:
    finding = judged(PRIVILEGE, scoped(**env))
    assert finding.outcome is outcome, said(finding)


def test_static_keys_beat_the_identity_of_the_account() -> None:
    account = ACCOUNT.replace("name: db}", "name: db, annotations: {eks.amazonaws.com/role-arn: 'arn:x'}}")
    facts = answered(cluster(weaviate(pod=OWN, env={"AWS_ACCESS_KEY_ID": "x"}), account), wire(LIVE))
    assert "and beat an AWS role that the account has" in judged(PRIVILEGE, facts).sentence


# --- Q23: inside Weaviate -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "word"),
    [
        pytest.param(
            {"weaviate/roles": [{"name": "admin", "users": 5}]}, PARTLY, "5 users may do everything", id="admins"
        ),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["admin"]}]}, PARTLY, "1 of 1 user", id="app is admin"
        ),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["viewer"]}]}, PARTLY, "or read", id="app is viewer"
        ),
        pytest.param({"weaviate/users": []}, UNKNOWN, "no user of the database is listed", id="none listed"),
        pytest.param({"weaviate/roles": Reason.FORBIDDEN}, UNKNOWN, "were not read", id="refused"),
        pytest.param(
            {"weaviate/probe": {"meta_status": 200, "schema_status": 200}}, NOT_MET, "without credentials", id="open"
        ),
    ],
)
def test_users_and_roles(answers: dict[str, Any], outcome: Outcome, word: str) -> None:
    finding = judged(PRIVILEGE, scoped(answers=answers))
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_the_kits_own_key_is_looked_at_too() -> None:
    finding = judged(PRIVILEGE, scoped(answers={"weaviate/own_info": {"roles": ["root"]}}))
    assert [fact.seen for fact in finding.facts if fact.field == "the key of this kit"] == ["holds root"]


def test_every_key_may_do_everything_without_an_authoriser() -> None:
    conf = {**CONF, "authorization": {}}
    facts = cluster(weaviate(pod=OWN, conf=conf), ACCOUNT)
    for question in (PRIVILEGE, RBAC):
        finding = judged(question, facts)
        assert finding.outcome is NOT_MET and "every key or login may do everything" in finding.sentence


# --- Q26 ------------------------------------------------------------------------------------------


def rbac(answers: dict[str, Any] | None = None, conf: dict[str, Any] = CONF, **env: Any) -> Finding:
    return judged(RBAC, answered(cluster(weaviate(conf=conf, env=env)), wire(LIVE | (answers or {}))))


NO_RBAC = {**CONF, "authorization": {}}
KEYS = {"AUTHENTICATION_APIKEY_USERS": "admin,app", "AUTHORIZATION_RBAC_ROOT_USERS": "admin"}


@pytest.mark.parametrize(
    ("answers", "env", "outcome", "word"),
    [
        pytest.param({}, {}, MET, "limited roles in use", id="a user with a role of its own"),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["admin"]}], "weaviate/roles": ROLES[:2]},
            {},
            PARTLY,
            "no role but root or admin",
            id="all admins",
        ),
        pytest.param({"weaviate/users": []}, KEYS, MET, "", id="roles, and a user who is not root"),
        pytest.param({"weaviate/users": []}, {}, UNKNOWN, "who holds them is not listed", id="roles, holders unknown"),
        pytest.param(
            {"weaviate/users": [], "weaviate/roles": ROLES[:2]},
            {},
            PARTLY,
            "no role beside those",
            id="only the kit reads",
        ),
        pytest.param(
            {"weaviate/users": [], "weaviate/roles": []},
            {"AUTHENTICATION_APIKEY_USERS": "admin", "AUTHORIZATION_RBAC_ROOT_USERS": "admin"},
            PARTLY,
            "every user with a key is root",
            id="every key is root",
        ),
        pytest.param(
            {"weaviate/roles": Reason.FORBIDDEN, "weaviate/users": Reason.FORBIDDEN},
            {},
            UNKNOWN,
            "were not read from Weaviate",
            id="refused",
        ),
    ],
)
def test_roles_in_use(answers: dict[str, Any], env: dict[str, Any], outcome: Outcome, word: str) -> None:
    finding = rbac(answers, **env)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_the_running_server_beats_the_configuration() -> None:
    """RBAC that a key's roles show is on, whatever is configured; and so is anonymous access."""
    assert rbac(conf=NO_RBAC).outcome is MET
    opened = rbac({"weaviate/probe": {"meta_status": 200, "schema_status": 200}})
    assert opened.outcome is NOT_MET and "answered a caller without credentials" in opened.sentence


def test_env_false_does_not_override_the_files_true_and_the_probe_shows_it() -> None:
    conf = {**CONF, "authentication": {"anonymous_access": {"enabled": True}, "apikey": {"enabled": True}}}
    finding = rbac(
        {"weaviate/probe": {"meta_status": 200, "schema_status": 200}},
        conf=conf,
        AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED="false",
    )
    assert finding.outcome is NOT_MET and "the variable set to false does not change that" in finding.sentence


@pytest.mark.parametrize(
    ("schema", "nodes", "collections", "outcome", "words"),
    [
        (403, 403, 0, PARTLY, "an authoriser keeps the schema from them"),
        # Newer servers show an empty schema to those who may see nothing of it.
        (200, 403, 0, PARTLY, "an authoriser keeps the nodes from them"),
        (200, 403, 2, NOT_MET, "keeps the nodes from them, and 2 collections not"),
        (200, 200, 0, NOT_MET, "answered a caller without credentials"),
    ],
)
def test_an_authoriser_behind_anonymous_access_is_half_a_gap_as_long_as_nothing_is_shown(
    schema: int, nodes: int, collections: int, outcome: Outcome, words: str
) -> None:
    probe = {"meta_status": 200, "schema_status": schema, "nodes_status": nodes, "collections": collections}
    finding = rbac({"weaviate/probe": probe})
    assert finding.outcome is outcome and words in finding.sentence, said(finding)


# --- Q25 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "outcome"), [(200, NOT_MET), (401, PARTLY)])
def test_the_probe_decides_who_is_let_in_at_a_public_service(status: int, outcome: Outcome) -> None:
    probe = wire({"weaviate/probe": {"meta_status": status, "schema_status": 200 if status == 200 else 0}})
    finding = judged(ACCESS, answered(cluster(weaviate(service_type="LoadBalancer")), probe))
    assert finding.outcome is outcome, said(finding)
    line = next(
        fact for fact in finding.facts if "without credentials" in fact.field and fact.source == "weaviate/probe"
    )
    assert line.ok is (status == 401)


def test_a_gateway_route_lets_anybody_in() -> None:
    route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: weaviate}
        spec: {hostnames: [db.example.org], rules: [{backendRefs: [{name: weaviate}]}]}
        """
    probe = wire({"weaviate/probe": {"meta_status": 200, "schema_status": 200}})
    finding = judged(ACCESS, answered(cluster(weaviate(), route), probe))
    assert finding.outcome is NOT_MET and "HTTPRoute weaviate brings callers without credentials in" in finding.sentence


def test_the_debug_port_goes_by_the_version_that_the_server_gives() -> None:
    def line(version: str) -> bool | None:
        facts = cluster(weaviate(image="mirror.example.org/weaviate@sha256:" + "0" * 64))
        finding = judged(ACCESS, answered(facts, {"weaviate/meta": {"version": version}}))
        return next(fact for fact in finding.facts if fact.field == "debug port 6060").ok

    assert (line("1.37.8"), line("1.37.9")) == (False, True)


# --- Q29 ------------------------------------------------------------------------------------------


def test_a_process_is_never_met_and_its_hints_are_shown() -> None:
    synced = """
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: weaviate-apikeys}
        spec: {refreshInterval: 1h}
        status: {refreshTime: "2026-11-24T05:00:00Z"}
        """
    users = [{"kind": "db_user", "roles": ["shop"], "created_at": "2026-11-14T06:00:00Z"}]
    facts = answered(cluster(weaviate(), synced), wire({"weaviate/users": users}))
    finding = judged(PROCESS, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    seen = {fact.field: fact.seen for fact in finding.facts}
    assert seen["spec.refreshInterval"] == "1h, last on 2026-11-24 05:00 UTC"
    assert seen["users of the database"] == "1 user, the oldest 10 days old, 1 without a recorded use"


def test_a_process_without_any_hint_is_unknown_all_the_same() -> None:
    finding = judged(PROCESS, cluster(weaviate(), forbidden=("externalsecrets",)))
    assert finding.outcome is UNKNOWN and "externalsecrets" in finding.missing


def test_roles_of_the_namespace_that_read_secrets_are_shown() -> None:
    role = "{kind: Role, metadata: {name: ops}, rules: [{apiGroups: [''], resources: [pods/exec], verbs: [create]}]}"
    objects = weaviate(pod=OWN)
    assert of(objects, "StatefulSet")
    finding = judged(PRIVILEGE, answered(cluster(objects, ACCOUNT, role), wire(LIVE)))
    assert finding.outcome is MET
    assert [fact.seen for fact in finding.facts if fact.ref.name == "ops"] == ["allows to run commands in pods"]
