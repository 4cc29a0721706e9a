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


NO_SECRET = {"CLUSTER_BASIC_AUTH_PASSWORD": None}
CSI_VOLUME = {"name": "keys", "csi": {"driver": "secrets-store.csi.k8s.io"}}
FROM_STORE: dict[str, Any] = {
    "pod": {"volumes": [CSI_VOLUME]},
    "container": {"volumeMounts": [{"name": "keys", "mountPath": "/keys"}]},
    "conf": None,
}


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
        pytest.param({**FROM_STORE, "env": NO_SECRET}, MET, "", id="trap 29: Secrets Store CSI"),
        pytest.param(
            {"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}, "env": NO_SECRET},
            MET,
            "",
            id="trap 29: Vault agent",
        ),
        pytest.param(FROM_STORE, PARTLY, "Kubernetes Secrets weaviate-cl", id="keys in Secrets beside a vault"),
        pytest.param(
            {"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}},
            PARTLY,
            "Kubernetes Secrets weaviate-cl",
            id="keys in Secrets beside a Vault agent",
        ),
        pytest.param({"env": {"PGPASSWORD": "x"}}, NOT_MET, "PGPASSWORD is stored in plain text", id="no underscore"),
        pytest.param({"env": {"ALERT_WEBHOOK": "https://x.example/y"}}, NOT_MET, "ALERT_WEBHOOK", id="a webhook"),
        pytest.param({"env": {"OIDC_AUTH": "https://x.example/y"}}, PARTLY, "at rest", id="a plain address"),
        pytest.param({"env": {"UPSTREAM": "https://u:pw@x"}}, NOT_MET, "UPSTREAM", id="a password in a URL"),
        pytest.param({"container": {"args": ["--api-key=abc"]}}, NOT_MET, "argument --api-key", id="an argument"),
        pytest.param(
            {"pod": {"volumes": [CSI_VOLUME]}, "conf": None, "env": {"COHERE_APIKEY": "k"}},
            NOT_MET,
            "COHERE_APIKEY",
            id="a vault, and a key in plain text",
        ),
        pytest.param(
            {"env": NO_SECRET}, NOT_APPLICABLE, "uses no credential", id="trap 29: workload identity needs none"
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


def test_no_credential_is_not_applicable_only_where_everything_was_read() -> None:
    nothing = weaviate(env=NO_SECRET, container={"envFrom": [{"configMapRef": {"name": "settings"}}]})
    assert ask(SECRETS, cluster(nothing)).outcome is NOT_APPLICABLE
    assert ask(SECRETS, cluster(nothing, forbidden=("configmaps",))).outcome is UNKNOWN


def test_private_key_in_a_mounted_config_map_is_not_met() -> None:
    key = "-----BEGIN PRIVATE " + "KEY-----\\nMIIEowIBAAKCAQEA7\\n-----END PRIVATE " + "KEY-----"
    certificates = f'{{kind: ConfigMap, metadata: {{name: certs}}, data: {{tls.key: "{key}"}}}}'
    volume = {"volumes": [{"name": "certs", "configMap": {"name": "certs"}}]}
    finding = ask(SECRETS, cluster(weaviate(pod=volume, conf=None), certificates))
    assert finding.outcome is NOT_MET and "ConfigMap certs, which the pods mount" in finding.sentence
    assert "MIIE" not in repr(finding)
