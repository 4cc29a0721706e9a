"""Clusters of public reports and single faults, from objects to findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit import snapshot
from readiness_kit.assessment import assess
from readiness_kit.bundles import as_snapshot
from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Answer, Assessment, Choice, Level, Outcome, Profile, Settings, State

INPUTS = Path(__file__).resolve().parents[2].parent / "shared" / "faults" / "inputs"


def facts_of(name: str) -> ClusterFacts:
    path = INPUTS / f"{name}.json"
    if not path.exists():
        pytest.skip("the inputs of reported faults are not beside the checkout (../shared/faults)")
    with as_snapshot(path) as read:
        assert read is not None
        return ClusterFacts(snapshot.load(read))


def judged(facts: ClusterFacts, choice: Choice = Choice.YES) -> Assessment:
    questions = load_checklist().questions
    answers = {question.id: Answer(question.id, choice) for question in questions}
    findings = evaluate(facts, Settings(), questions)
    return assess(questions, findings, answers, (), Settings(), facts.as_of, running=facts.running)


def test_a_crash_looping_cluster_is_not_ready_whatever_the_answers() -> None:
    found = judged(facts_of("m2-crashloop"))
    assert found.level is Level.NOT_READY and found.level_why.startswith("Weaviate is not running properly now.")
    assert found.running is not None
    assert "0 of 3 pods are ready." in found.running.blocking
    assert any("CrashLoopBackOff: 57 restarts" in sentence for sentence in found.running.blocking)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m3-completed-pod", "weaviate-2: it has ended (Completed)"),
        ("m6-no-default-class", "it cannot be scheduled: its PersistentVolumeClaim is not bound"),
        ("m7-startup-probe-60s", "restarted 19 times"),
    ],
)
def test_pods_that_do_not_run_are_named(name: str, words: str) -> None:
    running = facts_of(name).running
    assert running.blocking and any(words in sentence for sentence in (*running.blocking, *running.shown))


@pytest.mark.parametrize("question", ["ha.three_nodes", "ha.no_control_plane", "ha.replicas_across_nodes"])
def test_three_pods_on_one_claim_are_contradicted(question: str) -> None:
    questions = load_checklist(profile=Profile.EXTENDED).questions
    finding = evaluate(facts_of("m4-deployment-3-pods-1-claim"), Settings(), questions)[question]
    assert finding.outcome is Outcome.NOT_MET and "weaviate-pvc" in finding.sentence


def test_a_start_of_at_most_a_minute_is_judged() -> None:
    finding = evaluate(facts_of("m7-startup-probe-60s"), Settings(), load_checklist().questions)["ha.node_repair"]
    line = next(fact for fact in finding.facts if fact.field == "startupProbe, time allowed for a start")
    assert (line.seen, line.outcome) == ("60 seconds", Outcome.PARTLY)


def test_claims_without_a_class_are_contradicted() -> None:
    found = {verdict.question.id: verdict for verdict in judged(facts_of("m6-no-default-class")).verdicts}
    assert found["res.storage_class"].state is State.CONTRADICTED
