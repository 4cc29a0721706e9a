"""The actions of the report: fixes, gaps without a fix, and the upgrade that removes known faults."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from readiness_kit import demo
from readiness_kit.fixes.model import Assignment, FixState, Wave
from readiness_kit.model import Answer, Choice, Severity
from readiness_kit.report.action_plan import Action, ActionPlan, action_plan
from readiness_kit.report.content import of_session
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.report import sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return demo.install(tmp_path_factory.mktemp("plan") / "assessment").create()


@pytest.fixture(scope="module")
def plan(folder: Folder) -> ActionPlan:
    return action_plan(of_session(Session(folder)))


def lines(plan: ActionPlan) -> tuple[Action, ...]:
    return (*plan.actions, *plan.open_decisions, *plan.practices)


def test_actions_are_numbered_through_the_waves(plan: ActionPlan) -> None:
    assert [action.number for action in plan.actions] == list(range(1, len(plan.actions) + 1))
    waves = [list(Wave).index(action.wave) for action in plan.actions]
    assert waves == sorted(waves)
    assert tuple(action for wave in Wave for action in plan.wave(wave)) == plan.actions


def test_every_question_that_needs_action_is_in_the_plan(folder: Folder, plan: ActionPlan) -> None:
    due = {row.question.id for row in Session(folder).assessment().actions}
    assert due - {row.question.id for action in lines(plan) for row in action.closes} == set()


def test_the_plan_of_the_demonstration_fits_on_a_page(plan: ActionPlan) -> None:
    assert len(plan.actions) <= 15
    assert {action.number for action in (*plan.open_decisions, *plan.practices)} == {0}


def test_replicas_come_before_the_upgrade_that_restarts_pods(plan: ActionPlan) -> None:
    titles = [action.title for action in plan.actions]
    upgrade = next(action for action in plan.actions if action.advisories)
    assert upgrade.advisories == ("KI-1", "G-2", "G-12", "G-13", "S-4b") and "KI-1 in 1.38.7" in upgrade.done_when
    assert titles.index("Give Sessions three replicas") < upgrade.number - 1


def test_owner_and_date_come_from_the_plan_otherwise_from_the_answers(tmp_path: Path) -> None:
    home = demo.install(tmp_path / "assessment").create()
    first = action_plan(of_session(Session(home))).of("ha.replicas_across_nodes")
    assert first is not None and first.owner == "Platform team" and first.due is None
    home.plan.put(Assignment("replication.three", "Search team", date(2026, 11, 23)))
    changed = action_plan(of_session(Session(home))).of("ha.replicas_across_nodes")
    assert changed is not None and (changed.owner, changed.due) == ("Search team", date(2026, 11, 23))


def test_the_patch_is_without_what_was_declined(folder: Folder, plan: ActionPlan, tmp_path: Path) -> None:
    home = demo.install(tmp_path / "assessment").create()
    assert "podDisruptionBudgets" in plan.patch
    home.plan.put(Assignment("disruption_budget.one", state=FixState.DECLINED))
    assert "podDisruptionBudgets" not in action_plan(of_session(Session(home))).patch


def test_without_a_cluster_gaps_come_from_the_answers() -> None:
    found = action_plan(sample.whole())
    assert [row.question.number for action in found.actions for row in action.closes][:2] == ["Q1", "Q25"]
    critical = [action.wave for action in found.actions if action.closes[0].severity is Severity.CRITICAL
                and action.closes[0].blocker]  # fmt: skip
    assert set(critical) == {Wave.NOW} and found.patch == ""


def test_an_answer_no_without_evidence_has_an_action(tmp_path: Path) -> None:
    home = Folder(tmp_path / "assessment").create()
    home.answers.put(Answer("sec.tls", Choice.NO, owner="Security office"))
    found = action_plan(of_session(Session(home)))
    (action,), (settle,) = found.actions, found.open_decisions
    assert action.owner == "Security office" and action.wave is Wave.NOW and action.closes[0].question.id == "sec.tls"
    assert settle.title == "Settle the open questions" and len(settle.closes) > 5
