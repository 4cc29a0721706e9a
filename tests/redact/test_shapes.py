"""Credentials are recognised by their form and removed; ordinary values stay."""

from __future__ import annotations

import base64
import json
import time

import pytest

from readiness_kit.redact import redact_json, redact_text, secret_shapes, shapes
from readiness_kit.redact.shapes import looks_random

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
    cleaned, found, left_over = redact_json(body)
    assert name in found
    left = json.loads(cleaned)[0]["field"]
    assert left.startswith("before ") and "[redacted]" in left
    assert secret not in left and secret[-12:] not in left.removesuffix(" after")
    assert secret_shapes(cleaned) == []
    assert redact_json(cleaned) == (cleaned, [], [])
    assert left_over == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_evidence_needs_is_no_secret(text: str) -> None:
    body = json.dumps({"field": text}).encode()
    assert secret_shapes(text) == []
    assert redact_json(body) == (body, [], [])


def test_json_stays_valid_and_keys_are_looked_at() -> None:
    body = json.dumps({GITHUB: [PEM + "\nrest", {"a": 1, "b": None}]}).encode()
    cleaned, found, _ = redact_json(body)
    assert json.loads(cleaned) == {"[redacted]": ["[redacted]\nrest", {"a": 1, "b": None}]}
    assert found == ["PEM private key", "GitHub token"] or found == ["GitHub token", "PEM private key"]


def test_escapes_do_not_hide_a_secret() -> None:
    body = b'{"a": "https:\\/\\/app:hunter22@db", "b": "\\u0067hp_' + GITHUB[4:].encode() + b'"}'
    cleaned, found, _ = redact_json(body)
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


def test_a_secret_that_spans_a_name_and_a_value_is_named() -> None:
    body = json.dumps({"aws_secret_access_key": "kWcrlUX5JEDGM/LtmEENI/aVmYvHNif5zB+d9+ct"}).encode()
    assert redact_json(body) == (body, [], ["AWS secret key"])


def test_each_document_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[bytes | str] = []
    search = shapes._candidates
    monkeypatch.setattr(shapes, "_candidates", lambda body: searched.append(body) or search(body))
    body = json.dumps([{"field": "harmless"}] * 1000).encode()
    assert redact_json(body).body is body
    assert searched == [body]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_in_a_large_text(name: str) -> None:
    assert name in secret_shapes("é" * 5000 + f" {SECRETS[name]} ")


@pytest.mark.parametrize("unit", ["a-", "x-key-", "curl ", "sk-_", "--a=", "eyJ", "://a:", "password"])
def test_hostile_error_texts_cost_next_to_nothing(unit: str) -> None:
    began = time.perf_counter()
    assert len(redact_text(unit * 100_000)) <= shapes.MAX_MESSAGE + 20
    assert time.perf_counter() - began < 2


def test_a_cut_leaves_no_half_of_a_credential() -> None:
    text = "a " * 4090 + GITHUB
    assert redact_text(text).endswith("a … (cut)") and GITHUB[:8] not in redact_text(text)
