"""Detections of a cluster, missing reads, and agents on nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import agents_on, found, unseen
from readiness_kit.facts.detectors.table import APIS
from readiness_kit.facts.kubernetes.topology import is_ready
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from tests.support.cluster import cluster, weaviate
from tests.support.workloads import Object, agent, level, on_nodes, workload


def test_nothing_is_found_where_nothing_is() -> None:
    assert cluster(weaviate()).detections == ()


def test_what_was_found_says_where_and_what_it_does_not_prove() -> None:
    facts = cluster(weaviate(), agent("promtail", "docker.io/grafana/promtail:3.5.3"))
    detection = facts.detected("logs")[0]
    assert (detection.tool, detection.level, detection.grade) == ("Promtail", 3, "V")
    assert detection.indicator.startswith("DaemonSet tools/promtail: image grafana/promtail, 3 ready")
    assert "Loki accepts the logs" in detection.not_proven
    assert [(fact.ref.kind, fact.ref.name, fact.source) for fact in detection.facts] == [
        ("DaemonSet", "promtail", "daemonsets")
    ]


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
    assert [(detection.group, detection.tool, detection.level) for detection in found(facts)] == [
        ("logs", "Promtail", 3),
        ("logs", "Fluent Bit", 2),
        ("log_store", "Loki", 2),
    ]


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
    assert [(coverage.sure, coverage.unsure) for coverage in agents_on(facts)] == [((), ("Promtail",))] * 3


def test_an_agent_with_a_node_selector_and_fargate() -> None:
    agents = agent("a", "grafana/promtail", node_selector={"pool": "web"})
    assert [coverage.away for coverage in agents_on(cluster(weaviate(), agents))] == [("Promtail",)] * 3
    fargate = cluster(on_nodes({"eks.amazonaws.com/compute-type": "fargate"}), agent("a", "grafana/promtail"))
    assert [coverage.sure for coverage in agents_on(fargate)] == [()] * 3


def test_agents_are_asked_for_by_node_and_group() -> None:
    facts = cluster(weaviate(), agent("a", "grafana/promtail"), agent("n", "prometheus/node-exporter"))
    chosen = [node for node in facts.objects("nodes") if is_ready(node)][:1]
    assert [(coverage.node, coverage.sure) for coverage in agents_on(facts, chosen)] == [("node-0", ("Promtail",))]
    assert agents_on(facts, chosen, "metrics_helpers")[0].sure == ("node exporter",)


def _recorded(folder: Path) -> ClusterFacts:
    rows = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            items = json.loads(file.read_bytes())["items"]
            rows += [{**item, "kind": kind.kind, "apiVersion": kind.api} for item in items]
    facts = cluster(rows)
    facts.snapshot.answers[APIS] = tuple(
        group["name"] for group in json.loads((folder / "apis.json").read_bytes())["groups"]
    )
    return facts


def test_the_hardened_cluster_has_these_tools(recordings: Path) -> None:
    facts = _recorded(recordings / "good")
    assert {(detection.group, detection.tool, detection.level) for detection in facts.detections} == {
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
    assert [coverage.sure for coverage in agents_on(facts)] == [("Promtail",)] * 3


def test_the_cluster_with_the_defaults_has_next_to_nothing(recordings: Path) -> None:
    facts = _recorded(recordings / "default")
    assert {(detection.tool, detection.level) for detection in facts.detections} == {
        ("EKS managed node group", 3),
        ("Amazon VPC CNI", 3),
        ("metrics-server", 1),
    }
