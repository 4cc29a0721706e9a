"""The plan of the demonstration: waves, order, projections, and the people in charge."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from readiness_kit.demo import install
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.analysis.advice import advice
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import Assignment, Effort, FixKind, FixRole, FixState, Plan, Restarts, Wave
from readiness_kit.fixes.plan import plan
from readiness_kit.fixes.proof import applied
from readiness_kit.fixes.writing.bundle import chosen_fixes
from readiness_kit.fixes.writing.values_patch import values_of
from readiness_kit.model import Settings, State
from readiness_kit.workspace.session import Session
from tests.support.answers import answered
from tests.support.asked import says
from tests.support.cluster import cluster, weaviate
from tests.support.fixes import assessed, spare_nodes


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(install(tmp_path_factory.mktemp("demonstration")))


@pytest.fixture(scope="module")
def planned(session: Session) -> Plan:
    return session.plan()


def test_one_fix_closes_the_checks_of_several_questions(planned: Plan) -> None:
    first = planned.fixes[0].prepared
    assert first.title == "Give Sessions three replicas"
    assert {"Q1", "Q2", "Q4", "Q11"} <= {question.number for question in first.questions}


def test_nothing_is_advised_that_is_so_already(planned: Plan, session: Session) -> None:
    """Every fix with values changes the recorded objects; the demonstration has three replicas and a grace period."""
    assert not {"replicas.three", "termination.grace"} & {item.prepared.id for item in planned.fixes}
    assert all(item.prepared.recorded or not item.prepared.values or item.prepared.decisions for item in planned.fixes
               if item.prepared.id != "disruption_budget.one")  # fmt: skip


def test_the_demonstration_has_at_most_fifteen_actions_of_one_cause_each(planned: Plan) -> None:
    assert [action.number for action in planned.actions] == list(range(1, len(planned.actions) + 1))
    assert len(planned.actions) <= 15
    titles = {action.steps[0].prepared.id: action.title for action in planned.actions}
    assert titles["separation.nodes"] == (
        "Require a separate node for each Weaviate pod; require a separate zone for each Weaviate pod"
    )
    parts = next(action.steps for action in planned.actions if action.steps[0].prepared.id == "containers.hardened")
    assert {item.prepared.id for item in parts[1:]} == {"identity.token", "containers.standard"}


def test_every_fix_is_an_action_a_decision_or_a_practice(planned: Plan) -> None:
    actions = [item.prepared.id for action in planned.actions for item in action.steps]
    beside = [item.prepared.id for item in (*planned.decisions, *planned.practices)]
    assert sorted(actions + beside) == sorted(item.prepared.id for item in planned.fixes)
    assert {item.prepared.fix.kind for item in planned.practices} == {FixKind.PRACTICE}
    assert not any(item.prepared.applicable for item in planned.decisions)
    assert all(len({item.wave for item in action.steps}) == 1 for action in planned.actions)


def test_each_action_changes_something_when_it_is_applied_alone(planned: Plan, session: Session) -> None:
    """An action changes recorded objects or answers; the others are commands outside of what a snapshot holds."""
    facts = session.require_facts()
    for item in (item for action in planned.actions for item in action.steps):
        assert item.prepared.role is FixRole.ACTION
        if item.prepared.applicable:
            after = applied(facts, [item.prepared]).snapshot
            assert after != facts.snapshot, item.prepared.id
        else:
            assert item.prepared.commands, item.prepared.id


def test_prerequisites_come_first_and_waves_never_go_back(planned: Plan) -> None:
    order = [item.prepared.id for item in planned.fixes]
    for item in planned.fixes:
        earlier = [id for id in catalogue()[item.prepared.id].after if id in order]
        assert all(order.index(id) < order.index(item.prepared.id) for id in earlier)
    waves = [list(Wave).index(item.wave) for item in planned.fixes]
    assert waves == sorted(waves)


def test_quick_wins_take_hours_and_restart_nothing(planned: Plan) -> None:
    wins = [item.prepared for item in planned.fixes if item.quick_win]
    assert wins
    assert {(fix.fix.effort, fix.fix.restarts, fix.decisions) for fix in wins} == {(Effort.HOURS, Restarts.NO, ())}


def test_each_wave_leads_at_least_as_far_as_the_one_before(planned: Plan) -> None:
    reached = [planned.proven, *(projection.proven for projection in planned.projections)]
    assert reached == sorted(reached) and reached[-1] > reached[0]
    closed = [set(projection.closed) for projection in planned.projections]
    assert all(first <= second for first, second in pairwise(closed))


def test_a_gap_has_a_fix_or_is_named_without_one(planned: Plan, session: Session) -> None:
    covered = {question.id for item in planned.fixes for question in item.prepared.questions}
    gaps = {row.question.id for row in session.assessment().verdicts
            if row.state in (State.GAP, State.CONTRADICTED, State.PARTLY)}  # fmt: skip
    assert covered | set(planned.unplanned) == gaps and not covered & set(planned.unplanned)


def test_what_people_entered_is_in_the_plan_and_declined_fixes_are_not_projected(session: Session) -> None:
    entered = Assignment("replication.three", "Ada", date(2026, 12, 1), FixState.DECLINED)
    facts = session.require_facts()
    found = plan(session.assessment(), facts, session.settings, {entered.fix: entered})
    item = next(item for item in found.fixes if item.prepared.id == entered.fix)
    assert item.assignment == entered
    assert "ha.no_control_plane" not in found.projections[-1].closed


def test_a_prerequisite_is_pulled_into_the_wave_of_what_needs_it() -> None:
    facts = answered(cluster(weaviate(1), spare_nodes(2)), says({"Products": 1}, nodes=("weaviate-0",)))
    found = plan(assessed(facts), facts, Settings())
    order = [item.prepared.id for item in found.fixes]
    assert order.index("replicas.three") < order.index("replication.three")
    assert found.fixes[order.index("replicas.three")].wave is Wave.NOW


def test_memory_has_one_figure_in_plan_patch_and_advice(planned: Plan, session: Session) -> None:
    facts = session.require_facts()
    found = sizing.recommended(facts)
    size = next(item.prepared for item in planned.fixes if item.prepared.id == "memory.size")
    patch = values_of(chosen_fixes(planned))
    assert size.title.startswith(f"Give each Weaviate pod {found}Gi of memory")
    assert {patch["resources"][part]["memory"] for part in ("limits", "requests")} == {f"{found}Gi"}
    assert patch["env"]["GOMEMLIMIT"] in size.title
    advised = [row.helm for row in advice(facts) if row.subject == "Memory limit"]
    assert advised == [f"resources:\n  requests:\n    memory: {found}Gi\n  limits:\n    memory: {found}Gi\n"]


def test_the_exposed_key_and_the_users_of_the_demonstration_are_named(planned: Plan) -> None:
    fix = next(item.prepared for item in planned.fixes if item.prepared.id == "secrets.reference")
    assert "OPENAI_APIKEY" in fix.title and "Q28" in {question.number for question in fix.questions}
    assert fix.risk.startswith("search-admin and search-app keep access")


def test_closing_services_covers_grpc_and_restores_the_recorded_type(planned: Plan) -> None:
    fix = next(item.prepared for item in planned.fixes if item.prepared.id == "exposure.internal")
    assert "Q22" in {question.number for question in fix.questions}
    assert fix.values == {"grpcService": {"type": "ClusterIP"}}
    assert [(change.name, change.path, change.before) for change in fix.recorded] == [
        ("weaviate-grpc", "spec.type", "LoadBalancer")
    ]
    assert "Service weaviate-grpc: type LoadBalancer" in fix.rollback
