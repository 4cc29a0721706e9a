"""Applying values to a running cluster changes what the values set, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import paths
from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.merging import Objects
from readiness_kit.kinds import KINDS
from readiness_kit.snapshot import load
from tests.support.chart import NAMESPACE, SHARED, by_name, rendered
from tests.support.cluster import cluster, weaviate

DEMO = load(paths.demo() / "cluster.zip").kept
FRAGMENT: dict[str, Any] = {
    "replicas": 5,
    "env": {"LOG_LEVEL": "info", "OPENAI_APIKEY": None},
    "envSecrets": {"OPENAI_APIKEY": "weaviate-openai-key"},
    "resources": {"limits": {"memory": "64Gi"}},
    "service": {"type": "ClusterIP"},
    "grpcService": {"type": "ClusterIP"},
    "podDisruptionBudgets": {"weaviate": {"enabled": True, "spec": {"minAvailable": None, "maxUnavailable": 1}}},
    "authentication": {"anonymous_access": {"enabled": False}},
    "initContainers": {"sysctlInitContainer": {"enabled": False}},
}
CHANGED = {"statefulsets", "services", "configmaps", "poddisruptionbudgets"}


def recorded(folder: Path) -> Objects:
    lists: list[dict[str, Any]] = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            lists += [{**item, "kind": kind.kind} for item in json.loads(file.read_bytes())["items"]]
    return cluster(lists).snapshot.kept


def of(objects: Objects, key: str, namespace: str, name: str = "weaviate") -> Any:
    return by_name(objects)[key].get((namespace, name))


def assert_only_the_release_changed(before: Objects, after: Objects, namespace: str) -> None:
    for key, objects in before.items():
        if key not in CHANGED:
            assert after[key] is objects, key
        for obj in objects:
            if obj.metadata.namespace != namespace or not obj.metadata.name.startswith("weaviate"):
                assert any(found is obj for found in after[key]), (key, obj.metadata)


def assert_projected(before: Objects, namespace: str) -> None:
    after = apply_values(before, FRAGMENT, namespace=namespace)
    assert_only_the_release_changed(before, after, namespace)
    old, new = (of(objects, "statefulsets", namespace) for objects in (before, after))
    assert new.status == old.status
    assert new.metadata == old.metadata
    assert new.spec.template.metadata.labels == old.spec.template.metadata.labels
    assert new.spec.replicas == 5
    assert "configure-sysctl" not in {container.name for container in new.spec.template.spec.init_containers}
    variables = {variable.name: variable for variable in new.spec.template.spec.containers[0].env}
    assert variables["RAFT_JOIN"].value == "weaviate-0,weaviate-1,weaviate-2"
    assert variables["LOG_LEVEL"].value == "info"
    assert variables["OPENAI_APIKEY"].value_from.secret_key_ref.name == "weaviate-openai-key"
    assert new.spec.template.spec.containers[0].resources.limits["memory"] == "64Gi"
    for name in ("weaviate", "weaviate-grpc"):
        service = of(after, "services", namespace, name)
        assert service.spec.type == "ClusterIP"
        assert service.spec.cluster_ip == of(before, "services", namespace, name).spec.cluster_ip
        assert {port.node_port for port in service.spec.ports} == {0}
        assert service.status.load_balancer.ingress == ()
    assert of(after, "poddisruptionbudgets", namespace).spec.max_unavailable == 1
    assert apply_values(after, FRAGMENT, namespace=namespace) == after


def test_the_demonstration() -> None:
    assert_projected(DEMO, "search")
    created = of(apply_values(DEMO, FRAGMENT, namespace="search"), "poddisruptionbudgets", "search")
    assert created.metadata.annotations["meta.helm.sh/release-namespace"] == "search"


@pytest.mark.parametrize("name", ["default", "good"])
def test_a_recorded_cluster(name: str, recordings: Path) -> None:
    objects = recorded(recordings / name)
    assert_projected(objects, "weaviate")
    unchanged = apply_values(objects, {}, namespace="weaviate")
    assert all(unchanged[key] is objects[key] for key in objects)


def test_a_recorded_checksum_follows_the_configuration(recordings: Path) -> None:
    objects = recorded(recordings / "default")
    after = apply_values(objects, {"authentication": {"anonymous_access": {"enabled": False}}}, namespace="weaviate")
    found = of(after, "statefulsets", "weaviate").spec.template.metadata.annotations["checksum/config"]
    assert found == "99eacf5496535ab79305eb2f70496a1e63f9d77542278edc6b619c9901c0ec69"


def test_a_sidecar_in_front_and_an_annotation_by_hand_stay() -> None:
    sidecar = {"name": "proxy", "image": "envoy:1.36", "resources": {"requests": {"cpu": "100m"}}}
    made = weaviate(template_metadata={"annotations": {"linkerd.io/inject": "enabled"}})
    for obj in made:
        if obj["kind"] == "StatefulSet":
            obj["spec"]["template"]["spec"]["containers"].insert(0, sidecar)
    objects = cluster(made).snapshot.kept
    after = apply_values(objects, {"resources": {"requests": {"cpu": 8}}}, namespace="weaviate")
    template = of(after, "statefulsets", "weaviate").spec.template
    assert [container.name for container in template.spec.containers] == ["proxy", "weaviate"]
    assert template.spec.containers[0].resources.requests == {"cpu": "100m"}
    assert template.spec.containers[1].resources.requests["cpu"] == "8"
    assert template.metadata.annotations["linkerd.io/inject"] == "enabled"


def test_an_unread_configuration_is_not_made_up() -> None:
    objects = {key: found for key, found in DEMO.items() if key != "configmaps"}
    after = apply_values(objects, {"authentication": {"anonymous_access": {"enabled": False}}}, namespace="search")
    assert "configmaps" not in after


def test_values_that_a_snapshot_does_not_keep_are_not_kept_here() -> None:
    after = apply_values(DEMO, {"env": {"OPENAI_APIKEY": "sk-example", "MY_SETTING": "a"}}, namespace="search")
    variables = {
        row.name: row.value for row in of(after, "statefulsets", "search").spec.template.spec.containers[0].env
    }
    assert (variables["OPENAI_APIKEY"], variables["MY_SETTING"]) == ("[redacted]", "[redacted]")


def test_new_api_keys_replace_the_counted_ones() -> None:
    conf = {"authentication": {"apikey": {"enabled": True, "allowed_keys": ["a", "b", "c"], "users": ["x"]}}}
    objects = cluster(weaviate(conf=conf)).snapshot.kept
    after = apply_values(objects, {"authentication": {"apikey": {"allowed_keys": None}}}, namespace="weaviate")
    text = next(iter(of(after, "configmaps", "weaviate", "weaviate-config").data.values()))
    assert json.loads(text)["authentication"]["apikey"] == {"enabled": True, "users": ["x"]}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the rendered manifests are not beside the checkout (../shared/chart)")
@pytest.mark.parametrize(("version", "voters"), [("17.3.3", "weaviate-0,weaviate-1,weaviate-2"), ("16.3.0", None)])
def test_an_older_chart_gets_no_variables_that_it_does_not_have(version: str, voters: str | None) -> None:
    objects = rendered(SHARED.parent / version / "default")
    assert apply_values(objects, {}, namespace=NAMESPACE) == objects
    after = of(apply_values(objects, {"replicas": 3}, namespace=NAMESPACE), "statefulsets", NAMESPACE)
    before = of(objects, "statefulsets", NAMESPACE)
    found = {variable.name: variable.value for variable in after.spec.template.spec.containers[0].env}
    assert (after.spec.replicas, found.get("RAFT_JOIN")) == (3, voters)
    assert found.keys() == {variable.name for variable in before.spec.template.spec.containers[0].env}
