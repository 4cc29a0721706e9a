"""Weaviate's configuration is reduced to the fields on the allow-list."""

from __future__ import annotations

import json

from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.redact import LabelHasher, scrub

HASHER = LabelHasher(b"key")


CONF = """
authentication:
  anonymous_access: {enabled: false}
  apikey:
    enabled: true
    allowed_keys: [first-key, second-key]
    users: [ada, grace]
  oidc: {enabled: true, issuer: "https://id.example.com", client_id: private}
authorization:
  rbac: {enabled: true, root_users: [ada]}
query_defaults: {limit: 100}
debug: false
contextionary: {url: "http://u:p@c:9999"}
"""


def config(**data: str) -> dict[str, str]:
    named = {key.replace("__", "."): value for key, value in data.items()}
    return scrub("configmaps", ConfigMap(ObjectMeta("c"), named), HASHER).data


def test_weaviates_configuration_is_reduced_to_what_evidence_needs() -> None:
    assert json.loads(config(conf__yaml=CONF)["conf.yaml"]) == {
        "authentication": {
            "anonymous_access": {"enabled": False},
            "apikey": {"allowed_keys_count": 2, "enabled": True, "users": ["ada", "grace"]},
            "oidc": {"enabled": True},
        },
        "authorization": {"rbac": {"enabled": True, "root_users": ["ada"]}},
        "query_defaults": {"limit": 100},
        "debug": False,
    }


def test_runtime_overrides_keep_switches_numbers_and_short_words() -> None:
    text = (
        "autoschema_enabled: false\nminimum: 3\nlevel: debug\nwait: 10s\napi_key: abc\nurl: https://a.b/c\nlist: [1]\n"
        "schedule: '*/5 0 * * MON'\nevery: '@every 1h30m'\nnothing: null\n"
    )
    kept = config(overrides__yaml=text)
    assert config(overrides__yaml=kept["overrides.yaml"]) == kept
    assert json.loads(kept["overrides.yaml"]) == {
        "autoschema_enabled": False,
        "minimum": 3,
        "level": "debug",
        "wait": "10s",
        "api_key": "[redacted]",
        "url": "[redacted]",
        "list": "[redacted]",
        "schedule": "*/5 0 * * MON",
        "every": "@every 1h30m",
        "nothing": None,
    }


def test_a_second_reduction_changes_nothing() -> None:
    once = config(conf__yaml=CONF, OPENAI_APIKEY="abc", db_token="/run/t", X_TOKEN="vault:a/b#c", LOG_LEVEL="info")
    assert config(**{name.replace(".", "__"): value for name, value in once.items()}) == once
    assert json.loads(once["conf.yaml"])["authentication"]["apikey"]["allowed_keys_count"] == 2
    assert (once["db_token"], once["X_TOKEN"]) == ("/[redacted]", "vault:[redacted]")
