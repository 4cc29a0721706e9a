"""Known lacks, claims and proofs on the questions of the checklist itself."""

from __future__ import annotations

from datetime import date

import pytest

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.model import (
    Answer,
    Automation,
    Choice,
    Finding,
    Level,
    Outcome,
    Profile,
    Reason,
    Settings,
    Severity,
    State,
)
from tests.support.cluster import cluster, weaviate

CORE = load_checklist(profile=Profile.CORE).questions
DAY = date(2026, 11, 20)
SETTINGS = Settings(date=DAY)
UNKNOWN = Outcome.UNKNOWN


def yes(id: str, *, confirmed: bool = False) -> Answer:
    proof = {"confirmed_by": "Erin", "confirmed_on": DAY} if confirmed else {}
    return Answer(id, Choice.YES, link="https://wiki.example.com", every=30, last_done=DAY, **proof)


@pytest.mark.parametrize("id", ["ha.multi_az", "ha.replicas_across_nodes"])
@pytest.mark.parametrize("refused", ["pods", "nodes"])
def test_two_replicas_are_a_known_lack_whatever_is_refused(id: str, refused: str) -> None:
    asked = [load_checklist(profile=Profile.EXTENDED).get(id)]
    findings = evaluate(cluster(weaviate(2), forbidden=(refused,)), Settings(), asked)
    assert (findings[id].outcome, findings[id].at_best) == (Outcome.PARTLY, True)
    assert any(check.field == "spec.replicas" and check.ok is False for check in findings[id].facts)
    (verdict,) = assess(asked, findings, {id: yes(id, confirmed=True)}, (), SETTINGS).verdicts
    assert verdict.state is State.PARTLY and "A lack is known" in verdict.lines[0]


@pytest.mark.parametrize("refused", ["pods", "nodes"])
def test_two_replicas_contradict_three_nodes_whatever_is_refused(refused: str) -> None:
    asked = [load_checklist(profile=Profile.EXTENDED).get("ha.three_nodes")]
    findings = evaluate(cluster(weaviate(2), forbidden=(refused,)), Settings(), asked)
    assert findings["ha.three_nodes"].outcome is Outcome.NOT_MET
    answers = {"ha.three_nodes": yes("ha.three_nodes", confirmed=True)}
    (verdict,) = assess(asked, findings, answers, (), SETTINGS).verdicts
    assert verdict.state is State.CONTRADICTED


def test_claims_without_a_cluster_are_never_ready() -> None:
    got = assess(CORE, {}, {question.id: yes(question.id) for question in CORE}, (), SETTINGS)
    assert got.level is Level.READY_WITH_RISKS
    assert (got.total.proven, got.total.possible) == (0.5, 1.0)


def in_order() -> dict[str, Finding]:
    """All that evidence can decide is met; the rest needs an answer."""
    met = {q.id: Finding(q.id, Outcome.MET, "In order.") for q in CORE if q.automation is Automation.FULL}
    unknown = {q.id: Finding(q.id, UNKNOWN, "Please answer.", reason=Reason.NOT_OBSERVABLE) for q in CORE}
    return {**unknown, **met}


def test_a_cluster_in_order_with_confirmed_proofs_is_ready() -> None:
    answers = {question.id: yes(question.id, confirmed=True) for question in CORE}
    got = assess(CORE, in_order(), answers, (), SETTINGS)
    assert got.level is Level.READY and got.total.proven == 1.0


@pytest.mark.parametrize("id", [question.id for question in CORE if question.severity is Severity.CRITICAL])
def test_the_same_cluster_with_one_critical_list_refused_is_not_ready(id: str) -> None:
    answers = {question.id: yes(question.id, confirmed=True) for question in CORE}
    findings = {**in_order(), id: Finding(id, UNKNOWN, "Not read.", reason=Reason.FORBIDDEN)}
    got = assess(CORE, findings, answers, (), SETTINGS)
    assert got.level is Level.NOT_ENOUGH_KNOWN and got.total.proven < 1.0 and got.total.possible == 1.0
