"""Placement as truth tables: zones, nodes, candidates for a pod, anti-affinity and spread constraints."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Observation, Outcome, Reason, Settings, Thresholds
from tests.support.answers import answered
from tests.support.asked import ask, bad, says
from tests.support.cluster import cluster, node, of, required, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


OURS = {"matchLabels": {"app": "weaviate"}}


def fact(finding: Finding, field: str) -> Observation:
    return next(check for check in finding.facts if field in check.field)


def preferred(key: str, weight: int = 1) -> dict[str, Any]:
    term = {"weight": weight, "podAffinityTerm": {"topologyKey": key, "labelSelector": OURS}}
    return {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}}}


def constraint(key: str, **change: Any) -> dict[str, Any]:
    rule = {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": OURS, **change}
    return {"topologySpreadConstraints": [rule]}


@pytest.mark.parametrize(
    ("replicas", "zones", "pod", "outcome", "wrong"),
    [
        (1, ("a",), None, NOT_MET, ["spec.replicas"]),
        (3, ("a",), required(ZONE), NOT_MET, ["zones of the pods", "env RAFT_JOIN, by zone"]),
        (3, ("a", "b"), required(ZONE), PARTLY, ["zones of the pods", "env RAFT_JOIN, by zone"]),
        (3, ("a", "b", "c"), None, PARTLY, ["affinity.podAntiAffinity"]),
        (3, ("a", "b", "c"), preferred(ZONE, 100), PARTLY, ["affinity.podAntiAffinity"]),
        (3, ("a", "b", "c"), required(ZONE), UNKNOWN, []),
        (3, ("a", "b", "c"), constraint(ZONE), UNKNOWN, []),
        (
            3,
            ("a", "b", "c"),
            constraint(ZONE, whenUnsatisfiable="ScheduleAnyway"),
            PARTLY,
            ["topologySpreadConstraints"],
        ),
        (3, ("a", "b", "c"), constraint(ZONE, maxSkew=2), PARTLY, ["topologySpreadConstraints"]),
        (5, ("a", "a", "a", "b", "c"), required(ZONE), PARTLY, ["most pods in one zone", "env RAFT_JOIN, by zone"]),
    ],
)
def test_zones(
    replicas: int, zones: tuple[str, ...], pod: dict[str, Any] | None, outcome: Outcome, wrong: list[str]
) -> None:
    finding = ask("ha.multi_az", cluster(weaviate(replicas, zones, pod=pod)))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)
    assert finding.reason is (None if outcome is NOT_MET else Reason.NOT_COLLECTED)


def test_trap_three_zones_with_unlucky_placement_is_not_zone_safety() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(pod=required(ZONE))))
    assert finding.outcome is UNKNOWN
    assert {"weaviate/nodes_verbose", "weaviate/statistics"} <= set(finding.missing)
    assert "does not place shards by zone" in finding.sentence


def test_trap_nodes_without_zone_labels_are_unknown_not_one_zone() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(zones=("",), pod=required(ZONE))))
    assert (finding.outcome, finding.at_best, bad(finding)) == (PARTLY, True, ["affinity.podAntiAffinity"])
    assert "Which racks or rooms are the nodes in?" in finding.sentence
    assert "a label that node-0 lacks" in finding.sentence


@pytest.mark.parametrize(
    ("key", "labels", "forbidden", "outcome"),
    [
        ("topology.kubernetes.io/rack", {}, (), PARTLY),
        ("topology.kubernetes.io/rack", {"topology.kubernetes.io/rack": "r"}, (), None),
        ("topology.kubernetes.io/rack", {"topology.kubernetes.io/rack": "r"}, ("nodes",), UNKNOWN),
        ("topology.kubernetes.io/rack", {}, ("nodes",), UNKNOWN),
        ("kubernetes.io/hostname", {}, ("nodes",), None),
    ],
)
def test_an_anti_affinity_has_no_effect_on_nodes_without_its_label(
    key: str, labels: dict[str, str], forbidden: tuple[str, ...], outcome: Outcome | None
) -> None:
    objects = weaviate(pod=required(key))
    for each in of(objects, "Node"):
        each["metadata"]["labels"] |= {name: f"{value}-{each['metadata']['name']}" for name, value in labels.items()}
    finding = ask("ha.replicas_across_nodes", cluster(objects, forbidden=forbidden))
    line = next(check for check in finding.facts if check.field == "affinity.podAntiAffinity")
    assert (line.outcome or UNKNOWN) is (outcome or MET), line.message
    if outcome is PARTLY:
        assert "has no effect" in line.message


def test_trap_an_azure_fault_domain_is_not_a_zone() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(zones=("0", "1", "2"), pod=required(ZONE))))
    assert "The zone of weaviate-0, weaviate-1 and weaviate-2 is not known" in finding.sentence


def test_trap_the_volume_gives_the_zone_where_the_node_has_none() -> None:
    objects = weaviate(zones=("a", "b", "c"))
    for node_object in of(objects, "Node"):
        del node_object["metadata"]["labels"][ZONE]
    finding = ask("ha.multi_az", cluster(objects))
    assert fact(finding, "zones of the pods").seen == "a: 1, b: 1, c: 1"
    refused = ask("ha.multi_az", cluster(objects, forbidden=("persistentvolumes",)))
    assert (refused.outcome, refused.reason) == (PARTLY, Reason.FORBIDDEN)


def test_trap_voters_are_the_first_pods_whatever_the_number_of_nodes() -> None:
    zones = ("a", "a", "a", "b", "b", "b", "c", "c", "c")
    finding = ask("ha.multi_az", cluster(weaviate(9, zones, pod=required(ZONE))))
    assert bad(finding) == ["env RAFT_JOIN, by zone"]
    assert fact(finding, "RAFT_JOIN").seen == "a: 3 (3 voters)"


def test_trap_an_anti_affinity_counts_only_where_it_selects_weaviate_itself() -> None:
    other = {"matchLabels": {"app": "contextionary"}}
    for pod in (required(ZONE, selector=other), required(ZONE, namespaces=["other"]), required(HOST)):
        assert "no anti-affinity or spread constraint" in ask("ha.multi_az", cluster(weaviate(pod=pod))).sentence
    by_expression = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["weaviate"]}]}
    for pod in (
        required(ZONE, selector=by_expression),
        required(ZONE, namespaces=["weaviate"]),
        required(ZONE, namespaceSelector={}),
    ):
        assert bad(ask("ha.multi_az", cluster(weaviate(pod=pod)))) == []


@pytest.mark.parametrize(
    ("nodes", "pod", "outcome", "wrong"),
    [
        (("n1",), required(HOST), NOT_MET, ["spec.replicas"]),
        (("n1",), preferred(HOST), NOT_MET, ["spec.replicas", "affinity.podAntiAffinity"]),
        (("n1", "n2"), required(HOST), PARTLY, ["spec.replicas"]),
        (("n1", "n1", "n2"), required(HOST), NOT_MET, ["Weaviate pods", "nodes with a ready pod"]),
        (("n1", "n2", "n3"), None, PARTLY, ["affinity.podAntiAffinity"]),
        (("n1", "n2", "n3"), preferred(HOST), PARTLY, ["affinity.podAntiAffinity"]),
        (("n1", "n2", "n3"), required(HOST), UNKNOWN, []),
        (("n1", "n2", "n3"), constraint(HOST), UNKNOWN, []),
    ],
)
def test_nodes(nodes: tuple[str, ...], pod: dict[str, Any] | None, outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.replicas_across_nodes", cluster(weaviate(len(nodes), nodes=nodes, pod=pod)))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_the_sentence_on_nodes_names_the_pods_that_share_one() -> None:
    single = ask("ha.replicas_across_nodes", cluster(weaviate(1, pod=preferred(HOST)))).sentence
    assert "one replica" in single and "only preferred, not required (preferred, weight 1)" in single
    shared = ask("ha.replicas_across_nodes", cluster(weaviate(3, nodes=("n1", "n1", "n2")))).sentence
    assert "weaviate-0 and weaviate-1 share the node n1: losing it loses 2 of 3 replicas" in shared


def test_trap_a_terminating_pod_on_a_lost_node_is_not_a_ready_replica() -> None:
    objects = weaviate(pod=required(HOST))
    of(objects, "Pod", "weaviate-2")[0]["metadata"]["deletionTimestamp"] = "2026-11-24T05:00:00Z"
    finding = ask("ha.replicas_across_nodes", cluster(objects))
    assert bad(finding) == ["nodes with a ready pod"]
    assert "2 of 3 replicas are ready" in finding.sentence


def workers(*zones: str, volumes: bool = False, **labels: str) -> ClusterFacts:
    """Weaviate with nodes in these zones, its volumes zonal or not."""
    objects = weaviate(zones=("",))
    kept = [item for item in objects if item["kind"] != "Node"]
    if volumes:
        for volume, zone in zip(of(kept, "PersistentVolume"), dict.fromkeys(zones), strict=False):
            key = {"key": ZONE, "operator": "In", "values": [zone]}
            volume["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [key]}]}}
    nodes = [node(f"n{index}", zone) for index, zone in enumerate(zones)]
    for node_object in nodes:
        node_object["metadata"]["labels"] |= {key.replace("__", "/"): value for key, value in labels.items()}
    return cluster(kept, nodes)


@pytest.mark.parametrize(
    ("zones", "volumes", "outcome"),
    [
        (("a", "b", "c"), False, MET),
        (("a", "b", "c"), True, PARTLY),
        (("a", "a", "b", "b", "c", "c"), True, MET),
        (("a", "a", "b", "c"), False, MET),
        (("a", "a", "a", "b", "c"), False, PARTLY),
        (("a", "b"), False, PARTLY),
        (("a", "a"), False, NOT_MET),
        (("", "", ""), False, UNKNOWN),
        (("a", "b", "c", ""), False, UNKNOWN),
    ],
)
def test_candidate_nodes(zones: tuple[str, ...], volumes: bool, outcome: Outcome) -> None:
    assert ask("ha.workers_across_zones", workers(*zones, volumes=volumes)).outcome is outcome


def test_only_nodes_that_can_take_a_pod_count() -> None:
    spare = [node("c1", "c"), node("c2", "c"), node("c3", "c")]
    spare[0]["spec"] = {"unschedulable": True}
    spare[1]["spec"] = {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}
    spare[2]["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    finding = ask("ha.workers_across_zones", cluster(weaviate(2, ("a", "b")), spare))
    assert fact(finding, "nodes that can take a pod").seen == "a: 1, b: 1"
    assert ask("ha.workers_across_zones", cluster(weaviate(pod={"nodeSelector": {"pool": "x"}}))).outcome is NOT_MET


def test_the_skew_that_is_accepted_is_a_setting() -> None:
    facts = workers("a", "a", "a", "b", "c")
    assert ask("ha.workers_across_zones", facts, Settings(thresholds=Thresholds(zone_skew_maximum=2))).outcome is MET


def test_trap_a_zone_with_nodes_created_on_demand_needs_no_second_node() -> None:
    auto = {"eks.amazonaws.com__compute-type": "auto"}
    assert ask("ha.workers_across_zones", workers("a", "b", "c", volumes=True, **auto)).outcome is MET
    assert ask("ha.workers_across_zones", workers("a", "b", "c", volumes=True)).outcome is PARTLY


def made(replicas: int = 3, *more: Any, answers: dict[str, Any] | None = None, **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(replicas, **how), *more), says() if answers is None else answers)


def test_a_preferred_rule_over_zones_is_partly_met_whatever_weaviate_answers() -> None:
    assert ask("ha.multi_az", made()).outcome is PARTLY


def term(key: str, **more: Any) -> dict[str, Any]:
    terms = [{"topologyKey": key, "labelSelector": OURS, **more}]
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


INDEX, REVISION, POD = "apps.kubernetes.io/pod-index", "controller-revision-hash", "statefulset.kubernetes.io/pod-name"


@pytest.mark.parametrize(
    ("question", "pod", "holds"),
    [
        ("ha.replicas_across_nodes", constraint(HOST, labelSelector={}), False),
        ("ha.replicas_across_nodes", constraint(HOST, labelSelector=None), False),
        ("ha.replicas_across_nodes", constraint(HOST, matchLabelKeys=[INDEX]), False),
        ("ha.replicas_across_nodes", constraint(HOST, matchLabelKeys=[POD]), False),
        ("ha.replicas_across_nodes", constraint(HOST, matchLabelKeys=[REVISION]), True),
        ("ha.replicas_across_nodes", constraint(ZONE), True),
        ("ha.replicas_across_nodes", constraint("topology.kubernetes.io/region"), False),
        ("ha.replicas_across_nodes", term(ZONE), True),
        ("ha.replicas_across_nodes", term("topology.kubernetes.io/region"), True),
        ("ha.replicas_across_nodes", term("example.com/rack"), True),
        ("ha.replicas_across_nodes", term(HOST, matchLabelKeys=[INDEX]), False),
        ("ha.replicas_across_nodes", term(HOST, matchLabelKeys=[REVISION]), True),
        ("ha.replicas_across_nodes", term(HOST, mismatchLabelKeys=[REVISION]), False),
        ("ha.replicas_across_nodes", term(HOST, mismatchLabelKeys=[INDEX]), True),
        ("ha.replicas_across_nodes", term(HOST, labelSelector=None), False),
        ("ha.replicas_across_nodes", term(HOST, labelSelector={"matchLabels": {POD: "weaviate-0"}}), False),
        ("ha.multi_az", constraint(ZONE, labelSelector={}), False),
        ("ha.multi_az", constraint(ZONE, matchLabelKeys=[INDEX]), False),
        ("ha.multi_az", constraint(HOST), False),
        ("ha.multi_az", term(HOST), False),
        ("ha.multi_az", term("example.com/rack"), False),
        ("ha.multi_az", term("topology.kubernetes.io/region"), True),
    ],
)
def test_a_rule_counts_where_the_scheduler_keeps_a_second_pod_away(
    question: str, pod: dict[str, Any], holds: bool
) -> None:
    finding = ask(question, cluster(weaviate(pod=pod)))
    assert ("no anti-affinity or spread constraint selects them" in finding.sentence) is not holds


def test_more_pods_than_zones_may_share_a_node_by_a_spread_over_zones() -> None:
    zones = ("a", "b", "c", "a", "b")
    finding = ask("ha.replicas_across_nodes", cluster(weaviate(5, zones, pod=constraint(ZONE))))
    assert "Nothing forces the pods onto separate nodes" in finding.sentence


def test_a_second_node_that_is_too_small_is_no_second_node() -> None:
    spare = [node(f"spare-{zone}", zone) for zone in "abc"]
    facts = cluster(weaviate(zones=("a", "b", "c")), spare)
    assert ask("ha.workers_across_zones", facts).outcome is MET
    spare[2]["status"]["allocatable"] = {"cpu": "3", "memory": "64Gi", "pods": "110"}
    finding = ask("ha.workers_across_zones", cluster(weaviate(zones=("a", "b", "c")), spare))
    assert finding.outcome is PARTLY and "and c has no second node" in finding.sentence
