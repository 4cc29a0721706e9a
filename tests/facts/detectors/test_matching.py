"""Indicators of tools in workloads, nodes and Weaviate's pods."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from readiness_kit.facts.detectors.table import APIS
from tests.support.cluster import cluster, weaviate
from tests.support.workloads import agent, level, on_nodes, workload


@pytest.mark.parametrize(
    "image",
    [
        "fluent/fluent-bit:4.0",
        "cr.fluentbit.io/fluent/fluent-bit",
        "registry.example.com:5000/mirror/fluent/fluent-bit:1@sha256:" + "0" * 64,
    ],
)
def test_an_image_counts_whatever_its_registry_and_tag(image: str) -> None:
    assert level(cluster(weaviate(), agent("a", image)), "logs", "Fluent Bit") == 3


@pytest.mark.parametrize("image", ["fluent/fluent-bit-exporter", "my-fluent/fluent-bit2", "notfluent/fluent-bit"])
def test_an_image_counts_by_whole_segments(image: str) -> None:
    assert level(cluster(weaviate(), agent("a", image)), "logs", "Fluent Bit") == 0


@pytest.mark.parametrize("label", ["app.kubernetes.io/name", "k8s-app", "app"])
def test_a_label_counts_in_its_new_and_its_old_form(label: str) -> None:
    assert level(cluster(weaviate(), agent("a", labels={label: "fluent-bit"})), "logs", "Fluent Bit") == 3


def test_a_tool_of_which_no_pod_is_ready_is_only_installed() -> None:
    facts = cluster(weaviate(), agent("promtail", labels={"app": "promtail"}, ready=0, desired=3))
    assert level(facts, "logs", "Promtail") == 1
    assert facts.detected("logs") == () and len(facts.detected("logs", level=1)) == 1
    assert "none ready" in facts.detections[0].indicator


def test_the_api_alone_is_the_first_level_by_discovery_or_by_crds() -> None:
    crd = "{kind: CustomResourceDefinition, metadata: {name: schedules.velero.io}}"
    facts = cluster(weaviate(), crd)
    assert level(facts, "volume_backup", "Velero") == 1
    assert facts.detections[0].facts[0].source == "customresourcedefinitions"
    bare = cluster(weaviate())
    bare.snapshot.answers[APIS] = ("apps", "velero.io")
    assert level(bare, "volume_backup", "Velero") == 1
    assert bare.detections[0].facts[0].ref.kind == "APIGroup"


def test_a_group_that_several_tools_share_is_told_apart_by_its_kinds() -> None:
    facts = cluster(weaviate(), "{kind: CustomResourceDefinition, metadata: {name: applications.argoproj.io}}")
    facts.snapshot.answers[APIS] = ("argoproj.io",)
    assert level(facts, "gitops", "Argo CD") == 1
    assert level(facts, "progressive_delivery", "Argo Rollouts") == 0


@pytest.mark.parametrize(
    ("labels", "tool"),
    [
        ({"eks.amazonaws.com/compute-type": "auto"}, "EKS Auto Mode"),
        ({"kubernetes.azure.com/cluster": "MC_a"}, "AKS node auto-repair"),
    ],
)
def test_managed_repair_is_about_weaviate_where_each_of_its_nodes_has_it(labels: dict[str, str], tool: str) -> None:
    assert level(cluster(on_nodes(labels)), "node_repair", tool) == 3
    assert level(cluster(on_nodes(labels, only=(0, 1))), "node_repair", tool) == 2


def test_fargate_is_not_auto_mode() -> None:
    assert cluster(on_nodes({"eks.amazonaws.com/compute-type": "fargate"})).detections == ()


def test_autopilot_by_the_names_of_its_nodes() -> None:
    objects = json.loads(json.dumps(on_nodes({})).replace("node-", "gk3-"))
    assert level(cluster(objects), "node_repair", "GKE Autopilot") == 3
    for obj in objects:
        if obj["kind"] == "Node":
            obj["spec"]["providerID"] = "aws:///zone/node"
    assert level(cluster(objects), "node_repair", "GKE Autopilot") == 0


@pytest.mark.parametrize(
    ("gates", "labels", "repair"),
    [
        ({"FEATURE_GATES": "SpotToSpotConsolidation=false, NodeRepair=true"}, {"karpenter.sh/nodepool": "a"}, 3),
        ({"FEATURE_GATES": "NodeRepair=true"}, {}, 0),
        ({"FEATURE_GATES": "NodeRepair=false"}, {"karpenter.sh/nodepool": "a"}, 0),
        ({}, {"karpenter.sh/nodepool": "a"}, 0),
    ],
)
def test_trap_58_karpenter_repairs_only_with_its_gate_and_only_its_own_nodes(
    gates: dict[str, str], labels: dict[str, str], repair: int
) -> None:
    karpenter = workload("Deployment", "karpenter", "public.ecr.aws/karpenter/controller:1.5.0", env=gates)
    facts = cluster(on_nodes(labels), karpenter)
    assert level(facts, "node_repair", "Karpenter with NodeRepair") == repair
    assert level(facts, "node_scaling", "Karpenter") == (3 if labels else 2)


@pytest.mark.parametrize("name", ["cluster-autoscaler", "aws-cluster-autoscaler"])
def test_trap_58_the_cluster_autoscaler_is_not_repair(name: str) -> None:
    facts = cluster(weaviate(), workload("Deployment", "a", labels={"app.kubernetes.io/name": name}))
    assert level(facts, "node_scaling", "cluster autoscaler") == 2
    assert facts.detected("node_repair", level=1) == ()


def test_trap_58_the_problem_detector_only_reports_with_and_without_a_daemonset() -> None:
    objects = weaviate()
    for obj in objects:
        if obj["kind"] == "Node":
            obj["status"]["conditions"].append({"type": "KernelDeadlock", "status": "False"})
    for facts in (
        cluster(objects),
        cluster(weaviate(), agent("npd", "registry.k8s.io/node-problem-detector/node-problem-detector:v1")),
    ):
        assert level(facts, "node_reporting", "Node Problem Detector") == 3
        assert facts.detected("node_repair", level=1) == ()


def test_a_store_is_no_agent() -> None:
    facts = cluster(
        weaviate(),
        workload("StatefulSet", "loki", labels={"app.kubernetes.io/name": "loki"}),
        agent("loki-canary", "grafana/loki-canary", labels={"app.kubernetes.io/name": "loki"}),
    )
    assert facts.detected("logs", level=1) == ()
    assert level(facts, "log_store", "Loki") == 2


@pytest.mark.parametrize(("kind", "role", "agents"), [("DaemonSet", "Agent", 3), ("DaemonSet", "Aggregator", 0)])
def test_a_vector_aggregator_collects_nothing(kind: str, role: str, agents: int) -> None:
    labels = {"app.kubernetes.io/name": "vector", "app.kubernetes.io/component": role}
    facts = cluster(weaviate(), workload(kind, "vector", "timberio/vector", labels=labels))
    assert level(facts, "logs", "Vector agent") == agents


def test_a_vector_stateful_set_is_a_pipeline() -> None:
    facts = cluster(weaviate(), workload("StatefulSet", "vector", "timberio/vector"))
    assert level(facts, "log_pipeline", "Vector aggregator") == 2 and not facts.detected("logs", level=1)


@pytest.mark.parametrize(
    "image", ["grafana/alloy", "grafana/agent", "otel/opentelemetry-collector-contrib", "elastic-agent/elastic-agent"]
)
def test_an_agent_whose_configuration_decides_is_neither_logs_nor_metrics(image: str) -> None:
    facts = cluster(weaviate(), agent("a", image))
    assert len(facts.detected("telemetry")) == 1
    assert not facts.detected("logs", level=1) and not facts.detected("metrics", level=1)


@pytest.mark.parametrize(
    ("env", "annotated", "expected"),
    [
        ({}, False, (0, 0)),
        ({"DD_LOGS_ENABLED": "true"}, False, (0, 0)),
        ({"DD_LOGS_ENABLED": "true"}, True, (0, 3)),
        ({"DD_LOGS_ENABLED": "false", "DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL": "true"}, True, (0, 0)),
        ({"DD_LOGS_ENABLED": "true", "DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL": "true"}, False, (3, 0)),
    ],
)
def test_datadog_collects_logs_only_when_told_to(
    env: dict[str, str], annotated: bool, expected: tuple[int, int]
) -> None:
    metadata = {"annotations": {"ad.datadoghq.com/weaviate.logs": "[]"}} if annotated else None
    facts = cluster(weaviate(template_metadata=metadata), agent("dd", "gcr.io/datadoghq/agent:7", env=env))
    found_ = level(facts, "logs", "Datadog logs"), level(facts, "logs", "Datadog logs by annotation")
    assert found_ == expected
    assert level(facts, "telemetry", "Datadog agent") == 3


@pytest.mark.parametrize(
    ("made", "rows", "tool", "expected"),
    [
        ({}, "{kind: ExternalSecret, metadata: {name: keys}}", "External Secrets", 3),
        ({}, "{kind: ExternalSecret, metadata: {name: keys, namespace: shop}}", "External Secrets", 1),
        ({}, "{kind: VaultStaticSecret, metadata: {name: keys}}", "Vault Secrets Operator", 3),
        ({}, "{kind: SealedSecret, metadata: {name: keys}}", "Sealed Secrets", 3),
        ({}, "{kind: CSIDriver, metadata: {name: secrets-store.csi.k8s.io}}", "Secrets Store CSI driver", 2),
        ({"pod": {"volumes": [{"name": "keys", "csi": {"driver": "secrets-store.csi.k8s.io"}}]}}, "",
         "Secrets Store CSI driver", 3),
        ({"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}}, "",
         "Vault agent injector", 3),
        ({"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "false"}}}, "",
         "Vault agent injector", 0),
    ],
)  # fmt: skip
def test_vaults_and_operators_for_secrets(made: dict[str, Any], rows: str, tool: str, expected: int) -> None:
    assert level(cluster(weaviate(**made), rows), "secrets", tool) == expected


@pytest.mark.parametrize(("runs", "annotated", "expected"), [(True, True, 3), (True, False, 0), (False, True, 0)])
def test_reloader_counts_only_where_weaviate_asks_for_it(runs: bool, annotated: bool, expected: int) -> None:
    metadata = {"annotations": {"reloader.stakater.com/auto": "true"}} if annotated else None
    reloader = [workload("Deployment", "reloader", "ghcr.io/stakater/reloader:v1")] if runs else []
    assert level(cluster(weaviate(template_metadata=metadata), reloader), "rotation", "Reloader") == expected


@pytest.mark.parametrize(
    ("container", "tool"),
    [
        ("istio-proxy", "Istio sidecars"),
        ("linkerd-proxy", "Linkerd"),
        ("consul-dataplane", "Consul"),
        ("kuma-sidecar", "Kuma"),
    ],
)
@pytest.mark.parametrize("place", ["containers", "initContainers"])
def test_a_mesh_by_its_proxies_native_sidecars_included(container: str, tool: str, place: str) -> None:
    objects = weaviate()
    pods = [obj for obj in objects if obj["kind"] == "Pod"]
    for pod in pods:
        pod["spec"].setdefault(place, []).append({"name": container, "image": "proxy"})
    assert level(cluster(objects), "mesh", tool) == 3
    pods[0]["spec"][place].pop()
    assert level(cluster(objects), "mesh", tool) == 2


@pytest.mark.parametrize(("label", "tunnel", "expected"), [(True, True, 3), (True, False, 0), (False, True, 0)])
def test_an_ambient_mesh_takes_label_and_tunnel(label: bool, tunnel: bool, expected: int) -> None:
    namespace = {"kind": "Namespace", "metadata": {"name": "weaviate"}}
    if label:
        namespace["metadata"]["labels"] = {"istio.io/dataplane-mode": "ambient"}  # type: ignore[index]
    facts = cluster(weaviate(), namespace, [agent("ztunnel", "istio/ztunnel")] if tunnel else [])
    assert level(facts, "mesh", "Istio ambient") == expected


@pytest.mark.parametrize(
    ("name", "args", "group", "tool"),
    [
        ("calico-node", (), "cni_enforcing", "Calico"),
        ("cilium", (), "cni_enforcing", "Cilium"),
        ("anetd", (), "cni_enforcing", "Cilium (Dataplane V2)"),
        ("ovnkube-node", (), "cni_enforcing", "OVN-Kubernetes"),
        ("kube-flannel-ds", (), "cni_plain", "flannel"),
        ("kindnet", (), "cni_unclear", "kindnet"),
        ("aws-node", (), "cni_unclear", "Amazon VPC CNI"),
        ("aws-node", ("--enable-network-policy=false",), "cni_unclear", "Amazon VPC CNI"),
        (
            "aws-node",
            ("--enable-network-policy=true",),
            "cni_enforcing",
            "Amazon VPC CNI with its network policy agent",
        ),
    ],
)
def test_network_plugins(name: str, args: Iterable[str], group: str, tool: str) -> None:
    facts = cluster(weaviate(), agent(name, args=args, namespace="kube-system"))
    assert level(facts, group, tool) >= 2
    if group != "cni_enforcing":
        assert not facts.detected("cni_enforcing", level=1)


def test_an_operator_of_something_else_is_not_the_prometheus_operator() -> None:
    facts = cluster(weaviate(), workload("Deployment", "kafka", labels={"app": "kafka-operator"}))
    assert facts.detections == ()
