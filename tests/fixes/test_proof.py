"""The proof: single faults that their fix closes, nothing that gets worse, and what only a running cluster shows."""

from __future__ import annotations

import pytest

from readiness_kit.fixes.applying import applied
from readiness_kit.model import Answer, Choice, Outcome, State
from tests.support.answers import answered
from tests.support.asked import says
from tests.support.cluster import cluster, required, weaviate
from tests.support.fixes import (
    BUDGET,
    HOST,
    STARTUP,
    ZONE,
    assessed,
    checks_for,
    due,
    fields_left,
    proved,
    sound,
    spare_nodes,
)

PREFERRED = {
    "affinity": {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 100,
                    "podAffinityTerm": {"topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "weaviate"}}},
                }
            ]
        }
    }
}
WIDE_BUDGET = BUDGET.replace("maxUnavailable: 1", "maxUnavailable: 2")
NO_PROBE = {"livenessProbe": {"initialDelaySeconds": 10, "periodSeconds": 5, "failureThreshold": 3}}
TIGHT = {"startupProbe": {**STARTUP["startupProbe"], "failureThreshold": 2}}

FAULTS = {
    "nodes only preferred": (lambda: sound(pod=PREFERRED), "separation.nodes"),
    "no rule over nodes": (lambda: sound(pod={}), "separation.nodes"),
    "no rule over zones": (lambda: sound(pod=required(HOST)), "separation.zones"),
    "budget of two": (lambda: sound(WIDE_BUDGET), "disruption_budget.one"),
    "budget of none": (
        lambda: sound(BUDGET.replace("maxUnavailable: 1", "maxUnavailable: 0")),
        "disruption_budget.one",
    ),
    "no budget": (lambda: answered(cluster(weaviate(pod=required(HOST, ZONE))), says()), "disruption_budget.one"),
    "short grace": (
        lambda: sound(pod={**required(HOST, ZONE), "terminationGracePeriodSeconds": 20}),
        "termination.grace",
    ),
    "default grace": (
        lambda: sound(pod={**required(HOST, ZONE), "terminationGracePeriodSeconds": None}),
        "termination.grace",
    ),
    "startup probe too short": (lambda: sound(container=TIGHT), "probes.startup"),
    "liveness probe too short": (lambda: sound(container=NO_PROBE), "probes.startup"),
    "one copy": (lambda: sound(factors={"Products": 3, "Sessions": 1}), "replication.three"),
    "two copies": (lambda: sound(factors={"Products": 2}), "replication.three"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_is_closed_and_nothing_gets_worse(name: str) -> None:
    facts, fix = FAULTS[name][0](), FAULTS[name][1]
    assert fix in due(facts)
    proof = proved(facts, fix)
    assert checks_for(proof, fix) == []
    assert [step.id for step in proof.worse] == []
    assert proof.after.total.possible >= assessed(facts).total.possible


def test_a_sound_cluster_needs_none_of_these_fixes() -> None:
    assert not {fix for _, fix in FAULTS.values()} & due(sound()).keys()


def test_added_pods_are_left_to_be_confirmed() -> None:
    """Three replicas close the gap, and nothing is claimed of pods that do not exist yet."""
    facts = answered(cluster(weaviate(1), spare_nodes(2)), says({"Products": 1}, nodes=("weaviate-0",)))
    proof = proved(facts, "replicas.three")
    steps = {step.id: step for step in proof.steps}
    assert fields_left(proof, "ha.three_nodes") == []
    assert steps["ha.three_nodes"].to_confirm
    assert steps["ha.three_nodes"].after.state is State.OPEN
    assert not any(step.after.proved for step in proof.closed if step.to_confirm)
    assert proof.restart == ("The only pod restarts: Weaviate is not available until it is ready again.",)


def test_more_replicas_wait_for_nodes() -> None:
    facts = answered(cluster(weaviate(1)), says({"Products": 1}, nodes=("weaviate-0",)))
    fix = due(facts)["replicas.three"]
    assert [decision.name for decision in fix.decisions] == ["replicas"]
    assert not fix.applicable and "1 node can take" in fix.decisions[0].what


def test_zones_are_not_required_where_a_pod_would_stay_pending() -> None:
    facts = sound(pod=required(HOST), zones=("eu-1a", "eu-1a", "eu-1b"))
    assert [decision.name for decision in due(facts)["separation.zones"].decisions] == ["zone_terms"]


def test_an_answer_no_is_withdrawn_where_its_gap_is_closed() -> None:
    facts = sound(factors={"Products": 3, "Sessions": 1})
    answers = {id: Answer(id, Choice.NO) for id in ("ha.rf3", "ha.failover_tested")}
    steps = {step.id: step for step in proved(facts, "replication.three", answers=answers).steps}
    assert steps["ha.rf3"].withdrawn and steps["ha.rf3"].after.state is State.VERIFIED
    assert not steps["ha.failover_tested"].withdrawn and steps["ha.failover_tested"].after.state is State.GAP


def test_a_practice_is_advised_and_closes_nothing() -> None:
    answers = {"ha.failover_tested": Answer("ha.failover_tested", Choice.NO)}
    assert "failover.rehearse" in due(sound(), answers)
    assert proved(sound(), "failover.rehearse", answers=answers).closed == ()


def test_a_restart_names_the_data_without_quorum_and_how_to_avoid_it() -> None:
    facts = sound(factors={"Products": 3, "Sessions": 1}, pod={})
    proof = proved(facts, "separation.nodes", "replication.three")
    assert (
        proof.restart[1] == "While a pod restarts, shards of Sessions have no quorum: choose a time with few requests."
    )
    assert proof.restart[2].endswith("before the restart: Give Sessions three replicas.")
    assert proved(facts, "replication.three").restart == ()


def test_fixes_do_not_change_the_snapshot_that_they_are_applied_to() -> None:
    facts = sound(pod={})
    before = facts.snapshot
    after = applied(facts, due(facts).values())
    assert facts.snapshot is before and after.snapshot.kept is not before.kept
    assert after.weaviate.spec.affinity != facts.weaviate.spec.affinity


def test_unread_evidence_stays_unknown_after_the_fix() -> None:
    """A fix proves nothing about what could not be read."""
    facts = cluster(weaviate(pod={}), forbidden=("poddisruptionbudgets",))
    steps = {step.id: step for step in proved(facts, "separation.nodes").steps}
    found = steps["ha.rolling_updates"].after.finding
    assert found is not None and found.outcome is not Outcome.MET


def test_a_budget_of_another_origin_is_left_to_its_owner() -> None:
    """Helm refuses an object that it did not make, and a second budget would block every drain."""
    foreign = WIDE_BUDGET.replace("Helm", "kustomize")
    fix = due(sound(foreign))["disruption_budget.one"]
    assert not fix.applicable and fix.decisions[0].name == "place"
