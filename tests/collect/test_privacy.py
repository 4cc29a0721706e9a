"""No secret of the cluster gets into a snapshot, a log or an event."""

from __future__ import annotations

import base64
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import Event, collect, connect
from readiness_kit.kinds import KINDS
from tests.collect.conftest import listed, small, workload
from tests.support.served import ServedCluster, status

WORD = "canary-7f3a9c"


TOKEN = "ghp_" + "CanaryZr4Tq9Lm2XvB7nKd5WcY8sHf3GjP"


RANDOM = "Canary4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1RoT"


def planted() -> dict[str, Any]:
    """The small cluster with canaries wherever a user can write."""
    pem = f"-----BEGIN PRIVATE KEY-----\n{WORD}\n-----END PRIVATE KEY-----"
    env = [
        {"name": "OPENAI_APIKEY", "value": WORD},
        {"name": "AUTHENTICATION_APIKEY_ALLOWED_KEYS", "value": WORD},
        {"name": "SOMETHING", "value": WORD},
        {"name": "LOG_LEVEL", "value": TOKEN},
        {"name": "TLS_PRIVATE_KEY", "value": pem},
        {"name": "SENTRY_ENVIRONMENT", "value": RANDOM},
        {"name": "TRANSFORMERS_INFERENCE_API", "value": f"http://u:{WORD}@t2v:80/{WORD}?k={WORD}"},
        {"name": "BACKUP_S3_ENDPOINT", "value": f"https://id:{WORD}@minio:9000"},
    ]
    script = (
        f'curl -u me:{WORD} -H "Authorization: Bearer {WORD}" -H "X-API-Key: {WORD}" https://u:{WORD}@h/v1/backups/s3'
        f' -d {{"password":"{WORD}"}}; export MY_TOKEN={WORD}; echo {TOKEN} {RANDOM}; mysql -p{WORD}'
    )
    weaviate = workload(
        "weaviate",
        "db",
        env=env,
        command=["/bin/weaviate", f"--token={WORD}"],
        args=["--config-file", "/c/conf.yaml", f"--api-key={WORD}", "--password", WORD, RANDOM, script],
        livenessProbe={
            "httpGet": {"path": f"/live?token={WORD}", "httpHeaders": [{"name": "Authorization", "value": WORD}]},
            "exec": {"command": [WORD]},
        },
    )
    last_applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"x": WORD}), "note": WORD}
    metadata = {
        "annotations": {**last_applied, "checksum/config": TOKEN, "ad.datadoghq.com/weaviate.checks": WORD},
        "labels": {"app": "weaviate", "token": TOKEN, "random": RANDOM},
        "managedFields": [{"manager": WORD}],
    }
    weaviate["metadata"].update(metadata)
    weaviate["spec"]["template"]["metadata"].update(metadata)
    weaviate["spec"]["selector"] = {"matchLabels": {"token": TOKEN}}
    conf = (
        f"authentication:\n  apikey: {{enabled: true, allowed_keys: [{WORD}], users: [ada, {TOKEN}]}}\nother: {WORD}\n"
    )
    data = {
        "conf.yaml": conf,
        "overrides.yaml": f"a_password: {WORD}\nurl: https://u:{WORD}@h\nok: true\n",
        "app.json": json.dumps({"password": WORD}),
        "COHERE_APIKEY": WORD,
        "LOG_LEVEL": TOKEN,
        "PLAIN": WORD,
    }
    meta = {"name": "x", "namespace": "db", **metadata}
    return small(
        **{
            "/apis/apps/v1/statefulsets": listed("StatefulSet", "apps/v1", weaviate),
            "/api/v1/pods": listed("Pod", "v1", {"metadata": meta, "spec": weaviate["spec"]["template"]["spec"]}),
            "/api/v1/configmaps": listed(
                "ConfigMap", "v1", {"metadata": meta, "data": data, "binaryData": {"b": WORD}}
            ),
            "/api/v1/serviceaccounts": listed("ServiceAccount", "v1", {"metadata": meta, "secrets": [{"name": WORD}]}),
            "/api/v1/events": listed("Event", "v1", {"metadata": meta, "message": WORD, "reason": "OOM"}),
            "/api/v1/persistentvolumes": listed(
                "PersistentVolume",
                "v1",
                {"metadata": metadata | {"name": "v"}, "spec": {"mountOptions": [f"password={WORD}"]}},
            ),
            "/apis/storage.k8s.io/v1/storageclasses": listed(
                "StorageClass",
                "storage.k8s.io/v1",
                {
                    "metadata": {"name": "s"},
                    "parameters": {"adminKey": WORD, "type": "gp3"},
                    "mountOptions": [f"pass={WORD}"],
                },
            ),
            "/apis/apps/v1/controllerrevisions": listed(
                "ControllerRevision", "apps/v1", {"metadata": meta, "data": {"a": WORD}}
            ),
            "/apis/monitoring.coreos.com/v1/prometheusrules": listed(
                "PrometheusRule",
                "monitoring.coreos.com/v1",
                {
                    "metadata": meta,
                    "spec": {
                        "groups": [
                            {
                                "name": "g",
                                "rules": [
                                    {
                                        "alert": "A",
                                        "expr": f'up{{k="{TOKEN}"}}',
                                        "labels": {"k": WORD},
                                        "annotations": {"d": WORD},
                                    }
                                ],
                            }
                        ]
                    },
                },
            ),
        }
    )


@pytest.mark.usefixtures("pauses")
def test_no_canary_leaves_the_cluster(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []

    def fault(request: Any) -> Any:
        return status(403, "Forbidden", f"no: https://u:{WORD}@h {TOKEN}") if request.path == "/api/v1/nodes" else None

    with ServedCluster(planted(), fault=fault, token=RANDOM) as cluster:
        with connect(str(cluster.kubeconfig(tmp_path, token=RANDOM))) as connection:
            found = collect(connection, KINDS, progress=events.append)
        assert found.read("configmaps").count == 1 and found.read("statefulsets").count == 1
    path = tmp_path / "out" / "s.zip"
    found.save(path)
    with zipfile.ZipFile(path) as archive:
        saved = b"".join(archive.read(name) for name in archive.namelist())
    everything = saved + path.read_bytes() + repr((events, found)).encode() + caplog.text.encode()
    for secret in (WORD, TOKEN, RANDOM):
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode()) not in everything
    assert b"CanaryZr4" not in everything and b"Canary4Tq" not in everything


@pytest.mark.usefixtures("pauses")
def test_what_surrounds_the_canaries_is_kept(tmp_path: Path) -> None:
    with ServedCluster(planted()) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        found = collect(connection, KINDS)
    container = found.objects("statefulsets")[0].spec.template.spec.containers[0]
    assert container.args[:5] == ("--config-file", "/c/conf.yaml", "--api-key=[redacted]", "--password", "[redacted]")
    assert "/v1/backups/s3" in container.args[6]
    assert {variable.name for variable in container.env} >= {"OPENAI_APIKEY", "LOG_LEVEL"}
    data = found.objects("configmaps")[0].data
    assert json.loads(data["conf.yaml"])["authentication"]["apikey"] == {
        "enabled": True,
        "allowed_keys_count": 1,
        "users": ["ada", "[redacted]"],
    }
    assert json.loads(data["overrides.yaml"]) == {
        "a_password": "[redacted]",
        "url": "[redacted]",
        "ok": True,
    }
    assert data["COHERE_APIKEY"] == "[redacted]"
    assert data["LOG_LEVEL"] == "[redacted-credential]"
    template = found.objects("statefulsets")[0].spec.template
    assert template.metadata.labels["token"] == found.objects("statefulsets")[0].spec.selector.match_labels["token"]
    assert template.metadata.labels["app"] == "weaviate"
