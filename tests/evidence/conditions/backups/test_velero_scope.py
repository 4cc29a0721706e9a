"""Backups of Velero that leave Weaviate's volumes out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asked import ask, seen
from tests.support.cluster import Object, cluster, of, weaviate


def run(**spec: Any) -> Object:
    status = {"phase": "Completed", "completionTimestamp": "2026-11-23T06:00:00Z"}
    body = {"includedNamespaces": ["weaviate"], "snapshotVolumes": True, **spec}
    return {
        "kind": "Backup",
        "apiVersion": "velero.io/v1",
        "metadata": {"name": "nightly"},
        "spec": body,
        "status": status,
    }


def volumes(objects: list[Object], **spec: Any) -> list[str]:
    return seen(ask("res.data_backed_up", cluster(objects, run(**spec))), "snapshots of the volumes")


def test_a_run_with_everything_counts() -> None:
    assert volumes(weaviate()) == ["recent"]


@pytest.mark.parametrize(
    "spec",
    [
        {"excludedResources": ["persistentvolumes"]},
        {"excludedResources": ["persistentvolumeclaims"]},
        {"excludedResources": ["persistentvolumeclaims.core"]},
        {"includedResources": ["configmaps", "secrets"]},
        {"excludedNamespaceScopedResources": ["persistentvolumeclaims"]},
        {"excludedClusterScopedResources": ["*"]},
        {"includedNamespaceScopedResources": ["deployments"]},
        {"labelSelector": {"matchLabels": {"app": "other"}}},
        {"orLabelSelectors": [{"matchLabels": {"app": "other"}}]},
        {"snapshotVolumes": None, "defaultVolumesToFsBackup": True, "excludedResources": ["pods"]},
        {"snapshotVolumes": False},
        {"excludedNamespaces": ["weaviate"]},
    ],
)
def test_a_run_that_leaves_the_volumes_out_does_not_count(spec: dict[str, Any]) -> None:
    assert "recent" not in volumes(weaviate(), **spec)


def test_included_claims_bring_their_volumes() -> None:
    assert volumes(weaviate(), includedResources=["persistentvolumeclaims"]) == ["recent"]


def test_a_data_volume_that_the_pod_excludes_is_not_backed_up() -> None:
    excluded = {"annotations": {"backup.velero.io/backup-volumes-excludes": "tmp,weaviate-data"}}
    files = {"snapshotVolumes": None, "defaultVolumesToFsBackup": True}
    assert "recent" not in volumes(weaviate(template_metadata=excluded), **files)
    assert volumes(weaviate(), **files) == ["recent"]


def test_claims_that_are_labelled_to_be_left_out_are_not_backed_up() -> None:
    objects = weaviate()
    for claim in of(objects, "PersistentVolumeClaim"):
        claim["metadata"]["labels"] = {"velero.io/exclude-from-backup": "true"}
    assert "recent" not in volumes(objects)
