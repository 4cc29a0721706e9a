"""The sources of secrets, and the names of variables that hold one."""

from __future__ import annotations

import pytest

from readiness_kit.facts.weaviate.secrets import exposures, secret_sources, uses
from readiness_kit.redact.names import names_credential
from tests.support.cluster import cluster, weaviate


@pytest.mark.parametrize(
    "name",
    """
    AUTHENTICATION_APIKEY_ALLOWED_KEYS OPENAI_APIKEY COHERE_API_KEY HUGGINGFACE_TOKEN AWS_SECRET_KEY
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AZURE_STORAGE_KEY
    AZURE_STORAGE_CONNECTION_STRING AZURE_CLIENT_SECRET CLUSTER_BASIC_AUTH_PASSWORD
    DB_PASSWORD PROXY_BEARER SECRET_FOR_WEBHOOK GITHUB_TOKEN_READ TLS_PRIVATE_KEY
    """.split(),
)
def test_names_of_secrets(name: str) -> None:
    assert names_credential(name)


@pytest.mark.parametrize(
    "name",
    """
    AUTHENTICATION_APIKEY_ENABLED AUTHENTICATION_APIKEY_USERS TOKENIZER_CONCURRENCY_COUNT MAXIMUM_ALLOWED_TOKEN
    OPENAI_MAX_TOKEN MAX_TOKENS ENABLE_TOKENIZER_GSE USE_TOKEN GRPC_KEY_FILE TLS_CERTIFICATE AWS_ACCESS_KEY_ID
    AWS_WEB_IDENTITY_TOKEN_FILE GOOGLE_APPLICATION_CREDENTIALS AUTHENTICATION_OIDC_CLIENT_ID PASSWORD_FILE TOKEN_URL
    TOKEN_TTL SECRET_NAME KEYCLOAK_HOST PERSISTENCE_DATA_PATH MONKEY GOGC CLUSTER_BASIC_AUTH_USERNAME
    """.split(),
)
def test_names_that_only_look_like_secrets(name: str) -> None:
    assert not names_credential(name)


def test_where_secrets_come_from() -> None:
    env = {
        "OPENAI_APIKEY": "k",
        "COHERE_APIKEY": "",
        "TLS_PRIVATE_KEY": "/certs/tls.key",
        "HUGGINGFACE_TOKEN": {"secretKeyRef": {"name": "hf", "key": "token"}},
        "PALM_APIKEY": {"configMapKeyRef": {"name": "gone", "key": "key"}},
    }
    w = cluster(weaviate(env=env)).weaviate
    assert {use.name: use.state for use in uses(w)} == {
        "OPENAI_APIKEY": "literal",
        "HUGGINGFACE_TOKEN": "secret",
        "PALM_APIKEY": "unknown",
        "CLUSTER_BASIC_AUTH_PASSWORD": "secret",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "secret",
    }
    assert secret_sources(w.spec) == ("hf", "weaviate-cluster-api-basic-auth")


def test_values_of_a_known_form_count_under_any_name() -> None:
    env = {
        "UPSTREAM": "https://user:hunter22@proxy:3128",
        "LOG_LEVEL": "Bearer abcdef1234567890",
        "TRANSFORMERS_INFERENCE_API": "http://u:hunter22@t2v:8080",
        "HTTP_PROXY": "http://proxy:3128",
        "BASIC_AUTH": "true",
        "SSL_KEY": "/certs/tls.key",
        "COPIED_TOKEN": "$(OTHER_TOKEN)",
        "CLUSTER_BASIC_AUTH_PASSWORD": None,
    }
    w = cluster(weaviate(env=env)).weaviate
    assert [use.name for use in uses(w)] == ["LOG_LEVEL", "TRANSFORMERS_INFERENCE_API", "UPSTREAM"]


def test_credentials_in_arguments_and_probes() -> None:
    probe = {"httpGet": {"path": "/", "port": 8080, "httpHeaders": [{"name": "Authorization", "value": "Bearer zz-k"}]}}
    hook = {"postStart": {"exec": {"command": ["curl", "-H", "X-Api-Key: abc", "http://localhost:8080"]}}}
    sidecar = {"name": "agent", "image": "agent:1", "args": ["--api-key=abc", "--port=80"]}
    objects = weaviate(container={"readinessProbe": probe, "lifecycle": hook})
    spec = next(o for o in objects if o["kind"] == "StatefulSet")["spec"]["template"]["spec"]
    spec["containers"].append(sidecar)
    assert exposures(cluster(objects).weaviate) == (
        ("weaviate", "readinessProbe header Authorization"),
        ("weaviate", "postStart hook command"),
        ("agent", "argument --api-key"),
    )
