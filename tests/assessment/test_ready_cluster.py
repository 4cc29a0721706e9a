"""A cluster on which everything is right is ready; with one list refused that a critical question needs, it is not."""

from __future__ import annotations

import functools
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from readiness_kit.advisories import match
from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.errors import WorkloadError
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Answer, Assessment, Choice, Level, Outcome, Profile, Reason, Settings, Severity
from readiness_kit.snapshot import Snapshot
from tests.support import ready_cluster
from tests.support.asked import has_failures

PROFILES = (Profile.CORE, Profile.EXTENDED)
CORE = load_checklist(profile=Profile.CORE).questions
CRITICAL = {key for q in CORE if q.severity is Severity.CRITICAL for key in REGISTRY[q.id].reads}
NOT_NEEDED = {
    # Of plug-ins and meshes whose API group is not installed, which discovery proves.
    *("authorizationpolicies", "ciliumclusterwidenetworkpolicies", "ciliumnetworkpolicies", "peerauthentications"),
    "issuers",  # the certificate comes from a ClusterIssuer
    "podmetrics",  # Prometheus has two weeks of the same figures
    "statefulsets",  # without them no workload is found
}


@functools.cache
def taken() -> Snapshot:
    return ready_cluster.build()


def judged(snapshot: Snapshot, profile: Profile = Profile.CORE, **answer: Any) -> Assessment:
    """The whole chain, with every question answered by yes and its proof confirmed."""
    facts, questions = ClusterFacts(snapshot), load_checklist(profile=profile).questions
    day = facts.as_of.date()
    proof = {"link": "https://wiki.example.com/proof", "confirmed_by": "Erin", "confirmed_on": day, **answer}
    answers = {q.id: Answer(q.id, Choice.YES, every=30, last_done=day, **proof) for q in questions}
    findings, known = evaluate(facts, Settings(), questions), match(facts)
    return assess(questions, findings, answers, (), Settings(), facts.as_of, known, facts.running)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_cluster_on_which_everything_is_right_is_ready(profile: Profile) -> None:
    found = judged(taken(), profile)
    assert (found.level, found.total.proven, found.total.possible) == (Level.READY, 1.0, 1.0), found.level_why
    assert found.running is not None and found.running.blocking == () and found.running.reason is None
    decided = [row for row in found.verdicts if row.finding and row.finding.outcome is Outcome.MET]
    assert len(decided) >= 15


@pytest.mark.parametrize("profile", PROFILES)
def test_without_any_cluster_confirmed_proofs_alone_are_not_ready(profile: Profile) -> None:
    questions = load_checklist(profile=profile).questions
    day = date(2026, 11, 20)
    proof = {"link": "https://wiki.example.com/proof", "confirmed_by": "Erin", "confirmed_on": day}
    answers = {q.id: Answer(q.id, Choice.YES, every=30, last_done=day, **proof) for q in questions}
    found = assess(questions, {}, answers, (), Settings(date=day))
    assert found.level is Level.READY_WITH_RISKS and "claims alone are not enough" in found.level_why
    assert found.total.coverage == 1.0


@pytest.mark.parametrize("key", sorted(CRITICAL - NOT_NEEDED))
def test_the_same_with_one_list_refused_is_not(key: str) -> None:
    found = judged(has_failures(taken(), [key], Reason.FORBIDDEN))
    assert found.level is Level.NOT_ENOUGH_KNOWN and found.total.proven < 1.0


@pytest.mark.parametrize("key", sorted(NOT_NEEDED - {"statefulsets"}))
def test_a_list_that_shows_nothing_here_changes_nothing(key: str) -> None:
    assert judged(has_failures(taken(), [key], Reason.FORBIDDEN)).level is Level.READY


def test_without_the_workloads_nothing_is_judged() -> None:
    with pytest.raises(WorkloadError):
        judged(has_failures(taken(), ["statefulsets"], Reason.FORBIDDEN))


def test_the_same_without_confirmed_proofs_has_risks() -> None:
    assert judged(taken(), confirmed_by="").level is Level.READY_WITH_RISKS


def test_the_same_with_a_pod_that_is_down_is_not_ready() -> None:
    def broken(pod: Any) -> Any:
        conditions = tuple(replace(item, status="False") for item in pod.status.conditions)
        return replace(pod, status=replace(pod.status, conditions=conditions))

    pods = [broken(pod) if pod.metadata.name == "weaviate-1" else pod for pod in taken().objects("pods")]
    found = judged(replace(taken(), kept={**taken().kept, "pods": tuple(pods)}))
    assert found.level is Level.NOT_READY and found.level_why.startswith("Weaviate is not running properly now")


def test_the_same_on_a_release_with_critical_faults_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready_cluster, "VERSION", "1.38.2")
    found = judged(ready_cluster.build())
    assert found.level is Level.NOT_READY and "G-12" in found.level_why
