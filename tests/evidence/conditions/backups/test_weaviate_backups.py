"""Backup modules, backups, restores and retention, by what Weaviate lists."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Observation, Outcome, Reason, Settings
from readiness_kit.thresholds import Thresholds
from tests.support.answers import answered
from tests.support.asked import NOW, ask, backed_up, backup, bad, says, seen, stored, without
from tests.support.cluster import cluster, merged, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def fact(finding: Finding, field: str) -> Observation:
    return next(check for check in finding.facts if field in check.field)


BOTH = {"BACKUP_AZURE_CONTAINER": "b", "BACKUP_FILESYSTEM_PATH": "/var/lib/weaviate/backups"}


@pytest.mark.parametrize(
    ("replicas", "env", "outcome", "reason"),
    [
        (3, {}, NOT_MET, None),
        (3, {"ENABLE_MODULES": "text2vec-openai"}, NOT_MET, None),
        (3, {"ENABLE_MODULES": "text2vec-openai, backup-s3", "BACKUP_S3_BUCKET": "b"}, UNKNOWN, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": "backup-gcs", "BACKUP_GCS_BUCKET": "b"}, UNKNOWN, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": "backup-azure,backup-filesystem", **BOTH}, UNKNOWN, Reason.NOT_COLLECTED),
        (1, {"ENABLE_MODULES": "backup-filesystem", **BOTH}, PARTLY, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": {"secretKeyRef": {"name": "s", "key": "k"}}}, UNKNOWN, Reason.NOT_COLLECTED),
    ],
)
def test_backup_modules(replicas: int, env: dict[str, Any], outcome: Outcome, reason: Reason | None) -> None:
    finding = ask("ha.weaviate_backups", cluster(weaviate(replicas, env=env)))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_backup_filesystem_with_several_replicas_is_configured_but_unusable() -> None:
    finding = ask("ha.weaviate_backups", cluster(weaviate(env={"ENABLE_MODULES": "backup-filesystem"})))
    assert finding.outcome is NOT_MET
    assert "refuses with 3 replicas" in finding.sentence


def test_the_store_is_listed_and_its_tls_is_checked() -> None:
    env = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "nightly", "BACKUP_S3_USE_SSL": "False"}
    env |= {"AWS_REGION": "eu-west-1"}
    finding = ask("ha.weaviate_backups", cluster(weaviate(env=env)))
    assert fact(finding, "BACKUP_S3_BUCKET").seen == "nightly"
    assert fact(finding, "AWS_REGION").seen == "eu-west-1"
    assert bad(finding) == ["env BACKUP_S3_USE_SSL"]


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"status": {"lastSuccessfulTime": "2026-11-24T02:15:00Z"}}, "last success 2026-11-24 02:15 UTC"),
        ({}, "never succeeded"),
        ({"spec": {"suspend": True}, "status": {"lastSuccessfulTime": "2026-11-24T02:15:00Z"}}, "suspended"),
    ],
)
def test_trap_a_cronjob_counts_only_when_it_succeeded(change: dict[str, Any], seen: str) -> None:
    job = {
        "kind": "CronJob",
        "metadata": {"name": "backup"},
        "spec": {
            "schedule": "15 2 * * *",
            "jobTemplate": {
                "spec": {"template": {"spec": {"containers": [{"args": ["curl http://weaviate/v1/backups/s3"]}]}}}
            },
        },
    }
    finding = ask("ha.weaviate_backups", cluster(weaviate(env=S3), merged(job, change)))
    line = fact(finding, "/v1/backups")
    assert line.ok is None and seen in line.seen
    if seen == "suspended":
        assert finding.at_best and "The backup job backup is suspended" in finding.sentence
    else:
        assert finding.outcome is UNKNOWN


def test_modules_from_a_refused_configmap_are_unknown() -> None:
    env = {"ENABLE_MODULES": {"configMapKeyRef": {"name": "settings", "key": "modules"}}}
    finding = ask("ha.weaviate_backups", cluster(weaviate(env=env), forbidden=("configmaps",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert "ConfigMap settings" in finding.sentence


S3 = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "nightly"}


def made(answers: dict[str, Any], *more: Any, env: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(env=S3 if env is None else env, **how), *more), says() | answers)


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


def test_no_module_and_backup_filesystem_fail_whatever_is_listed() -> None:
    assert ask("ha.weaviate_backups", made(backed_up(), env={})).outcome is NOT_MET
    assert ask("ha.weaviate_backups", made(backed_up(), env={"ENABLE_MODULES": "backup-filesystem"})).outcome is NOT_MET


def test_modules_come_from_weaviate_where_the_environment_is_not_readable() -> None:
    secret = {"ENABLE_MODULES": {"secretKeyRef": {"name": "weaviate", "key": "modules"}}}
    modules = {"weaviate/meta": {"version": "1.38.2", "modules": {"backup-gcs": {"bucketName": "b"}}}}
    assert ask("ha.weaviate_backups", made(backed_up() | modules, env=secret)).outcome is MET
    without_module = {"weaviate/meta": {"version": "1.38.2", "modules": {}}}
    assert ask("ha.weaviate_backups", made(backed_up() | without_module, env=secret)).outcome is NOT_MET


def test_backups_without_tls_are_partly_met() -> None:
    plain = {"weaviate/meta": {"version": "1.38.2", "modules": {"backup-s3": {"useSSL": False}}}}
    finding = ask("ha.weaviate_backups", made(backed_up() | plain))
    assert (finding.outcome, bad(finding)) == (PARTLY, ["modules backup-s3, useSSL"])


def test_the_recovery_point_objective_is_a_setting() -> None:
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


def test_trap_a_backup_includes_only_the_collections_of_its_time() -> None:
    answers = says({"Products": 3, "New": 3}) | backed_up()
    finding = ask("ha.weaviate_backups", answered(cluster(weaviate(env=S3)), answers))
    assert "The newest successful backup does not include New" in finding.sentence


def test_trap_regular_intervals_show_a_scheduler_outside_the_cluster() -> None:
    assert seen(ask("ha.weaviate_backups", made(backed_up())), "intervals between backups") == [
        "median 24 hours, maximum 24"
    ]


@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        (backed_up(restores={"b0": "SUCCESS"}), UNKNOWN, Reason.NOT_OBSERVABLE),
        (stored(backup("old", 24 * 100), restores={"old": "SUCCESS"}), PARTLY, Reason.NOT_OBSERVABLE),
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


OLD = [backup("old", 24 * 450), backup("new", 5)]


MANY = [backup(f"b{at}", 24 * 9 * at) for at in range(52)]


@pytest.mark.parametrize("id", ["ha.backup_retention", "ha.backup_cleanup"])
@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        (backed_up(), UNKNOWN, Reason.NOT_OBSERVABLE),
        (stored(*OLD), PARTLY, Reason.NOT_OBSERVABLE),
        (stored(*MANY), NOT_MET, None),
        (without(backed_up(), "weaviate/backups"), UNKNOWN, Reason.FORBIDDEN),
    ],
)
def test_retention(id: str, answers: dict[str, Any], outcome: Outcome, reason: Reason | None) -> None:
    finding = ask(id, made(answers))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_incremental_backups_need_their_base() -> None:
    incremental = {**backup("inc", 2), "incremental_base_backup_id": "base"}
    assert seen(ask("ha.backup_retention", made(stored(incremental))), "incremental") == [
        "1, each unusable without its base"
    ]


def test_leftovers_and_cleanup_jobs_are_listed() -> None:
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
