"""Objects of tools count where they concern this Weaviate."""

from __future__ import annotations

import pytest

from tests.support.cluster import cluster, weaviate
from tests.support.workloads import level, on_nodes, workload


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{}", 3),
        ("{matchExpressions: [{key: pool, operator: In, values: [db]}]}", 3),
        ("{matchLabels: {pool: web}}", 1),
        ("null", 1),
    ],
)
def test_a_node_health_check_counts_for_the_nodes_that_it_selects(selector: str, expected: int) -> None:
    check = f"{{kind: NodeHealthCheck, metadata: {{name: workers}}, spec: {{selector: {selector}}}}}"
    facts = cluster(on_nodes({"pool": "db"}), check)
    assert level(facts, "node_repair", "medik8s NodeHealthCheck") == expected


def test_machine_health_checks_of_both_groups_and_none_is_tied_to_weaviate() -> None:
    for api in ("cluster.x-k8s.io/v1beta1", "machine.openshift.io/v1beta1"):
        facts = cluster(weaviate(), f"{{apiVersion: {api}, kind: MachineHealthCheck, metadata: {{name: workers}}}}")
        assert level(facts, "node_repair", "MachineHealthCheck") == 1


@pytest.mark.parametrize(
    ("mode", "receivers", "expected"),
    [("daemonset", "filelog/pods", 3), ("daemonset", "otlp", 1), ("deployment", "filelog", 1)],
)
def test_a_collector_reads_logs_only_with_filelog_on_every_node(mode: str, receivers: str, expected: int) -> None:
    facts = cluster(
        weaviate(),
        f"{{kind: OpenTelemetryCollector, metadata: {{name: c}},"
        f" spec: {{mode: {mode}, config: {{receivers: {{{receivers}: null}}}}}}}}",
    )
    assert level(facts, "logs", "OpenTelemetry filelog") == expected


VELERO = """
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: daily, namespace: velero}
spec: {schedule: "0 1 * * *", template: {%s}}
status: {phase: Enabled, lastBackup: "2026-11-24T01:00:00Z"}
"""


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("", 3),
        ('includedNamespaces: ["*"]', 3),
        ("includedNamespaces: [weaviate, shop]", 3),
        ("includedNamespaces: [shop]", 1),
        ("excludedNamespaces: [weaviate]", 1),
    ],
)
def test_a_velero_schedule_counts_where_it_includes_the_namespace(scope: str, expected: int) -> None:
    facts = cluster(weaviate(), VELERO % scope)
    assert level(facts, "volume_backup", "Velero") == expected
    if expected == 3:
        assert "last backup 2026-11-24 01:00 UTC" in facts.detections[0].facts[0].seen


@pytest.mark.parametrize(
    ("row", "tool", "expected"),
    [
        (
            "{apiVersion: config.kio.kasten.io/v1alpha1, kind: Policy, metadata: {name: p, namespace: k}, spec:"
            " {actions: [{action: backup}], selector: {matchLabels: {k10.kasten.io/appNamespace: weaviate}}}}",
            "Kasten K10",
            3,
        ),
        (
            "{apiVersion: config.kio.kasten.io/v1alpha1, kind: Policy, metadata: {name: p, namespace: k}, spec:"
            " {actions: [{action: import}]}}",
            "Kasten K10",
            1,
        ),
        (
            "{kind: ReplicationSource, metadata: {name: r}, spec: {sourcePVC: weaviate-data-weaviate-1}}",
            "VolSync",
            3,
        ),
        ("{kind: ReplicationSource, metadata: {name: r}, spec: {sourcePVC: other}}", "VolSync", 1),
        ("{kind: SnapshotSchedule, metadata: {name: s}, spec: {schedule: daily}}", "SnapScheduler", 3),
        (
            "{kind: SnapshotSchedule, metadata: {name: s}, spec: {claimSelector: {matchLabels: {a: b}}}}",
            "SnapScheduler",
            1,
        ),
        ("{kind: RecurringJob, metadata: {name: j}, spec: {task: backup, groups: [default]}}", "Longhorn", 1),
        ("{kind: VolumeSnapshot, metadata: {name: s}}", "CSI snapshots", 3),
    ],
)
def test_other_volume_backups(row: str, tool: str, expected: int) -> None:
    assert level(cluster(weaviate(), row), "volume_backup", tool) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [("{action: pod-kill, selector: {namespaces: [weaviate]}}", 3), ("{action: pod-kill, selector: {}}", 1)],
)
def test_a_chaos_experiment_counts_where_it_is_aimed_at_the_namespace(spec: str, expected: int) -> None:
    row = f"{{kind: PodChaos, metadata: {{name: kill, namespace: chaos}}, spec: {spec}}}"
    assert level(cluster(weaviate(), row), "chaos", "Chaos Mesh") == expected


def test_a_chaos_schedule_and_a_verdict_of_litmus() -> None:
    schedule = """
        apiVersion: chaos-mesh.org/v1alpha1
        kind: Schedule
        metadata: {name: weekly, namespace: weaviate}
        spec: {schedule: "0 3 * * 1", type: PodChaos, podChaos: {action: pod-kill}}
        status: {time: "2026-11-23T03:00:00Z"}
        ---
        kind: ChaosEngine
        metadata: {name: e, namespace: litmus}
        spec: {appinfo: {appns: weaviate, appkind: statefulset}}
        ---
        kind: ChaosResult
        metadata: {name: r, namespace: litmus}
        spec: {engine: e, experiment: pod-delete}
        status: {experimentStatus: {phase: Completed, verdict: Pass}}
        """
    facts = cluster(weaviate(), schedule)
    seen = {fact.ref.name: fact.seen for detection in facts.detected("chaos", level=3) for fact in detection.facts}
    assert seen["weekly"] == "PodChaos on schedule 0 3 * * 1, last run 2026-11-23"
    assert seen["r"] == "pod-delete: Pass"


@pytest.mark.parametrize("tool", ["Argo Rollouts", "Flagger"])
def test_trap_57_canary_tools_in_the_cluster_say_nothing_about_weaviate(tool: str) -> None:
    images = {"Argo Rollouts": "quay.io/argoproj/argo-rollouts:v1", "Flagger": "ghcr.io/fluxcd/flagger:1"}
    facts = cluster(
        weaviate(),
        workload("Deployment", "a", images[tool]),
        "{kind: Rollout, metadata: {name: shop, namespace: shop}}",
        "{kind: Canary, metadata: {name: shop, namespace: shop}, spec: {targetRef: {kind: Deployment, name: shop}}}",
    )
    assert level(facts, "progressive_delivery", tool) == 2
    assert next(detection for detection in facts.detections if detection.tool == tool).not_proven.startswith(
        "anything about Weaviate"
    )


@pytest.mark.parametrize(
    ("row", "tool", "expected"),
    [
        ("{kind: Application, metadata: {name: w, namespace: argocd}, spec: {destination: {namespace: weaviate}}}",
         "Argo CD", 3),
        ("{kind: Application, metadata: {name: w, namespace: argocd}, spec: {destination: {namespace: shop}}}",
         "Argo CD", 1),
        ("{kind: HelmRelease, metadata: {name: w, namespace: flux}, spec: {targetNamespace: weaviate}}", "Flux", 3),
        ("{kind: HelmRelease, metadata: {name: w, namespace: flux}}", "Flux", 1),
    ],
)  # fmt: skip
def test_delivery_from_a_repository(row: str, tool: str, expected: int) -> None:
    assert level(cluster(weaviate(), row), "gitops", tool) == expected


@pytest.mark.parametrize(
    ("place", "spec", "seen"),
    [
        ("weaviate", "{mtls: {mode: STRICT}}", "mtls.mode STRICT"),
        ("weaviate", "{selector: {matchLabels: {app: weaviate}}, mtls: {mode: PERMISSIVE}}", "mtls.mode PERMISSIVE"),
        ("weaviate", "{selector: {matchLabels: {app: shop}}, mtls: {mode: STRICT}}", ""),
        ("istio-system", "{mtls: {mode: STRICT}}", "mtls.mode STRICT, for the whole mesh"),
        ("istio-system", "{selector: {matchLabels: {app: weaviate}}, mtls: {mode: STRICT}}", ""),
        ("shop", "{mtls: {mode: STRICT}}", ""),
    ],
)
def test_a_peer_authentication_reaches_by_namespace_root_and_selector(place: str, spec: str, seen: str) -> None:
    facts = cluster(
        weaviate(), f"{{kind: PeerAuthentication, metadata: {{name: p, namespace: {place}}}, spec: {spec}}}"
    )
    detection = next(detection for detection in facts.detections if detection.group == "mesh")
    assert (detection.level, detection.facts[0].seen) == (
        (3, seen) if seen else (1, "present, no relation to Weaviate found")
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("{kind: CiliumNetworkPolicy, metadata: {name: p}, spec: {endpointSelector: {}, ingress: []}}", 3),
        (
            "{kind: CiliumClusterwideNetworkPolicy, metadata: {name: p},"
            " spec: {endpointSelector: {matchLabels: {'k8s:app': weaviate}}, ingress: [{}]}}",
            3,
        ),
        ("{kind: CiliumNetworkPolicy, metadata: {name: p, namespace: shop}, spec: {endpointSelector: {}}}", 1),
        ("{kind: CiliumNetworkPolicy, metadata: {name: p}, spec: {endpointSelector: {matchLabels: {a: b}}}}", 1),
    ],
)
def test_trap_33_policies_of_cilium_cover_without_any_namespaced_object(row: str, expected: int) -> None:
    assert level(cluster(weaviate(), row), "cni_enforcing", "Cilium") == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [("all()", 3), ("", 3), ("app == 'weaviate'", 1)],
)
def test_calico_policies_count_where_their_expression_is_understood(selector: str, expected: int) -> None:
    row = {"kind": "GlobalNetworkPolicy", "metadata": {"name": "p"}, "spec": {"selector": selector}}
    assert level(cluster(weaviate(), row), "cni_enforcing", "Calico") == expected


def test_a_network_policy_of_kubernetes_is_none_of_calico() -> None:
    native = "{kind: NetworkPolicy, metadata: {name: p}}"
    calico = "{apiVersion: crd.projectcalico.org/v1, kind: NetworkPolicy, metadata: {name: p}}"
    assert not cluster(weaviate(), native).detections
    facts = cluster(weaviate(), native, calico)
    assert level(facts, "cni_enforcing", "Calico") == 3
    assert (len(facts.objects("networkpolicies")), len(facts.objects("caliconetworkpolicies"))) == (1, 1)


@pytest.mark.parametrize(("on", "expected"), [("true", 3), ("false", 1)])
def test_encryption_between_nodes_by_calico(on: str, expected: int) -> None:
    row = f"{{kind: FelixConfiguration, metadata: {{name: default}}, spec: {{wireguardEnabled: {on}}}}}"
    assert level(cluster(weaviate(), row), "encryption", "Calico WireGuard") == expected


@pytest.mark.parametrize(("expr", "expected"), [("up{job='weaviate'} == 0", 3), ("up == 0", 1)])
def test_trap_54_rules_exist_is_not_rules_about_weaviate(expr: str, expected: int) -> None:
    row = {
        "kind": "PrometheusRule",
        "metadata": {"name": "r", "namespace": "monitoring"},
        "spec": {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": expr}]}]},
    }
    assert level(cluster(weaviate(), row), "alerts", "Prometheus rules") == expected


@pytest.mark.parametrize(("target", "expected"), [("weaviate", 3), ("other", 1)])
def test_trap_43_autoscalers_aimed_at_weaviate(target: str, expected: int) -> None:
    aim = {"kind": "StatefulSet", "name": target}
    facts = cluster(
        weaviate(),
        {"kind": "VerticalPodAutoscaler", "metadata": {"name": "v"}, "spec": {"targetRef": aim}},
        {"kind": "ScaledObject", "metadata": {"name": "k"}, "spec": {"scaleTargetRef": aim}},
    )
    assert level(facts, "vertical_scaling", "Vertical Pod Autoscaler") == expected
    assert level(facts, "horizontal_scaling", "KEDA") == expected
