"""Snapshots of the volumes, and tools that back up the namespace."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import PODS, ask, backed_up, says
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


S3 = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "nightly"}


def made(answers: dict[str, Any], *more: Any, env: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(env=S3 if env is None else env, **how), *more), says() | answers)


def snapshots(*pods: str, at: str = "2026-11-23T00:00:00Z", ready: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "kind": "VolumeSnapshot",
            "metadata": {"name": f"s-{pod}"},
            "spec": {"source": {"persistentVolumeClaimName": f"weaviate-data-{pod}"}},
            "status": {"readyToUse": ready, "creationTime": at},
        }
        for pod in pods
    ]


@pytest.mark.parametrize(
    ("answers", "objects", "outcome"),
    [
        (backed_up(), snapshots(*PODS), MET),
        (backed_up(), snapshots(*PODS[:2]), UNKNOWN),
        (backed_up(), snapshots(*PODS, at="2026-11-01T00:00:00Z"), UNKNOWN),
        (backed_up(), snapshots(*PODS, ready=False), UNKNOWN),
        (backed_up(), [], UNKNOWN),
        (backed_up(30), snapshots(*PODS), PARTLY),
        (backed_up(400), [], NOT_MET),
        ({}, snapshots(*PODS), UNKNOWN),
    ],
)
def test_data_backed_up(answers: dict[str, Any], objects: list[dict[str, Any]], outcome: Outcome) -> None:
    assert ask("res.data_backed_up", made(answers, objects)).outcome is outcome


def test_trap_volume_snapshots_alone_are_not_a_consistent_backup() -> None:
    finding = ask("res.data_backed_up", made(backed_up(400), snapshots(*PODS)))
    assert finding.outcome is PARTLY


@pytest.mark.parametrize(("scope", "outcome"), [({"snapshotVolumes": True}, MET), ({}, UNKNOWN)])
def test_a_velero_run_counts_where_it_includes_the_volumes(scope: dict[str, Any], outcome: Outcome) -> None:
    run = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": "nightly", "namespace": "velero"},
        "spec": {"includedNamespaces": ["weaviate"], **scope},
        "status": {"phase": "Completed", "completionTimestamp": "2026-11-24T02:00:00Z"},
    }
    assert ask("res.data_backed_up", made(backed_up(), run)).outcome is outcome
