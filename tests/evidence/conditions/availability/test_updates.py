"""Update strategy, images, grace period and PodDisruptionBudgets as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts.kubernetes.disruption import scaled
from readiness_kit.model import Finding, Observation, Outcome, Reason, Settings, Thresholds
from tests.support.asked import ask, bad
from tests.support.cluster import cluster, merged, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


OURS = {"matchLabels": {"app": "weaviate"}}


def fact(finding: Finding, field: str) -> Observation:
    return next(check for check in finding.facts if field in check.field)


def budget(**spec: Any) -> dict[str, Any]:
    return {"kind": "PodDisruptionBudget", "metadata": {"name": "weaviate"}, "spec": {"selector": OURS, **spec}}


ONE = budget(maxUnavailable=1)


def rolling(**update: Any) -> dict[str, Any]:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": update}}


@pytest.mark.parametrize(
    ("objects", "outcome", "wrong"),
    [
        (weaviate(), UNKNOWN, []),
        (weaviate(1), NOT_MET, ["spec.replicas"]),
        (weaviate(2), NOT_MET, ["pods an update takes at once"]),
        (weaviate(spec={"updateStrategy": {"type": "OnDelete"}}), NOT_MET, ["updateStrategy.type"]),
        (weaviate(spec=rolling(maxUnavailable="100%")), NOT_MET, ["pods an update takes at once"]),
        (weaviate(spec=rolling(maxUnavailable=2)), NOT_MET, ["pods an update takes at once"]),
        (weaviate(5, spec=rolling(maxUnavailable=2)), PARTLY, ["pods an update takes at once"]),
        (weaviate(spec=rolling(partition=2)), PARTLY, ["rollingUpdate.partition"]),
        (weaviate(container={"readinessProbe": None}), NOT_MET, ["readinessProbe"]),
        (weaviate(pod={"terminationGracePeriodSeconds": 299}), PARTLY, ["terminationGracePeriodSeconds"]),
        (weaviate(pod={"terminationGracePeriodSeconds": None}), PARTLY, ["terminationGracePeriodSeconds"]),
        (weaviate(pod={"terminationGracePeriodSeconds": 300}), UNKNOWN, []),
        (weaviate(image="semitechnologies/weaviate:latest"), NOT_MET, ["image"]),
        (weaviate(image="semitechnologies/weaviate"), NOT_MET, ["image"]),
        (weaviate(image=f"semitechnologies/weaviate@sha256:{'0' * 64}"), UNKNOWN, []),
    ],
)
def test_rolling_updates(objects: list[dict[str, Any]], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rolling_updates", cluster(objects, ONE, server_version="v1.37.1"))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)
    assert finding.reason is (None if outcome is NOT_MET else Reason.NOT_COLLECTED)


@pytest.mark.parametrize(
    ("replicas", "spec", "phrase"),
    [
        (3, {"maxUnavailable": 1}, ""),
        (3, {"minAvailable": 2}, ""),
        (3, {"minAvailable": "50%"}, ""),
        (5, {"minAvailable": "50%"}, "allows 2 of 5 pods to be evicted"),
        (3, {"maxUnavailable": "34%"}, "allows 2 of 3 pods to be evicted"),
        (3, {}, "neither minAvailable nor maxUnavailable) allows no eviction"),
    ],
)
def test_pdbs(replicas: int, spec: dict[str, Any], phrase: str) -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(replicas), budget(**spec)))
    assert phrase in finding.sentence
    assert bad(finding) == (["spec"] if phrase else [])


@pytest.mark.parametrize("spec", [{"minAvailable": 3}, {"maxUnavailable": 0}, {"minAvailable": "100%"}])
def test_trap_a_pdb_that_allows_no_eviction_blocks_drains(spec: dict[str, Any]) -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), budget(**spec)))
    assert "allows no eviction" in finding.sentence and bad(finding) == ["spec"]


def test_trap_no_disruption_allowed_at_present_is_not_a_wrong_spec() -> None:
    now = ONE | {"status": {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 3}}
    finding = ask("ha.rolling_updates", cluster(weaviate(), now))
    assert bad(finding) == [] and fact(finding, "disruptionsAllowed").seen == "0"


@pytest.mark.parametrize(
    ("selector", "namespace", "found"),
    [
        ({"matchLabels": {"app": "contextionary"}}, "weaviate", False),
        (OURS, "other", False),
        (None, "weaviate", False),
        ({}, "weaviate", True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["weaviate", "x"]}]}, "weaviate", True),
        (
            {**OURS, "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["weaviate"]}]},
            "weaviate",
            False,
        ),
    ],
)
def test_trap_the_pdb_of_a_module_is_not_that_of_weaviate(selector: Any, namespace: str, found: bool) -> None:
    selecting = {
        "kind": "PodDisruptionBudget",
        # The label of the metadata sits on modules too; only what is selected counts.
        "metadata": {"name": "x", "namespace": namespace, "labels": {"app.kubernetes.io/name": "weaviate"}},
        "spec": {"maxUnavailable": 1, **({"selector": selector} if selector is not None else {})},
    }
    finding = ask("ha.rolling_updates", cluster(weaviate(), selecting))
    assert ("No PodDisruptionBudget selects the Weaviate pods" not in finding.sentence) is found


def test_two_pdbs_on_the_same_pods_block_every_drain() -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), ONE, merged(ONE, {"metadata": {"name": "second"}})))
    assert "Several PodDisruptionBudgets select the same pods (second and weaviate)" in finding.sentence


def test_a_rollout_in_progress_is_partly_met() -> None:
    objects = weaviate()
    of(objects, "StatefulSet")[0]["status"] |= {"updateRevision": "weaviate-2", "updatedReplicas": 1}
    of(objects, "Pod", "weaviate-2")[0]["spec"]["containers"][0]["image"] = (
        "cr.weaviate.io/semitechnologies/weaviate:1.39.0"
    )
    finding = ask("ha.rolling_updates", cluster(objects, ONE))
    assert bad(finding) == ["status, rollout", "images of the pods"]
    assert "1 of 3 pods updated" in finding.sentence


def test_trap_a_rollouts_tool_does_not_change_the_verdict_on_a_statefulset() -> None:
    flagger = """
        kind: Deployment
        metadata: {name: flagger, labels: {app.kubernetes.io/name: flagger}}
        spec: {template: {spec: {containers: [{name: flagger, image: 'ghcr.io/fluxcd/flagger:1.41.0'}]}}}
        """
    assert ask("ha.rolling_updates", cluster(weaviate(), ONE, flagger)) == ask(
        "ha.rolling_updates", cluster(weaviate(), ONE)
    )


def test_a_deployment_that_stops_all_pods_first_fails() -> None:
    objects = [item for item in weaviate(2) if item["kind"] not in ("StatefulSet", "Pod")]
    template = of(weaviate(2), "StatefulSet")[0]["spec"]["template"]
    spec = {"replicas": 2, "template": template, "strategy": {"type": "Recreate"}}
    deployment = {"kind": "Deployment", "metadata": {"name": "weaviate"}, "spec": spec}
    finding = ask("ha.rolling_updates", cluster(objects, deployment, ONE))
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["strategy.type", "env CLUSTER_HOSTNAME"])
    assert finding.reads[0] == "deployments"


def test_the_grace_period_is_a_setting() -> None:
    settings = Settings(thresholds=Thresholds(grace_period_minimum_seconds=900))
    assert bad(ask("ha.rolling_updates", cluster(weaviate(), ONE), settings)) == ["terminationGracePeriodSeconds"]


@pytest.mark.parametrize(
    ("value", "total", "up", "number"),
    [
        (1, 3, True, 1),
        ("25%", 5, True, 2),
        ("25%", 5, False, 1),
        ("100%", 3, True, 3),
        ("0%", 3, True, 0),
    ],
)
def test_percentages_round_as_in_kubernetes(value: int | str, total: int, up: bool, number: int) -> None:
    assert scaled(value, total, up=up) == number


@pytest.mark.parametrize(
    ("version", "value", "outcome", "phrase"),
    [
        ("v1.37.0", "67%", NOT_MET, "may take down 2 of 3 pods at once, which leaves no quorum."),
        ("v1.37.0", "66%", UNKNOWN, ""),
        ("v1.37.0", "10%", UNKNOWN, ""),
        ("v1.37.0", "two", NOT_MET, "neither a number nor a percentage"),
    ],
)
def test_max_unavailable_of_a_stateful_set_rounds_down_and_depends_on_the_server(
    version: str, value: int | str, outcome: Outcome, phrase: str
) -> None:
    facts = cluster(weaviate(spec=rolling(maxUnavailable=value)), ONE, server_version=version)
    finding = ask("ha.rolling_updates", facts)
    assert finding.outcome is outcome and phrase in finding.sentence
    assert finding.at_best is (outcome is PARTLY)
    assert bool(bad(finding)) is bool(phrase)


@pytest.mark.parametrize("version", ["v1.36.2", "v1.24.0", ""])
@pytest.mark.parametrize(("value", "worst"), [(2, NOT_MET), ("100%", NOT_MET)])
def test_max_unavailable_is_unread_where_its_feature_gate_may_be_off(
    version: str, value: int | str, worst: Outcome
) -> None:
    facts = cluster(weaviate(spec=rolling(maxUnavailable=value)), ONE, server_version=version)
    finding = ask("ha.rolling_updates", facts)
    line = next(check for check in finding.facts if check.field == "pods an update takes at once")
    assert (line.outcome, line.reason, line.on_failure) == (None, Reason.NOT_OBSERVABLE, worst)
    assert finding.outcome is UNKNOWN and "if the feature gate MaxUnavailableStatefulSet is on" in finding.sentence
    assert not bad(finding)


def on_pod(name: str, pod: str, **spec: Any) -> dict[str, Any]:
    selector = {"matchLabels": {"statefulset.kubernetes.io/pod-name": pod}}
    return {"kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": {"selector": selector, **spec}}


def test_a_budget_that_selects_by_the_labels_of_the_pods_themselves_is_seen() -> None:
    by_index = {"matchExpressions": [{"key": "apps.kubernetes.io/pod-index", "operator": "Exists"}]}
    by_revision = {"matchLabels": {"controller-revision-hash": "weaviate-1"}}
    for selector in (by_index, by_revision):
        one = {**budget(maxUnavailable=1), "spec": {"maxUnavailable": 1, "selector": selector}}
        assert bad(ask("ha.rolling_updates", cluster(weaviate(), one))) == []


def test_a_budget_of_one_pod_counts_the_replicas_of_its_controller_and_blocks_the_drain() -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), on_pod("first", "weaviate-0", maxUnavailable=1)))
    assert "The PodDisruptionBudget first (maxUnavailable: 1) allows no eviction" in finding.sentence
    finding = ask("ha.rolling_updates", cluster(weaviate(), on_pod("first", "weaviate-0", minAvailable=0)))
    assert "No PodDisruptionBudget selects weaviate-1 and weaviate-2" in finding.sentence


def test_budgets_of_single_pods_together_allow_all_of_them_to_be_evicted() -> None:
    each = [on_pod(f"b{number}", f"weaviate-{number}", minAvailable=0) for number in range(3)]
    finding = ask("ha.rolling_updates", cluster(weaviate(), each))
    assert "together allow 3 of 3 pods to be evicted" in finding.sentence


MODULE = """
kind: Deployment
metadata: {name: reranker, namespace: weaviate}
spec: {replicas: 2, template: {metadata: {labels: {app: weaviate}}, spec: {containers: [{name: r, image: r:1}]}}}
---
kind: Pod
metadata:
  {name: reranker-5d8-a, namespace: weaviate, labels: {app: weaviate},
   ownerReferences: [{kind: ReplicaSet, name: reranker-5d8, controller: true}]}
---
kind: Pod
metadata:
  {name: reranker-5d8-b, namespace: weaviate, labels: {app: weaviate},
   ownerReferences: [{kind: ReplicaSet, name: reranker-5d8, controller: true}]}
"""


@pytest.mark.parametrize(
    ("spec", "phrase"),
    [
        ({"minAvailable": 2}, "which also selects 2 other pods, allows 3 of 3 pods to be evicted"),
        ({"minAvailable": "50%"}, "which also selects 2 other pods, allows 2 of 3 pods to be evicted"),
        ({"maxUnavailable": "40%"}, "which also selects 2 other pods, allows 2 of 3 pods to be evicted"),
        ({"maxUnavailable": 1}, ""),
        ({"minAvailable": "two"}, "neither a number nor a percentage"),
    ],
)
def test_a_budget_is_counted_over_all_pods_that_it_selects(spec: dict[str, Any], phrase: str) -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), MODULE, budget(**spec)))
    assert phrase in finding.sentence and bool(bad(finding)) is bool(phrase)
