"""Settings with which the server does not start, in the questions that they break; and tokens of other clients."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, merged, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
UPDATES = "ha.rolling_updates"
ACCESS = ("sec.rbac", "sec.access_limited", "sec.least_privilege", UPDATES)
ANONYMOUS = {"authentication": {"anonymous_access": {"enabled": True}}}
ADMIN_LIST = {"authorization": {"admin_list": {"enabled": True}}}
OIDC_ON = {"AUTHENTICATION_OIDC_ENABLED": "true", "AUTHENTICATION_OIDC_ISSUER": "https://login.example"}


@pytest.mark.parametrize(
    ("how", "questions", "reason"),
    [
        ({"conf": merged(CONF, ANONYMOUS)}, ACCESS, "RBAC cannot be used while anonymous access is enabled"),
        ({"conf": merged(CONF, ADMIN_LIST)}, ACCESS, "RBAC and the admin list cannot be enabled together"),
        ({"env": {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": None}}, ACCESS, "API keys are enabled without any key"),
        ({"env": {"AUTHENTICATION_APIKEY_USERS": None}}, ACCESS, "API keys are enabled without any user"),
        ({"conf": None, "env": OIDC_ON}, ACCESS, "OIDC is enabled without AUTHENTICATION_OIDC_USERNAME_CLAIM"),
        ({"env": {"ENABLE_MODULES": "backup-gcs"}}, ("ha.weaviate_backups", UPDATES), "without BACKUP_GCS_BUCKET"),
        (
            {
                "env": {
                    "ENABLE_MODULES": "backup-s3",
                    "BACKUP_S3_BUCKET": "b",
                    "BACKUP_S3_ENDPOINT": "https://s3.example",
                }
            },
            ("ha.weaviate_backups", UPDATES),
            "does not accept a scheme",
        ),
        ({"env": {"ENABLE_MODULES": "ner-transformers"}}, (UPDATES,), "without NER_INFERENCE_API"),
        ({"env": {"GOMEMLIMIT": "6Gi"}}, (UPDATES,), "Go cannot parse GOMEMLIMIT 6Gi"),
        ({"env": {"RAFT_JOIN": "weaviate-0,weaviate-0"}}, ("ha.three_nodes", UPDATES), "names a member twice"),
    ],
)
def test_a_configuration_that_does_not_start_is_not_met_in_the_questions_it_breaks(
    how: dict[str, Any], questions: tuple[str, ...], reason: str
) -> None:
    for question in questions:
        finding = ask(question, cluster(weaviate(**how)))
        assert finding.outcome is NOT_MET, (question, finding.sentence)
        assert "This configuration does not start" in finding.sentence and reason in finding.sentence
    assert reason not in ask("sec.container_defaults", cluster(weaviate(**how))).sentence


def test_anonymous_access_with_rbac_is_not_judged_as_if_the_server_ran() -> None:
    sentence = ask("sec.rbac", cluster(weaviate(conf=merged(CONF, ANONYMOUS)))).sentence
    assert sentence.startswith("This configuration does not start")
    assert "can read, change and delete data" not in sentence


# --- tokens that were issued to other applications ------------------------------------------------

SKIP = "AUTHENTICATION_OIDC_SKIP_CLIENT_ID_CHECK"
OIDC = {"authentication": {"oidc": {"enabled": True}}}


def line(question: str, conf: dict[str, Any], env: dict[str, Any]) -> tuple[Outcome | None, Reason | None] | None:
    facts = ask(question, cluster(weaviate(conf=merged(CONF, conf), env=env))).facts
    found = [check for check in facts if check.field == f"env {SKIP}"]
    return (found[0].outcome, found[0].reason) if found else None


@pytest.mark.parametrize("question", ["sec.rbac", "sec.access_limited"])
@pytest.mark.parametrize(
    ("conf", "env", "expected"),
    [
        ({}, {SKIP: "true"}, None),
        (OIDC, {}, (MET, None)),
        (OIDC, {SKIP: "false"}, (MET, None)),
        (OIDC, {SKIP: "true"}, (PARTLY, None)),
        (OIDC, {SKIP: "on"}, (PARTLY, None)),
        (merged(OIDC, {"authentication": {"oidc": {"skip_client_id_check": True}}}), {}, (PARTLY, None)),
        (merged(OIDC, {"authentication": {"oidc": {"skip_client_id_check": True}}}), {SKIP: "false"}, (PARTLY, None)),
        ({}, {"AUTHENTICATION_OIDC_ENABLED": "true", SKIP: "1"}, (PARTLY, None)),
        (OIDC, {SKIP: {"secretKeyRef": {"name": "s", "key": "k"}}}, (None, Reason.NOT_OBSERVABLE)),
    ],
)
def test_tokens_of_other_applications(
    question: str, conf: dict[str, Any], env: dict[str, Any], expected: tuple[Outcome | None, Reason | None] | None
) -> None:
    assert line(question, conf, env) == expected
