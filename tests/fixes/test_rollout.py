"""The pods after the rollout of a changed template."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit import paths
from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.merging import Objects
from readiness_kit.fixes.rollout import immutable_changes, pods_after
from readiness_kit.kinds.pods import PodStatus
from readiness_kit.snapshot import load
from tests.support.cluster import Object, cluster, weaviate

DEMO = load(paths.demo() / "cluster.zip").kept


def made(**fields: Any) -> Objects:
    return cluster(weaviate(**fields)).snapshot.kept


def rolled_out(before: Objects, fragment: dict[str, Any], namespace: str = "weaviate") -> dict[str, Any]:
    after = apply_values(before, fragment, namespace=namespace)
    found = pods_after(before, after, namespace=namespace, name="weaviate")["pods"]
    return {pod.metadata.name: pod for pod in found if pod.metadata.namespace == namespace}


def pods(objects: Objects) -> dict[str, Any]:
    return {pod.metadata.name: pod for pod in objects["pods"]}


def test_without_a_change_the_pods_are_the_same() -> None:
    assert pods_after(DEMO, DEMO, namespace="search", name="weaviate")["pods"] == DEMO["pods"]
    after = apply_values(DEMO, {"service": {"annotations": {"a": "b"}}}, namespace="search")
    found = pods_after(DEMO, after, namespace="search", name="weaviate")
    assert all(new is old for new, old in zip(found["pods"], DEMO["pods"], strict=True))


def test_a_replaced_pod_keeps_its_node_claims_and_history() -> None:
    before = pods(DEMO)["weaviate-0"]
    after = rolled_out(DEMO, {"resources": {"limits": {"memory": "64Gi"}}}, "search")["weaviate-0"]
    assert after.spec.containers[0].resources.limits == {"memory": "64Gi"}
    assert after.spec.node_name == before.spec.node_name != ""
    assert after.spec.volumes == before.spec.volumes
    assert after.status == before.status
    assert after.metadata == before.metadata


def test_the_image_of_the_status_follows_the_template_without_a_digest() -> None:
    objects = made()
    status = rolled_out(objects, {"image": {"tag": "1.38.9"}})["weaviate-1"].status.container_statuses[0]
    assert (status.image.rpartition(":")[2], status.image_id) == ("1.38.9", "")
    assert status.restart_count == pods(objects)["weaviate-1"].status.container_statuses[0].restart_count


def test_a_further_replica_is_a_pod_without_node_and_status() -> None:
    found = rolled_out(made(), {"replicas": 5})
    assert sorted(found) == [f"weaviate-{ordinal}" for ordinal in range(5)]
    pod = found["weaviate-4"]
    assert (pod.spec.node_name, pod.status) == ("", PodStatus())
    assert pod.metadata.labels["apps.kubernetes.io/pod-index"] == "4"
    claims = [
        volume.persistent_volume_claim.claim_name for volume in pod.spec.volumes if volume.persistent_volume_claim
    ]
    assert claims == ["weaviate-data-weaviate-4"]


def test_superfluous_replicas_go_from_the_highest_ordinal_on() -> None:
    assert sorted(rolled_out(made(), {"replicas": 1})) == ["weaviate-0"]


@pytest.mark.parametrize(
    ("strategy", "replaced"),
    [
        ({"type": "RollingUpdate"}, {"weaviate-0", "weaviate-1", "weaviate-2"}),
        ({"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}, {"weaviate-2"}),
        ({"type": "OnDelete"}, set()),
    ],
    ids=["rolling update", "partition", "on delete"],
)
def test_only_the_pods_that_the_controller_replaces_change(strategy: Object, replaced: set[str]) -> None:
    objects = made(spec={"updateStrategy": strategy})
    found = rolled_out(objects, {"env": {"LOG_LEVEL": "info"}})
    assert {name for name, pod in found.items() if pod != pods(objects)[name]} == replaced


def test_what_admission_added_stays_in_the_pod() -> None:
    added = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
    source = weaviate()
    for obj in source:
        if obj["kind"] == "Pod":
            obj["spec"]["containers"].append({"name": "istio-proxy", "image": "proxyv2"})
            obj["spec"]["tolerations"] = [added]
    found = rolled_out(cluster(source).snapshot.kept, {"tolerations": [{"key": "dedicated", "operator": "Exists"}]})
    assert [toleration.key for toleration in found["weaviate-0"].spec.tolerations] == ["dedicated", added["key"]]
    assert [container.name for container in found["weaviate-0"].spec.containers][-1] == "istio-proxy"


def test_a_pod_of_an_older_revision_gets_the_whole_template() -> None:
    source = weaviate()
    for obj in source:
        if obj["kind"] == "StatefulSet":
            obj.setdefault("status", {})["updateRevision"] = "weaviate-new"
        if obj["kind"] == "Pod":
            obj["metadata"]["labels"]["controller-revision-hash"] = "weaviate-old"
            obj["spec"]["containers"][0]["image"] = "cr.weaviate.io/semitechnologies/weaviate:1.30.0"
    objects = cluster(source).snapshot.kept
    found = rolled_out(objects, {"env": {"LOG_LEVEL": "info"}})["weaviate-0"]
    template = next(iter(objects["statefulsets"])).spec.template  # type: ignore[attr-defined]
    assert found.spec.containers[0].image == template.spec.containers[0].image


def test_pods_that_were_not_read_stay_unread() -> None:
    objects = {key: found for key, found in made().items() if key != "pods"}
    after = apply_values(objects, {"replicas": 5}, namespace="weaviate")
    assert "pods" not in pods_after(objects, after, namespace="weaviate", name="weaviate")


def test_fields_that_a_running_statefulset_cannot_change_are_named() -> None:
    objects = made()
    names = {"namespace": "weaviate", "name": "weaviate"}
    fragment = {"storage": {"size": "1Ti"}, "podManagementPolicy": "OrderedReady", "replicas": 5}
    after = apply_values(objects, fragment, namespace="weaviate")
    assert immutable_changes(objects, after, **names) == ("podManagementPolicy", "volumeClaimTemplates")
    assert immutable_changes(objects, objects, **names) == ()
    assert pods_after(objects, after, **names)["persistentvolumeclaims"] is objects["persistentvolumeclaims"]


def test_ten_thousand_pods_of_other_workloads_are_the_same_objects() -> None:
    pod = DEMO["pods"][0]
    others = tuple(
        msgspec.structs.replace(pod, metadata=msgspec.structs.replace(pod.metadata, name=f"x-{n}", namespace="other"))
        for n in range(10_000)
    )
    objects = {**DEMO, "pods": (*DEMO["pods"], *others)}
    after = apply_values(objects, {"replicas": 5}, namespace="search")
    found = pods_after(objects, after, namespace="search", name="weaviate")["pods"]
    assert len(found) == len(objects["pods"]) + 2
    assert found[len(DEMO["pods"])] is others[0]
