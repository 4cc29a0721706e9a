"""The free-form values of objects: variables, command lines, annotations, mount options."""

from __future__ import annotations

import pytest

from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.meta import LabelSelector, ObjectMeta, Requirement
from readiness_kit.kinds.metrics import MonitorEndpoint, ServiceMonitor, ServiceMonitorSpec
from readiness_kit.kinds.network import NetworkPolicy, NetworkPolicySpec
from readiness_kit.kinds.pods import Container, ExecAction, HTTPGet, HTTPHeader, Pod, PodSpec, Probe
from readiness_kit.kinds.storage import PersistentVolume, StorageClass, VolumeSpec
from readiness_kit.redact import LabelHasher, scrub
from readiness_kit.redact.commands import arguments, credentials_in
from readiness_kit.redact.values import env_value

HASHER = LabelHasher(b"key")


# Made up here, each of the form of its kind; split so that no scanner of source code takes them for real.
GITHUB = "ghp_" + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1RoT"


PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA7\nq83vEjRW\n-----END RSA PRIVATE " + "KEY-----"


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
        ("TLS_PRIVATE_KEY", PEM, "[redacted-credential]"),
        ("LOG_LEVEL", GITHUB, "[redacted-credential]"),
        ("SENTRY_ENVIRONMENT", "8ce0c1d7ad0b5e8f3a2b1c4d5e6f7081", "[redacted]"),
        ("BACKUP_S3_ENDPOINT", "http://id:key@minio:9000", "[redacted-credential]"),
        ("OPENAI_APIKEY", "x", "[redacted]"),
        ("ANYTHING_ELSE", "harmless", "[redacted]"),
        ("TRANSFORMERS_INFERENCE_API", "http://u:p@t2v.ml.svc:8080/path?key=1", "http://redacted@t2v.ml.svc:8080"),
        ("TRANSFORMERS_INFERENCE_API", "http://redacted@t2v.ml.svc:8080", "http://redacted@t2v.ml.svc:8080"),
        ("ANYTHING_ELSE", GITHUB, "[redacted-credential]"),
        ("HTTPS_PROXY", "http://user:pw@proxy:3128", "[redacted-credential]"),
        ("HTTPS_PROXY", "http://proxy:3128", "[redacted-setting]"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc123def", "[redacted-credential]"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-honeycomb-team=abcdef0123456789ab", "[redacted-credential]"),
        ("JAVA_OPTS", "-Xmx1g -Djavax.net.ssl.keyStorePassword=changeit", "[redacted-credential]"),
        ("DATABASE", "host=db user=x password=hunter22", "[redacted-credential]"),
        ("DATABASE_URL", "postgres://$(USER):$(PASS)@db/x", "[redacted]"),
        ("BASIC_AUTH", "true", "[redacted-setting]"),
        ("SSL_KEY", "/etc/ssl/tls.key", "/[redacted]"),
        ("MY_TOKEN", "$(OTHER_TOKEN)", "$(OTHER_TOKEN)"),
        ("SSH_HOST_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "[redacted-setting]"),
        ("TOLERATIONS", '[{"key": "dedicated", "value": "vectors"}]', "[redacted]"),
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
            (
                "sh",
                "-c",
                "export PGPASSWORD=[redacted]; curl -u me:[redacted-credential] https://[redacted-credential]@h/v1/backups/s3",
            ),
        ),
        (
            ('curl -H "X-API-Key: abc" -d {"token":"t"} u',),
            ('curl -H "X-API-Key: [redacted-credential]" -d {"token":"[redacted]"} u',),
        ),
        (("redis-cli -h r -a pw ping",), ("redis-cli -h r -a [redacted-credential] ping",)),
        (("--auth=none", "--token-auth", "true"), ("--auth=none", "--token-auth", "true")),
        (("curl -u me:$PASS https://h",), ("curl -u me:[redacted] https://h",)),
        (("--image=x@sha256:" + "9b2a41c6" * 8,), ("--image=x@sha256:" + "9b2a41c6" * 8,)),
        (("Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu",), ("[redacted]",)),
    ],
)
def test_command_lines_keep_their_flags(words: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert arguments(words) == kept
    assert arguments(kept) == kept


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--api-key=abc",), ("--api-key",)),
        (("--api-key", "abc"), ("--api-key",)),
        (("--foo=" + GITHUB,), ("--foo",)),
        (("sh", "-c", "export PGPASSWORD=abc; exec app"), ("PGPASSWORD",)),
        (("app", "https://u:hunter22@host/x"), ("",)),
        (("curl", "-H", "Authorization: Bearer abc123"), ("",)),
        (('--config={"password": "abc"}',), ("password",)),
        (("--api-key=$(API_KEY)", "--token", "$(TOKEN)"), ()),
        (("--tls-key-file=/certs/tls.key", "--secret-name=x", "--max-tokens=4096"), ()),
        (("curl -u $USER:$PASS https://h",), ()),
        (("--auth=none", "--checksum=8ce0c1d7ad0b5e8f3a2b1c4d5e6f7081"), ()),
        (("--image=x@sha256:" + "9b2a41c6" * 8,), ()),
    ],
)
def test_credentials_in_a_command_line(words: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert credentials_in(words) == found
    assert credentials_in(arguments(words)) == found


def test_probes_keep_only_that_a_credential_was_there() -> None:
    sent = (HTTPHeader("Authorization", "Bearer zz-demo-key"), HTTPHeader("Accept", "text/plain"))
    probes = {
        "readiness_probe": Probe(http_get=HTTPGet(path="/", http_headers=sent)),
        "liveness_probe": Probe(exec=ExecAction(("redis-cli", "-a", "pw"))),
        "startup_probe": Probe(exec=ExecAction(("cat", "/tmp/healthy"))),
    }
    pod = Pod(spec=PodSpec(containers=(Container(**probes),)))
    kept = scrub("pods", pod, HASHER)
    container = kept.spec.containers[0]
    assert container.readiness_probe and container.readiness_probe.http_get
    assert [header.value for header in container.readiness_probe.http_get.http_headers] == [
        "[redacted-credential]",
        "[redacted]",
    ]
    assert container.liveness_probe and container.liveness_probe.exec
    assert container.liveness_probe.exec.command == ("[redacted-credential]",)
    assert container.startup_probe and container.startup_probe.exec == ExecAction()
    assert scrub("pods", kept, HASHER) == kept


def config(**data: str) -> dict[str, str]:
    named = {key.replace("__", "."): value for key, value in data.items()}
    return scrub("configmaps", ConfigMap(ObjectMeta("c"), named), HASHER).data


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


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("--pw=V1", "--port=80"), ("--pw=[redacted]", "--port=80")),
        (("--bindpw", "V1"), ("--bindpw", "[redacted]")),
        (("--creds=V1",), ("--creds=[redacted]",)),
        (("--jwt=V1", "--psk=V1"), ("--jwt=[redacted]", "--psk=[redacted]")),
        (("--session-cookie=V1",), ("--session-cookie=[redacted]",)),
        (("--awsAccessKey=V1", "--clientSecret", "V1"), ("--awsAccessKey=[redacted]", "--clientSecret", "[redacted]")),
        (("{'password': 'V1', 'port': 80}",), ("{'password': '[redacted]', 'port': 80}",)),
        (("--user", "u:V1"), ("--user", "u:[redacted-credential]")),
        (("--user=1000:1000", "--user", "system:admin"), ("--user=1000:1000", "--user", "system:admin")),
        (("curl -H 'apikey: V1' h",), ("curl -H 'apikey: [redacted]' h",)),
        (("curl -uu:V1 h", "curl -b 'sid=V1' h"),
             ("curl -uu:[redacted-credential] h", "curl -b '[redacted-credential]' h")),
        (("mongo", "-p", "V1"), ("mongo", "-p", "[redacted-credential]")),
        (("sh", "-c", "mongosh -x -p \"V1\" db"), ("sh", "-c", "mongosh -x -p \"[redacted-credential]\" db")),
        (("ldapsearch -x -w V1 -D cn=a",), ("ldapsearch -x -w [redacted-credential] -D cn=a",)),
        (("mysql -pV1 db", "mysql -p db"), ("mysql -p[redacted-credential] db", "mysql -p db")),
        (("docker login -p V1 h; docker run -p 80:80 i",),
             ("docker login -p [redacted-credential] h; docker run -p 80:80 i",)),
        (("smbclient -U u%V1 //h", "openssl rsa -passin pass:V1"),
         ("smbclient -U u%[redacted-credential] //h", "openssl rsa -passin pass:[redacted-credential]")),
        (("http://h/metrics?token=V1&a=b",), ("http://h/metrics?token=[redacted]&a=b",)),
        (("--set", "auth.token=V1"), ("--set", "auth.token=[redacted]")),
    ],
)  # fmt: skip
def test_names_of_credentials_are_known_in_every_form(words: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert arguments(words) == kept
    assert arguments(kept) == kept


def test_arguments_are_judged_with_the_command_before_them() -> None:
    pod = Container(name="c", command=("mongo",), args=("-p", "V1", "--port", "80"))
    assert scrub("pods", Pod(spec=PodSpec(containers=(pod,))), HASHER).spec.containers[0].args == (
        "-p", "[redacted-credential]", "--port", "80",
    )  # fmt: skip


def test_paths_of_monitors_annotations_and_ingresses_keep_no_token() -> None:
    meta = ObjectMeta(annotations={"prometheus.io/path": "/m?token=V1"})
    assert scrub("pods", Pod(metadata=meta), HASHER).metadata.annotations == {
        "prometheus.io/path": "/m?token=[redacted]"
    }
    monitor = scrub(
        "servicemonitors",
        ServiceMonitor(spec=ServiceMonitorSpec(endpoints=(MonitorEndpoint(path="/m?key=V1"),))),
        HASHER,
    )
    assert monitor.spec.endpoints[0].path == "/m?key=[redacted]"


def test_a_label_with_the_name_of_a_credential_is_hashed_in_labels_and_selectors_alike() -> None:
    labels = {"example.com/join-token": "abc", "app": "weaviate", "token-required": "true"}
    kept = HASHER.mapping(labels)
    assert kept["app"] == "weaviate" and kept["token-required"] == "true"
    assert kept["example.com/join-token"].startswith("redacted-")
    assert HASHER.mapping(kept) == kept
    selector = LabelSelector(
        match_expressions=(Requirement(key="example.com/join-token", operator="In", values=("abc",)),)
    )
    policy = scrub("networkpolicies", NetworkPolicy(spec=NetworkPolicySpec(pod_selector=selector)), HASHER)
    assert policy.spec.pod_selector.match_expressions[0].values == (kept["example.com/join-token"],)


def test_nested_arguments_do_not_recurse_and_long_ones_are_cut() -> None:
    nested = "--a=" * 4000
    assert arguments((nested,)) == (nested,)
    long = arguments(("word " * 100_000 + "--token=V1",))[0]
    assert len(long) < 66_000 and long.endswith("(cut)") and "V1" not in long
