"""Each family of tools by a few lines of YAML: what counts, at which level, and what must not count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.errors import ConfigError
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import RULES
from readiness_kit.facts.detectors.scan import DETECTOR_READS, agents_on, found, unseen
from readiness_kit.facts.detectors.table import APIS, GROUPS, detectors, load, reads_of
from readiness_kit.facts.kubernetes.topology import is_ready
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Reason
from tests.support.cluster import cluster, weaviate

Object = dict[str, Any]


def workload(
    kind: str, name: str, image: str = "x", *, namespace: str = "tools", ready: int = 3, **more: Any
) -> Object:
    """A workload of another namespace. more: labels, env, args, container, tolerations, node_selector, desired."""
    container = {
        "name": more.get("container", "main"),
        "image": image,
        "args": list(more.get("args", ())),
        "env": [{"name": key, "value": value} for key, value in more.get("env", {}).items()],
    }
    spec: Object = {"containers": [container], "tolerations": list(more.get("tolerations", ()))}
    spec["nodeSelector"] = more.get("node_selector", {})
    labels = more.get("labels", {})
    state = {"numberReady": ready, "desiredNumberScheduled": more.get("desired", ready), "readyReplicas": ready}
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": spec}},
        "status": state,
    }


def agent(name: str, image: str = "x", **more: Any) -> Object:
    return workload("DaemonSet", name, image, **more)


def level(facts: ClusterFacts, group: str, tool: str) -> int:
    """The level of a tool in a group, 0 where it is not detected."""
    return next((one.level for one in facts.detections if (one.group, one.tool) == (group, tool)), 0)


def on_nodes(labels: dict[str, str], only: Iterable[int] = (0, 1, 2), taints: Iterable[Object] = ()) -> list[Object]:
    """Weaviate with labels and taints on some of its three nodes."""
    objects = weaviate()
    for one in objects:
        if one["kind"] == "Node" and int(one["metadata"]["name"][-1]) in only:
            one["metadata"]["labels"] |= labels
            one["spec"] = {"taints": list(taints), "providerID": "gce://project/zone/node"}
    return objects


# --- the table ------------------------------------------------------------------------------------


def test_the_table_is_whole() -> None:
    ids = set(load_checklist().ids)
    for one in detectors():
        assert set(one.questions) <= ids and one.questions, one.tool
        assert one.proves != one.does_not and not one.proves.endswith("."), one.tool
        assert one.reads <= KINDS.keys() | SOURCES.keys(), one.tool
    assert {one.group for one in detectors()} == set(GROUPS)
    assert len(detectors()) >= 110


def test_every_kind_that_a_rule_is_for_is_read_by_a_row() -> None:
    assert RULES.keys() <= {key for one in detectors() for key in one.objects}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tool: x", "not a list of rows"),
        ("- {tool: X, group: logs, grade: V, proves: a}", "row 'X'.*does_not"),
        ("- {tool: X, group: logs, grade: T, proves: a, does_not: b, api_groups: [g]}", r"row 'X'.*\$\.grade"),
        ("- {tool: X, group: drums, grade: V, proves: a, does_not: b, api_groups: [g]}", r"row 'X'.*\$\.group"),
        ("- {tool: X, group: logs, grade: V, proves: a, does_not: b, apis: [g]}", "row 'X'.*apis"),
        ("- {tool: X, group: logs, grade: V, proves: a, does_not: b}", "row 'X'.*no indicator"),
        (
            "- {tool: X, group: logs, grade: V, proves: a, does_not: b, objects: [gizmos]}",
            r"row 'X'.*\$\.objects.*gizmos",
        ),
        (
            "- {tool: X, group: logs, grade: V, proves: a, does_not: b, runs: [{kinds: [Pod]}]}",
            r"row 'X'.*\$\.runs\[0\]",
        ),
        ("- {tool: X, group: logs, grade: V, proves: a, does_not: b, runs: [{args: [y]}]}", r"row 'X'.*needs one of"),
        ("- {group: logs, grade: V, proves: a, does_not: b, api_groups: [g]}", "row 1.*tool"),
        ("- 5", "row 1"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_by_row_and_field(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(text)


def test_a_tool_stands_once_in_a_group() -> None:
    row = "- {tool: X, group: logs, grade: V, proves: a, does_not: b, api_groups: [g]}\n"
    with pytest.raises(ConfigError, match="'X' is listed twice in the group logs"):
        load(row + row)
    assert len(load(row + row.replace("logs", "alerts"))) == 2


def test_what_a_group_reads() -> None:
    assert set(DETECTOR_READS) == set(GROUPS)
    assert DETECTOR_READS["logs"] == ("daemonsets", APIS, "nodes", "opentelemetrycollectors", "pods")
    assert {"veleroschedules", "velerorestores", "volumesnapshots", "kastenpolicies"} <= set(
        DETECTOR_READS["volume_backup"]
    )
    assert DETECTOR_READS["encryption"] == ("felixconfigurations",)
    with pytest.raises(ValueError, match="unknown group of detectors 'drums'"):
        reads_of("drums")


# --- signs and levels -----------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_is() -> None:
    assert cluster(weaviate()).detections == ()


def test_what_was_found_says_where_and_what_it_does_not_prove() -> None:
    facts = cluster(weaviate(), agent("promtail", "docker.io/grafana/promtail:3.5.3"))
    one = facts.detected("logs")[0]
    assert (one.tool, one.level, one.grade) == ("Promtail", 3, "V")
    assert one.sign.startswith("DaemonSet tools/promtail: image grafana/promtail, 3 ready")
    assert "Loki accepts the logs" in one.does_not
    assert [(fact.ref.kind, fact.ref.name, fact.source) for fact in one.facts] == [
        ("DaemonSet", "promtail", "daemonsets")
    ]


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
    assert "none ready" in facts.detections[0].sign


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


def test_what_could_not_be_read_is_said() -> None:
    assert unseen(cluster(weaviate()), "logs") == {}
    facts = cluster(weaviate(), forbidden=("daemonsets", APIS))
    assert unseen(facts, "logs") == {"daemonsets": Reason.FORBIDDEN}, "CRDs tell what discovery would have told"
    facts = cluster(weaviate(), forbidden=("daemonsets", APIS, "customresourcedefinitions"))
    assert unseen(facts, "logs") == {"daemonsets": Reason.FORBIDDEN, APIS: Reason.FORBIDDEN}
    assert facts.detected("logs") == ()


def test_a_kind_whose_tool_is_absent_is_no_loss() -> None:
    assert unseen(cluster(weaviate(), absent=("veleroschedules",)), "volume_backup") == {}


def test_for_people_the_surest_of_a_group_comes_first() -> None:
    facts = cluster(
        weaviate(),
        agent("fluent-bit", "fluent/fluent-bit", ready=1, desired=3),
        agent("promtail", "grafana/promtail"),
        workload("StatefulSet", "loki", "grafana/loki"),
    )
    assert [(one.group, one.tool, one.level) for one in found(facts)] == [
        ("logs", "Promtail", 3),
        ("logs", "Fluent Bit", 2),
        ("log_store", "Loki", 2),
    ]


# --- nodes ----------------------------------------------------------------------------------------


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
    for one in objects:
        if one["kind"] == "Node":
            one["spec"]["providerID"] = "aws:///zone/node"
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
    for one in objects:
        if one["kind"] == "Node":
            one["status"]["conditions"].append({"type": "KernelDeadlock", "status": "False"})
    for facts in (
        cluster(objects),
        cluster(weaviate(), agent("npd", "registry.k8s.io/node-problem-detector/node-problem-detector:v1")),
    ):
        assert level(facts, "node_reporting", "Node Problem Detector") == 3
        assert facts.detected("node_repair", level=1) == ()


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


# --- logs -----------------------------------------------------------------------------------------


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


# --- trap 56: where agents come to ----------------------------------------------------------------

TAINT = {"key": "dedicated", "value": "weaviate", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("tolerations", "expected"),
    [
        ((), 2),
        (({"operator": "Exists"},), 3),
        (({"key": "dedicated", "operator": "Equal", "value": "weaviate"},), 3),
        (({"key": "other", "operator": "Exists"},), 2),
    ],
)
def test_trap_56_an_agent_that_does_not_tolerate_the_taint_misses_these_nodes(
    tolerations: Iterable[Object], expected: int
) -> None:
    facts = cluster(on_nodes({}, only=(2,), taints=(TAINT,)), agent("a", "grafana/promtail", tolerations=tolerations))
    assert level(facts, "logs", "Promtail") == expected
    last = agents_on(facts)[2]
    assert (last.node, last.sure, last.away) == (
        "node-2",
        ("Promtail",) if expected == 3 else (),
        () if expected == 3 else ("Promtail",),
    )


def test_taints_of_a_state_of_the_node_keep_no_agent_away() -> None:
    taints = ({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},)
    facts = cluster(on_nodes({}, taints=taints), agent("a", "grafana/promtail"))
    assert level(facts, "logs", "Promtail") == 3


def test_an_agent_that_is_not_ready_everywhere_is_not_sure() -> None:
    facts = cluster(weaviate(), agent("a", "grafana/promtail", ready=2, desired=3))
    assert level(facts, "logs", "Promtail") == 2
    assert [(one.sure, one.unsure) for one in agents_on(facts)] == [((), ("Promtail",))] * 3


def test_an_agent_with_a_node_selector_and_fargate() -> None:
    agents = agent("a", "grafana/promtail", node_selector={"pool": "web"})
    assert [one.away for one in agents_on(cluster(weaviate(), agents))] == [("Promtail",)] * 3
    fargate = cluster(on_nodes({"eks.amazonaws.com/compute-type": "fargate"}), agent("a", "grafana/promtail"))
    assert [one.sure for one in agents_on(fargate)] == [()] * 3


def test_agents_are_asked_for_by_node_and_group() -> None:
    facts = cluster(weaviate(), agent("a", "grafana/promtail"), agent("n", "prometheus/node-exporter"))
    chosen = [node for node in facts.objects("nodes") if is_ready(node)][:1]
    assert [(one.node, one.sure) for one in agents_on(facts, chosen)] == [("node-0", ("Promtail",))]
    assert agents_on(facts, chosen, "metrics_helpers")[0].sure == ("node exporter",)


# --- the other families ---------------------------------------------------------------------------

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
    seen = {fact.ref.name: fact.seen for one in facts.detected("chaos", level=3) for fact in one.facts}
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
    assert next(one for one in facts.detections if one.tool == tool).does_not.startswith("anything about Weaviate")


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
    pods = [one for one in objects if one["kind"] == "Pod"]
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
    one = next(one for one in facts.detections if one.group == "mesh")
    assert (one.level, one.facts[0].seen) == ((3, seen) if seen else (1, "present, no relation to Weaviate found"))


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


def test_an_operator_of_something_else_is_not_the_prometheus_operator() -> None:
    facts = cluster(weaviate(), workload("Deployment", "kafka", labels={"app": "kafka-operator"}))
    assert facts.detections == ()


# --- recorded clusters ----------------------------------------------------------------------------


def _recorded(folder: Path) -> ClusterFacts:
    rows = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            items = json.loads(file.read_bytes())["items"]
            rows += [{**one, "kind": kind.kind, "apiVersion": kind.api} for one in items]
    facts = cluster(rows)
    facts.snapshot.answers[APIS] = tuple(
        group["name"] for group in json.loads((folder / "apis.json").read_bytes())["groups"]
    )
    return facts


def test_the_hardened_cluster_has_these_tools(recordings: Path) -> None:
    facts = _recorded(recordings / "good")
    assert {(one.group, one.tool, one.level) for one in facts.detections} == {
        ("node_repair_option", "EKS managed node group", 3),
        ("node_scaling", "cluster autoscaler", 2),
        ("volume_backup", "CSI snapshots", 2),
        ("logs", "Promtail", 3),
        ("log_store", "Loki", 2),
        ("cni_unclear", "Amazon VPC CNI", 3),
        ("gateway", "ingress-nginx", 2),
        ("metrics", "Prometheus Operator", 3),
        ("metrics", "Prometheus", 2),
        ("metrics_helpers", "kube-state-metrics", 2),
        ("metrics_helpers", "node exporter", 3),
        ("metrics_helpers", "metrics-server", 1),
        ("dashboards", "Grafana", 2),
        ("alerts", "Alertmanager", 2),
        ("alerts", "Prometheus rules", 3),
    }
    assert [one.sure for one in agents_on(facts)] == [("Promtail",)] * 3


def test_the_cluster_with_the_defaults_has_next_to_nothing(recordings: Path) -> None:
    facts = _recorded(recordings / "default")
    assert {(one.tool, one.level) for one in facts.detections} == {
        ("EKS managed node group", 3),
        ("Amazon VPC CNI", 3),
        ("metrics-server", 1),
    }
