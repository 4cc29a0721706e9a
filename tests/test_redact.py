"""What counts as a secret, what must not, and what is left of the free-form fields of an object."""

from __future__ import annotations

import base64
import json
from typing import get_args, get_type_hints

import msgspec
import pytest

from readiness_kit.kinds import KINDS
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.meta import LabelSelector, ObjectMeta, Requirement
from readiness_kit.kinds.metrics import AlertRule, PrometheusRule, PrometheusRuleSpec, RuleGroup
from readiness_kit.kinds.network import NetworkPolicy, NetworkPolicySpec, Service, ServiceSpec
from readiness_kit.kinds.pods import Container, EnvVar, EnvVarSource, KeyRef, Pod, PodSpec
from readiness_kit.kinds.storage import PersistentVolume, StorageClass, VolumeSpec
from readiness_kit.redact import LabelHasher, redact_json, redact_text, scrub, secret_shapes
from readiness_kit.redact.scrub import QUANTITIES, RULES
from readiness_kit.redact.shapes import looks_random
from readiness_kit.redact.values import arguments, env_value

HASHER = LabelHasher(b"key")

# Made up here, each of the form of its kind; split so that no scanner of source code takes them for real.
GITHUB = "ghp_" + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1RoT"
JWT = "eyJhbGciOiJSUzI1NiJ9" + ".eyJzdWIiOiJyZWFkZXIifQ" + ".c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA7\nq83vEjRW\n-----END RSA PRIVATE " + "KEY-----"
SECRETS = {
    "PEM private key": PEM,
    "base64 PEM private key": base64.b64encode(PEM.encode()).decode(),
    "kubeconfig key": "client-key-data: " + "TUlJRXBBSUJBQUtDQVFFQQ==",
    "JWT": JWT,
    "AWS access key id": "AKIA" + "QYLPMN5HHHFPZAM2",
    "AWS secret key": "aws_secret_access_key = " + "kWcrlUX5JEDGM/LtmEENI/aVmYvHNif5zB+d9+ct",
    "GitHub token": GITHUB,
    "GitLab token": "glpat-" + "Zr4Tq9Lm2XvB7nKd5WcY",
    "Slack token": "xoxb-" + "123456789012-abcdefGHIJ",
    "Slack webhook": "https://hooks.slack.com/" + "services/T0123456/B0123456/Zr4Tq9Lm2XvB7nKd5WcY",
    "API key (sk-)": "sk-" + "proj-Zr4Tq9Lm2XvB7nKd5WcY8sHf",
    "Google API key": "AIza" + "SyZr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1",
    "vendor token": "hf_" + "ZrTqLmXvBnKdWcYsHfGjPaEuRoTbNi",
    "authorization header": "Authorization: Bearer Zr4Tq9Lm2XvB7nKd5WcY",
    "Azure storage key": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey="
    + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu==;",
    "signed URL": "https://x.blob.core.windows.net/c?sp=r&sig=" + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu%3D",
    "password in a URL": "postgres://app:hunter22@db:5432/x",
}

HARMLESS = [
    "sha256:9b2a41c6d6f4f0d2f2b8b7b0e0a5ad4f8c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f",
    "docker-pullable://registry.example.com:5000/weaviate@sha256:9b2a41c6d6f4f0d2f2b8b7b0e0a5ad4f8c1d2e3f4a5b6c7d",
    "beddfa190a864d1ed9f87fd1b79291422bf901037522c0e6404b1f6c81a9fa1b",
    "weaviate-5d9c7b8f6d-x2x7q",
    "c5d3a1f0-1234-4678-9abc-def012345678",
    "aws:///eu-central-1a/i-0abc123def4567890",
    "a0123456789abcdef0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com",
    "arn:aws:iam::123456789012:role/weaviate-backup",
    "weaviate-headless.weaviate.svc.cluster.local.",
    "https://weaviate.example.com:8080/v1/backups/s3",
    "ssh://git@example.com/repo.git",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "task-runner-with-a-very-long-name-of-version-2",
    "-----BEGIN CERTIFICATE-----\nMIIDGzCCAgOgAwIBAgIULJd2sG\n-----END CERTIFICATE-----",
    base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIDGzCCAgOgAwIBAgIULJd2sG").decode(),
    "the basic authentication of the cluster API",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_named_and_removed(name: str) -> None:
    secret = SECRETS[name]
    body = json.dumps([{"field": f"before {secret} after"}]).encode()
    assert name in secret_shapes(secret)
    cleaned, found = redact_json(body)
    assert name in found
    left = json.loads(cleaned)[0]["field"]
    assert left.startswith("before ") and "[redacted]" in left
    assert secret not in left and secret[-12:] not in left.removesuffix(" after")
    assert secret_shapes(cleaned) == []
    assert redact_json(cleaned) == (cleaned, [])


@pytest.mark.parametrize("text", HARMLESS)
def test_what_evidence_needs_is_no_secret(text: str) -> None:
    body = json.dumps({"field": text}).encode()
    assert secret_shapes(text) == []
    assert redact_json(body) == (body, [])


def test_json_stays_valid_and_keys_are_looked_at() -> None:
    body = json.dumps({GITHUB: [PEM + "\nrest", {"a": 1, "b": None}]}).encode()
    cleaned, found = redact_json(body)
    assert json.loads(cleaned) == {"[redacted]": ["[redacted]\nrest", {"a": 1, "b": None}]}
    assert found == ["PEM private key", "GitHub token"] or found == ["GitHub token", "PEM private key"]


def test_escapes_do_not_hide_a_secret() -> None:
    body = b'{"a": "https:\\/\\/app:hunter22@db", "b": "\\u0067hp_' + GITHUB[4:].encode() + b'"}'
    cleaned, found = redact_json(body)
    assert json.loads(cleaned) == {"a": "https://[redacted]@db", "b": "[redacted]"}
    assert sorted(found) == ["GitHub token", "password in a URL"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GET https://me:pw@api.example.com failed", "GET https://[redacted]@api.example.com failed"),
        ("https://u:p@ss@word@host/x", "https://[redacted]@host/x"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer [redacted]"),
        ("password: hunter22, next", "password: [redacted], next"),
        ("x-api-key=abc123 y", "x-api-key=[redacted] y"),
        ("401 Unauthorized: token expired", "401 Unauthorized: token expired"),
        ('pods is forbidden: User "reader" cannot list', 'pods is forbidden: User "reader" cannot list'),
    ],
)
def test_error_texts(text: str, left: str) -> None:
    assert redact_text(text) == left
    assert redact_text(left) == left


@pytest.mark.parametrize(
    ("token", "random"),
    [
        ("kWcrlUX5JEDGM/LtmEENI/aVmYvHNif5zB+d9+ct", True),
        ("8ce0c1d7ad0b5e8f3a2b1c4d5e6f7081", True),
        ("Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu", True),
        ("Zr4Tq9Lm2XvB7nKd5WcY8sHf", False),
        ("00000000000000000000000000000000", False),
        ("AmazonEKSClusterInsightsPolicyV2ForKubernetes134", False),
        ("kube-prometheus-stack-kube-state-metrics-0123", False),
        ("c5d3a1f0-1234-4678-9abc-def012345678", False),
        ("/var/lib/kubelet/plugins/kubernetes.io/csi/PV1/globalMount", False),
    ],
)
def test_random_tokens(token: str, random: bool) -> None:
    assert looks_random(token) is random


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("ENABLE_MODULES", "backup-s3,text2vec-openai", "backup-s3,text2vec-openai"),
        ("RAFT_JOIN", "weaviate-0,weaviate-1,weaviate-2", "weaviate-0,weaviate-1,weaviate-2"),
        (
            "CLUSTER_JOIN",
            "weaviate-headless.weaviate.svc.cluster.local.",
            "weaviate-headless.weaviate.svc.cluster.local.",
        ),
        ("AUTHORIZATION_RBAC_ROOT_USERS", "ada,grace", "ada,grace"),
        ("GOMEMLIMIT", "", ""),
        ("TLS_PRIVATE_KEY", "/certs/tls.key", "/certs/tls.key"),
        ("TLS_PRIVATE_KEY", PEM, "[redacted]"),
        ("LOG_LEVEL", GITHUB, "[redacted]"),
        ("SENTRY_ENVIRONMENT", "8ce0c1d7ad0b5e8f3a2b1c4d5e6f7081", "[redacted]"),
        ("BACKUP_S3_ENDPOINT", "http://id:key@minio:9000", "[redacted]"),
        ("OPENAI_APIKEY", "x", "[redacted]"),
        ("ANYTHING_ELSE", "harmless", "[redacted]"),
        ("TRANSFORMERS_INFERENCE_API", "http://u:p@t2v.ml.svc:8080/path?key=1", "http://t2v.ml.svc:8080"),
        ("TRANSFORMERS_INFERENCE_API", "t2v:8080", "[redacted]"),
    ],
)
def test_env_values(name: str, value: str, kept: str) -> None:
    assert env_value(name, value) == kept


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (
            ("--host", "0.0.0.0", "--config-file", "/c/conf.yaml"),
            ("--host", "0.0.0.0", "--config-file", "/c/conf.yaml"),
        ),
        (("--password=hunter22", "--read-timeout=60s"), ("--password=[redacted]", "--read-timeout=60s")),
        (("--api-key", "abc", "--port", "80"), ("--api-key", "[redacted]", "--port", "80")),
        (("--tls-key-file=/a/b", "--secret-name=x"), ("--tls-key-file=/a/b", "--secret-name=x")),
        (("--token=$(TOKEN)",), ("--token=$(TOKEN)",)),
        (("--from-literal=password=abc",), ("--from-literal=password=[redacted]",)),
        (("--authorization-mode=RBAC",), ("--authorization-mode=RBAC",)),
        (("--encryption-provider-config=/e.yaml",), ("--encryption-provider-config=/e.yaml",)),
        (
            ("sh", "-c", "export PGPASSWORD=abc; curl -u me:pw https://a:b@h/v1/backups/s3"),
            ("sh", "-c", "export PGPASSWORD=[redacted]; curl -u me:[redacted] https://[redacted]@h/v1/backups/s3"),
        ),
        (
            ('curl -H "X-API-Key: abc" -d {"token":"t"} u',),
            ('curl -H "X-API-Key: [redacted]" -d {"token":"[redacted]"} u',),
        ),
        (("redis-cli -h r -a pw ping",), ("redis-cli -h r -a [redacted] ping",)),
        (("--image=x@sha256:" + "9b2a41c6" * 8,), ("--image=x@sha256:" + "9b2a41c6" * 8,)),
        (("Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu",), ("[redacted]",)),
    ],
)
def test_command_lines_keep_their_flags(words: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert arguments(words) == kept
    assert arguments(kept) == kept


def test_a_pod_keeps_where_a_value_comes_from() -> None:
    reference = EnvVar("AUTHENTICATION_APIKEY_ALLOWED_KEYS", "", EnvVarSource(secret_key_ref=KeyRef("keys", "a")))
    container = Container("weaviate", env=(reference, EnvVar("COHERE_APIKEY", "c"), EnvVar("GOGC", "100")))
    pod = Pod(
        ObjectMeta("weaviate-0", annotations={"checksum/config": "abc", "kubectl.kubernetes.io/last-applied": PEM}),
        PodSpec(containers=(container,)),
    )
    kept = scrub("pods", pod, HASHER)
    assert kept.spec.containers[0].env == (reference, EnvVar("COHERE_APIKEY", "[redacted]"), EnvVar("GOGC", "100"))
    assert kept.metadata.annotations == {"checksum/config": "abc"}


def test_an_object_with_nothing_to_hide_is_the_same_object() -> None:
    pod = Pod(ObjectMeta("a", labels={"app": "weaviate"}), PodSpec(containers=(Container("c", args=("--x=1",)),)))
    assert scrub("pods", pod, HASHER) is pod


def test_labels_of_a_secrets_form_still_match_their_selectors() -> None:
    service = Service(ObjectMeta("s"), ServiceSpec(selector={"app": "weaviate", "owner": GITHUB}))
    labelled = Pod(ObjectMeta("p", labels={"app": "weaviate", "owner": GITHUB, "commit": "8ce0c1d7" * 5}))
    policy = NetworkPolicy(
        spec=NetworkPolicySpec(LabelSelector({"owner": GITHUB}, (Requirement("owner", "In", (GITHUB, "b")),)))
    )
    kept = scrub("services", service, HASHER).spec.selector
    labels = scrub("pods", labelled, HASHER).metadata.labels
    selector = scrub("networkpolicies", policy, HASHER).spec.pod_selector
    assert kept["app"] == "weaviate" and kept["owner"] == labels["owner"] == selector.match_labels["owner"]
    assert selector.match_expressions[0].values == (labels["owner"], "b")
    assert labels["owner"].startswith("redacted-") and len(labels["owner"]) == len("redacted-") + 12
    assert labels["commit"] == "8ce0c1d7" * 5
    assert LabelHasher(b"other").value(GITHUB) != labels["owner"]


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


@pytest.mark.parametrize(
    "name", ["AZURE_STORAGE_CONNECTION_STRING", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "BASIC_AUTH", "db_password"]
)
def test_a_key_that_may_hold_a_credential_stays_without_it(name: str) -> None:
    assert config(**{name: "canary", "PLAIN": "canary"}) == {name: "[redacted]"}


@pytest.mark.parametrize(
    "data",
    [
        {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIID\n"},
        {"app.yaml": "database: {password: hunter22}\n"},
        {"dashboard.json": '{"panels": []}'},
        {"text": "authentication is described here"},
        {"broken": "authentication: {\n"},
        {"overrides.yaml": "? {a: b}\n: c\n"},
        {"overrides.yaml": "a: 2026-13-45\n"},
        {"overrides.yaml": "a: &a [x]\nb: [" + "*a," * 2000 + "]\n"},
        {"LICENSE": "abc"},
    ],
)
def test_other_data_is_dropped(data: dict[str, str]) -> None:
    assert scrub("configmaps", ConfigMap(ObjectMeta("c"), data), HASHER).data == {}


def test_env_names_of_a_config_map_serve_env_from_and_a_key_in_the_clear_shows_without_its_value() -> None:
    assert config(LIMIT_RESOURCES="true", OPENAI_APIKEY="abc", OTHER="x") == {
        "LIMIT_RESOURCES": "true",
        "OPENAI_APIKEY": "[redacted]",
    }


def test_storage_keeps_no_credentials() -> None:
    found = scrub(
        "storageclasses",
        StorageClass(parameters={"type": "gp3", "adminSecretName": "x"}, mount_options=("vers=3.0", "password=pw")),
        HASHER,
    )
    assert found.parameters == {"type": "gp3"}
    assert found.mount_options == ("vers=3.0", "password=[redacted]")
    volume = PersistentVolume(spec=VolumeSpec(mount_options=("username=u", "hard")))
    assert scrub("persistentvolumes", volume, HASHER).spec.mount_options == ("username=[redacted]", "hard")


def test_an_alert_keeps_its_severity_and_expression() -> None:
    rule = AlertRule("Down", 'up{job="weaviate"} == 0', {"severity": "critical", "team": "ada"})
    kept = scrub("prometheusrules", PrometheusRule(spec=PrometheusRuleSpec((RuleGroup("g", (rule,)),))), HASHER)
    assert kept.spec.groups[0].rules == (AlertRule("Down", 'up{job="weaviate"} == 0', {"severity": "critical"}),)


def structs(struct: type, seen: set[type]) -> set[type]:
    """A Struct and all that its fields lead to."""
    if struct not in seen and isinstance(struct, type) and issubclass(struct, msgspec.Struct):
        seen.add(struct)
        for hint in get_type_hints(struct).values():
            stack = [hint]
            while stack:
                one = stack.pop()
                stack += get_args(one)
                structs(one, seen)
    return seen


def test_every_free_form_map_of_the_kinds_has_a_rule() -> None:
    reached: set[type] = set()
    for kind in KINDS.values():
        structs(kind.struct, reached)
    maps = {
        (struct, name) for struct in reached for name, hint in get_type_hints(struct).items() if hint == dict[str, str]
    }
    assert maps
    assert {(struct.__name__, name) for struct, name in maps - set(RULES) - QUANTITIES} == set()
