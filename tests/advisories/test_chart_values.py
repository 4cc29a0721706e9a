"""Keys of a values.yaml that the official chart ignores."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from readiness_kit.advisories.chart_values import check_chart_values

RENDERS = Path(__file__).resolve().parents[3] / "shared" / "chart" / "renders" / "17.8.3"
WITH_IGNORED_KEYS = {"ignored-keys", "topology-spread-custom"}


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("replicaCount: 3", "replicaCount", "replicas"),
        ("maxSurge: 1", "maxSurge", ""),
        (
            "updateStrategy: {rollingUpdate: {maxSurge: 1}}",
            "updateStrategy.rollingUpdate.maxSurge",
            "updateStrategy.rollingUpdate.maxUnavailable",
        ),
        (
            "authorization: {admin_list: {readonly_users: [ann]}}",
            "authorization.admin_list.readonly_users",
            "authorization.admin_list.read_only_users",
        ),
        ("persistence: {size: 1Ti}", "persistence.size", "storage.size"),
        ("image: {repository: mirror/weaviate}", "image.repository", "image.repo"),
        ("resource: {limits: {memory: 8Gi}}", "resource", "resources"),
        ("storage: {storageClass: fast}", "storage.storageClass", "storage.storageClassName"),
        ("backups: {s3: {enable: true}}", "backups.s3.enable", "backups.s3.enabled"),
        ("termination_grace: 600", "termination_grace", ""),
        ("offload: {s3: {serviceAccountName: weaviate}}", "offload.s3.serviceAccountName", ""),
    ],
)
def test_an_ignored_key_is_named_with_the_right_one(text: str, wrong: str, right: str) -> None:
    found = {one.name: one for one in check_chart_values(yaml.safe_load(text))}
    assert found[wrong].right == right and wrong in found[wrong].sentence


@pytest.mark.parametrize(
    "text",
    [
        "replicas: 3",
        "env: {ANYTHING: 'x'}",
        "resources: {limits: {memory: 8Gi}}",
        "podDisruptionBudgets: {weaviate: {enabled: true, spec: {maxUnavailable: 1}}}",
        "backups: {s3: {enabled: true, envconfig: {BACKUP_S3_BUCKET: b}}}",
        "affinity: {podAntiAffinity: null}",
        "{}",
    ],
)
def test_keys_that_the_chart_reads_are_not_named(text: str) -> None:
    assert check_chart_values(yaml.safe_load(text)) == []


def test_values_that_were_rendered_with_effect_raise_none() -> None:
    if not RENDERS.is_dir():
        pytest.skip("the shared renders are not here")
    for folder in sorted(RENDERS.iterdir()):
        values = yaml.safe_load((folder / "values.yaml").read_text()) or {}
        assert bool(check_chart_values(values)) is (folder.name in WITH_IGNORED_KEYS), folder.name
