"""Less permission is never better: random sets of refused reads, with and without answers."""

from __future__ import annotations

import functools
import random
from datetime import date
from pathlib import Path

import pytest

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.errors import WorkloadError
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.evidence.checks import bounds
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Answer, Assessment, Choice, Finding, Level, Outcome, Profile, Reason, Settings, State
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build
from tests.support.asked import has_failures
from tests.support.findings import rank, recorded

QUESTIONS = load_checklist(profile=Profile.EXTENDED).questions
READS = sorted({key for entry in REGISTRY.values() for key in entry.reads} - {"statefulsets"})
SETS = 25
CLUSTERS = ("demonstration", "good", "default")
ANSWERS = ("none", "yes", "partly", "random")
LEVELS = {Level.NOT_READY: 0, Level.NOT_ENOUGH_KNOWN: 0, Level.READY_WITH_RISKS: 1, Level.READY: 2}
WITHOUT_CREDIT = (State.ATTESTED, State.PARTLY)


@functools.cache
def taken(name: str, recordings: Path) -> Snapshot:
    return build() if name == "demonstration" else recorded(recordings / name).snapshot


@functools.cache
def whole(name: str, recordings: Path) -> dict[str, Finding]:
    return evaluate(ClusterFacts(taken(name, recordings)), Settings(), QUESTIONS)


def less(name: str, recordings: Path, seed: int) -> tuple[list[str], dict[str, Finding]]:
    """The reads that are refused, from one to nearly all, and the findings that are left."""
    chance = random.Random(f"{name} {seed}")
    refused = chance.sample(READS, chance.choice((1, 2, 5, 15, 40, len(READS) - 3)))
    made = has_failures(taken(name, recordings), refused, Reason.FORBIDDEN)
    return refused, evaluate(ClusterFacts(made), Settings(), QUESTIONS)


def answered(kind: str, seed: int) -> dict[str, Answer]:
    if kind == "none":
        return {}
    chance = random.Random(seed)
    given = {}
    for question in QUESTIONS:
        value = chance.choice([None, *Choice]) if kind == "random" else Choice(kind)
        proof = {"confirmed_by": "Erin", "confirmed_on": date(2026, 11, 1)} if chance.random() < 0.5 else {}
        reason = "Not used." if value is Choice.NOT_APPLICABLE else ""
        given[question.id] = Answer(question.id, value, reason=reason, last_done=date(2026, 11, 1), every=30, **proof)
    return given


def judged(findings: dict[str, Finding], answers: dict[str, Answer]) -> Assessment:
    return assess(QUESTIONS, findings, answers, (), Settings(date=date(2026, 11, 20)))


@pytest.mark.parametrize("seed", range(SETS))
@pytest.mark.parametrize("name", CLUSTERS)
def test_a_set_of_refused_reads_makes_nothing_better(name: str, seed: int, recordings: Path) -> None:
    try:
        refused, findings = less(name, recordings, seed)
    except WorkloadError:
        pytest.fail("the workload is found by its StatefulSet, which is not refused")
    for id, finding in findings.items():
        full = whole(name, recordings)[id]
        assert rank(finding) <= rank(full), (id, refused, full.sentence, finding.sentence)
    for kind in ANSWERS:
        answers = answered(kind, seed)
        before, after = judged(whole(name, recordings), answers), judged(findings, answers)
        assert after.total.proven <= before.total.proven + 1e-9, (kind, refused)
        assert LEVELS[after.level] <= LEVELS[before.level], (kind, refused, after.level_why)
        for was, now in zip(before.verdicts, after.verdicts, strict=True):
            assert now.credit <= was.credit or was.state is State.NOT_APPLICABLE, (kind, refused, now.question.id)
            moved = now.state is not was.state and was.state is not State.NOT_APPLICABLE
            allowed = now.state is State.OPEN or (now.state in WITHOUT_CREDIT and now.credit == 0) or now.judged
            assert not moved or allowed, (kind, refused, now.question.id, was.state, now.state)


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_line_marked_as_failed_always_bounds_its_finding(name: str, recordings: Path) -> None:
    for finding in whole(name, recordings).values():
        failed = [check for check in finding.facts if check.ok is False]
        assert all(check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in failed), finding.question
        assert not failed or finding.outcome in (Outcome.PARTLY, Outcome.NOT_MET, Outcome.NOT_APPLICABLE)
        best = bounds(finding.facts).best
        assert finding.outcome not in (Outcome.MET, Outcome.UNKNOWN) or best is Outcome.MET, finding.question
