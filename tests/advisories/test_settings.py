"""Settings that a release does not use, each with the right name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit.advisories.settings import (
    Kind,
    check_config,
    check_environment,
    check_overrides,
    problems,
)
from readiness_kit.kinds.versions import Version
from tests.support.cluster import cluster, weaviate

MISSPELT, IGNORED, REMOVED, NOT_YET = Kind.MISSPELT, Kind.IGNORED, Kind.REMOVED, Kind.NOT_YET
SHARED = Path(__file__).resolve().parents[3] / "shared"


def release(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "version", "kind", "right"),
    [
        ("PERSISTANCE_DATA_PATH", "1.38.2", MISSPELT, "PERSISTENCE_DATA_PATH"),
        ("ENABLE_MODULE", "1.38.2", MISSPELT, "ENABLE_MODULES"),
        ("AUTHENTICATION_APIKEY_KEYS", "1.38.2", MISSPELT, "AUTHENTICATION_APIKEY_ALLOWED_KEYS"),
        ("AUTHENTICATION_API_KEY_ENABLED", "1.38.2", MISSPELT, "AUTHENTICATION_APIKEY_ENABLED"),
        ("ANONYMOUS_ACCESS_ENABLED", "1.38.2", MISSPELT, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"),
        ("DISK_USE_READ_ONLY_PERCENTAGE", "1.38.2", MISSPELT, "DISK_USE_READONLY_PERCENTAGE"),
        ("RBAC_ENABLED", "1.38.2", MISSPELT, "AUTHORIZATION_RBAC_ENABLED"),
        ("QUERY_MAX_RESULTS", "1.38.2", MISSPELT, "QUERY_MAXIMUM_RESULTS"),
        ("LIMIT_RESOURCE", "1.38.2", MISSPELT, "LIMIT_RESOURCES"),
        ("PROMETHEUS_ENABLED", "1.38.2", MISSPELT, "PROMETHEUS_MONITORING_ENABLED"),
        ("BACKUPS_S3_BUCKET", "1.38.2", MISSPELT, "BACKUP_S3_BUCKET"),
        ("raft_join", "1.38.2", MISSPELT, "RAFT_JOIN"),
        ("REPLICATION_FACTOR_MINIMUM", "1.38.2", MISSPELT, "REPLICATION_MINIMUM_FACTOR"),
        ("CLUSTER_HOST_NAME", "1.38.2", MISSPELT, "CLUSTER_HOSTNAME"),
        ("ASYNC_REPLICATION_ENABLED", "1.38.2", MISSPELT, "ASYNC_REPLICATION_DISABLED"),
        ("OFFLOAD_S3_USE_SSL", "1.38.2", MISSPELT, "OFFLOAD_S3_ENDPOINT"),
        ("AUTO_SCHEMA_ENABLED", "1.38.2", MISSPELT, "AUTOSCHEMA_ENABLED"),
        ("REPLICA_MOVEMENT_DISABLED", "1.38.2", REMOVED, "REPLICA_MOVEMENT_ENABLED"),
        ("ASYNC_REPLICATION_CLUSTER_MAX_WORKERS", "1.38.2", REMOVED, ""),
        ("REPLICATED_INDICES_REQUEST_QUEUE_SIZE", "1.38.1", REMOVED, ""),
        ("REINDEXER_GOROUTINES_FACTOR", "1.40.2", REMOVED, ""),
        ("DEBUG_ENDPOINTS_ENABLED", "1.38.0", NOT_YET, ""),
        ("LAZY_LOAD_SHARD_WARMUP_MIN_OBJECTS", "1.38.2", NOT_YET, ""),
        ("PERSISTENCE_HNSW_DISABLE_SNAPSHOTS", "1.39.0", IGNORED, ""),
        ("DISABLE_LAZY_LOAD_SHARDS", "1.38.2", Kind.DEPRECATED, "LAZY_LOAD_SHARD_COUNT_THRESHOLD"),
        ("PERSISTENCE_COMPACT_NOW", "1.38.2", Kind.UNKNOWN, ""),
    ],
)
def test_a_setting_without_effect_is_named_with_the_right_one(name: str, version: str, kind: Kind, right: str) -> None:
    (found,) = check_environment([name], release(version))
    assert (found.kind, found.right, found.certain) == (kind, right, version != "1.40.2" or kind is REMOVED)
    assert name in found.sentence and (not right or right in found.sentence)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("PERSISTENCE_HNSW_DISABLE_SNAPSHOTS", "1.38.2"),
        ("DISABLE_LAZY_LOAD_SHARDS", "1.36.5"),
        ("DEBUG_ENDPOINTS_ENABLED", "1.38.1"),
        ("REPLICA_MOVEMENT_DISABLED", "1.32.15"),
        ("GOMEMLIMIT", "1.38.2"),
        ("DD_AGENT_HOST", "1.38.2"),
        ("OPENAI_APIKEY", "1.38.2"),
        ("TRANSFORMERS_INFERENCE_API", "1.38.2"),
        ("MY_TEAM", "1.38.2"),
        ("KUBERNETES_SERVICE_HOST", "1.38.2"),
    ],
)
def test_what_the_release_or_another_program_reads_is_not_named(name: str, version: str) -> None:
    assert check_environment([name], release(version)) == ()


def test_a_release_newer_than_the_table_may_read_further_names() -> None:
    (found,) = check_environment(["PERSISTENCE_COMPACT_NOW"], release("1.41.0"))
    assert not found.certain


def test_keys_of_the_configuration_file() -> None:
    found = check_config({"authorization": {"admin_list": {"enabled": True, "readonly_users": ["ann"]}}})
    assert [(one.name, one.right, one.where) for one in found] == [
        ("authorization.admin_list.readonly_users", "authorization.admin_list.read_only_users", "config")
    ]


def test_keys_of_the_runtime_overrides() -> None:
    document = {"autoschema_enabled": False, "query_slow_log_enable": True, "debug_endpoints_enabled": True}
    found = check_overrides(document, release("1.38.0"))
    assert [(one.name, one.kind, one.right) for one in found] == [
        ("query_slow_log_enable", MISSPELT, "query_slow_log_enabled"),
        ("debug_endpoints_enabled", NOT_YET, ""),
    ]


def test_a_cluster_is_read_in_its_environment_file_and_overrides() -> None:
    conf = {"authentication": {}, "authorization": {"admin_list": {"enabled": True, "readonly_users": ["ann"]}}}
    facts = cluster(weaviate(conf=conf, env={"PERSISTANCE_DATA_PATH": "/data"}))
    assert [(one.name, one.where) for one in problems(facts, release("1.38.2"))] == [
        ("PERSISTANCE_DATA_PATH", "env"),
        ("authorization.admin_list.readonly_users", "config"),
    ]


def test_a_secret_value_is_never_shown() -> None:
    facts = cluster(weaviate(env={"AUTHENTICATION_APIKEY_KEYS": "s3cr3t-key-of-ann"}))
    assert "s3cr3t" not in " ".join(one.sentence for one in problems(facts, release("1.38.2")))


def stateful_set(folder: Path) -> list[dict[str, Any]]:
    if folder.name == "default" and "renders" in folder.parts:
        return [one for one in yaml.safe_load_all((folder / "manifests.yaml").read_text()) if one]
    found = []
    for key, kind in (("apis/apps/v1/statefulsets", "StatefulSet"), ("api/v1/configmaps", "ConfigMap")):
        items = json.loads((folder / f"{key}.json").read_bytes())["items"]
        found += [{**one, "kind": kind} for one in items]
    return found


@pytest.mark.parametrize("path", ["chart/renders/17.8.3/default", "recordings/good", "recordings/default"])
def test_the_settings_of_the_chart_and_of_a_hardened_cluster_raise_none(path: str) -> None:
    folder = SHARED / path
    if not folder.is_dir():
        pytest.skip("the shared recordings are not here")
    wanted = ("StatefulSet", "ConfigMap")
    objects = [one for one in stateful_set(folder) if one["kind"] in wanted]
    facts = cluster(objects, choose="weaviate/weaviate")
    assert problems(facts, release("1.38.2")) == ()
