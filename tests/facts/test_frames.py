"""The frames: columns, types, units, and missing values."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from readiness_kit.facts import ClusterFacts
from tests.support.cluster import cluster, of, weaviate

GIB = 2.0**30


COLUMNS = {
    "nodes": "name zone region instance_type ready schedulable candidate cpu memory kubelet",
    "pods": "namespace name node zone phase ready qos owner_kind owner weaviate",
    "containers": "namespace pod container init node image cpu_request cpu_limit memory_request memory_limit ready"
    " restarts last_reason qos weaviate",
    "usage": "namespace pod container init node image cpu_request cpu_limit memory_request memory_limit ready"
    " restarts last_reason qos weaviate cpu memory",
    "node_usage": "name zone region instance_type ready schedulable candidate cpu memory kubelet cpu_used memory_used",
    "volumes": "namespace claim pod storage_class capacity requested phase provisioner zone reclaim expandable"
    " weaviate",
    "services": "namespace name type headless ports selects_weaviate external",
}


def _row(frame: pd.DataFrame, **where: str) -> dict[str, Any]:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return dict(frame.iloc[0])


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_types_do_not_depend_on_there_being_rows(name: str) -> None:
    full: pd.DataFrame = getattr(cluster(weaviate()), name)
    refused = ("nodes", "pods", "persistentvolumeclaims", "services", "podmetrics", "nodemetrics")
    empty: pd.DataFrame = getattr(cluster(weaviate(), forbidden=refused), name)
    assert list(full.columns) == list(empty.columns) == COLUMNS[name].split()
    assert len(full) == 3 and len(empty) == 0
    assert list(full.dtypes) == list(empty.dtypes)


def test_nodes_in_cores_and_bytes() -> None:
    objects = weaviate(replicas=1, pod={"nodeSelector": {"pool": "db"}})
    labels = {"node.kubernetes.io/instance-type": "r6i.2xlarge"}
    of(objects, "Node")[0]["metadata"]["labels"] |= labels
    of(objects, "Node")[0]["status"]["allocatable"] = {"cpu": "7920m", "memory": "30Gi"}
    row = _row(cluster(objects).nodes, name="node-0")
    assert (row["cpu"], row["memory"], row["instance_type"]) == (7.92, 30 * GIB, "r6i.2xlarge")
    assert (row["zone"], row["region"], row["ready"], row["schedulable"]) == ("eu-1a", "eu-1", True, True)
    assert not row["candidate"]


POD = """
    kind: Pod
    metadata: {name: app-1, namespace: apps, ownerReferences: [{kind: Job, name: app, controller: true}]}
    spec:
      nodeName: node-1
      initContainers: [{name: setup, image: 'alpine:3', resources: {limits: {memory: 1Gi}}}]
      containers: [{name: main, image: 'app:1', resources: {requests: {cpu: 250m}}}]
    status:
      phase: Pending
      qosClass: Burstable
      containerStatuses:
      - {name: main, ready: false, restartCount: 4, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}}
      initContainerStatuses:
      - {name: setup, ready: true, state: {terminated: {reason: Completed}}}
    """


def test_pods() -> None:
    frame = cluster(weaviate(), POD).pods
    row = _row(frame, name="app-1")
    assert [row[name] for name in ("namespace", "node", "zone", "phase", "ready", "qos", "owner_kind", "owner")] == [
        *("apps", "node-1", "eu-1b", "Pending", False, "Burstable", "Job", "app")
    ]
    assert list(frame[frame["weaviate"]]["name"]) == ["weaviate-0", "weaviate-1", "weaviate-2"]
    assert frame[frame["weaviate"]]["ready"].all()


def test_containers() -> None:
    frame = cluster(weaviate(), POD).containers
    main, setup = _row(frame, container="main"), _row(frame, container="setup")
    assert (main["init"], main["restarts"], main["last_reason"], main["ready"]) == (False, 4, "OOMKilled", False)
    assert main["cpu_request"] == 0.25 and pd.isna(main["cpu_limit"]) and pd.isna(main["memory_request"])
    assert (setup["init"], setup["memory_limit"], setup["last_reason"]) == (True, GIB, "Completed")
    assert frame[frame["weaviate"]]["memory_limit"].tolist() == [24 * GIB] * 3


def test_trap_45_no_limit_is_nan_and_neither_zero_nor_endless() -> None:
    frame = cluster(weaviate()).containers
    assert frame["cpu_limit"].isna().all() and frame["cpu_request"].tolist() == [4.0] * 3


METRICS = """
    kind: PodMetrics
    metadata: {name: weaviate-1}
    containers: [{name: weaviate, usage: {cpu: 1500m, memory: 6Gi}}, {name: gone, usage: {cpu: '1'}}]
    ---
    kind: NodeMetrics
    metadata: {name: node-1}
    usage: {cpu: 2500000000n, memory: 8388608Ki}
    """


def test_trap_44_usage_is_joined_where_the_metrics_api_has_something() -> None:
    facts = cluster(weaviate(), POD, METRICS)
    frame = facts.usage
    assert len(frame) == 4 and not frame["init"].any()
    measured = _row(frame, pod="weaviate-1")
    assert (measured["cpu"], measured["memory"], measured["memory_request"]) == (1.5, 6 * GIB, 24 * GIB)
    assert pd.isna(_row(frame, pod="weaviate-0")["memory"])
    nodes = facts.node_usage
    assert (_row(nodes, name="node-1")["cpu_used"], _row(nodes, name="node-1")["memory_used"]) == (2.5, 8 * GIB)
    assert pd.isna(_row(nodes, name="node-0")["cpu_used"]) and len(nodes) == 3


def _claim(facts: ClusterFacts) -> dict[str, Any]:
    return _row(facts.volumes, claim="weaviate-data-weaviate-0")


def test_volumes() -> None:
    row = _claim(cluster(weaviate()))
    assert [row[name] for name in ("pod", "storage_class", "capacity", "requested", "phase", "provisioner")] == [
        *("weaviate-0", "fast", 256 * GIB, 256 * GIB, "Bound", "ebs.csi.aws.com")
    ]
    assert [row[name] for name in ("zone", "reclaim", "expandable", "weaviate")] == ["eu-1a", "Retain", True, True]


def test_trap_46_the_volume_is_judged_when_its_class_was_changed_or_is_gone() -> None:
    objects = weaviate(replicas=1)
    of(objects, "PersistentVolumeClaim")[0]["spec"]["storageClassName"] = "renamed"
    row = _claim(cluster([obj for obj in objects if obj["kind"] != "StorageClass"]))
    assert (row["storage_class"], row["provisioner"], row["reclaim"]) == ("fast", "ebs.csi.aws.com", "Retain")
    assert row["expandable"] is None


@pytest.mark.parametrize(("given", "seen"), [({"storageClassName": ""}, ""), ({}, None)])
def test_trap_46_static_and_default_class_are_told_apart(given: dict[str, str], seen: str | None) -> None:
    objects = [obj for obj in weaviate(replicas=1) if obj["kind"] != "PersistentVolume"]
    claim = of(objects, "PersistentVolumeClaim")[0]
    claim["spec"] = given
    claim["status"] = {"phase": "Pending"}
    row = _claim(cluster(objects))
    assert row["storage_class"] == seen and row["expandable"] is None and row["phase"] == "Pending"


def test_trap_47_the_claim_and_not_the_template_says_the_size() -> None:
    objects = weaviate(replicas=1)
    claim = of(objects, "PersistentVolumeClaim")[0]
    claim["spec"]["resources"]["requests"] = {"storage": "512Gi"}
    row = _claim(cluster(objects))
    assert (row["requested"], row["capacity"]) == (512 * GIB, 256 * GIB)


def test_services_and_trap_4_the_headless_one_is_told_apart() -> None:
    unrelated = """
        kind: Service
        metadata: {name: elsewhere, namespace: apps}
        spec: {selector: {app: weaviate}}
        ---
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 53, protocol: UDP}], externalIPs: [203.0.113.9]}
        ---
        kind: Service
        metadata: {name: manual}
        spec: {ports: [{port: 80}]}
        """
    frame = cluster(weaviate(service_type="LoadBalancer"), unrelated).services
    rows = {name: _row(frame, name=name) for name in frame["name"]}
    assert {name: (row["headless"], row["selects_weaviate"], row["external"]) for name, row in rows.items()} == {
        "weaviate": (False, True, True),
        "weaviate-grpc": (False, True, True),
        "weaviate-headless": (True, True, False),
        "web": (False, False, True),
        "manual": (False, False, False),
    }
    assert (rows["weaviate"]["ports"], rows["web"]["ports"]) == ("80/TCP", "53/UDP")


def test_trap_1_services_of_modules_do_not_select_weaviate() -> None:
    module = """
        kind: Service
        metadata: {name: transformers-inference, labels: {app.kubernetes.io/name: weaviate}}
        spec: {selector: {app: transformers-inference}, ports: [{port: 8080}]}
        """
    assert not _row(cluster(weaviate(), module).services, name="transformers-inference")["selects_weaviate"]
