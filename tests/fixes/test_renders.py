"""A row's values, filled as in a folder of rendered manifests, give the objects that the chart renders there."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.filling import filled
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import FixKind, Value
from tests.support.chart import NAMESPACE, SHARED, by_name, rendered, values_of, with_nulls

PODS = {"labelSelector": {"matchLabels": {"app": "weaviate"}}}
LIVE, READY = "/v1/.well-known/live", "/v1/.well-known/ready"
BUCKET = {
    "enabled": True,
    "envconfig": {
        "BACKUP_S3_BUCKET": "acme-weaviate-backups",
        "BACKUP_S3_PATH": "production",
        "AWS_REGION": "eu-west-1",
    },
}


def asks(path: str) -> dict[str, Any]:
    return {"probeType": "httpGet", "probe": {"httpGet": {"path": path, "port": 8080}}}


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "replicas.three": ("ha.three_nodes", {"replicas": 3}, {}),
    "separation.nodes": (
        "ha.replicas_across_nodes",
        {"node_terms": [{"topologyKey": "kubernetes.io/hostname", **PODS}]},
        {"replicas": 3},
    ),
    "separation.zones": (
        "ha.multi_az",
        {"zone_terms": [{"topologyKey": "topology.kubernetes.io/zone", **PODS}]},
        {"replicas": 3},
    ),
    "disruption_budget.one": ("pdb-max-unavailable", {}, {"replicas": 3}),
    "probes.startup": ("ha.node_repair", {"startup_failures": 120}, {}),
    "probes.liveness": ("default", {"liveness_probe": asks(LIVE)}, {}),
    "probes.readiness": ("default", {"readiness_probe": asks(READY)}, {}),
    "probes.startup_path": (
        "ha.node_repair",
        {"startup_path": {"enabled": True, **asks(READY)}},
        {"startupProbe": {"initialDelaySeconds": 30, "periodSeconds": 30, "failureThreshold": 120}},
    ),
    "termination.grace": ("termination-grace", {"grace_seconds": 120}, {}),
    "updates.one_by_one": (
        "update-strategy",
        {"update_strategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
        {"replicas": 3, "podManagementPolicy": "OrderedReady"},
    ),
    "memory.size": (
        "resources",
        {"memory_limit": "16Gi", "gomemlimit": "13GiB", "guard_percentage": 85},
        {
            "resources": {"requests": {"cpu": "4"}, "limits": {"cpu": "8"}},
            "env": {"MEMORY_WARNING_PERCENTAGE": 75, "DISK_USE_READONLY_PERCENTAGE": 90, "LIMIT_RESOURCES": True},
        },
    ),
    "memory.request": (
        "res.memory_sized",
        {"present_limit": "16Gi"},
        {"resources": {"requests": {"cpu": "4"}, "limits": {"memory": "16Gi"}}, "env": {"GOMEMLIMIT": "13GiB"}},
    ),
    "memory.go_limit": (
        "res.memory_sized",
        {"present_gomemlimit": "13GiB"},
        {"resources": {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"memory": "16Gi"}}},
    ),
    "cpu.request": (
        "res.memory_sized",
        {"cpu_request": "4"},
        {"resources": {"requests": {"memory": "16Gi"}, "limits": {"memory": "16Gi"}}, "env": {"GOMEMLIMIT": "13GiB"}},
    ),
    "deletion.schedule": ("res.delete_process", {}, {}),
    "indexing.asynchronous": ("perf.heavy_ingestion", {}, {}),
    "tenants.offload": (
        "tenant.offload",
        {"offload_bucket": "acme-weaviate-offload"},
        {"serviceAccountName": "weaviate", "offload": {"s3": {"envconfig": {"AWS_REGION": "eu-west-1"}}}},
    ),
    "image.pin": ("image-tag", {"running_tag": "1.37.5"}, {}),
    "backups.store": ("ha.weaviate_backups", {"store_values": {"s3": BUCKET}}, {"serviceAccountName": "weaviate"}),
}
"""Fix -> folder, its parameters, and what the folder sets besides."""
NOT_REACHED = {
    "nodes.on_demand": "no folder has a node affinity",
    "disruption_budget.single": "the values are those of disruption_budget.one",
    "backups.endpoint": "no folder changes the endpoint alone",
    "cluster.join": "the chart sets the variable itself; the fix is for other installations",
    "raft.voters": "the folders raft-explicit and raft-join each set one of the two variables",
    "memory.read_only_guard": "no folder sets the guard alone; memory.size sets it as well",
    "raft.recovery_off": "no folder sets the variable",
    "async_replication.server": "no folder sets the variable",
}
needs_renders = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the rendered manifests are not beside the checkout (../shared/chart)"
)


@needs_renders
@pytest.mark.parametrize("id", CASES)
def test_the_values_of_a_row_give_what_the_chart_renders(id: str) -> None:
    folder, parameters, besides = CASES[id]
    values = filled(catalogue()[id].values, {name: Value(value, "the folder") for name, value in parameters.items()})
    found = apply_values(rendered(SHARED / "default"), with_nulls(besides, values), namespace=NAMESPACE)
    assert by_name(found) == by_name(rendered(SHARED / folder))


@needs_renders
@pytest.mark.parametrize("id", CASES)
def test_the_parameters_of_a_case_are_those_of_its_folder(id: str) -> None:
    """So that the case compares the row and not itself: everything that the folder sets is set by the case."""
    folder, _, besides = CASES[id]
    assert folder == "default" or besides.keys() | catalogue()[id].values.keys() == values_of(SHARED / folder).keys()


def test_every_values_row_of_these_topics_is_compared_or_named_as_not_reached() -> None:
    named = CASES.keys() | NOT_REACHED.keys()
    topics = {id.partition(".")[0] for id in named} - {"containers"}
    own = {id for id, fix in catalogue().items() if fix.kind is FixKind.VALUES and id.partition(".")[0] in topics}
    assert own == named
