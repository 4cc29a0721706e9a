"""The store of the backups: outside the cluster, with credentials that are visible or proved."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask, backed_up, bad, seen
from tests.support.cluster import cluster, weaviate

MINIO = {"kind": "Service", "metadata": {"name": "minio", "namespace": "storage"}, "spec": {"clusterIP": "10.0.0.9"}}
S3 = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "backups"}
FIELD, CREDENTIALS = "env BACKUP_S3_ENDPOINT", "credentials for the bucket"


def backups(env: dict[str, Any], *more: Any, **answers: Any) -> Any:
    return ask("ha.weaviate_backups", answered(cluster(weaviate(env={**S3, **env}), MINIO, *more), answers))


@pytest.mark.parametrize(
    "endpoint",
    ["minio.storage.svc.cluster.local:9000", "minio.storage:9000", "minio:9000", "minio.storage.svc", "10.0.0.9:9000"],
)
def test_a_store_inside_the_cluster_is_partly_met(endpoint: str) -> None:
    finding = backups({"BACKUP_S3_ENDPOINT": endpoint})
    lines = [fact for fact in finding.facts if fact.field == FIELD]
    assert [line.outcome for line in lines] == [Outcome.PARTLY] and "lost together with it" in lines[0].message


@pytest.mark.parametrize(
    "endpoint", ["s3.eu-west-1.amazonaws.com", "fra1.digitaloceanspaces.com", "s3.wasabisys.com:443"]
)
def test_a_store_of_a_known_provider_is_outside(endpoint: str) -> None:
    assert [fact.outcome for fact in backups({"BACKUP_S3_ENDPOINT": endpoint}).facts if fact.field == FIELD] == [
        Outcome.MET
    ]


@pytest.mark.parametrize("endpoint", ["s3.internal.example.com", "192.168.4.20:9000", "amazonaws.com.evil.example"])
def test_another_store_is_for_a_person_to_place(endpoint: str) -> None:
    line = next(fact for fact in backups({"BACKUP_S3_ENDPOINT": endpoint}).facts if fact.field == FIELD)
    assert line.reason is Reason.NOT_OBSERVABLE and endpoint in line.message


def test_an_endpoint_with_a_scheme_does_not_start() -> None:
    finding = backups({"BACKUP_S3_ENDPOINT": "https://s3.eu-west-1.amazonaws.com"})
    assert finding.outcome is Outcome.NOT_MET and "has a scheme" in finding.sentence


def test_a_bucket_without_visible_credentials_is_not_in_order() -> None:
    finding = backups({})
    assert seen(finding, CREDENTIALS) and "No credentials for backup-s3 are visible" in finding.sentence
    assert not seen(backups({"AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "aws", "key": "id"}}}), CREDENTIALS)
    assert not seen(backups({}, **backed_up(hours=5)), CREDENTIALS)
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/backup"}
    account = {"kind": "ServiceAccount", "metadata": {"name": "default", "annotations": role}}
    assert not seen(backups({}, account), CREDENTIALS)


def test_static_keys_beside_a_role_are_shown() -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/backup"}
    account = {"kind": "ServiceAccount", "metadata": {"name": "default", "annotations": role}}
    keys = {"AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "aws", "key": "id"}}}
    assert "static keys (AWS_ACCESS_KEY_ID) are used although" in seen(backups(keys, account), CREDENTIALS)[0]


@pytest.mark.parametrize(("path", "on_volume"), [("/var/backups", False), ("/var/lib/weaviate/backups", True)])
def test_a_backup_folder_on_no_volume_is_not_met(path: str, on_volume: bool) -> None:
    env = {"ENABLE_MODULES": "backup-filesystem", "BACKUP_FILESYSTEM_PATH": path}
    assert ("env BACKUP_FILESYSTEM_PATH" in bad(backups(env))) is not on_volume
