"""RBAC inside Weaviate: which authorisation is on, who is an administrator, which roles are in use."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, weaviate
from tests.support.findings import described
from tests.support.rbac import ACCOUNT, OWN, ROLES, rbac, scoped

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
RBAC, PRIVILEGE = "sec.rbac", "sec.least_privilege"


# --- authorisation by configuration ---------------------------------------------------------------

KEYS = {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}}


@pytest.mark.parametrize(
    ("conf", "env", "outcome", "text"),
    [
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}}, {}, UNKNOWN, "roles", id="RBAC"
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_RBAC_ENABLED": "enabled"}, UNKNOWN, "roles", id="RBAC by env"
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_ENABLE_RBAC": "1"}, UNKNOWN, "roles", id="RBAC by the old name"
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"admin_list": {"enabled": True}}},
            {},
            PARTLY,
            "admin list",
            id="list",
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_ADMINLIST_ENABLED": "true"}, PARTLY, "admin list", id="list, env"
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {"AUTHENTICATION_APIKEY_USERS": "a,b", "AUTHORIZATION_RBAC_ROOT_USERS": "b, a"},
            PARTLY,
            "every user with a key is root: a and b",
            id="everybody is root",
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {
                "AUTHENTICATION_APIKEY_USERS": "a",
                "AUTHORIZATION_RBAC_ROOT_USERS": "a",
                "AUTHENTICATION_DB_USERS_ENABLED": "true",
            },
            UNKNOWN,
            "roles",
            id="only root by key, others may come from the database",
        ),
        pytest.param(
            {
                "authentication": {**KEYS, "apikey": {"enabled": True, "users": ["ada"]}},
                "authorization": {"rbac": {"enabled": True, "root_users": ["ada"]}},
            },
            {},
            PARTLY,
            "root: ada",
            id="everybody is root, by the file",
        ),
        pytest.param({"authentication": {}}, {}, NOT_MET, "no authentication method", id="no method is anonymous"),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"},
            NOT_MET,
            "by AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED",
            id="anonymous by env",
        ),
    ],
)
def test_rbac(conf: dict[str, Any], env: dict[str, str], outcome: Outcome, text: str) -> None:
    finding = ask(RBAC, cluster(weaviate(conf=conf, env=env)))
    assert finding.outcome is outcome
    assert text in finding.sentence


def test_trap_27_api_keys_without_authorisation_have_full_rights() -> None:
    finding = ask(RBAC, cluster(weaviate(conf={"authentication": KEYS})))
    assert finding.outcome is NOT_MET and "every key or login has full rights" in finding.sentence
    oidc = {"authentication": {"anonymous_access": {"enabled": False}, "oidc": {"enabled": True}}}
    assert ask(RBAC, cluster(weaviate(conf=oidc))).outcome is NOT_MET


def test_rbac_from_a_refused_or_secret_source_is_unknown() -> None:
    forbidden = ask(RBAC, cluster(weaviate(), forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (UNKNOWN, Reason.FORBIDDEN)
    secret = {"secretKeyRef": {"name": "auth", "key": "rbac"}}
    from_secret = ask(
        RBAC, cluster(weaviate(conf={"authentication": KEYS}, env={"AUTHORIZATION_RBAC_ENABLED": secret}))
    )
    assert (from_secret.outcome, from_secret.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


def test_rbac_before_1_28_is_not_met() -> None:
    image = "semitechnologies/weaviate:1.27.3"
    assert ask(RBAC, cluster(weaviate(image=image))).outcome is NOT_MET


# --- roles in use ---------------------------------------------------------------------------------

NO_RBAC = {**CONF, "authorization": {}}
USERS_WITH_KEYS = {"AUTHENTICATION_APIKEY_USERS": "admin,app", "AUTHORIZATION_RBAC_ROOT_USERS": "admin"}


@pytest.mark.parametrize(
    ("answers", "env", "outcome", "text"),
    [
        pytest.param({}, {}, MET, "limited roles in use", id="a user with a limited role"),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["admin"]}], "weaviate/roles": ROLES[:2]},
            {},
            PARTLY,
            "no role but root or admin",
            id="all admins",
        ),
        pytest.param({"weaviate/users": []}, USERS_WITH_KEYS, MET, "", id="roles, and a user who is not root"),
        pytest.param({"weaviate/users": []}, {}, UNKNOWN, "their holders are not listed", id="roles, holders unknown"),
        pytest.param(
            {"weaviate/users": [], "weaviate/roles": ROLES[:2]},
            {},
            PARTLY,
            "only built-in roles exist",
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
def test_roles_in_use(answers: dict[str, Any], env: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = rbac(answers, **env)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_running_server_overrides_configuration() -> None:
    """RBAC that a key's roles show is on, whatever is configured; and so is anonymous access."""
    assert rbac(conf=NO_RBAC).outcome is MET
    opened = rbac({"weaviate/probe": {"meta_status": 200, "schema_status": 200}})
    assert opened.outcome is NOT_MET and "answered a request without credentials" in opened.sentence


# --- least privilege ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "text"),
    [
        pytest.param(
            {"weaviate/roles": [{"name": "admin", "users": 5}]}, PARTLY, "full rights in Weaviate: 5", id="admins"
        ),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["admin"]}]},
            PARTLY,
            "everything: 1 of 1",
            id="app is admin",
        ),
        pytest.param(
            {"weaviate/users": [{"kind": "db_user", "roles": ["viewer"]}]},
            PARTLY,
            "the right to read everything",
            id="app is viewer",
        ),
        pytest.param({"weaviate/users": []}, UNKNOWN, "no database user is listed", id="none listed"),
        pytest.param({"weaviate/roles": Reason.FORBIDDEN}, UNKNOWN, "were not read", id="refused"),
        pytest.param(
            {"weaviate/probe": {"meta_status": 200, "schema_status": 200}}, NOT_MET, "without credentials", id="open"
        ),
    ],
)
def test_users_and_roles(answers: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = ask(PRIVILEGE, scoped(answers=answers))
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_rights_of_the_kits_own_key_are_shown() -> None:
    finding = ask(PRIVILEGE, scoped(answers={"weaviate/own_info": {"roles": ["root"]}}))
    assert [fact.seen for fact in finding.facts if fact.field == "the key of this kit"] == [
        "holds root; a read-only role is enough"
    ]


def test_least_privilege_without_authorisation_is_not_met() -> None:
    conf = {**CONF, "authorization": {}}
    facts = cluster(weaviate(pod=OWN, conf=conf), ACCOUNT)
    for question in (PRIVILEGE, RBAC):
        finding = ask(question, facts)
        assert finding.outcome is NOT_MET and "every key or login has full rights" in finding.sentence
