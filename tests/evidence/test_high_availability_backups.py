"""Backups, restores and retention, by what Weaviate lists; and what else backs up the volumes."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Reason, Settings
from readiness_kit.thresholds import Thresholds
from tests.support.answers import answered
from tests.support.asked import NOW, PODS, ask, backed_up, backup, bad, says, seen, stored, without
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
S3 = {"ENABLE_MODULES": "backup-s3"}


def made(answers: dict[str, Any], *more: Any, env: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(env=S3 if env is None else env, **how), *more), says() | answers)


# --- Q8 ha.weaviate_backups -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "wrong"),
    [
        (backed_up(5), MET, []),
        (backed_up(30), PARTLY, ["completedAt"]),
        (backed_up(24 * 7 + 1), NOT_MET, ["completedAt"]),
        (stored(backup("new", 2, "FAILED"), backup("old", 20)), PARTLY, ["status"]),
        (stored(backup("old", 20, "FAILED"), backup("new", 2)), MET, []),
        (stored(backup("new", 2, classes=("Other",))), PARTLY, ["classes"]),
        (stored(backup("new", 2, "FAILED")), NOT_MET, ["successful backups"]),
        (stored(), NOT_MET, ["successful backups"]),
        (stored() | {"weaviate/own_info": {"roles": ["reader"]}}, UNKNOWN, []),
        (without(stored(), "weaviate/own_info"), UNKNOWN, []),
        (stored(reason="forbidden"), UNKNOWN, []),
        (without(backed_up(), "weaviate/backups"), UNKNOWN, []),
        (without(backed_up(), "weaviate/schema"), UNKNOWN, []),
        (stored({"id": "x", "status": "SUCCESS", "classes": ["Products"]}), UNKNOWN, []),
        (
            stored(*(backup(f"b{at}", hours) for at, hours in enumerate((2, 4, 6, 80, 82, 84)))),
            PARTLY,
            ["intervals between backups"],
        ),
    ],
)
def test_backups(answers: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.weaviate_backups", made(answers))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_no_module_and_a_module_for_one_node_only_fail_whatever_is_listed() -> None:
    assert ask("ha.weaviate_backups", made(backed_up(), env={})).outcome is NOT_MET
    assert ask("ha.weaviate_backups", made(backed_up(), env={"ENABLE_MODULES": "backup-filesystem"})).outcome is NOT_MET


def test_the_modules_are_taken_from_weaviate_where_the_environment_does_not_tell() -> None:
    secret = {"ENABLE_MODULES": {"secretKeyRef": {"name": "weaviate", "key": "modules"}}}
    modules = {"weaviate/meta": {"version": "1.38.2", "modules": {"backup-gcs": {"bucketName": "b"}}}}
    assert ask("ha.weaviate_backups", made(backed_up() | modules, env=secret)).outcome is MET
    without_module = {"weaviate/meta": {"version": "1.38.2", "modules": {}}}
    assert ask("ha.weaviate_backups", made(backed_up() | without_module, env=secret)).outcome is NOT_MET


def test_backups_without_tls_are_a_warning() -> None:
    plain = {"weaviate/meta": {"version": "1.38.2", "modules": {"backup-s3": {"useSSL": False}}}}
    finding = ask("ha.weaviate_backups", made(backed_up() | plain))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["modules backup-s3, useSSL"])


def test_the_data_that_may_be_lost_is_a_setting() -> None:
    settings = Settings(thresholds=Thresholds(backup_rpo_hours=48))
    assert ask("ha.weaviate_backups", made(backed_up(30)), settings).outcome is MET


def test_trap_an_empty_list_may_be_a_matter_of_permission() -> None:
    silent = stored() | {"weaviate/own_info": {"roles": ["reader"]}}
    finding = ask("ha.weaviate_backups", made(silent))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    managing = silent | {
        "weaviate/roles": [{"name": "reader", "permissions": [{"action": "manage_backups", "wide": True}]}]
    }
    assert ask("ha.weaviate_backups", made(managing)).outcome is NOT_MET
    refusing = answered(cluster(weaviate(env=S3)), says(versions=("1.36.4",)) | silent)
    assert ask("ha.weaviate_backups", refusing).outcome is NOT_MET


def test_trap_success_covers_only_the_collections_of_its_day() -> None:
    answers = says({"Products": 3, "New": 3}) | backed_up()
    finding = ask("ha.weaviate_backups", answered(cluster(weaviate(env=S3)), answers))
    assert "The newest successful backup does not include New" in finding.sentence


def test_trap_regular_pauses_show_a_scheduler_outside_of_the_cluster() -> None:
    assert seen(ask("ha.weaviate_backups", made(backed_up())), "intervals between backups") == [
        "median 24 hours, maximum 24"
    ]


# --- Q9, Q10: restores ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        (backed_up(restores={"b0": "SUCCESS"}), UNKNOWN, Reason.NOT_OBSERVABLE),
        (stored(backup("old", 24 * 100), restores={"old": "SUCCESS"}), PARTLY, None),
        (backed_up(restores={"b0": "FAILED", "b3": "SUCCESS"}), NOT_MET, None),
        (backed_up(restores={"b0": "", "b1": ""}), UNKNOWN, Reason.NOT_OBSERVABLE),
        (without(backed_up(), "weaviate/backups"), UNKNOWN, Reason.FORBIDDEN),
        ({}, UNKNOWN, Reason.NOT_COLLECTED),
    ],
)
def test_restores(answers: dict[str, Any], outcome: Outcome, reason: Reason | None) -> None:
    finding = ask("ha.backup_test_frequency", made(answers))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_restores_have_no_date_but_come_after_their_backup() -> None:
    finding = ask("ha.backup_test_frequency", made(backed_up(restores={"b0": "SUCCESS"})))
    assert seen(finding, "restored") == [f"restored successfully, made {NOW:%Y-%m-%d}"]


def test_recovery_shows_both_halves_and_leaves_the_verdict_to_a_person() -> None:
    objects = weaviate()
    for one in objects:
        born = "2026-01-01T00:00:00Z" if one["kind"] == "PersistentVolumeClaim" else "2026-11-20T00:00:00Z"
        one.setdefault("metadata", {})["creationTimestamp"] = born
    finding = ask("ha.recovery_tested", answered(cluster(objects), backed_up(restores={"b0": "SUCCESS"})))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert seen(finding, "started again") == ["volume of 2026-01-01, pod of 2026-11-20"] * 3
    assert seen(finding, "restored")
    assert ask("ha.recovery_tested", cluster(objects)).reason is Reason.NOT_COLLECTED


# --- E3, E4: retention ----------------------------------------------------------------------------

OLD = [backup("old", 24 * 450), backup("new", 5)]
MANY = [backup(f"b{at}", 24 * 9 * at) for at in range(52)]


@pytest.mark.parametrize("id", ["ha.backup_retention", "ha.backup_cleanup"])
@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        (backed_up(), UNKNOWN, Reason.NOT_OBSERVABLE),
        (stored(*OLD), PARTLY, None),
        (stored(*MANY), NOT_MET, None),
        (without(backed_up(), "weaviate/backups"), UNKNOWN, Reason.FORBIDDEN),
    ],
)
def test_retention(id: str, answers: dict[str, Any], outcome: Outcome, reason: Reason | None) -> None:
    finding = ask(id, made(answers))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_a_base_that_expires_breaks_its_increments() -> None:
    one = {**backup("inc", 2), "incremental_base_backup_id": "base"}
    assert seen(ask("ha.backup_retention", made(stored(one))), "incremental") == ["1, each unusable without its base"]


def test_leftovers_and_jobs_that_clean_the_store_are_shown() -> None:
    job = """
    kind: CronJob
    metadata: {name: prune}
    spec:
      schedule: "0 3 * * *"
      jobTemplate: {spec: {template: {spec: {containers: [{name: a, args: ["aws s3 rm s3://b/old --recursive"]}]}}}}
    status: {lastSuccessfulTime: "2026-11-24T03:01:00Z"}
    """
    finding = ask("ha.backup_cleanup", made(stored(backup("new", 2), backup("x", 30, "FAILED")), job))
    assert seen(finding, "leftovers") == ["1"]
    assert seen(finding, "a job that removes") == ["schedule 0 3 * * *, last success 2026-11-24 03:01 UTC"]


# --- Q21 res.data_backed_up -----------------------------------------------------------------------


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


def test_trap_snapshots_of_the_volumes_alone_are_no_consistent_backup() -> None:
    finding = ask("res.data_backed_up", made(backed_up(400), snapshots(*PODS)))
    assert finding.outcome is PARTLY


@pytest.mark.parametrize(("scope", "outcome"), [({"snapshotVolumes": True}, MET), ({}, UNKNOWN)])
def test_a_velero_run_counts_where_it_takes_the_volumes(scope: dict[str, Any], outcome: Outcome) -> None:
    run = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": "nightly", "namespace": "velero"},
        "spec": {"includedNamespaces": ["weaviate"], **scope},
        "status": {"phase": "Completed", "completionTimestamp": "2026-11-24T02:00:00Z"},
    }
    assert ask("res.data_backed_up", made(backed_up(), run)).outcome is outcome
