"""The sources of secrets, and the names of variables that hold one."""

from __future__ import annotations

import pytest

from readiness_kit.facts.weaviate.secrets import secret_name, secret_sources, uses
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
    assert secret_name(name)


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
    assert not secret_name(name)


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
    }
    assert secret_sources(w.spec) == ("hf", "weaviate-cluster-api-basic-auth")
