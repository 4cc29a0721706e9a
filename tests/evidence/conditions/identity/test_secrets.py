"""Secrets in environment variables, the configuration file and Kubernetes Secrets."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
NOT_APPLICABLE = Outcome.NOT_APPLICABLE
SECRETS = "sec.secrets"


def from_secret(name: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": name, "key": "key"}}


CSI_VOLUME = {"name": "keys", "csi": {"driver": "secrets-store.csi.k8s.io"}}


@pytest.mark.parametrize(
    ("arguments", "outcome", "text"),
    [
        pytest.param(
            {"env": {"OPENAI_APIKEY": from_secret("ai")}}, PARTLY, "Kubernetes Secrets ai and weaviate-cl", id="Secrets"
        ),
        pytest.param({"env": {"OPENAI_APIKEY": "sk-1"}}, NOT_MET, "OPENAI_APIKEY is stored in plain text", id="a key"),
        pytest.param(
            {"env": {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "a,b"}}, NOT_MET, "ALLOWED_KEYS", id="Weaviate's keys"
        ),
        pytest.param({"env": {"AWS_SECRET_ACCESS_KEY": "x"}}, NOT_MET, "AWS_SECRET_ACCESS_KEY", id="a cloud key"),
        pytest.param({"env": {"AZURE_STORAGE_CONNECTION_STRING": "x"}}, NOT_MET, "AZURE", id="a connection string"),
        pytest.param({"env": {"CLUSTER_BASIC_AUTH_PASSWORD": "x"}}, NOT_MET, "PASSWORD", id="a password"),
        pytest.param({"env": {"OPENAI_APIKEY": ""}}, PARTLY, "at rest", id="an empty value"),
        pytest.param(
            {
                "conf": {
                    "authentication": {
                        "anonymous_access": {"enabled": False},
                        "apikey": {"enabled": True, "allowed_keys": ["k"]},
                    }
                }
            },
            NOT_MET,
            "API keys are stored in plain text in ConfigMap weaviate-config",
            id="keys in the ConfigMap",
        ),
        pytest.param({"pod": {"volumes": [CSI_VOLUME]}, "conf": None}, MET, "", id="trap 29: Secrets Store CSI"),
        pytest.param(
            {"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}},
            MET,
            "",
            id="trap 29: Vault agent",
        ),
        pytest.param(
            {"pod": {"volumes": [CSI_VOLUME]}, "conf": None, "env": {"COHERE_APIKEY": "k"}},
            NOT_MET,
            "COHERE_APIKEY",
            id="a vault, and a key in plain text",
        ),
        pytest.param(
            {"env": {"CLUSTER_BASIC_AUTH_PASSWORD": None}},
            NOT_APPLICABLE,
            "uses no secret",
            id="trap 29: workload identity needs none",
        ),
    ],
)
def test_secrets(arguments: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = ask(SECRETS, cluster(weaviate(**arguments)))
    assert finding.outcome is outcome
    assert text in finding.sentence
    assert "sk-1" not in repr(finding)


def test_secret_in_a_config_map_is_not_met() -> None:
    given = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
    clear = "{kind: ConfigMap, metadata: {name: settings}, data: {OPENAI_APIKEY: sk-1, GOGC: '90'}}"
    finding = ask(SECRETS, cluster(weaviate(container=given), clear))
    assert (
        finding.outcome is NOT_MET and "OPENAI_APIKEY is stored in plain text in ConfigMap settings" in finding.sentence
    )
    forbidden = ask(SECRETS, cluster(weaviate(container=given, conf=None), clear, forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (PARTLY, Reason.FORBIDDEN)


def test_trap_30_installed_tool_proves_nothing() -> None:
    kind = "{kind: CustomResourceDefinition, metadata: {name: externalsecrets.external-secrets.io}}"
    finding = ask(SECRETS, cluster(weaviate(), kind))
    assert finding.outcome is PARTLY
    assert [fact.seen for fact in finding.facts if "installed" in fact.field] == ["External Secrets"]


def test_encryption_at_rest_of_a_visible_api_server_is_met() -> None:
    server = """
        kind: Pod
        metadata: {name: kube-apiserver-a, namespace: kube-system}
        spec: {containers: [{name: kube-apiserver, command: [x, --encryption-provider-config=/etc/enc.yaml]}]}
    """
    assert ask(SECRETS, cluster(weaviate(), server)).outcome is MET


def test_secrets_of_unread_sources_are_partly_met_at_best() -> None:
    forbidden = ask(SECRETS, cluster(weaviate(), forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (PARTLY, Reason.FORBIDDEN)
    shell = {"command": ["/bin/sh"], "args": ["-c", ". /env/envs && exec /bin/weaviate"]}
    assert ask(SECRETS, cluster(weaviate(container=shell))).reason is Reason.NOT_OBSERVABLE


def test_no_secret_in_the_places_that_were_read_is_unknown_while_one_was_refused() -> None:
    objects = weaviate(env={"CLUSTER_BASIC_AUTH_PASSWORD": None})
    assert ask(SECRETS, cluster(objects)).outcome is NOT_APPLICABLE
    refused = ask(SECRETS, cluster(objects, forbidden=("configmaps",)))
    assert (refused.outcome, refused.reason) == (UNKNOWN, Reason.FORBIDDEN)
